"""The steps that people record on a case: in order, once, closing by a second person (contract §2, §6)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from notifier.ladder import errors, queries, rules
from notifier.ladder.drafts import OVERDUE
from notifier.ladder.owing import STEP_CONTEXT, lock, notices_of, settle, step
from notifier.ladder.reading import visible
from notifier.ladder.schemas import CaseHandoverIn, CaseStepIn
from notifier.notices import queries as notice_queries
from notifier.notices.service import Notifier, put_before
from notifier.texts.render import both
from shared.clock import day_of
from shared.db import Session, execute, fetch_all, full_sight
from shared.errors import TIME_IN_FUTURE, Problem, refusal_of
from shared.security.access import require_whole_district
from shared.security.principal import Principal

# A clock may be a little ahead or behind, as a laboratory's (contract §3).
TOLERANCE: Final = timedelta(minutes=10)
HANDED_OVER: Final = "handed_over"


async def take(
    session: Session, context: Notifier, wanted: CaseStepIn, *, case_id: UUID, who: Principal, now: datetime
) -> None:
    """Record a step; the same one of the same client again changes nothing.

    Problem 404 outside the area, 403 for a township's report or interview, 409 out of order or without the
    second person, 422 for a time that is ahead or before what the step answers.
    """
    seen = await visible(session, case_id=case_id, who=who)
    if who.township is not None and wanted.kind in rules.SETTLES:
        raise Problem(errors.NOT_FOR_TOWNSHIP)
    async with full_sight(session):
        case = await turn(session, seen)
        if await _recorded(session, case, wanted.kind, wanted.at, who=who):
            return
        _in_time(wanted.at, after=case["opened_at"], now=now)
        if case["stage"] == "closed":
            raise Problem(errors.CASE_CLOSED)
        tasks = await _open_tasks(session, case)
        basis = await _carry_out(session, context, wanted, case, tasks, who=who, now=now)
        said = context.sealer.seal_json(_said(wanted), context=STEP_CONTEXT)
        await step(
            session, case, wanted.kind, at=wanted.at, now=now, client_id=who.client_id, basis=basis,
            sealed=said,
        )  # fmt: skip
        await settle(session, context, case_id=case_id, now=now)


async def hand_over(
    session: Session,
    context: Notifier,
    wanted: CaseHandoverIn,
    *,
    case_id: UUID,
    who: Principal,
    now: datetime,
) -> None:
    """Keep that a case went to the discipline body, once for each count of it (row 113).

    Problem 404 outside the area, 403 for a client of an area, 409 where another handover stands.
    """
    seen = await visible(session, case_id=case_id, who=who)
    require_whole_district(who)
    async with full_sight(session):
        case = await turn(session, seen)
        if await _recorded(session, case, HANDED_OVER, wanted.at, who=who):
            return
        _in_time(wanted.at, after=case["opened_at"], now=now)
        key = {"case_id": case_id, "run": case["run"], "kind": HANDED_OVER}
        if await fetch_all(session, queries.STEPS_OF_KIND, **key):
            raise Problem(errors.HANDED_OVER)
        said = {"by": wanted.by, "note": wanted.note, "evidence": {"to": wanted.to}}
        await step(
            session, case, HANDED_OVER, at=wanted.at, now=now, client_id=who.client_id,
            basis={"stage": case["stage"]}, sealed=context.sealer.seal_json(said, context=STEP_CONTEXT),
        )  # fmt: skip


async def turn(session: Session, seen: RowMapping) -> RowMapping:
    """Wait for whoever works on the same ladder, and return the case, locked."""
    if seen["unit_code"] is not None:
        await execute(session, queries.TURN, unit_code=seen["unit_code"])
    return await lock(session, seen["case_id"])


def _in_time(at: datetime, *, after: datetime, now: datetime) -> None:
    if at > now + TOLERANCE:
        raise refusal_of(TIME_IN_FUTURE, "at")
    if at < after - TOLERANCE:
        raise refusal_of(errors.BEFORE_CASE, "at")


async def _recorded(session: Session, case: RowMapping, kind: str, at: datetime, *, who: Principal) -> bool:
    key = {"case_id": case["case_id"], "run": case["run"], "kind": kind}
    rows = await fetch_all(session, queries.STEPS_OF_KIND, **key)
    return bool(rows) and rows[-1]["client_id"] == who.client_id and rows[-1]["at"] == at


async def _open_tasks(session: Session, case: RowMapping) -> list[RowMapping]:
    rows = await fetch_all(session, queries.TASKS, case_id=case["case_id"], run=case["run"])
    return [row for row in rows if row["state"] == "open" and row["kind"] != rules.UPWARD]


async def _carry_out(
    session: Session,
    context: Notifier,
    wanted: CaseStepIn,
    case: RowMapping,
    tasks: Sequence[RowMapping],
    *,
    who: Principal,
    now: datetime,
) -> dict[str, Any]:
    """Do what the step does, and return on what basis it stands."""
    if wanted.kind in rules.SETTLES:
        return await _answer(session, context, wanted, tasks, now=now)
    if wanted.kind == "rectified":
        if case["rectified_at"] is not None:
            raise Problem(errors.OUT_OF_ORDER)
        await execute(
            session, queries.RECTIFY, case_id=case["case_id"], at=wanted.at, client_id=who.client_id
        )
        return {}
    if case["rectified_at"] is None:
        raise Problem(errors.OUT_OF_ORDER)
    if case["rectified_client"] == who.client_id:
        raise Problem(errors.SECOND_PERSON)
    if tasks:
        raise Problem(errors.STILL_OWED)
    await execute(session, queries.CLOSE, case_id=case["case_id"], now=now)
    return {"rectified_by": case["rectified_client"]}


async def _answer(
    session: Session, context: Notifier, wanted: CaseStepIn, tasks: Sequence[RowMapping], *, now: datetime
) -> dict[str, Any]:
    """End every open task that a report or an interview answers."""
    answered = [task for task in tasks if task["kind"] == rules.SETTLES[wanted.kind]]
    if not answered:
        raise Problem(errors.OUT_OF_ORDER)
    _in_time(wanted.at, after=min(task["owed_at"] for task in answered), now=now)
    for task in answered:
        key = {"breach_id": task["breach_id"], "kind": task["kind"]}
        await execute(session, queries.END_TASK, state="done", **key)
        # Headquarters too, if it has read that this was overdue.
        found = [
            one
            for kind in (task["kind"], OVERDUE)
            for one in await notices_of(session, task["breach_id"], kind)
        ]
        notices = [one for one in found if one["status"] != "revoked"]
        await _mark_done(session, context, notices, now=now)
    return {"bulletins": [str(task["breach_id"]) for task in answered]}


async def _mark_done(
    session: Session, context: Notifier, notices: Sequence[RowMapping], *, now: datetime
) -> None:
    """Say on a task that it is done, and chase for it no more; its evidence stays."""
    ids = [one["notice_id"] for one in notices]
    await execute(session, notice_queries.QUIET, notice_ids=ids)
    done = both("ladder.done", {"on": day_of(now).isoformat()})
    for notice in notices:
        await put_before(session, context, notice, done, now=now)


def _said(wanted: CaseStepIn) -> dict[str, Any]:
    return {"by": wanted.by, "note": wanted.note, "evidence": wanted.evidence}
