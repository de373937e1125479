"""Records suspected cases and the steps on them. Steps are added and never changed."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from notifier.events import errors, queries, rules
from notifier.events.schemas import CaseIn, EventEndDecision, EventEndRequest, NationalReport, Tracing
from notifier.events.telling import RECORDED, hush, tell
from notifier.notices.service import Notifier
from shared.clock import day_of
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value, full_sight, json_of
from shared.errors import NOT_FOUND, TIME_IN_FUTURE, Problem, body_refusal
from shared.ids import new_id
from shared.security.principal import Principal

STEP_CONTEXT: Final = "event.step"
AHEAD: Final = timedelta(minutes=10)
_SAME: Final = ("kind", "township_code", "department_code", "unit_code", "health_code_id", "suspected_at")


async def record_event(
    session: Session, context: Notifier, wanted: CaseIn, *, who: Principal, now: datetime
) -> tuple[UUID, bool]:
    """Return the event and whether it is new. Its clocks begin, and whoever must know is told at once.

    Problem 409 for a code with other content, 422 for a place outside the area or unknown.
    """
    _not_ahead("suspected_at", wanted.suspected_at, now=now)
    place = await _place(session, wanted, who=who)
    said = wanted.model_dump(include={"event_code", "kind", "unit_code", "health_code_id", "suspected_at"})
    event_id = new_id(now)
    values = {**said, **place}
    if not await execute(session, queries.ADD, event_id=event_id, client_id=who.client_id, now=now, **values):
        stored = await fetch_one(session, queries.BY_CODE, event_code=wanted.event_code, **who.area)
        if stored is None or not rules.same(dict(stored), values, _SAME):
            raise Problem(errors.EVENT_IN_USE)
        return stored["event_id"], False
    await _step(session, context, event_id, RECORDED, wanted, who=who, details={}, now=now)
    for limit in await fetch_all(session, queries.IN_FORCE, today=day_of(now)):
        clock = rules.clock_of(dict(limit), recorded_at=now, suspected_at=wanted.suspected_at)
        await execute(session, queries.ADD_CLOCK, event_id=event_id, **clock)
    async with full_sight(session):
        event = {"event_id": event_id, **values}
        await tell(session, context, event, what=RECORDED, level=None, starts_at=now, due_at=None, now=now)
    return event_id, True


async def _place(session: Session, wanted: CaseIn, *, who: Principal) -> dict[str, str | None]:
    """Return the township and department of an event: its unit's, else what is named or the caller's own."""
    if wanted.unit_code is not None:
        unit = await fetch_one(session, queries.UNIT, unit_code=wanted.unit_code, **who.area)
        if unit is None:
            raise body_refusal(errors.EVENT_WHERE, "unit_code")
        return {"township_code": unit["township_code"], "department_code": unit["department_code"]}
    township = wanted.township_code or who.township
    if who.township is not None and township != who.township:
        raise body_refusal(errors.EVENT_WHERE, "township_code")
    if township is not None and township != who.township:
        async with full_sight(session):
            if not await fetch_value(session, queries.TOWNSHIP, township_code=township):
                raise body_refusal(errors.EVENT_WHERE, "township_code")
    if township is None and who.department is None:
        raise body_refusal(errors.EVENT_WHERE, "township_code")
    return {"township_code": township, "department_code": who.department}


async def report(
    session: Session,
    context: Notifier,
    wanted: NationalReport,
    *,
    event_id: UUID,
    who: Principal,
    now: datetime,
) -> bool:
    """Close the clock of the national report with its number; False if it was closed so already."""
    _not_ahead("reported_at", wanted.reported_at, now=now)
    details = {"record_no": wanted.record_no, "reported_at": wanted.reported_at.isoformat()}
    return await _close(
        session, context, "national_report", wanted, details, at=wanted.reported_at, event_id=event_id,
        who=who, now=now,
    )  # fmt: skip


async def trace(
    session: Session, context: Notifier, wanted: Tracing, *, event_id: UUID, who: Principal, now: datetime
) -> bool:
    """Close the clock of tracing with its counts; False if it was closed so already."""
    _not_ahead("closed_at", wanted.closed_at, now=now)
    counts = wanted.model_dump(include={"close_contacts", "secondary_contacts", "general_contacts", "places"})
    details = {**counts, "closed_at": wanted.closed_at.isoformat()}
    return await _close(
        session, context, "tracing", wanted, details, at=wanted.closed_at, event_id=event_id, who=who, now=now
    )


async def _close(
    session: Session,
    context: Notifier,
    clock: str,
    wanted: NationalReport | Tracing,
    details: dict[str, Any],
    *,
    at: datetime,
    event_id: UUID,
    who: Principal,
    now: datetime,
) -> bool:
    event = await _locked(session, event_id=event_id, who=who)
    taken = [
        step for step in await fetch_all(session, queries.STEPS, event_id=event_id) if step["kind"] == clock
    ]
    if taken:
        if json_of(taken[0]["details"]) != details:
            raise Problem(errors.CLOCK_ENDED)
        return False
    _still_open(event)
    await _step(session, context, event_id, clock, wanted, who=who, details=details, now=now)
    for running in await fetch_all(session, queries.CLOCKS, event_ids=[event_id]):
        if running["clock"] == clock:
            state = rules.ended(dict(running), at=at)
            await execute(session, queries.END_CLOCK, event_id=event_id, clock=clock, at=at, state=state)
    await hush(session, event_id, clock)
    return True


async def ask_end(
    session: Session,
    context: Notifier,
    wanted: EventEndRequest,
    *,
    event_id: UUID,
    who: Principal,
    now: datetime,
) -> None:
    """Ask that the response ends (row 130); asked again, the newest request is decided on."""
    event = await _locked(session, event_id=event_id, who=who)
    _still_open(event)
    await _step(session, context, event_id, "end_requested", wanted, who=who, details={}, now=now)
    await execute(session, queries.SET_STATE, event_id=event_id, state="ending", now=now)


async def decide_end(
    session: Session,
    context: Notifier,
    wanted: EventEndDecision,
    *,
    event_id: UUID,
    who: Principal,
    now: datetime,
) -> None:
    """Approve the end, which stops the clocks, or refuse it; Problem 409 for whoever asked for it."""
    event = await _locked(session, event_id=event_id, who=who)
    _still_open(event)
    if event["state"] != "ending":
        raise Problem(errors.NOT_ENDING)
    steps = await fetch_all(session, queries.STEPS, event_id=event_id)
    if who.client_id == [step for step in steps if step["kind"] == "end_requested"][-1]["client_id"]:
        raise Problem(errors.SECOND_PERSON)
    approved = wanted.decision == "approve"
    kind = "end_approved" if approved else "end_refused"
    await _step(session, context, event_id, kind, wanted, who=who, details={}, now=now)
    await execute(
        session, queries.SET_STATE, event_id=event_id, state="closed" if approved else "open", now=now
    )
    if approved:
        await execute(session, queries.STOP_CLOCKS, event_id=event_id, now=now)
        await hush(session, event_id, RECORDED, *rules.CLOCKS)


async def _locked(session: Session, *, event_id: UUID, who: Principal) -> RowMapping:
    event = await fetch_one(session, queries.LOCK, event_id=event_id, **who.area)
    if event is None:
        raise Problem(NOT_FOUND)
    return event


def _still_open(event: RowMapping) -> None:
    if event["state"] == "closed":
        raise Problem(errors.EVENT_CLOSED)


async def _step(
    session: Session,
    context: Notifier,
    event_id: UUID,
    kind: str,
    wanted: CaseIn | NationalReport | Tracing | EventEndRequest | EventEndDecision,
    *,
    who: Principal,
    details: Mapping[str, Any],
    now: datetime,
) -> None:
    texts = wanted.model_dump(include={"by", "note", "criteria", "expert_view"}, exclude_none=True)
    await execute(
        session,
        queries.ADD_STEP,
        step_id=new_id(now),
        event_id=event_id,
        kind=kind,
        client_id=who.client_id,
        details=json.dumps(details),
        said=context.sealer.seal_json(texts, context=STEP_CONTEXT),
        now=now,
    )


def _not_ahead(field: str, moment: datetime, *, now: datetime) -> None:
    if moment > now + AHEAD:
        raise body_refusal(TIME_IN_FUTURE, field)
