"""One evaluation a day: who is due soon, due or overdue, told unit by unit, some units a transaction.

The first of a week also judges every unit's week that is over (`breaches`).
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import RowMapping

from registry.breaches import service as breaches
from registry.evaluations import queries
from registry.findings import service as findings
from registry.findings.rules import Found
from registry.statuses import queries as status_queries
from registry.statuses import service as statuses
from registry.statuses.display import NEVER_TESTED, OVERDUE, StatusRow, midnight, stage_of, status_of
from registry.statuses.facts import SHANGHAI, day_of
from registry.statuses.loading import limits_of
from shared import bus
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value, json_of
from shared.db_errors import is_outage
from shared.errors import NOT_FOUND, TIME_IN_FUTURE, Problem, body_refusal
from shared.ids import new_id
from shared.messages import EvaluationFinished, UnitEvaluated
from shared.messages.evaluations import DuePerson

UNITS_A_STEP: Final = 200
PEOPLE_A_STEP: Final = 2000
# One a second: five minutes of a database in trouble do not cost a day's reminders.
MOST_ATTEMPTS: Final = 300
BY_ITSELF: Final = "schedule"
BEHIND: Final = (OVERDUE, NEVER_TESTED)
NOBODY: Final = UUID(int=0)
Alike = tuple[StatusRow, list[tuple[UUID, str | None]]]
"""What decides whether people are reminded, and who they are: id and health code."""
_log = structlog.get_logger()


async def ask(session: Session, *, as_of: datetime | None, asked_by: str, now: datetime) -> dict[str, Any]:
    """Return the evaluation of a day, opened if there is none yet; Problem 422 for a time to come."""
    moment = now if as_of is None else as_of.astimezone(SHANGHAI)
    if moment > now:
        raise body_refusal(TIME_IN_FUTURE, "as_of")
    await _open(session, as_of=moment, asked_by=asked_by, now=now)
    stored = await fetch_one(session, queries.BY_DAY, day=day_of(moment))
    if stored is None:
        raise Problem(NOT_FOUND)
    return {**dict(stored), "as_of": stored["as_of"].astimezone(SHANGHAI)}


async def get(session: Session, *, evaluation_id: UUID) -> dict[str, Any]:
    """Return an evaluation; Problem 404."""
    stored = await fetch_one(session, queries.BY_ID, evaluation_id=evaluation_id)
    if stored is None:
        raise Problem(NOT_FOUND)
    times = {
        name: stored[name] and stored[name].astimezone(SHANGHAI)
        for name in ("as_of", "started_at", "finished_at")
    }
    return {**dict(stored), **times, "counts": json_of(stored["counts"])}


async def run(session: Session, context: Context[Any]) -> bool:
    """Open the evaluation of a new day, and do one step of one that is running; True if there is more."""
    now = await context.clock.now(session)
    if context.settings.evaluate_by_itself:
        await _open_new_day(session, now=now)
        await execute(session, queries.REOPEN)
    evaluation = await fetch_one(session, queries.TAKE)
    if evaluation is None:
        return False
    if not _is_past(evaluation, now) and await fetch_value(session, status_queries.ANY_LEFT, now=now):
        # Who becomes due today is known once those whose day has come are worked out.
        return await statuses.take_changed(session, context, now=now) > 0
    try:
        async with session.begin_nested():
            await _step(session, context, evaluation, now=now)
    except Exception as error:
        if is_outage(error):
            raise
        # Counted in the row, given up after some attempts, and taken up again after a rest.
        _log.exception("evaluation_step_failed", evaluation_id=str(evaluation["evaluation_id"]))
        key, rest = evaluation["evaluation_id"], context.settings.evaluation_retry_minutes
        await execute(session, queries.NOTE_FAILURE, evaluation_id=key, most=MOST_ATTEMPTS, rest=rest)
        return False
    return True


async def _open_new_day(session: Session, *, now: datetime) -> None:
    """Midnight has passed since the last look; the day the system was first started does not count."""
    today = day_of(now)
    await execute(session, queries.NOTE_START, day=today)
    if await fetch_value(session, queries.IS_MISSING, day=today):
        await _open(session, as_of=now, asked_by=BY_ITSELF, now=now)


async def _open(session: Session, *, as_of: datetime, asked_by: str, now: datetime) -> None:
    await execute(
        session,
        queries.OPEN,
        evaluation_id=new_id(now),
        day=day_of(as_of),
        as_of=as_of,
        asked_by=asked_by,
        now=now,
    )


async def _step(session: Session, context: Context[Any], evaluation: RowMapping, *, now: datetime) -> None:
    counts: Counter[str] = Counter(json_of(evaluation["counts"]))
    place = {name: evaluation[name] for name in ("evaluation_id", "phase", "after_unit", "after_person")}
    if place["phase"] == "units":
        statement = queries.UNITS_THEN if _is_past(evaluation, now) else queries.UNITS
        units = await fetch_all(session, statement, after=place["after_unit"], limit=UNITS_A_STEP)
        await _tell_units(session, context, evaluation, units, counts=counts, now=now)
        if len(units) == UNITS_A_STEP:
            place["after_unit"] = units[-1]["unit_code"]
        else:
            place["phase"] = "people"
        await execute(session, queries.ADVANCE, counts=json.dumps(counts), **place)
        return
    if place["phase"] == "week":
        if not await breaches.step(session, context, evaluation, now=now):
            await _finish(session, evaluation, counts=counts, now=now)
        return
    parameters = {"day": evaluation["day"], "after": place["after_person"], "limit": PEOPLE_A_STEP}
    past = _is_past(evaluation, now)
    statement = queries.PEOPLE_WITHOUT_UNIT_THEN if past else queries.PEOPLE_WITHOUT_UNIT
    found = await fetch_all(session, statement, **parameters)
    alike = await _alike(session, context, evaluation, found, now=now)
    due = _due(context, evaluation, alike[None], counts=counts)
    if due:
        await bus.publish(session, _told(evaluation, None, due), now=now)
    people = [person_id for row in found for person_id in row["person_ids"]]
    if len(people) == PEOPLE_A_STEP:
        place["after_person"] = max(people)
        await execute(session, queries.ADVANCE, counts=json.dumps(counts), **place)
    else:
        if not past:
            await _forget(session, [""], found, day=evaluation["day"])
        if await breaches.begin(session, evaluation, now=now):
            place["phase"] = "week"
            await execute(session, queries.ADVANCE, counts=json.dumps(counts), **place)
        else:
            await _finish(session, evaluation, counts=counts, now=now)


async def _tell_units(
    session: Session,
    context: Context[Any],
    evaluation: RowMapping,
    units: Sequence[RowMapping],
    *,
    counts: Counter[str],
    now: datetime,
) -> None:
    statement = queries.PEOPLE_OF_UNITS_THEN if _is_past(evaluation, now) else queries.PEOPLE_OF_UNITS
    codes = [unit["unit_code"] for unit in units]
    found = await fetch_all(session, statement, units=codes, day=evaluation["day"])
    alike = await _alike(session, context, evaluation, found, now=now)
    behind: list[tuple[str, Found]] = []
    told: list[UnitEvaluated] = []
    for unit in units:
        due = _due(context, evaluation, alike[unit["unit_code"]], counts=counts)
        behind += ((unit["unit_code"], _found(each)) for each in due if each.due_state in BEHIND)
        if due:
            counts["units"] += 1
            told.append(_told(evaluation, unit, due))
    await bus.publish_all(session, told, now=now)
    if not _is_past(evaluation, now):
        await _forget(session, codes, found, day=evaluation["day"])
        await findings.note_day(session, unit_codes=codes, found=behind, day=evaluation["day"], now=now)


async def _alike(
    session: Session,
    context: Context[Any],
    evaluation: RowMapping,
    found: Sequence[RowMapping],
    *,
    now: datetime,
) -> Mapping[str | None, list[Alike]]:
    """Return by unit what is due of people then: of a day gone by, from what was known on it."""
    as_of = evaluation["as_of"]
    past = _is_past(evaluation, now)
    alike: dict[str | None, list[Alike]] = defaultdict(list)
    apart: list[tuple[str | None, UUID, str | None]] = []
    for group in found:
        boundary = None if past else group["boundary_on"]
        people = zip(group["person_ids"], group["codes"], strict=True)
        if past or (boundary is not None and midnight(boundary) <= as_of):
            apart += ((group["unit_code"], *person) for person in people)
            continue
        row = StatusRow(NOBODY, **{name: group[name] for name in queries.SHOWN})
        alike[group["unit_code"]].append((row, list(people)))
    if apart:
        ids = sorted({person_id for _, person_id, _ in apart})
        rows = (
            await statuses.rows_as_of(session, context, person_ids=ids, as_of=as_of)
            if past
            else await statuses.rows_of(session, context, person_ids=ids, now=as_of)
        )
        for unit_code, person_id, code in apart:
            if person_id in rows:
                alike[unit_code].append((rows[person_id], [(person_id, code)]))
    return alike


async def _forget(
    session: Session, unit_codes: Sequence[str], found: Sequence[RowMapping], *, day: date
) -> None:
    """Take from the list of units ('' for none) whose day is far again, and who has left."""
    told_units = [group["unit_code"] or "" for group in found]
    told = [group["told"] for group in found]
    over = await fetch_one(
        session, queries.LOCK_OVER, units=list(unit_codes), told_units=told_units, told=told, day=day
    )
    if over is not None and over["units"] is not None:
        await execute(session, queries.FORGET, day=day, **over)


def _due(
    context: Context[Any], evaluation: RowMapping, alike: Iterable[Alike], *, counts: Counter[str]
) -> tuple[DuePerson, ...]:
    """Return those to be reminded in person order, and count them."""
    limits = limits_of(context.settings)
    due: list[DuePerson] = []
    for row, people in alike:
        status = status_of(row, evaluation["as_of"], limits)
        stage = stage_of(status, evaluation["day"])
        if stage is None or status.due_on is None:
            continue
        for name in ("people", stage):
            counts[name] += len(people)
        counts["never_tested"] += len(people) * (status.due_state == NEVER_TESTED)
        shown = (row.category_code or "", status.due_on.isoformat(), status.due_state, stage)
        due += (DuePerson(person_id, *shown, code) for person_id, code in people)
    return tuple(sorted(due, key=attrgetter("person_id")))


def _found(person: DuePerson) -> Found:
    return Found(person.due_state, date.fromisoformat(person.due_on), person.person_id)


def _told(evaluation: RowMapping, unit: RowMapping | None, people: tuple[DuePerson, ...]) -> UnitEvaluated:
    return UnitEvaluated(
        evaluation_id=evaluation["evaluation_id"],
        day=evaluation["day"].isoformat(),
        as_of=evaluation["as_of"].astimezone(SHANGHAI).isoformat(),
        unit_code=None if unit is None else unit["unit_code"],
        township_code=None if unit is None else unit["township_code"],
        department_code=None if unit is None else unit["department_code"],
        people=people,
    )


async def _finish(session: Session, evaluation: RowMapping, *, counts: Counter[str], now: datetime) -> None:
    finished = EvaluationFinished(
        evaluation_id=evaluation["evaluation_id"],
        day=evaluation["day"].isoformat(),
        as_of=evaluation["as_of"].astimezone(SHANGHAI).isoformat(),
        units=counts["units"],
        people=counts["people"],
    )
    await bus.publish(session, finished, now=now)
    names = ("units", "people", "due_soon", "due", "overdue", "never_tested")
    shown = {name: counts[name] for name in names}
    key = evaluation["evaluation_id"]
    await execute(session, queries.FINISH, evaluation_id=key, counts=json.dumps(shown), now=now)


def _is_past(evaluation: RowMapping, now: datetime) -> bool:
    day: date = evaluation["day"]
    return day < day_of(now)
