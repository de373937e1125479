"""Opens referrals, follows them step by step, and ends them by arrival and result; every step is kept."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from registry.events import service as events
from registry.events.schemas import CancellationIn, EventIn
from registry.people.service import in_turn
from registry.referrals import errors, queries, rules
from registry.referrals.parties import clinic_of, patient_of, unit_of
from registry.referrals.schemas import ArrivalIn, FollowUpIn, ReferralIn
from registry.units.reading import visible as visible_unit
from shared import bus
from shared.audit.recording import record
from shared.clock import SHANGHAI
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value, full_sight
from shared.errors import (
    FIELD_REQUIRED,
    NOT_FOUND,
    TIME_IN_FUTURE,
    UNKNOWN_FIELD,
    Problem,
    refusal_of,
)
from shared.ids import new_id
from shared.messages import ReferralChanged
from shared.security.principal import Principal

SEALED_PATIENT: Final = "referral.patient"
SEALED_STEP: Final = "referral.step"
BY_ITSELF: Final = "schedule"
MOST_AT_ONCE: Final = 50
FEVER: Final = "fever_visit"
# A clinic's clock may be a little ahead, as a laboratory's (contract §3).
AHEAD: Final = timedelta(minutes=10)


async def report(context: Context[Any], wanted: ReferralIn, *, who: Principal) -> tuple[UUID, bool]:
    """Return the referral and whether it is new; opens its own transaction.

    A patient whom nobody knows is registered, so that results find them; one who is known is not changed.
    Problem 422 for institutions outside the area or without a fever clinic, 409 beside another report.
    """

    async def work(session: Session) -> tuple[UUID, bool]:
        return await _report(session, context, wanted, who=who, now=await context.clock.now(session))

    return await in_turn(context, work)


async def _report(
    session: Session, context: Context[Any], wanted: ReferralIn, *, who: Principal, now: datetime
) -> tuple[UUID, bool]:
    sender = await unit_of(session, wanted.from_unit_code, "from_unit_code", who=who)
    clinic = await clinic_of(session, wanted.to_unit_code)
    if sender["unit_code"] == clinic["unit_code"]:
        raise refusal_of(errors.SAME_INSTITUTION, "to_unit_code")
    _not_ahead(wanted.reported_at, "reported_at", now=now)
    allowed = timedelta(hours=context.settings.referral_arrival_hours)
    due_at = wanted.due_at or wanted.reported_at + allowed
    if due_at <= wanted.reported_at:
        raise refusal_of(errors.DUE_BEFORE_REPORT, "due_at")
    person_id = await patient_of(session, context, wanted.patient, who=who, now=now)
    patient = wanted.patient.model_dump() | {"complaint": wanted.complaint}
    made = await fetch_value(
        session,
        queries.INSERT,
        referral_id=new_id(now),
        person_id=person_id,
        patient=context.sealer.seal_json(patient, context=SEALED_PATIENT),
        from_unit_code=sender["unit_code"],
        from_unit_name=sender["name"],
        to_unit_code=clinic["unit_code"],
        to_unit_name=clinic["name"],
        reported_at=wanted.reported_at,
        due_at=due_at,
        opened_by=who.client_id,
        now=now,
    )
    if made is None:
        key = {"person_id": person_id, "from_unit_code": sender["unit_code"]}
        running = await fetch_one(session, queries.RUNNING, **key)
        same = running and (running["to_unit_code"], running["reported_at"])
        if running is None or same != (clinic["unit_code"], wanted.reported_at):
            raise Problem(errors.REFERRED_OTHERWISE)
        return running["referral_id"], False
    referral_id: UUID = made
    await _step(session, context, referral_id, "reported", by=who.client_id, now=now)
    await record(
        session, context, who=who, action="referral.report", person_id=person_id,
        subject=str(referral_id), now=now,
    )  # fmt: skip
    await tell(session, referral_id, now=now)
    return referral_id, True


def _still_awaited(stored: RowMapping) -> None:
    if not rules.may_arrive(stored["state"]):
        raise Problem(errors.ALREADY_ARRIVED if stored["state"] == rules.ARRIVED else errors.REFERRAL_OVER)


def _not_ahead(moment: datetime, field: str, *, now: datetime) -> None:
    if moment > now + AHEAD:
        raise refusal_of(TIME_IN_FUTURE, field)


async def follow_up(
    session: Session,
    context: Context[Any],
    wanted: FollowUpIn,
    *,
    referral_id: UUID,
    who: Principal,
    now: datetime,
) -> None:
    """Keep what a call or visit showed; `redirected` sends the patient to another fever clinic."""
    stored = await visible(session, referral_id=referral_id, who=who)
    _still_awaited(stored)
    redirected = wanted.outcome == "redirected"
    if redirected != (wanted.to_unit_code is not None):
        raise refusal_of(FIELD_REQUIRED if redirected else UNKNOWN_FIELD, "to_unit_code")
    said = wanted.model_dump()
    if wanted.to_unit_code is not None:
        await unit_of(session, stored["from_unit_code"], "to_unit_code", who=who)
        clinic = await clinic_of(session, wanted.to_unit_code)
        if clinic["unit_code"] == stored["from_unit_code"]:
            raise refusal_of(errors.SAME_INSTITUTION, "to_unit_code")
        said["from_clinic"] = stored["to_unit_code"]
        key = {"to_unit_code": clinic["unit_code"], "to_unit_name": clinic["name"]}
        await execute(session, queries.REDIRECT, referral_id=referral_id, **key)
    kind = "redirected" if redirected else "follow_up"
    await _step(session, context, referral_id, kind, by=who.client_id, said=said, now=now)
    if redirected:
        await tell(session, referral_id, now=now)


async def arrive(
    session: Session,
    context: Context[Any],
    wanted: ArrivalIn,
    *,
    referral_id: UUID,
    who: Principal,
    now: datetime,
) -> None:
    """Record the arrival, as the fever clinic's side: the visit opens its test, the patient is held."""
    stored = await visible(session, referral_id=referral_id, who=who)
    await visible_unit(session, unit_code=stored["to_unit_code"], who=who)
    if stored["arrived_at"] == wanted.at:
        return
    _still_awaited(stored)
    _not_ahead(wanted.at, "at", now=now)
    event_id = await _visit(session, context, stored, wanted.at, who=who, now=now)
    due_at = wanted.at + timedelta(hours=context.settings.referral_result_hours)
    await execute(
        session, queries.ARRIVE, referral_id=referral_id, at=wanted.at, due_at=due_at, event_id=event_id
    )
    said = {"note": wanted.note, "at": wanted.at.astimezone(SHANGHAI).isoformat()}
    await _step(session, context, referral_id, "arrived", by=who.client_id, said=said, now=now)
    await tell(session, referral_id, now=now)


async def _visit(
    session: Session,
    context: Context[Any],
    stored: RowMapping,
    at: datetime,
    *,
    who: Principal,
    now: datetime,
) -> UUID | None:
    """Open the order of a fever visit (row 2); None where no rule is about one or it is there already."""
    anywhere = replace(who, area_code=None, area_level=None)
    visit = EventIn(kind=FEVER, at=at, unit_code=stored["to_unit_code"])
    async with full_sight(session):
        try:
            event, _ = await events.add(
                session, context, visit, person_id=stored["person_id"], who=anywhere, now=now
            )
        except Problem:
            return None
    event_id: UUID = event["event_id"]
    return event_id


async def cancel(
    session: Session,
    context: Context[Any],
    wanted: CancellationIn,
    *,
    referral_id: UUID,
    who: Principal,
    now: datetime,
) -> None:
    """Take back a referral that was none, as the reporting side; nobody who has arrived is cancelled."""
    stored = await visible(session, referral_id=referral_id, who=who)
    await visible_unit(session, unit_code=stored["from_unit_code"], who=who)
    _still_awaited(stored)
    await execute(session, queries.CANCEL, referral_id=referral_id, now=now)
    said = {"reason": wanted.reason}
    await _step(session, context, referral_id, "cancelled", by=who.client_id, said=said, now=now)
    await tell(session, referral_id, now=now)


async def visible(session: Session, *, referral_id: UUID, who: Principal) -> RowMapping:
    """Return a referral of the caller's area, held; Problem 404."""
    area = {"area_township": who.township, "area_department": who.department}
    row = await fetch_one(session, queries.ONE, referral_id=referral_id, **area)
    if row is None:
        raise Problem(NOT_FOUND)
    return row


async def look(session: Session, context: Context[Any]) -> bool:
    """Note who is late or lost, close what has its result, run again what lost it; True for more."""
    now = await context.clock.now(session)
    lost_seconds = context.settings.referral_lost_hours * 3600
    found = 0
    for kind, statement, more in (
        ("late", queries.LATE, {}),
        ("lost", queries.LOST, {"lost_seconds": lost_seconds}),
        ("reopened", queries.REOPEN, {}),
        ("closed", queries.CLOSE, {}),
    ):
        rows = await fetch_all(session, statement, now=now, most=MOST_AT_ONCE, **more)
        for row in rows:
            await _step(session, context, row["referral_id"], kind, by=BY_ITSELF, now=now)
            await tell(session, row["referral_id"], now=now)
        found = max(found, len(rows))
    return found == MOST_AT_ONCE


async def _step(
    session: Session,
    context: Context[Any],
    referral_id: UUID,
    kind: str,
    *,
    by: str,
    now: datetime,
    said: dict[str, Any] | None = None,
) -> None:
    sealed = None if said is None else context.sealer.seal_json(said, context=SEALED_STEP)
    await execute(
        session, queries.STEP, referral_id=referral_id, kind=kind, client_id=by, sealed=sealed, now=now
    )


async def tell(session: Session, referral_id: UUID, *, now: datetime) -> None:
    """Tell notifier how a referral stands."""
    row = await fetch_one(session, queries.BY_ID, referral_id=referral_id)
    if row is None:
        raise AssertionError
    message = ReferralChanged(
        referral_id=referral_id,
        revision=row["revision"],
        state=row["state"],
        late=row["late_at"] is not None,
        from_unit_code=row["from_unit_code"],
        to_unit_code=row["to_unit_code"],
        outcome=row["outcome"],
        due_at=row["due_at"].astimezone(SHANGHAI).isoformat(),
        at=now.isoformat(),
    )
    await bus.publish(session, message, now=now)
