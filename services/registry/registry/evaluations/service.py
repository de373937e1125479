"""One evaluation a day: who is due soon, due or overdue, told unit by unit, some units a transaction."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy import RowMapping

from registry.evaluations import queries
from registry.findings import service as findings
from registry.findings.rules import Found
from registry.statuses import queries as status_queries
from registry.statuses import service as statuses
from registry.statuses.display import NEVER_TESTED, OVERDUE, StatusRow, midnight, stage_of, status_of
from registry.statuses.loading import limits_of
from registry.statuses.rules import SHANGHAI, day_of
from shared import bus
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value, is_outage, json_of
from shared.errors import INVALID_BODY, NOT_FOUND, TIME_IN_FUTURE, Problem, RowError
from shared.ids import new_id
from shared.messages import EvaluationFinished, UnitEvaluated
from shared.messages.evaluations import DuePerson

UNITS_A_STEP: Final = 200
PEOPLE_A_STEP: Final = 2000
# One a second: five minutes of a database in trouble do not cost a day's reminders.
MOST_ATTEMPTS: Final = 300
BY_ITSELF: Final = "schedule"
BEHIND: Final = (OVERDUE, NEVER_TESTED)
_log = structlog.get_logger()


async def ask(session: Session, *, as_of: datetime | None, asked_by: str, now: datetime) -> dict[str, Any]:
    """Return the evaluation of a day, opened if there is none yet; Problem 422 for a time to come."""
    moment = now if as_of is None else as_of.astimezone(SHANGHAI)
    if moment > now:
        raise Problem(INVALID_BODY, errors=[RowError(None, "as_of", TIME_IN_FUTURE.code)])
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
    parameters = {"day": evaluation["day"], "after": place["after_person"], "limit": PEOPLE_A_STEP}
    past = _is_past(evaluation, now)
    statement = queries.PEOPLE_WITHOUT_UNIT_THEN if past else queries.PEOPLE_WITHOUT_UNIT
    people = await fetch_all(session, statement, **parameters)
    rows = await _rows(session, context, evaluation, people, now=now)
    due = _due(context, evaluation, people, rows, counts=counts)
    if due:
        await bus.publish(session, _told(evaluation, None, due), now=now)
    if len(people) == PEOPLE_A_STEP:
        place["after_person"] = people[-1]["person_id"]
        await execute(session, queries.ADVANCE, counts=json.dumps(counts), **place)
    else:
        if not past:
            await _forget(session, [""], day=evaluation["day"])
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
    people = await fetch_all(session, statement, units=codes, day=evaluation["day"])
    rows = await _rows(session, context, evaluation, people, now=now)
    by_unit: dict[str, list[RowMapping]] = {}
    for person in people:
        by_unit.setdefault(person["unit_code"], []).append(person)
    behind: list[tuple[str, Found]] = []
    told: list[UnitEvaluated] = []
    for unit in units:
        due = _due(context, evaluation, by_unit.get(unit["unit_code"], ()), rows, counts=counts)
        behind += ((unit["unit_code"], _found(each)) for each in due if each.due_state in BEHIND)
        if due:
            counts["units"] += 1
            told.append(_told(evaluation, unit, due))
    await bus.publish_all(session, told, now=now)
    if not _is_past(evaluation, now):
        await _forget(session, codes, day=evaluation["day"])
        await findings.note_day(session, unit_codes=codes, found=behind, day=evaluation["day"], now=now)


async def _rows(
    session: Session,
    context: Context[Any],
    evaluation: RowMapping,
    people: Sequence[RowMapping],
    *,
    now: datetime,
) -> dict[UUID, StatusRow]:
    """Return what is due of people as of the evaluation: of a day gone by, from what was known then."""
    as_of = evaluation["as_of"]
    if _is_past(evaluation, now):
        ids = sorted({person["person_id"] for person in people})
        return await statuses.rows_as_of(session, context, person_ids=ids, as_of=as_of)
    rows = {each["person_id"]: StatusRow(**{name: each[name] for name in queries.SHOWN}) for each in people}
    stale = [row.person_id for row in rows.values() if row.boundary_on and midnight(row.boundary_on) <= as_of]
    if stale:
        rows |= await statuses.rows_of(session, context, person_ids=sorted(stale), now=as_of)
    return rows


async def _forget(session: Session, unit_codes: Sequence[str], *, day: date) -> None:
    """Take from the list of units ('' for none) whose day is far again, and who has left."""
    over = await fetch_all(session, queries.LOCK_OVER, units=list(unit_codes), day=day)
    if over:
        units, people = [row["unit_code"] for row in over], [row["person_id"] for row in over]
        await execute(session, queries.FORGET, units=units, person_ids=people, day=day)


def _due(
    context: Context[Any],
    evaluation: RowMapping,
    people: Iterable[RowMapping],
    rows: dict[UUID, StatusRow],
    *,
    counts: Counter[str],
) -> tuple[DuePerson, ...]:
    """Return those to be reminded, and count them."""
    limits = limits_of(context.settings)
    due = []
    for person in people:
        row = rows.get(person["person_id"])
        if row is None:
            continue
        status = status_of(row, evaluation["as_of"], limits)
        stage = stage_of(status, evaluation["day"])
        if stage is None or status.due_on is None:
            continue
        counts["people"] += 1
        counts[stage] += 1
        counts["never_tested"] += status.due_state == NEVER_TESTED
        due.append(
            DuePerson(
                person_id=row.person_id,
                category_code=row.category_code or "",
                due_on=status.due_on.isoformat(),
                due_state=status.due_state,
                stage=stage,
                health_code_id=person["health_code_id"],
            )
        )
    return tuple(due)


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
