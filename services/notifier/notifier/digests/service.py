"""Issues digests as `task.answer`: one for each body and telling, whatever comes again."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from msgspec import structs

from notifier.contacts.rules import Body
from notifier.contacts.service import directory
from notifier.digests import rules
from notifier.notices.rules import Content, draft_to
from notifier.notices.service import Notifier, issue
from notifier.texts.render import both
from shared.db import Session
from shared.messages import IntakeCounted, RoundCounted, RoundVisible, SamplesUnexplained, SitesLate

KIND: Final = "task.answer"


async def tell_held_up(session: Session, context: Notifier, message: SamplesUnexplained) -> None:
    """Tell the body that holds samples up how many, by cause; the platform's go to headquarters."""
    causes = rules.summed(message.days.values())
    facts = {"causes": rules.in_order(causes), "samples": sum(causes.values()), "told_on": message.told_on}
    evidence = {"told_on": message.told_on, "causes": causes, "days": message.days}
    if message.body_type in rules.ADDRESSED and message.body_code is not None:
        bodies: tuple[Body, ...] = (Body(message.body_type, message.body_code),)
    else:
        bodies = (await directory(session)).headquarters_bodies()
    facts["platform"] = message.body_type == "platform"
    key = f"samples:{message.told_on}:{message.body_type}"
    subject = ("samples", message.told_on)
    await _issue(
        session, context, "samples", bodies, facts, evidence, key=key, subject=subject, at=message.as_of
    )


async def tell_late_sites(session: Session, context: Notifier, message: SitesLate) -> None:
    """Tell the township, or headquarters, which sites were not ready when the set-up time ended."""
    facts = {
        "title": message.title,
        "due": message.setup_due_at[:16].replace("T", " "),
        "late": len(message.site_codes),
        "planned": message.planned,
        "sites": message.site_codes[: rules.MOST_NAMED],
    }
    evidence = {**facts, "sites": list(message.site_codes)}
    bodies = await _of_town(session, message.township_code)
    key, subject = f"round-late:{message.round_code}", ("round", message.round_code)
    await _issue(
        session, context, "sites_late", bodies, facts, evidence, key=key, subject=subject, at=message.as_of
    )


async def tell_coverage(session: Session, context: Notifier, message: RoundCounted) -> None:
    """Tell each township whose grids are not covered how many people are missing; a drill says so."""
    towns = {grid.township_code for grid in message.grids}
    for town in sorted(towns):
        grids = [grid for grid in message.grids if grid.township_code == town]
        sums = rules.coverage(grids)
        if sums["expected"] <= sums["sampled"]:
            continue
        facts: dict[str, Any] = sums | {
            "title": message.title, "drill": message.drill, "final": message.final,
            "deadline": message.deadline_at[:16].replace("T", " "),
        }  # fmt: skip
        evidence = {**facts, "grids": [structs.asdict(grid) for grid in grids]}
        key = f"round-coverage:{message.round_code}:{message.as_of}"
        subject = ("round", message.round_code)
        await _issue(
            session, context, "coverage", (Body("township", town),), facts, evidence,
            key=key, subject=subject, at=message.as_of,
        )  # fmt: skip


async def tell_visible(session: Session, context: Notifier, message: RoundVisible) -> None:
    """Tell each laboratory what of its samples cannot be seen, and the CDC of all of them."""
    lacking = [lab for lab in message.labs if lab.sampled > lab.visible]
    cdc = (await directory(session)).cdc_bodies()
    told: list[tuple[Iterable[Body], list[Any]]] = [(cdc, lacking)] if lacking else []
    told += [((Body("lab", lab.lab_code),), [lab]) for lab in lacking if lab.lab_code is not None]
    for bodies, labs in told:
        counts = {
            name: sum(getattr(lab, name) for lab in labs)
            for name in ("sampled", "resulted", "matched", "visible")
        }
        facts = {"title": message.title, "labs": len(labs), **counts}
        evidence = {**facts, "labs": [structs.asdict(lab) for lab in labs]}
        key, subject = f"round-visible:{message.round_code}:{message.as_of}", ("round", message.round_code)
        await _issue(
            session, context, "visible", bodies, facts, evidence, key=key, subject=subject, at=message.as_of
        )


async def tell_intake(session: Session, context: Notifier, message: IntakeCounted) -> None:
    """Tell a township, or headquarters for samples without one, the day's counts."""
    counts = {name: getattr(message, name) for name in rules.INTAKE}
    facts = {"day": message.day, **counts}
    bodies = await _of_town(session, message.township_code)
    key, subject = f"intake:{message.day}", ("day", message.day)
    await _issue(
        session, context, "intake", bodies, facts, facts, key=key, subject=subject, at=message.as_of,
        acknowledge=False,
    )  # fmt: skip


async def _of_town(session: Session, township_code: str | None) -> tuple[Body, ...]:
    if township_code is not None:
        return (Body("township", township_code),)
    return (await directory(session)).headquarters_bodies()


async def _issue(
    session: Session,
    context: Notifier,
    text: str,
    bodies: Iterable[Body],
    facts: dict[str, Any],
    evidence: dict[str, Any],
    *,
    key: str,
    subject: tuple[str, str],
    at: str,
    acknowledge: bool = True,
) -> None:
    texts = both(f"{KIND}.{text}", facts)
    drafts = [
        draft_to(
            body,
            kind=KIND,
            key=key,
            subject=subject,
            content=Content(**texts, evidence=evidence),
            as_of=datetime.fromisoformat(at),
            acknowledge=acknowledge,
        )
        for body in bodies
    ]
    await issue(session, context, drafts, now=await context.clock.now(session))
