"""Rounds: planned, started once every grid has what it needs, followed grid by grid, ended."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping

from registry.divisions.errors import UNKNOWN_DIVISION
from registry.divisions.rules import missing_of
from registry.divisions.service import codes_known, grids_within
from registry.rounds import errors, queries, rules
from registry.rounds.schemas import RoundIn
from shared import bus
from shared.audit.recording import record
from shared.clock import SHANGHAI
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one
from shared.errors import NOT_FOUND, Problem, RowError, refusal_of
from shared.messages import RoundChanged, RoundGrid
from shared.security.access import Principal
from shared.web.bodies import verdict_of

_FIELDS = ("round_code", "name", "division_codes", "drill", "state", "setup_hours", "revision")


async def plan(
    session: Session, context: Context[Any], wanted: RoundIn, *, who: Principal, now: datetime
) -> tuple[dict[str, Any], bool]:
    """Return the round and whether it is new; Problem 409 if it stands with other content, 422."""
    given = _given(context, wanted)
    if given["deadline_at"] <= given["starts_at"]:
        raise refusal_of(errors.DEADLINE_FIRST, "deadline_at")
    known = await codes_known(session, given["division_codes"], who=who)
    if set(given["division_codes"]) - known:
        raise refusal_of(UNKNOWN_DIVISION, "division_codes")
    grids = await grids_within(session, given["division_codes"])
    towns = {grid["township_code"] for grid in grids}
    if not grids:
        raise refusal_of(errors.NO_GRIDS, "division_codes")
    # A round inside one township belongs to it; the others belong to the district.
    town = towns.pop() if len(towns) == 1 else None
    stored = await fetch_one(session, queries.INSERT, **given, township_code=town, by=who.client_id, now=now)
    if stored is not None:
        await _tell(session, stored, now=now)
        await record(session, context, who=who, action="round.plan", now=now, subject=wanted.round_code)
        return shown(stored), True
    stored = await fetch_one(session, queries.SEEN, round_code=wanted.round_code, **_seen(who))
    if stored is None or any(stored[field] != value for field, value in given.items()):
        raise Problem(errors.ROUND_IN_USE)
    return shown(stored), False


async def take_step(
    session: Session, context: Context[Any], *, round_code: str, step: str, who: Principal, now: datetime
) -> dict[str, Any]:
    """Take `activation`, `closing` or `cancellation`; the same step again changes nothing.

    Problem 404, 409 where the state does not allow it, 422 with every grid that lacks something
    (requirements row 51).
    """
    stored = await fetch_one(session, queries.LOCK, round_code=round_code, **_seen(who))
    if stored is None or (who.limited and stored["township_code"] != who.township):
        raise Problem(NOT_FOUND)
    state = rules.after(stored["state"], step)
    if state is None:
        raise Problem(errors.ROUND_STATE)
    if state == stored["state"]:
        return shown(stored)
    if state == rules.ACTIVE:
        await _take_grids(session, stored)
    changed = await fetch_one(
        session, queries.STEP, round_code=round_code, state=state, by=who.client_id, now=now
    )
    if changed is None:
        raise Problem(NOT_FOUND)
    await _tell(session, changed, now=now)
    await record(session, context, who=who, action=f"round.{step}", now=now, subject=round_code)
    return shown(changed)


async def page(
    session: Session, *, who: Principal, after: str, limit: int, state: str | None
) -> list[dict[str, Any]]:
    """Return rounds that touch the caller's area, by code."""
    rows = await fetch_all(session, queries.PAGE, after=after, limit=limit, state=state, **_seen(who))
    return [shown(row) for row in rows]


async def get(session: Session, *, round_code: str, who: Principal, now: datetime) -> dict[str, Any]:
    """Return a round with its totals over the grids that the caller may see; Problem 404."""
    stored = await visible(session, round_code=round_code, who=who)
    totals = await fetch_one(
        session, queries.TOTALS, round_code=round_code, due_at=_due(stored), now=now, **_seen(who)
    )
    if totals is None:
        raise Problem(NOT_FOUND)
    return {
        **shown(stored),
        **{field: int(totals[field]) for field in ("grids", "ready", "late", "head_count")},
        "coverage": rules.coverage(dict(totals)),
        "counted_at": _at(totals["counted_at"]),
    }


async def grids(
    session: Session,
    *,
    round_code: str,
    who: Principal,
    now: datetime,
    after: str,
    limit: int,
    readiness: str | None,
) -> list[dict[str, Any]]:
    """Return a round's grids inside the caller's area, by code (requirements rows 84 and 87)."""
    stored = await visible(session, round_code=round_code, who=who)
    due_at = _due(stored)
    rows = await fetch_all(
        session,
        queries.GRIDS,
        round_code=round_code,
        after=after,
        limit=limit,
        readiness=readiness,
        due_at=due_at,
        now=now,
        **_seen(who),
    )
    fields = ("grid_code", "name", "township_code", "head_count", "lab_code", "team_code")
    return [
        {
            **{field: row[field] for field in fields},
            "readiness": rules.readiness(row["ready_at"], due_at, now),
            "ready_at": _at(row["ready_at"]),
            "coverage": rules.coverage(dict(row)),
            "counted_at": _at(row["counted_at"]),
        }
        for row in rows
    ]


async def report_ready(
    session: Session, context: Context[Any], *, round_code: str, grid_code: str, who: Principal, now: datetime
) -> None:
    """Note that a grid's sampling point is ready; the first report counts. Problem 404, 409."""
    stored = await visible(session, round_code=round_code, who=who)
    if stored["state"] != rules.ACTIVE:
        raise Problem(errors.ROUND_STATE)
    found = await fetch_one(
        session, queries.READY, round_code=round_code, grid_code=grid_code, by=who.client_id, now=now,
        **_seen(who),
    )  # fmt: skip
    if found is None:
        raise Problem(NOT_FOUND)
    await record(
        session, context, who=who, action="round.ready", now=now, subject=f"{round_code}/{grid_code}"
    )


async def add_drill_samples(
    session: Session,
    context: Context[Any],
    codes: Sequence[str],
    *,
    round_code: str,
    who: Principal,
    now: datetime,
) -> dict[str, Any]:
    """Note who took part in a drill: `{accepted, updated, rejected, errors: [RowError]}`.

    Nothing of it reaches ledger, status or coverage of a real round (requirements row 137).
    """
    stored = await visible(session, round_code=round_code, who=who)
    if not stored["drill"]:
        raise Problem(errors.NOT_A_DRILL)
    if stored["state"] != rules.ACTIVE:
        raise Problem(errors.ROUND_STATE)
    rows = await fetch_all(
        session, queries.FIND_RESIDENTS, round_code=round_code, codes=sorted(set(codes)), **_seen(who)
    )
    people = {row["health_code_id"]: row["person_id"] for row in rows}
    faults = [
        RowError(number, "health_code_id", errors.NOT_IN_ROUND.code)
        for number, code in enumerate(codes, start=1)
        if code not in people
    ]
    accepted = await execute(
        session,
        queries.ADD_DRILL_SAMPLES,
        round_code=round_code,
        people=sorted(set(people.values())),
        by=who.client_id,
        now=now,
    )
    await record(session, context, who=who, action="round.drill", now=now, subject=round_code, rows=accepted)
    updated = len(codes) - len(faults) - accepted
    return verdict_of(len(codes), accepted=accepted, updated=updated, errors=faults)


async def visible(session: Session, *, round_code: str, who: Principal) -> RowMapping:
    """Return the stored round if the caller may see it; Problem 404 otherwise."""
    stored = await fetch_one(session, queries.SEEN, round_code=round_code, **_seen(who))
    if stored is None:
        raise Problem(NOT_FOUND)
    return stored


def shown(stored: RowMapping) -> dict[str, Any]:
    """Return a round for an answer."""
    return {
        **{field: stored[field] for field in _FIELDS},
        **{field: _at(stored[field]) for field in ("starts_at", "deadline_at", "activated_at", "ended_at")},
        "setup_due_at": _at(_due(stored)),
    }


async def _take_grids(session: Session, stored: RowMapping) -> None:
    found = await grids_within(session, stored["division_codes"], hold=True)
    lacking = [
        RowError(None, f"{grid['division_code']}.{field}", errors.MISSING.code)
        for grid in found
        for field in missing_of(dict(grid))
    ]
    if lacking:
        raise Problem(errors.GRIDS_INCOMPLETE, errors=lacking)
    codes = [grid["division_code"] for grid in found]
    await execute(session, queries.ADD_GRIDS, round_code=stored["round_code"], grids=codes)


def _given(context: Context[Any], wanted: RoundIn) -> dict[str, Any]:
    hours = timedelta(hours=context.settings.round_hours)
    return {
        **wanted.model_dump(include={"round_code", "name", "drill", "starts_at"}),
        "division_codes": sorted(set(wanted.division_codes)),
        "deadline_at": wanted.deadline_at or wanted.starts_at + hours,
        "setup_hours": wanted.setup_hours or context.settings.round_setup_hours,
    }


async def _tell(session: Session, stored: RowMapping, *, now: datetime) -> None:
    grids = await fetch_all(session, queries.HEADS, round_code=stored["round_code"])
    message = RoundChanged(
        round_code=stored["round_code"],
        drill=stored["drill"],
        state=stored["state"],
        revision=stored["revision"],
        title=stored["name"],
        township_code=stored["township_code"],
        **{field: _at(stored[field]) for field in ("starts_at", "deadline_at", "activated_at", "ended_at")},
        setup_due_at=_at(_due(stored)),
        grids=tuple(RoundGrid(**grid) for grid in grids),
    )
    await bus.publish(session, message, now=now)


def _due(stored: RowMapping) -> datetime | None:
    return rules.setup_due(stored["activated_at"], stored["setup_hours"])


def _at(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(SHANGHAI).isoformat()


def _seen(who: Principal) -> dict[str, Any]:
    return {"limited": who.limited, "area_township": who.township}
