"""Four laboratories that post at once, and the moment at which all of it is visible in the feed."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import asyncpg
import httpx

from deploy.demo.client import Api
from tests.bench.rows import Rows

ROWS: Final = 5_000
LABS: Final = ("LAB01", "LAB02", "LAB03", "LAB04")
DRAINED: Final = """
    SELECT (SELECT seq FROM registry.feed_head) AS seq,
           EXISTS (SELECT FROM registry.feed_pending)
           OR EXISTS (SELECT FROM bus.delivery d JOIN bus.message m USING (message_id)
                      WHERE d.state NOT IN ('done', 'dropped')
                      AND m.name IN ('batch.part_received', 'results.applied')) AS busy
"""
LONGEST_DRAIN: Final = 300.0


@dataclass(frozen=True, slots=True)
class Burst:
    """What one run carried: rows, seconds from the first POST to all visible, and POST times."""

    rows: int
    seconds: float
    accepting: float
    posts: Sequence[float]
    in_feed: int

    @property
    def rate(self) -> float:
        """Results per second from POST to visible in the feed."""
        return self.rows / self.seconds


async def post(api: Api, body: bytes) -> dict[str, Any]:
    """Post bytes that were made beforehand: the generator shares the cores with what it measures."""
    headers = {"Authorization": f"Bearer {await api.valid_token()}", "Content-Type": "application/json"}
    answer = await api.http.post(api.base_url + "/v1/batches", content=body, headers=headers)
    if answer.status_code != httpx.codes.ACCEPTED:
        message = f"a batch was answered with {answer.status_code}: {answer.text[:300]}"
        raise RuntimeError(message)
    receipt: dict[str, Any] = answer.json()
    if receipt["accepted"] != ROWS:
        message = f"of {ROWS} rows {receipt['accepted']} were accepted: {receipt['errors'][:3]}"
        raise RuntimeError(message)
    return receipt


async def burst(
    owner: asyncpg.Connection,
    labs: Mapping[str, Api],
    rows: Rows,
    *,
    seconds: float,
    expected: float,
    tag: str,
) -> Burst:
    """Post for `seconds` from four laboratories at once and wait until everything shows."""
    bodies = iter([rows.batch(ROWS, tag) for _ in range(max(8, int(expected * seconds / ROWS)))])
    before = (await owner.fetchrow(DRAINED))["seq"]
    times: list[float] = []
    started = time.perf_counter()

    async def work(api: Api) -> None:
        for body in bodies:
            began = time.perf_counter()
            await post(api, body)
            times.append(time.perf_counter() - began)
            if time.perf_counter() - started > seconds:
                break

    await asyncio.gather(*(work(labs[lab]) for lab in LABS))
    accepting = time.perf_counter() - started
    seq = await drained(owner)
    total = time.perf_counter() - started
    return Burst(ROWS * len(times), total, accepting, sorted(times), seq - before)


async def drained(owner: asyncpg.Connection) -> int:
    """Wait until nothing is under way, and return the feed's newest number."""
    until = time.monotonic() + LONGEST_DRAIN
    while time.monotonic() < until:
        row = await owner.fetchrow(DRAINED)
        if not row["busy"]:
            seq: int = row["seq"]
            return seq
        await asyncio.sleep(0.02)
    message = f"not all results were visible after {LONGEST_DRAIN:.0f} s"
    raise RuntimeError(message)
