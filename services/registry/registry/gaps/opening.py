"""Opens gaps, opens them again, closes what is gone, and tells each body once per sending."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from registry.gaps import queries
from registry.gaps.rules import CLOSED, FOR_GOOD
from shared import bus
from shared.db import Session, execute, fetch_all
from shared.ids import new_id
from shared.messages import GapCount, GapsSent


@dataclass(frozen=True, slots=True)
class Wanted:
    """A thing that is in one list only."""

    gap_key: str
    kind: str
    name: str
    address: str
    credit_code: str | None
    licence_no: str | None
    trade_code: str
    township_code: str
    department_code: str | None
    department_basis: str


@dataclass(frozen=True, slots=True)
class Absent:
    """How many units of the ledger a round did not find: no gaps, and told beside them."""

    trade_code: str
    township_code: str
    department_code: str | None
    units: int


@dataclass(frozen=True, slots=True)
class Sending:
    """Which round speaks, on whose behalf, and until when an answer is due."""

    round_code: str
    round_name: str
    client_id: str
    now: datetime
    due_on: date
    absent: tuple[Absent, ...] = ()


async def open_all(
    session: Session, wanted: Sequence[Wanted], gone: Mapping[str, str], sending: Sending
) -> dict[str, int]:
    """Bring the gaps to what a comparison says; `gone`: gap key → why it is none any more.

    Again for the same comparison nothing changes and nobody is told.
    """
    standing = {
        row["gap_key"]: row
        for row in await fetch_all(session, queries.STANDING, keys=[each.gap_key for each in wanted])
    }
    new = [each for each in wanted if each.gap_key not in standing]
    again = [
        each
        for each in wanted
        if each.gap_key in standing
        and standing[each.gap_key]["state"] == CLOSED
        and standing[each.gap_key]["closed_reason"] != FOR_GOOD
    ]
    settled = [
        each
        for each in wanted
        if each.gap_key in standing
        and standing[each.gap_key]["state"] != CLOSED
        and standing[each.gap_key]["department_code"] is None
        and each.department_code is not None
    ]
    ids = {each.gap_key: new_id(sending.now) for each in new}
    ids |= {key: row["gap_id"] for key, row in standing.items()}
    when = {"round_code": sending.round_code, "now": sending.now, "due_on": sending.due_on}
    await execute(session, queries.INSERT, **_columns(new, ids, numbers=True), gap_keys=_keys(new), **when)
    await execute(session, queries.REOPEN, **_columns(again, ids), **when)
    await execute(
        session,
        queries.SETTLE,
        gap_ids=[ids[each.gap_key] for each in settled],
        department_codes=[each.department_code for each in settled],
        department_bases=[each.department_basis for each in settled],
    )
    closed = await fetch_all(
        session, queries.GONE, keys=list(gone), reasons=list(gone.values()), now=sending.now
    )
    steps = [(ids[each.gap_key], "opened", None, each.department_code) for each in new]
    steps += [(ids[each.gap_key], "reopened", None, each.department_code) for each in again]
    steps += [(ids[each.gap_key], "assigned", None, each.department_code) for each in settled]
    steps += [(row["gap_id"], "closed", row["reason"], None) for row in closed]
    await _history(session, steps, sending)
    await _tell(session, [*new, *again], settled, sending)
    return {
        "opened": len(new),
        "reopened": len(again),
        "assigned": len(settled),
        "closed": len(closed),
        "standing": len(wanted) - len(new) - len(again),
    }


def _keys(wanted: Sequence[Wanted]) -> list[str]:
    return [each.gap_key for each in wanted]


def _columns(
    wanted: Sequence[Wanted], ids: Mapping[str, Any], *, numbers: bool = False
) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {
        "gap_ids": [ids[each.gap_key] for each in wanted],
        "kinds": [each.kind for each in wanted],
        "names": [each.name for each in wanted],
        "addresses": [each.address for each in wanted],
        "trade_codes": [each.trade_code for each in wanted],
        "township_codes": [each.township_code for each in wanted],
        "department_codes": [each.department_code for each in wanted],
        "department_bases": [each.department_basis for each in wanted],
    }
    if numbers:
        columns["credit_codes"] = [each.credit_code for each in wanted]
        columns["licence_nos"] = [each.licence_no for each in wanted]
    return columns


async def _history(session: Session, steps: Sequence[tuple[Any, ...]], sending: Sending) -> None:
    await execute(
        session,
        queries.INSERT_STEPS,
        gap_ids=[step[0] for step in steps],
        kinds=[step[1] for step in steps],
        reasons=[step[2] for step in steps],
        department_codes=[step[3] for step in steps],
        round_code=sending.round_code,
        client_id=sending.client_id,
        now=sending.now,
    )


async def _tell(
    session: Session, fresh: Sequence[Wanted], settled: Sequence[Wanted], sending: Sending
) -> None:
    """Tell each township and department of its own; headquarters of what has no department yet."""
    counts: dict[tuple[str, str | None], Counter[tuple[str, str]]] = {}

    def add(kind: str, code: str | None, what: tuple[str, str], number: int) -> None:
        counts.setdefault((kind, code), Counter())[what] += number

    for each in fresh:
        what = (each.trade_code, each.kind)
        add("township", each.township_code, what, 1)
        add("department" if each.department_code else "headquarters", each.department_code, what, 1)
    for absent in sending.absent:
        what = (absent.trade_code, "absent_unit")
        add("township", absent.township_code, what, absent.units)
        if absent.department_code is not None:
            add("department", absent.department_code, what, absent.units)
    for each in settled:
        add("department", each.department_code, (each.trade_code, each.kind), 1)
    sending_id = new_id(sending.now)
    for (kind, code), count in sorted(counts.items(), key=str):
        message = GapsSent(
            sending_id=sending_id,
            round_code=sending.round_code,
            round_name=sending.round_name,
            as_of=sending.now.isoformat(),
            due_on=sending.due_on.isoformat(),
            recipient_type=kind,
            recipient_code=code,
            counts=tuple(GapCount(trade, side, gaps) for (trade, side), gaps in sorted(count.items())),
        )
        await bus.publish(session, message, now=sending.now)
