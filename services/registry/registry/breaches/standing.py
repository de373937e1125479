"""How the people of units stood at the end of a Sunday, by what is known now."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from registry.breaches import queries
from registry.breaches.rules import Short, Wanting, still_counts, sunday_of
from registry.figures import queries as figure_queries
from registry.figures.rules import DAY, WEEK, duties_in, states_of, what_matters
from registry.figures.samples import counting_in, tubes_of
from registry.findings.rules import NEVER_TESTED, NOT_ENROLLED, OVERDUE
from registry.shares.missed import made_up_by, rule_of
from registry.statuses import past
from registry.statuses.book import RuleBook
from registry.statuses.display import Status, midnight, status_of
from registry.statuses.duties import Person
from registry.statuses.facts import day_of
from registry.statuses.loading import limits_of, load_book
from registry.statuses.service import batched
from shared.context import Context
from shared.db import Session, fetch_all

AT_ONCE: Final = 2000
_OF_SHARE: Final = (
    "finding_id", "check", "department_in_unit", "category_code", "percent", "numerator", "denominator",
)  # fmt: skip
People = dict[str, list[Wanting]]
"""Who is wanting, by unit."""


async def behind(
    session: Session, context: Context[Any], unit_codes: Sequence[str], *, week: date, now: datetime
) -> People:
    """Return who was overdue or never tested at the end of a week, as the status said then.

    Everybody is worked out by the set, as in the week's figures; of those who look behind every fact is
    read, so that the word is that of `GET /v1/people/{id}/clearance` at that moment.
    """
    sunday = sunday_of(week)
    rows = await fetch_all(
        session, figure_queries.PEOPLE_OF_UNITS, units=list(unit_codes), first=sunday, last=sunday
    )
    book = await past.book_at(session, context, known_by=now)
    found: People = defaultdict(list)
    for some in batched([row["person_id"] for row in rows], AT_ONCE):
        likely = await _likely(session, context, some, book=book, week=week, now=now)
        await _judge(session, context, likely, units=set(unit_codes), week=week, now=now, found=found)
    return found


async def _likely(
    session: Session,
    context: Context[Any],
    person_ids: Sequence[UUID],
    *,
    book: RuleBook,
    week: date,
    now: datetime,
) -> list[UUID]:
    """Return whose due day had come by the Sunday: everybody who can be behind, and few others."""
    sunday = sunday_of(week)
    people, _ = await past.people_at(session, person_ids=person_ids, at=_end_of(week), known_by=now)
    tubes = await tubes_of(session, context, person_ids, now=now)
    counting = await counting_in(session, people, tubes, monday=week)
    duties: dict[Person, Any] = {}
    known: dict[Any, bool] = {}
    likely = []
    for person_id, person in people.items():
        if person not in duties:
            duties[person] = duties_in(person, book, [sunday])
        upto, times = counting[person_id]
        alike = None if times is None else what_matters(times, duties[person], monday=week)
        key = (person, alike)
        if alike is None or key not in known:
            states = states_of(duties[person], upto, today=day_of(now))
            known[key] = sunday in states and states[sunday].behind
        if known[key]:
            likely.append(person_id)
    return likely


async def _judge(
    session: Session,
    context: Context[Any],
    person_ids: Sequence[UUID],
    *,
    units: set[str],
    week: date,
    now: datetime,
    found: People,
) -> None:
    if not person_ids:
        return
    end, limits, sunday = _end_of(week), limits_of(context.settings), sunday_of(week)
    moments = await past.moments(session, context, person_ids=person_ids, at=end, known_by=now)
    rows = await fetch_all(session, queries.CODES, person_ids=list(person_ids))
    codes = {row["person_id"]: row["health_code_id"] for row in rows}
    for person_id, moment in moments.items():
        since = _since(status_of(moment.row, end, limits))
        if since is None:
            continue
        wanting = Wanting(
            OVERDUE if moment.row.counted_on is not None else NEVER_TESTED,
            since,
            moment.row.category_code,
            person_id,
            codes[person_id],
        )
        for unit_code in _places(moment.stays, units, sunday):
            found[unit_code].append(wanting)


def _places(stays: Sequence[past.Stay], units: set[str], day: date) -> set[str]:
    return {
        stay.unit_code
        for stay in stays
        if stay.unit_code in units
        and stay.category_code is not None
        and stay.enrolled_on <= day
        and (stay.left_on is None or day < stay.left_on)
    }


def _since(status: Status) -> date | None:
    """Return the first day that counts against whoever is behind, None for the others."""
    if status.due_on is None:
        return None
    if status.due_state == OVERDUE:
        return status.due_on + DAY
    return status.due_on if status.due_state == NEVER_TESTED else None


async def not_enrolled(session: Session, unit_codes: Sequence[str], *, week: date) -> People:
    """Return who had been found at work by the end of a week and was enrolled from no day up to it."""
    rows = await fetch_all(
        session,
        queries.NOT_ENROLLED,
        units=list(unit_codes),
        sunday=sunday_of(week),
        ends_at=midnight(week + WEEK),
    )
    found: People = defaultdict(list)
    for row in rows:
        known = {name: row[name] for name in ("person_id", "health_code_id", "entry_id")}
        found[row["unit_code"]].append(Wanting(NOT_ENROLLED, row["since"], **known))
    return found


async def short(
    session: Session, context: Context[Any], unit_codes: Sequence[str], *, week: date
) -> dict[str, list[Short]]:
    """Return the shares missed in periods that had ended, and not made up by the end of a week."""
    sunday = sunday_of(week)
    rows = await fetch_all(
        session, queries.SHARES, units=list(unit_codes), sunday=sunday, ends_at=midnight(week + WEEK)
    )
    found: dict[str, list[Short]] = defaultdict(list)
    if not rows:
        return found
    book = await load_book(session, context.settings)
    for row in rows:
        rule = rule_of(book, row["rule_id"])
        days = rule.params.get("make_up_days")
        if not still_counts(row["last_day"], None if days is None else int(str(days)), sunday=sunday):
            continue
        if await made_up_by(session, rule, row, day=sunday):
            continue
        known = {name: row[name] for name in _OF_SHARE}
        share = Short(period_from=row["first_day"], period_to=row["last_day"], **known)
        found[row["unit_code"]].append(share)
    return found


def _end_of(week: date) -> datetime:
    return midnight(week + WEEK) - timedelta(microseconds=1)
