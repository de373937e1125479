"""Deciding on what the rules could not: whom a result belongs to, or that it belongs to nobody."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from results_ingest.matching import late, members
from results_ingest.unmatched import queries
from results_ingest.unmatched.errors import ALREADY_DECIDED, PERSON_NEEDED, PERSON_NOT_KNOWN, STILL_WAITING
from results_ingest.unmatched.schemas import ResolutionIn
from shared.bus.publishing import publish
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value
from shared.errors import NOT_FOUND, Problem
from shared.messages import AlarmReviewed
from shared.result_ids import result_id
from shared.security.principal import Principal

REASON_CONTEXT = "ingest.unmatched"
STATES = {"accept": "resolved", "reject": "closed"}


async def listed(
    session: Session, *, state: str | None, kind: str | None, after: UUID, limit: int
) -> Sequence[RowMapping]:
    """Return entries, oldest first."""
    return await fetch_all(session, queries.LIST, state=state, kind=kind, after=after, limit=limit)


async def decide(
    session: Session,
    context: Context[Any],
    who: Principal,
    *,
    entry_id: UUID,
    wanted: ResolutionIn,
    now: datetime,
) -> dict[str, Any]:
    """Accept or reject an entry; the same decision again is answered alike.

    Problem 404, 409 once decided, 422 when nobody can be told from what was given.
    """
    entry = await fetch_one(session, queries.LOCK, id=entry_id)
    if entry is None:
        raise Problem(NOT_FOUND)
    answer = {"id": entry_id, "state": STATES[wanted.decision], "decision": wanted.decision}
    if entry["state"] != "open":
        if (entry["decision"], entry["health_code_id"]) != (wanted.decision, wanted.health_code_id):
            raise Problem(ALREADY_DECIDED)
        return answer
    if wanted.decision == "accept":
        await _accept(session, entry, wanted.health_code_id, now=now)
    elif entry["kind"] != "pool_member":
        await _reject(session, entry, now=now)
    await execute(
        session,
        queries.DECIDE,
        id=entry_id,
        state=answer["state"],
        decision=wanted.decision,
        health_code_id=wanted.health_code_id,
        reason=context.sealer.seal(wanted.reason.encode(), context=REASON_CONTEXT),
        client_id=who.client_id,
        now=now,
    )
    return answer


async def _reject(session: Session, entry: RowMapping, *, now: datetime) -> None:
    """Leave the result without effect; an alarm that was raised because it is positive is taken back."""
    await execute(session, queries.HOLD_REJECTED, batch_id=entry["batch_id"], row=entry["row"])
    if entry["kind"] == "held":
        rejected = AlarmReviewed(
            result_id=result_id(entry["batch_id"], entry["row"]),
            revision=1,
            verdict="refuted",
            at=now.isoformat(),
        )
        await publish(session, rejected, now=now, urgent=True)


async def _accept(session: Session, entry: RowMapping, health_code_id: str | None, *, now: datetime) -> None:
    person: UUID | None = None
    if health_code_id is not None:
        person = await fetch_value(session, queries.PERSON, health_code_id=health_code_id)
        if person is None:
            raise Problem(PERSON_NOT_KNOWN)
    undecided = entry["kind"] != "held" or entry["code"] == "identifiers_contradict"
    if person is None and undecided:
        raise Problem(PERSON_NEEDED)
    if entry["kind"] == "pool_member" and person is not None:
        await members.name_member(session, entry["tube_id"], entry["position"], person_id=person, now=now)
        return
    key = (entry["batch_id"], entry["row"])
    await late.rematch(session, [key], now=now, people={key: person})
    result = await fetch_one(session, queries.STATE, batch_id=key[0], row=key[1])
    if result is None or result["state"] != "matched":
        raise Problem(STILL_WAITING)
