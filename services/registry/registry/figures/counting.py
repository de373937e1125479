"""The weekly count: some units a transaction, each week again while late results may still change it.

People are worked out by the engine that says who is overdue (`statuses`), set by set. A step replaces what
is stored of its units, so it may be repeated and stopped at any point.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import RowMapping

from registry.figures import queries
from registry.figures.rules import (
    DAY,
    OUTCOMES,
    WEEK,
    Place,
    Stay,
    duties_in,
    monday_of,
    outcomes_of,
    states_of,
    what_matters,
)
from registry.figures.samples import counting_in, tubes_of
from registry.statuses import past
from registry.statuses.book import RuleBook
from registry.statuses.display import midnight
from registry.statuses.duties import Person
from registry.statuses.facts import day_of
from registry.statuses.service import batched
from shared.bus import Schedule
from shared.context import Context
from shared.db import Session, array_text, execute, fetch_all, fetch_one
from shared.db_errors import is_outage

UNITS_A_STEP: Final = 200
PEOPLE_A_STEP: Final = 4000
AT_ONCE: Final = 2000
# People without a unit are counted in so many parts, by the last byte of their id.
PARTS: Final = 16
NO_UNIT: Final = ""
Found = dict[Place, dict[str, list[UUID]]]
_log = structlog.get_logger()


async def count(session: Session, context: Context[Any]) -> bool:
    """Do one step of the week that is to be counted, the newest first; True if there may be more."""
    settings = context.settings
    now = await context.clock.now(session)
    newest = monday_of(day_of(now))
    weeks = [newest - number * WEEK for number in range(settings.figures_open_weeks + 1)]
    await execute(session, queries.OPEN, weeks=weeks, now=now)
    week = await fetch_one(session, queries.TAKE, now=now)
    if week is None:
        return False
    try:
        async with session.begin_nested():
            await _step(session, context, week, now=now)
    except Exception as error:
        if is_outage(error):
            raise
        _log.exception("figures_step_failed", week=str(week["week_on"]))
        later = now + timedelta(minutes=settings.figures_minutes)
        await execute(session, queries.PUT_OFF, week_on=week["week_on"], again_at=later)
        return False
    return True


async def _step(session: Session, context: Context[Any], week: RowMapping, *, now: datetime) -> None:
    """Count the next units, or the next part of those without one, and say how far it has come."""
    started_at = week["started_at"] or now
    monday: date = week["week_on"]
    after, part = week["after_unit"], week["part"]
    if part is None:
        codes = await _next_units(session, monday, after=after)
        after, part = (codes[-1], None) if codes else (after, 0)
    else:
        codes, part = [NO_UNIT], part + 1
    if codes:
        ids = await _people(session, week, codes)
        found = await _found(session, context, ids, monday=monday, units=set(codes), now=now)
        await _write(session, found, week, codes=codes, started_at=started_at, now=now)
    if part == PARTS:
        await _finish(session, context, monday, started_at=started_at, now=now)
        return
    await execute(
        session, queries.ADVANCE, week_on=monday, after_unit=after, part=part, started_at=started_at
    )


async def _people(session: Session, week: RowMapping, codes: Sequence[str]) -> list[UUID]:
    monday: date = week["week_on"]
    days = {"first": monday, "last": monday + WEEK - DAY}
    if week["part"] is None:
        rows = await fetch_all(session, queries.PEOPLE_OF_UNITS, units=list(codes), **days)
    else:
        rows = await fetch_all(
            session, queries.PEOPLE_WITHOUT_UNIT, ends_at=midnight(monday + WEEK), part=week["part"],
            parts=PARTS, **days,
        )  # fmt: skip
    return [row["person_id"] for row in rows]


async def _next_units(session: Session, monday: date, *, after: str) -> list[str]:
    """Return the next units, as many as have together so many people, and one at the least.

    Units of which something is stored are counted again also where nobody is left in them.
    """
    rows = await fetch_all(session, queries.UNITS, week_on=monday, after=after, limit=UNITS_A_STEP)
    codes: list[str] = []
    people = 0
    for row in rows:
        people += row["people"]
        if codes and people > PEOPLE_A_STEP:
            break
        codes.append(row["unit_code"])
    return codes


async def _found(
    session: Session,
    context: Context[Any],
    person_ids: Sequence[UUID],
    *,
    monday: date,
    units: set[str],
    now: datetime,
) -> Found:
    book = await past.book_at(session, context, known_by=now)
    found: Found = defaultdict(lambda: defaultdict(list))
    for some in batched(person_ids, AT_ONCE):
        outcomes = await outcomes_among(session, context, some, book=book, monday=monday, now=now)
        for person_id, places in outcomes.items():
            for place, outcome in places.items():
                if (place[0] or NO_UNIT) in units:
                    found[place][outcome].append(person_id)
    return found


async def outcomes_among(
    session: Session,
    context: Context[Any],
    person_ids: Sequence[UUID],
    *,
    book: RuleBook,
    monday: date,
    now: datetime,
) -> dict[UUID, dict[Place, str]]:
    """Return what a week says of people in each of their places; who owed nothing says nothing.

    By what is known now. People alike are worked out once.
    """
    today = day_of(now)
    end = min(midnight(monday + WEEK) - timedelta(microseconds=1), now)
    days = [day for day in (monday + number * DAY for number in range(7)) if day <= today]
    people, stays = await past.people_at(session, person_ids=person_ids, at=end, known_by=now)
    tubes = await tubes_of(session, context, person_ids, now=now)
    counting = await counting_in(session, people, tubes, monday=monday)
    known: dict[Any, dict[Place, str]] = {}
    duties: dict[Person, Any] = {}
    found = {}
    for person_id, person in people.items():
        if person not in duties:
            duties[person] = duties_in(person, book, days)
        upto, times = counting[person_id]
        where = tuple(_stay(each) for each in stays[person_id] if each.category_code is not None)
        waiting = tubes[person_id][1] if person_id in tubes else ()
        alike = None if times is None else what_matters(times, duties[person], monday=monday)
        key = (person, where, alike, waiting)
        if alike is None or key not in known:
            states = states_of(duties[person], upto, tubes=waiting, today=today)
            known[key] = outcomes_of(states, where)
        found[person_id] = known[key]
    return found


def _stay(stay: past.Stay) -> Stay:
    return Stay((stay.unit_code, stay.category_code or ""), stay.enrolled_on, stay.left_on)


async def _write(
    session: Session,
    found: Found,
    week: RowMapping,
    *,
    codes: Iterable[str],
    started_at: datetime,
    now: datetime,
) -> None:
    """Replace what is stored of some units, or of a part of those without one."""
    monday: date = week["week_on"]
    places = sorted(found, key=lambda each: (each[0] or NO_UNIT, each[1]))
    listed = {name: [array_text(sorted(found[place].get(name, ()))) for place in places] for name in OUTCOMES}
    await execute(
        session,
        queries.WRITE,
        week_on=monday,
        part=week["part"] or 0,
        codes=list(codes),
        units=[place[0] or NO_UNIT for place in places],
        categories=[place[1] for place in places],
        **listed,
        at=min(midnight(monday + WEEK), now),
        over=started_at >= midnight(monday + WEEK),
        closed=week["closed_at"] is not None,
        now=now,
    )


async def _finish(
    session: Session, context: Context[Any], monday: date, *, started_at: datetime, now: datetime
) -> None:
    """Say when the week is counted again: soon while it runs, daily while it is open, then only if asked."""
    settings = context.settings
    ends_at = midnight(monday + WEEK)
    again_at: datetime | None
    if now < ends_at:
        again_at = min(now + timedelta(minutes=settings.figures_minutes), ends_at)
    elif started_at < ends_at:
        again_at = now
    elif monday + settings.figures_open_weeks * WEEK >= monday_of(day_of(now)):
        again_at = now + timedelta(hours=settings.figures_again_hours)
    else:
        again_at = None
    closed_at = now if started_at >= ends_at else None
    await execute(session, queries.FINISH, week_on=monday, now=now, again_at=again_at, closed_at=closed_at)


SCHEDULES: Final = [Schedule("figures.count", timedelta(seconds=5), count)]
