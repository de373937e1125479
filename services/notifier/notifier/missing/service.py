"""Brings the notices of a slot to who is missing by now. What it does follows from what is stored.

So it may be done at any time and any number of times: a body has one notice for a slot, whatever is
killed or comes again, and whoever has filed is not told any more.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from sqlalchemy import RowMapping

from notifier.contacts.rules import Body
from notifier.contacts.service import directory
from notifier.missing import queries, rules
from notifier.missing.rules import Missing
from notifier.notices import queries as notice_queries
from notifier.notices.addressing import renew
from notifier.notices.rules import Content, Draft, draft_to
from notifier.notices.service import TEXT_CONTEXT, Notifier, issue, queue
from notifier.quiet.rules import QuietHours
from notifier.quiet.workdays import is_workday
from notifier.reports.opening import open_next_day
from notifier.texts.render import both
from shared.bus.putting_off import one_by_one
from shared.clock import SHANGHAI
from shared.db import Session, execute, fetch_all

KIND: Final = "report.missing"
NAMED: Final = 20


async def come_round(session: Session, context: Notifier) -> bool:
    """Open the slots of a day that has begun, else settle slots that are due or were filed for."""
    now = await context.clock.now(session)
    if await open_next_day(session, context, now=now):
        return True
    hinted = await fetch_all(session, queries.HINTED)
    slots = await fetch_all(session, queries.TO_SETTLE, now=now, slot_ids=[row["slot_id"] for row in hinted])

    settle = partial(_settle, session, context, now=now)
    await one_by_one(session, context, queries.CHASE, slots, settle, key=lambda one: str(one["slot_id"]))
    return bool(hinted or slots)


async def _settle(session: Session, context: Notifier, slot: RowMapping, *, now: datetime) -> None:
    """Tell whoever is missing, if it is time and no later slot has taken over; end what was answered."""
    rows = await fetch_all(session, queries.MISSING, slot_id=slot["slot_id"])
    known = await directory(session)
    found = [rules.missing(dict(row), known) for row in rows]
    standing = await fetch_all(session, notice_queries.OF_SOURCE, source_id=slot["slot_id"])
    chasing = slot["chase_at"] is not None and slot["chase_at"] <= now
    telling = chasing and bool(found) and now < slot["until_at"]
    if telling:
        await issue(session, context, _drafts(slot, found, now=now), now=now)
    still = await _bring_up(session, context, slot, standing, found, now=now)
    if telling:
        for reason in ("repeat", "issue"):
            # Who has only taken note is told all the same: a report is answered by filing it.
            noted = [one for one in still if (one["status"] == "acknowledged") == (reason == "issue")]
            await queue(session, context, noted, now=now, reason=reason)
    if chasing:
        await execute(
            session,
            queries.SETTLED,
            slot_id=slot["slot_id"],
            told_at=now if telling else None,
            chase_at=_next_chase(context, slot, now=now) if telling else None,
        )


def _next_chase(context: Notifier, slot: RowMapping, *, now: datetime) -> datetime | None:
    settings = context.settings
    often = slot["days"] in ("every", "workday")
    minutes, days = (
        timedelta(minutes=settings.report_chase_minutes),
        timedelta(days=settings.report_cycle_chase_days),
    )
    return rules.next_chase(
        now,
        every=minutes if often else days,
        until=slot["until_at"],
        hours=QuietHours(settings.quiet_from, settings.quiet_until),
        workday=None if slot["days"] == "every" else is_workday,
    )


async def _bring_up(
    session: Session,
    context: Notifier,
    slot: RowMapping,
    standing: Sequence[RowMapping],
    found: Sequence[Missing],
    *,
    now: datetime,
) -> list[RowMapping]:
    """Bring the texts of notices that are out to who is missing; return those to bodies that still are."""
    own = {each.body: [each] for each in found}
    under = rules.by_superior(found)
    still = []
    for notice in standing:
        if notice["status"] == "revoked":
            continue
        old = context.sealer.open_json(notice["sealed"], context=TEXT_CONTEXT)
        body = Body(notice["recipient_type"], notice["recipient_code"])
        about = old["evidence"]["about"]
        left = (own if about == "own" else under).get(body, [])
        if left and about == "own":
            still.append(notice)
        first = old["evidence"]["first_missing"]
        draft = _draft(slot, body, left, about=about, first=first, now=now)
        await renew(session, context, notice, draft)
        if not left:
            await execute(session, notice_queries.DROP_QUEUED, notice_ids=[notice["notice_id"]])
    return still


def _drafts(slot: RowMapping, found: Sequence[Missing], *, now: datetime) -> list[Draft]:
    """Return a notice to each body, and one to whoever is over some of them, however many they are."""
    own = [_draft(slot, each.body, [each], about="own", first=1, now=now) for each in found]
    return own + [
        _draft(slot, body, theirs, about="under", first=len(theirs), now=now)
        for body, theirs in rules.by_superior(found).items()
    ]


def _draft(
    slot: RowMapping, body: Body, found: Sequence[Missing], *, about: str, first: int, now: datetime
) -> Draft:
    return draft_to(
        body,
        kind=KIND,
        key=f"report:{slot['slot_id']}:{about}",
        subject=("report", slot["form_code"]),
        content=_content(slot, found, about=about, first=first),
        as_of=now,
        acknowledge=False,
        source_id=slot["slot_id"],
    )


def _content(slot: RowMapping, found: Sequence[Missing], *, about: str, first: int) -> Content:
    cutoff = slot["cutoff_at"].astimezone(SHANGHAI)
    facts: dict[str, Any] = {
        "title": slot["title"],
        "day": slot["day"].isoformat(),
        "cutoff": f"{cutoff:%H:%M}",
        "missing": len(found),
        "first": first,
        "names": [each.name or each.body.code for each in found[:NAMED]],
    }
    texts = both(f"report.missing.{about}" if found else f"report.missing.{about}_filed", facts)
    evidence = {
        "about": about,
        "form_code": slot["form_code"],
        "day": facts["day"],
        "slot": slot["slot"],
        "cutoff_at": cutoff.isoformat(),
        "state": "missing" if found else "filed",
        "first_missing": first,
        "missing": [each.as_json() for each in found],
    }
    return Content(**texts, evidence=evidence)
