"""Keeps one notice a day for each body above venues that have reported (requirements row 151)."""

from datetime import date, datetime
from typing import Any

from notifier.contacts.rules import Body
from notifier.contacts.service import directory
from notifier.notices import queries as notice_queries
from notifier.notices.addressing import address, renew
from notifier.notices.rules import Content, Draft, draft_to
from notifier.notices.service import Notifier
from notifier.texts.render import both
from notifier.venues import queries
from shared.db import Session, fetch_all, fetch_one
from shared.ids import new_id
from shared.messages import VenueReported

KIND = "report.venue"


async def tell(session: Session, context: Notifier, message: VenueReported, *, now: datetime) -> None:
    """Count a report for the venue's sector department and township.

    The first of a day is sent; what comes later is read in the same notice, so that nobody is flooded.
    """
    found = await directory(session, unit_codes=[message.unit_code])
    for body in sorted(found.over_unit(message.unit_code)):
        counted = await fetch_one(
            session,
            queries.ADD,
            recipient_type=body.type,
            recipient_code=body.code,
            day=date.fromisoformat(message.day),
            source_id=new_id(now),
            people=message.people,
            environment=message.environment,
            surfaces=message.surfaces,
            goods=message.goods,
        )
        if counted is None:
            continue
        draft = _draft(body, message.day, dict(counted), now=now)
        notices = await fetch_all(session, notice_queries.OF_SOURCE, source_id=counted["source_id"])
        for notice in await address(session, context, notices, [draft], now=now):
            await renew(session, context, notice, draft)


def _draft(body: Body, day: str, counted: dict[str, Any], *, now: datetime) -> Draft:
    source_id = counted.pop("source_id")
    facts = {"day": day, **counted}
    texts = both(KIND, facts)
    return draft_to(
        body,
        kind=KIND,
        key=f"venues:{day}",
        subject=("day", day),
        content=Content(**texts, evidence=facts),
        as_of=now,
        acknowledge=False,
        source_id=source_id,
    )
