"""The slowest of a day (row 63): the CDC reads all, a town its sites, a site or laboratory itself; once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import structs

from notifier.contacts.rules import Body
from notifier.contacts.service import directory
from notifier.notices.rules import Content, Draft, draft_to
from notifier.notices.service import Notifier, issue
from notifier.texts.render import both
from shared.db import Session
from shared.messages import StagesDigested
from shared.messages.clocks import SlowBody

KIND: Final = "task.answer"
_STAGES: Final = ("sampling", "delivery", "testing", "entry")


async def tell(session: Session, context: Notifier, message: StagesDigested, *, now: datetime) -> None:
    """Issue the digest of a day to everybody whom it concerns; again it changes nothing."""
    everywhere = (await directory(session)).cdc_bodies()
    found: dict[Body, list[SlowBody]] = {}
    for each in message.bodies:
        concerned = [Body(each.body_type, each.body_code), *everywhere]
        if each.township_code is not None:
            concerned.append(Body("township", each.township_code))
        for body in concerned:
            found.setdefault(body, []).append(each)
    drafts = [_draft(message.day, body, slow, now=now) for body, slow in sorted(found.items())]
    await issue(session, context, drafts, now=now)


def _draft(day: str, body: Body, slow: Sequence[SlowBody], *, now: datetime) -> Draft:
    texts = both("clock.digest", {"day": day, "worst": _worst(slow)})
    stages = [structs.asdict(each) for each in slow]
    return draft_to(
        body,
        kind=KIND,
        key=f"stages:{day}",
        subject=("day", day),
        content=Content(**texts, evidence={"day": day, "stages": stages}),
        as_of=now,
    )


def _worst(slow: Sequence[SlowBody]) -> list[Mapping[str, Any]]:
    """Return the slowest body of each stage, in the order of the chain."""
    worst: list[Mapping[str, Any]] = []
    for stage in _STAGES:
        of_stage = [each for each in slow if each.stage == stage]
        if of_stage:
            one = max(of_stage, key=lambda each: each.p90)
            worst.append({"stage": stage, "code": one.body_code, "p90": round(one.p90)})
    return worst
