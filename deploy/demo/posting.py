"""Posting batches and following them to their end: receipts, verdicts, and how long it took."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from deploy.demo.loading import System
from deploy.demo.samples import Batch
from deploy.demo.watching import Watch, shows_negatives

POLL: Final = 0.25
PATIENCE: Final = 120.0
VERDICTS: Final = ("matched", "unmatched", "held", "rejected", "duplicate")


@dataclass(slots=True)
class Posted:
    """A batch that was answered with 202: when, and the receipt as it was last seen."""

    batch: Batch
    answered: float
    receipt: dict[str, Any] = field(default_factory=dict)


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


def delays(posted: Sequence[Posted], watch: Watch) -> tuple[list[float], int]:
    """Return the seconds from 202 to the feed of every ordinary negative, and how many never showed."""
    found: list[float] = []
    missing = 0
    for one in posted:
        for code, tested_at in expected(one.batch):
            if not shows_negatives(watch, code):
                continue
            seen = watch.shown.get((code, tested_at))
            if seen is None:
                missing += 1
            else:
                found.append(max(0.0, seen - one.answered))
    return sorted(found), missing


def expected(batch: Batch) -> list[tuple[str, datetime]]:
    """Return whose status must show which time of testing."""
    return [(code, datetime.fromisoformat(row.body["tested_at"])) for row in batch.rows for code in row.watch]
