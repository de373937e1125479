"""Packets as they are shown: their state, the three counts, what differs, and every step."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import TextClause

from results_ingest.packets import queries
from results_ingest.packets.rules import Counts, differences
from results_ingest.shown import shown_of
from results_ingest.sight import own_lab
from shared.context import Context
from shared.db import Session, fetch_all, fetch_one, full_sight, json_of
from shared.errors import NOT_FOUND, Problem
from shared.identifiers import is_code
from shared.security.principal import Principal
from shared.web.paging import code_after, page_of, uuid_after

NOTE_CONTEXT: Final = "ingest.packet_step"
_SHOWN: Final = (
    "packet_code", "site_code", "lab_code", "state", "sealed_at", "handed_at", "received_at", "refused_at",
    "closed_at",
)  # fmt: skip


def sight(who: Principal) -> dict[str, Any]:
    """Return whose packets a caller sees: a laboratory those sent to it, a township its sites'."""
    return {
        "lab": own_lab(who, "records:read", "samples:write", "reviews:write"),
        "limited": who.limited,
        "township": who.township,
    }


async def find(
    session: Session, who: Principal, packet_code: str, statement: TextClause = queries.ONE
) -> Mapping[str, Any]:
    """Return a stored packet; Problem 404, also for one that the caller may not see."""
    # A NUL would be an error of the database's.
    row = (
        await fetch_one(session, statement, packet_code=packet_code, **sight(who))
        if is_code(packet_code)
        else None
    )
    if row is None:
        raise Problem(NOT_FOUND)
    return dict(row)


async def counts_of(session: Session, packets: Sequence[Mapping[str, Any]]) -> dict[UUID, Counts]:
    """Return the counts of packets as they stand now: people may have been registered since."""
    async with full_sight(session):
        rows = await fetch_all(session, queries.COUNTS, packet_ids=[each["packet_id"] for each in packets])
    found = {row["packet_id"]: row for row in rows}
    return {
        each["packet_id"]: Counts(
            samples=each["samples"],
            paper_forms=each["paper_forms"],
            **{name: found[each["packet_id"]][name] for name in ("listed", "missing", "extra", "electronic")},
        )
        for each in packets
        if each["packet_id"] in found
    }


def shown(packet: Mapping[str, Any], counts: Counts) -> dict[str, Any]:
    """Return a packet for an answer."""
    names = ("listed", "missing", "extra", "samples", "paper_forms", "electronic")
    return shown_of({name: packet[name] for name in _SHOWN}) | {
        "counts": {name: getattr(counts, name) for name in names},
        "differences": differences(counts, explained=packet["explained"]),
    }


async def one(session: Session, who: Principal, packet_code: str) -> dict[str, Any]:
    """Return a packet as it stands; Problem 404."""
    packet = await find(session, who, packet_code)
    return shown(packet, (await counts_of(session, [packet]))[packet["packet_id"]])


async def history(
    session: Session, context: Context[Any], who: Principal, packet_code: str
) -> dict[str, Any]:
    """Return a packet with every step it took: when, when that was recorded, by whom, and what was said."""
    packet = await find(session, who, packet_code)
    answer = shown(packet, (await counts_of(session, [packet]))[packet["packet_id"]])
    steps = []
    for row in await fetch_all(session, queries.STEPS, packet_id=packet["packet_id"]):
        sealed = row["sealed_note"]
        note = context.sealer.open_json(sealed, context=NOTE_CONTEXT) if sealed is not None else {}
        told = {name: row[name] for name in ("kind", "at", "recorded_at", "client_id")}
        steps.append(shown_of(told) | json_of(row["content"]) | note)
    return answer | {"steps": steps}


async def page(
    session: Session,
    who: Principal,
    *,
    filters: Mapping[str, str | None],
    cursor: str | None,
    limit: int,
) -> dict[str, Any]:
    """Return a page of packets in the order in which they were recorded."""
    rows = await fetch_all(
        session,
        queries.PAGE,
        after=uuid_after(cursor, "packet"),
        limit=limit + 1,
        **sight(who),
        **filters,
    )
    found = page_of("packets", rows, limit=limit, position=lambda row: {"packet": str(row["packet_id"])})
    counts = await counts_of(session, found["packets"])
    found["packets"] = [shown(row, counts[row["packet_id"]]) for row in found["packets"]]
    return found


async def tubes(
    session: Session, who: Principal, packet_code: str, *, cursor: str | None, limit: int
) -> dict[str, Any]:
    """Return a page of a packet's tubes; Problem 404."""
    packet = await find(session, who, packet_code)
    after = code_after(cursor, "tube")
    async with full_sight(session):
        rows = await fetch_all(
            session, queries.TUBE_PAGE, packet_id=packet["packet_id"], after=after, limit=limit + 1
        )
    return page_of(
        "tubes", [dict(row) for row in rows], limit=limit, position=lambda row: {"tube": row["tube_code"]}
    )


def content_of(said: Mapping[str, Any]) -> str:
    """Return what was said with a step, as it is kept."""
    return json.dumps(said, ensure_ascii=False)
