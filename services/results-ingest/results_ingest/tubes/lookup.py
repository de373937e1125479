"""Where a tube is: its four stamps, what has been said of it, and what keeps it."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import RowMapping

from results_ingest.matching.keys import tube_key
from results_ingest.shown import shown_of
from results_ingest.tubes import queries
from results_ingest.tubes.rules import Stamps, stamp_faults, stands
from shared.db import Session, fetch_all, fetch_one, fetch_value
from shared.errors import NOT_FOUND, Problem
from shared.result_ids import result_id
from shared.security.principal import Principal

SHOWN = (
    "tube_code", "mode", "capacity", "subject", "site_code", "lab_code", "unit_code", "sample_kind",
    "paired_with", "packet_code", "round_code", "dispatched_at", "result_due_at", "registered_at",
    "team_code",
)  # fmt: skip


async def tube_of(session: Session, who: Principal, tube_code: str) -> dict[str, Any]:
    """Return a tube; also one that is only known from a result that waits for it. Problem 404."""
    tube = await fetch_one(session, queries.GET, tube_code=tube_code)
    waiting = await fetch_all(session, queries.WAITING, match_key=tube_key(tube_code))
    if tube is not None and not visible(who, tube):
        raise Problem(NOT_FOUND)
    if tube is None and (not waiting or who.limited):
        raise Problem(NOT_FOUND)
    results = [] if tube is None else await fetch_all(session, queries.RESULTS, tube_id=tube["tube_id"])
    packet = await fetch_one(session, queries.PACKET, tube_code=tube_code)
    stamps = _stamps(tube, results, waiting, packet)
    bound = tube is not None and (tube["members"] > 0 or tube["subject"] != "person")
    held = any(row["kind"] == "held" for row in waiting)
    retained = tube is not None and await _is_retained(session, tube)
    answer: dict[str, Any] = {"tube_code": tube_code}
    if tube is not None:
        answer |= {name: tube[name] for name in SHOWN}
        answer |= {"members": tube["members"], "members_known": tube["members_known"]}
    return shown_of(answer) | {
        "stamps": shown_of(asdict(stamps)),
        "packet": None if packet is None else shown_of(packet),
        "stands": stands(stamps, bound=bound, held=held, retained=retained),
        "faults": stamp_faults(stamps),
        "waiting": [{name: row[name] for name in ("kind", "code", "lab_code")} for row in waiting],
        "results": [_result(row, who) for row in results],
    }


async def _is_retained(session: Session, tube: RowMapping) -> bool:
    if tube["mode"] != "single":
        return False
    pair = {"paired_with": tube["paired_with"], "tube_code": tube["tube_code"]}
    return bool(await fetch_value(session, queries.IS_RETAINED, **pair))


def visible(who: Principal, tube: RowMapping) -> bool:
    """Say whether a tube lies in the caller's area: where its unit does, else its site."""
    return who.sees(
        township_code=tube["township_code"] or tube["site_township"],
        department_code=tube["department_code"],
    )


def _stamps(
    tube: RowMapping | None,
    results: Sequence[RowMapping],
    waiting: Sequence[RowMapping],
    packet: RowMapping | None,
) -> Stamps:
    """Return the four stamps; delivered is what the laboratory says, else its receipt, else the courier's."""
    told = list(results) or list(waiting)
    first = told[0] if told else None
    received = first["received_at"] if first else None
    carried = (packet["received_at"] or packet["handed_at"]) if packet else None
    return Stamps(
        collected_at=tube["collected_at"] if tube else None,
        delivered_at=received or carried or (tube["dispatched_at"] if tube else None),
        tested_at=first["tested_at"] if first else None,
        reported_at=results[0]["reported_at"] if results else None,
    )


def _result(row: RowMapping, who: Principal) -> dict[str, Any]:
    """Return a result; its outcome only to those who may read records or review."""
    shown: dict[str, Any] = {
        "result_id": result_id(row["batch_id"], row["row"]),
        "lab_code": row["lab_code"],
        "test_kind": row["test_kind"],
        "tested_at": row["tested_at"],
        "reported_at": row["reported_at"],
        "fault": row["code"],
    }
    if who.holds("records:read", "reviews:write"):
        shown["outcome"] = row["outcome"]
    return shown_of(shown)
