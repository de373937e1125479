"""Exemptions: days without a duty, or suspended from duty; both days are included."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from registry.departments.errors import EMPTY_PATCH
from registry.people import errors, exemption_queries
from registry.people.schemas import ExemptionIn, ExemptionPatch
from registry.people.storing import hold_person
from registry.statuses import service as statuses
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one
from shared.errors import NOT_FOUND, Problem, body_refusal, refusal_of
from shared.ids import new_id
from shared.security.access import Principal

SEALED_REASON = "exemption.reason"


async def exemptions_of(session: Session, context: Context[Any], *, person_id: UUID) -> list[dict[str, Any]]:
    """Return a person's exemptions, oldest first."""
    rows = await fetch_all(session, exemption_queries.OF_PERSON, person_id=person_id)
    return [_shown(context, row) for row in rows]


async def grant(
    session: Session,
    context: Context[Any],
    wanted: ExemptionIn,
    *,
    person_id: UUID,
    who: Principal,
    now: datetime,
) -> tuple[dict[str, Any], bool]:
    """Grant an exemption; the same kind and days again return the one that stands."""
    if wanted.to < wanted.from_:
        raise refusal_of(errors.DAYS_REVERSED, "to")
    await hold_person(session, person_id)
    same = await fetch_one(
        session,
        exemption_queries.SAME,
        person_id=person_id,
        kind=wanted.kind,
        from_on=wanted.from_,
        to_on=wanted.to,
    )
    if same is not None:
        return _shown(context, same), False
    _check_days(context, wanted.from_, wanted.to)
    row = await fetch_one(
        session,
        exemption_queries.INSERT,
        exemption_id=new_id(now),
        person_id=person_id,
        kind=wanted.kind,
        from_on=wanted.from_,
        to_on=wanted.to,
        sealed_reason=context.sealer.seal(wanted.reason.encode(), context=SEALED_REASON),
        created_by=who.client_id,
        now=now,
    )
    if row is None:
        raise Problem(NOT_FOUND)
    await statuses.refresh(session, context, person_ids=[person_id], now=now)
    return _shown(context, row), True


async def change(
    session: Session,
    context: Context[Any],
    patch: ExemptionPatch,
    *,
    person_id: UUID,
    exemption_id: UUID,
    who: Principal,
    now: datetime,
) -> dict[str, Any]:
    """Change days or reason; what stood before is kept."""
    if not any((patch.from_, patch.to, patch.reason)):
        raise Problem(EMPTY_PATCH)
    stored = await _stored(session, person_id, exemption_id)
    from_on, to_on = patch.from_ or stored["from_on"], patch.to or stored["to_on"]
    if to_on < from_on:
        raise refusal_of(errors.DAYS_REVERSED, "to" if patch.to else "from")
    _check_days(context, from_on, to_on)
    sealed = stored["sealed_reason"]
    if patch.reason is not None:
        sealed = context.sealer.seal(patch.reason.encode(), context=SEALED_REASON)
    await _keep(session, stored, change="changed", who=who, now=now)
    row = await fetch_one(
        session,
        exemption_queries.UPDATE,
        exemption_id=exemption_id,
        from_on=from_on,
        to_on=to_on,
        sealed_reason=sealed,
        now=now,
    )
    if row is None:
        raise Problem(NOT_FOUND)
    await statuses.refresh(session, context, person_ids=[person_id], now=now)
    return _shown(context, row)


async def cancel(
    session: Session,
    context: Context[Any],
    *,
    person_id: UUID,
    exemption_id: UUID,
    who: Principal,
    now: datetime,
) -> None:
    """Take an exemption back. Days that have passed stay exempt: it ends yesterday, or never was."""
    stored = await _stored(session, person_id, exemption_id)
    await _keep(session, stored, change="cancelled", who=who, now=now)
    yesterday = date.fromordinal(day_of(now).toordinal() - 1)
    if stored["to_on"] <= yesterday:
        raise Problem(errors.EXEMPTION_PAST)
    if stored["from_on"] <= yesterday:
        await fetch_one(
            session,
            exemption_queries.UPDATE,
            exemption_id=exemption_id,
            from_on=stored["from_on"],
            to_on=yesterday,
            sealed_reason=stored["sealed_reason"],
            now=now,
        )
    else:
        await execute(session, exemption_queries.DELETE, exemption_id=exemption_id)
    await statuses.refresh(session, context, person_ids=[person_id], now=now)


async def _stored(session: Session, person_id: UUID, exemption_id: UUID) -> RowMapping:
    await hold_person(session, person_id)
    stored = await fetch_one(session, exemption_queries.BY_ID, person_id=person_id, exemption_id=exemption_id)
    if stored is None:
        raise Problem(NOT_FOUND)
    return stored


async def _keep(session: Session, stored: RowMapping, *, change: str, who: Principal, now: datetime) -> None:
    await execute(
        session,
        exemption_queries.KEEP,
        exemption_id=stored["exemption_id"],
        change=change,
        changed_by=who.client_id,
        now=now,
    )


def _check_days(context: Context[Any], from_on: date, to_on: date) -> None:
    """Refuse more days than the setting allows, where it sets a bound."""
    longest = context.settings.exemption_longest_days
    if longest is not None and (to_on - from_on).days >= longest:
        raise body_refusal(errors.EXEMPTION_TOO_LONG, "to")


def _shown(context: Context[Any], row: RowMapping) -> dict[str, Any]:
    return {
        "exemption_id": row["exemption_id"],
        "kind": row["kind"],
        "from": row["from_on"].isoformat(),
        "to": row["to_on"].isoformat(),
        "reason": context.sealer.open(row["sealed_reason"], context=SEALED_REASON).decode(),
    }
