"""Posting batches and following them to their end: receipts, verdicts, and how long it took."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from deploy.demo.loading import System
from deploy.demo.samples import Batch, Row
from deploy.demo.watching import Watch

POLL: Final = 0.25
PATIENCE: Final = 120.0
VERDICTS: Final = ("matched", "unmatched", "held", "rejected", "duplicate")


@dataclass(slots=True)
class Posted:
    """A batch that was answered with 202: when, and the receipt as it was last seen."""

    batch: Batch
    answered: float
    receipt: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Awaited:
    """Somebody whose status must show a result, and when its batch was answered."""

    code: str
    tested_at: datetime
    answered: float


async def post_batches(system: System, batches: Sequence[Batch], done: Callable[[int], None]) -> list[Posted]:
    """Post every laboratory's batches in order, the laboratories beside each other."""
    posted: list[Posted] = []

    async def post(lab_code: str) -> None:
        for batch in batches:
            if batch.lab_code != lab_code:
                continue
            receipt = await system.labs[lab_code].post("/v1/batches", batch.wire())
            posted.append(Posted(batch, time.monotonic(), receipt))
            done(len(batch.rows))

    await asyncio.gather(*(post(lab) for lab in sorted({batch.lab_code for batch in batches})))
    return posted


async def await_matched(system: System, posted: Sequence[Posted]) -> None:
    """Ask until no accepted row waits, at most two minutes; the receipts hold what was seen last."""
    until = time.monotonic() + PATIENCE
    waiting = list(posted)
    while waiting and time.monotonic() < until:
        for one in waiting:
            lab = system.labs[one.batch.lab_code]
            one.receipt = await lab.get(f"/v1/batches/{one.receipt['batch_id']}")
        waiting = [one for one in waiting if one.receipt["status"] != "matched"]
        if waiting:
            await asyncio.sleep(POLL)


def adds_up(posted: Posted) -> bool:
    """Tell whether every row of a batch is accounted for (contract §5, §7)."""
    seen = posted.receipt
    rows = seen["accepted"] + seen["rejected"] + seen["duplicates"]
    accepted = seen["waiting"] + seen["matched"] + seen["unmatched"] + seen["held"]
    return bool(rows == len(posted.batch.rows) and accepted == seen["accepted"] and not seen["waiting"])


def seen_verdicts(posted: Posted) -> Counter[str]:
    """Return the receipt's counts under the names of the verdicts."""
    receipt = posted.receipt
    names = {verdict: verdict for verdict in VERDICTS} | {"duplicate": "duplicates"}
    return Counter({verdict: receipt.get(name, 0) for verdict, name in names.items()})


def as_planned(posted: Posted) -> bool:
    """Tell whether every verdict came as often as the generator meant it to."""
    return seen_verdicts(posted) == posted.batch.planned()


def expected(posted: Sequence[Posted], hidden: Mapping[str, datetime | None]) -> list[Awaited]:
    """Return whose status must show which time of testing; `hidden` is what stood before the day."""
    return [
        Awaited(code, datetime.fromisoformat(row.body["tested_at"]), one.answered)
        for one in posted
        for row in one.batch.rows
        for code in row.watch
        if _can_show(row, code, hidden)
    ]


def delays(awaited: Sequence[Awaited], watch: Watch) -> tuple[list[float], int]:
    """Return the seconds from 202 to the feed, sorted, and how many have not shown."""
    seen = [watch.shown.get((one.code, one.tested_at)) for one in awaited]
    pairs = zip(seen, awaited, strict=True)
    found = sorted(max(0.0, at - one.answered) for at, one in pairs if at is not None)
    return found, len(awaited) - len(found)


def _can_show(row: Row, code: str, hidden: Mapping[str, datetime | None]) -> bool:
    if code not in hidden:
        return True
    newest = hidden[code]
    return newest is not None and row.collected is not None and newest < row.collected
