"""Ordinary people worked out by the group: whoever is stored alike and bound alike is settled together.

What `service.one_by_one` says of each of them, without a row of each in this process; tests compare the two.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from registry.sequencer import service as sequencer
from registry.settings import RegistrySettings
from registry.statuses import alike_queries, queries
from registry.statuses.book import RuleBook, categories_by_area
from registry.statuses.display import Limits, StatusRow, is_near, next_change, row_of, status_of
from registry.statuses.duties import Duty, Enrolment, Person, duty_of
from registry.statuses.facts import NEGATIVE, SHANGHAI, SINGLE, LastResult, Testing, day_of
from registry.statuses.loading import limits_of, load_book
from shared.context import Context
from shared.db import Session, execute, fetch_all

NOBODY: Final = UUID(int=0)
NOON: Final = time(12)
MOMENT: Final = datetime(2020, 1, 1, tzinfo=SHANGHAI)
LAST: Final = LastResult(NEGATIVE, SINGLE, MOMENT, MOMENT, MOMENT, "", reviewed=False)
_STORED: Final = tuple(alike_queries.STORED)


@dataclass(frozen=True, slots=True)
class _Change:
    """What is stored of a group from now on, and whether its people are told."""

    group: RowMapping
    new: StatusRow
    shows: bool


async def settle(
    session: Session, context: Context[RegistrySettings], *, person_ids: Sequence[UUID], now: datetime
) -> tuple[int, list[UUID]]:
    """Work out the ordinary among some people; return how many visibly changed, and who is left."""
    ids = sorted(set(person_ids))
    await execute(session, alike_queries.LOCK, person_ids=ids)
    book = await load_book(session, context.settings)
    by_area = sorted(categories_by_area(book))
    groups = await fetch_all(session, alike_queries.GROUPS, person_ids=ids, by_area=by_area)
    parents = {row["code"]: row["parent_code"] for row in await fetch_all(session, alike_queries.PARENTS)}
    limits = limits_of(context.settings)
    duties: dict[Person, Duty] = {}
    changes: list[_Change] = []
    near: list[str] = []
    done: list[RowMapping] = []
    for group in groups:
        person = _person(group, parents)
        if person not in duties:
            duties[person] = duty_of(person, book=book, day=day_of(now))
        duty = duties[person]
        if duty.needs_history or duty.exempt is not None or duty.suspended is not None:
            continue
        new = _worked_out(group, duty, book, now=now, limits=limits)
        done.append(group)
        if is_near(new, day_of(now)):
            near.append(group["person_ids"])
        if any(getattr(new, name) != group[name] for name in _STORED):
            changes.append(_Change(group, new, shows=_is_visible(group, new, now=now, limits=limits)))
    await _write(session, changes, now=now)
    if near:
        await execute(session, queries.WATCH, lists=near, today=day_of(now))
    visible = [each.group for each in changes if each.shows]
    await sequencer.append_listed(session, context, lists=[group["person_ids"] for group in visible])
    return _people(visible), _left(ids, done)


def _people(groups: Iterable[RowMapping]) -> int:
    return sum(group["people"] for group in groups)


def _left(ids: Sequence[UUID], done: Sequence[RowMapping]) -> list[UUID]:
    if _people(done) == len(ids):
        return []
    settled = {each for group in done for each in group["person_ids"][1:-1].split(",")}
    return [each for each in ids if str(each) not in settled]


def _worked_out(group: RowMapping, duty: Duty, book: RuleBook, *, now: datetime, limits: Limits) -> StatusRow:
    testing = Testing(last=LAST if group["tested"] else None, counted_on=group["counted_on"])
    due = duty.due(testing.counted_on)
    soon_days = book.soon.of(due[1].interval) if due else 0
    row = row_of(NOBODY, testing=testing, duty=duty, soon_days=soon_days, now=now, limits=limits)
    return replace(row, next_change_at=next_change(row, now, limits))


def _is_visible(group: RowMapping, new: StatusRow, *, now: datetime, limits: Limits) -> bool:
    """Say whether the group is told anything else than what its versions said, on the day they said it."""
    old = replace(new, **{name: group[name] for name in _STORED})
    then = datetime.combine(group["shown_on"], NOON, SHANGHAI)
    return status_of(old, then, limits) != status_of(new, now, limits)


def _person(group: RowMapping, parents: Mapping[str, str]) -> Person:
    """Return what the duty of a group depends on; its enrolments come as lines of text, in any order."""
    lines = sorted((group["enrolments"] or "").splitlines())
    return Person(
        tuple(_enrolment(line, parents) for line in lines), vaccinated_on=group["vaccination_completed_on"]
    )


def _enrolment(line: str, parents: Mapping[str, str]) -> Enrolment:
    code, enrolled_on, left_on, township, department = line.split("|")
    left = date.fromisoformat(left_on) if left_on else None
    areas = tuple(filter(None, (township, department, parents.get(township))))
    return Enrolment(code, date.fromisoformat(enrolled_on), left, areas)


async def _write(session: Session, changes: Sequence[_Change], *, now: datetime) -> None:
    if not changes:
        return
    columns: dict[str, list[Any]] = {
        f"new_{name}": [getattr(each.new, name) for each in changes] for name in _STORED
    }
    await execute(
        session,
        alike_queries.WRITE,
        lists=[each.group["person_ids"] for each in changes],
        shows=[each.shows for each in changes],
        now=now,
        **columns,
    )
