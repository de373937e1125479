"""The steps of a packet, one after another under its lock; each is kept as it was told, for good.

A step that is told again is answered as the first time. One that was taken offline is told later with
its original time, and refused where it cannot have been at that time.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from results_ingest.clocks import service as clocks
from results_ingest.handovers import queries
from results_ingest.handovers.schemas import ClosingIn, HandoverIn, ReceiptIn, RefusalIn
from results_ingest.packets import queries as packet_queries
from results_ingest.packets import reading
from results_ingest.packets.errors import (
    COUNTS_DIFFER,
    PACKET_STATE,
    TUBE_IN_OTHER_PACKET,
    TUBE_NOT_LISTED,
)
from results_ingest.packets.rules import Fault, differences, time_faults
from results_ingest.packets.service import put_tubes, refuse
from results_ingest.tubes.rules import AHEAD
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_value
from shared.errors import Problem, RowError
from shared.security.principal import Principal

Step = HandoverIn | ReceiptIn | RefusalIn | ClosingIn
Answer = tuple[dict[str, Any], bool]
"""The packet as it stands now, and whether the step is new."""


async def hand_over(
    session: Session, context: Context[Any], who: Principal, code: str, step: HandoverIn, *, now: datetime
) -> Answer:
    """Keep that a courier has the packet; a second courier is a second step."""
    packet = await reading.find(session, who, code, packet_queries.LOCKED)
    digest = _digest(context, step)
    if await _told(session, packet, "handed", digest):
        return await reading.one(session, who, code), False
    later = [packet["received_at"], packet["refused_at"]]
    _check_time("handed_at", step.handed_at, packet, earlier=[], later=later, now=now)
    at = step.handed_at
    await _keep(session, context, who, packet, "handed", step, at=at, digest=digest, now=now)
    await execute(session, queries.HAND, packet_id=packet["packet_id"], at=at)
    return await reading.one(session, who, code), True


async def receive(
    session: Session, context: Context[Any], who: Principal, code: str, step: ReceiptIn, *, now: datetime
) -> Answer:
    """Take the packet in; it is closed at once if its three counts agree and nothing is missing or extra.

    Problem 404, 409 `packet_state`, 422 for an impossible time or an unknown missing tube.
    """
    packet = await reading.find(session, who, code, packet_queries.LOCKED)
    digest = _digest(context, step)
    if await _told(session, packet, "received", digest):
        return await reading.one(session, who, code), False
    _check_state(packet, "sealed", "handed")
    earlier = [await _last_handed(session, packet)]
    _check_time("received_at", step.received_at, packet, earlier=earlier, later=[], now=now)
    await _sort_out(session, context, packet, step)
    await _keep(session, context, who, packet, "received", step, at=step.received_at, digest=digest, now=now)
    counted = {"samples": step.samples, "paper_forms": step.paper_forms}
    await execute(session, queries.RECEIVE, packet_id=packet["packet_id"], at=step.received_at, **counted)
    if not await _differences(session, who, code):
        await execute(session, queries.CLOSE, packet_id=packet["packet_id"], at=step.received_at)
    return await reading.one(session, who, code), True


async def turn_away(
    session: Session, context: Context[Any], who: Principal, code: str, step: RefusalIn, *, now: datetime
) -> Answer:
    """Refuse the packet with a reason; its tubes are free for another one."""
    packet = await reading.find(session, who, code, packet_queries.LOCKED)
    digest = _digest(context, step)
    if await _told(session, packet, "refused", digest):
        return await reading.one(session, who, code), False
    _check_state(packet, "sealed", "handed", "received")
    earlier = [await _last_handed(session, packet), packet["received_at"]]
    _check_time("refused_at", step.refused_at, packet, earlier=earlier, later=[], now=now)
    await _keep(session, context, who, packet, "refused", step, at=step.refused_at, digest=digest, now=now)
    await execute(session, queries.REFUSE, packet_id=packet["packet_id"], at=step.refused_at)
    await execute(session, queries.RETURN, packet_id=packet["packet_id"])
    return await reading.one(session, who, code), True


async def close(
    session: Session, context: Context[Any], who: Principal, code: str, step: ClosingIn, *, now: datetime
) -> Answer:
    """Close a received packet once its counts agree; missing or extra tubes need a note.

    Problem 409 `packet_counts_differ` changes nothing: what was counted again is told with the next try.
    """
    packet = await reading.find(session, who, code, packet_queries.LOCKED)
    digest = _digest(context, step)
    if await _told(session, packet, "closed", digest):
        return await reading.one(session, who, code), False
    _check_state(packet, "received")
    earlier = [packet["received_at"]]
    _check_time("closed_at", step.closed_at, packet, earlier=earlier, later=[], now=now)
    await _sort_out(session, context, packet, step)
    explained = step.note is not None
    recount = {"samples": step.samples, "paper_forms": step.paper_forms, "explained": explained}
    await execute(session, queries.RECOUNT, packet_id=packet["packet_id"], **recount)
    left = await _differences(session, who, code)
    if left:
        raise Problem(
            COUNTS_DIFFER, errors=[RowError(None, each["count"], COUNTS_DIFFER.code) for each in left]
        )
    await _keep(session, context, who, packet, "closed", step, at=step.closed_at, digest=digest, now=now)
    await execute(session, queries.CLOSE, packet_id=packet["packet_id"], at=step.closed_at)
    return await reading.one(session, who, code), True


def _digest(context: Context[Any], step: Step) -> bytes:
    digest: bytes = context.index.of("packet_step", json.dumps(step.model_dump(mode="json")))
    return digest


async def _told(session: Session, packet: Mapping[str, Any], kind: str, digest: bytes) -> bool:
    # The lock was waited for, so what its holder wrote is only seen by a new statement.
    told = await fetch_value(
        session, queries.REPEATED, packet_id=packet["packet_id"], kind=kind, digest=digest
    )
    return bool(told)


async def _last_handed(session: Session, packet: Mapping[str, Any]) -> datetime | None:
    at: datetime | None = await fetch_value(session, queries.LAST_HANDED, packet_id=packet["packet_id"])
    return at


async def _differences(session: Session, who: Principal, code: str) -> list[dict[str, Any]]:
    """Return where the counts of a packet differ, as it stands now."""
    stands = await reading.find(session, who, code)
    counts = (await reading.counts_of(session, [stands]))[stands["packet_id"]]
    return differences(counts, explained=stands["explained"])


def _check_state(packet: Mapping[str, Any], *allowed: str) -> None:
    if packet["state"] not in allowed:
        raise Problem(PACKET_STATE)


def _check_time(
    field: str,
    at: datetime,
    packet: Mapping[str, Any],
    *,
    earlier: Sequence[datetime | None],
    later: Sequence[datetime | None],
    now: datetime,
) -> None:
    before = [packet["sealed_at"], *earlier]
    refuse(time_faults(field, at, earlier=before, later=later, now=now, ahead=AHEAD))


async def _sort_out(
    session: Session,
    context: Context[Any],
    packet: Mapping[str, Any],
    step: ReceiptIn | ClosingIn,
) -> None:
    """Note which tubes are missing, and which are there besides or have turned up after all."""
    packet_id = packet["packet_id"]
    if step.missing:
        rows = await fetch_all(session, queries.LISTED, packet_id=packet_id, codes=step.missing)
        listed = {row["tube_code"] for row in rows}
        refuse(_faults("missing", step.missing, listed, TUBE_NOT_LISTED.code))
        await execute(session, queries.MISS, packet_id=packet_id, codes=step.missing)
    if step.extra:
        before = packet["sealed_at"] - timedelta(days=context.settings.tube_reuse_days)
        found = await fetch_all(session, queries.UNMISS, packet_id=packet_id, codes=step.extra)
        again = {row["tube_code"] for row in found}
        rows = await fetch_all(session, queries.LISTED, packet_id=packet_id, codes=step.extra)
        placed = {row["tube_code"] for row in rows}
        for standing, codes in (("listed", again), ("extra", set(step.extra) - again - placed)):
            pairs = [(packet_id, code) for code in sorted(codes)]
            placed |= {code for _, code in await put_tubes(session, pairs, standing=standing, before=before)}
        refuse(_faults("extra", step.extra, placed, TUBE_IN_OTHER_PACKET.code))


def _faults(field: str, codes: Sequence[str], good: set[str], code: str) -> list[Fault]:
    return [(f"{field}.{place}", code) for place, each in enumerate(codes) if each not in good]


async def _keep(
    session: Session,
    context: Context[Any],
    who: Principal,
    packet: Mapping[str, Any],
    kind: str,
    step: Step,
    *,
    at: datetime,
    digest: bytes,
    now: datetime,
) -> None:
    """Add the step to the packet's history; a free text is kept sealed."""
    said = step.model_dump(mode="json", exclude_none=True)
    note = said.pop("note", None)
    told_at = {"handed_at", "received_at", "refused_at", "closed_at"}
    content = {name: value for name, value in said.items() if name not in told_at}
    sealed = (
        context.sealer.seal_json({"note": note}, context=reading.NOTE_CONTEXT) if note is not None else None
    )
    last = await fetch_value(session, queries.LAST_STEP, packet_id=packet["packet_id"])
    await execute(
        session,
        packet_queries.ADD_STEPS,
        kind=kind,
        packet_ids=[packet["packet_id"]],
        ns=[last + 1],
        ats=[at],
        contents=[reading.content_of(content)],
        digests=[digest],
        sealed_notes=[sealed],
        client_id=who.client_id,
        now=now,
    )
    await clocks.hint(session, about="packet", ids=[packet["packet_id"]])
