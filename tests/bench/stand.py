"""What the measurements share: the running system with people in it, and how long to measure."""

import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import asyncpg
import httpx
from rich.console import Console

from deploy.demo.client import Api, connect
from shared.clock import SHANGHAI
from tests.bench import limit
from tests.bench.people import load_people
from tests.bench.posting import LABS, ROWS, System, burst, lab_of, settled
from tests.bench.rows import Rows
from tests.bench.running import Running

FASTEST: Final = 60_000.0


@dataclass(frozen=True, slots=True)
class Length:
    """How much to measure: `behind` positives wait behind `queued` negatives."""

    people: int
    runs: int
    seconds: float
    bare_seconds: float
    waiting_seconds: float
    pull_seconds: float
    positives: int
    behind: int
    queued: int


FULL: Final = Length(
    people=1_000_000,
    runs=5,
    seconds=60.0,
    bare_seconds=20.0,
    waiting_seconds=60.0,
    pull_seconds=5.0,
    positives=100,
    behind=100,
    queued=1_000_000,
)
QUICK: Final = Length(
    people=200_000,
    runs=3,
    seconds=5.0,
    bare_seconds=2.5,
    waiting_seconds=8.0,
    pull_seconds=1.5,
    positives=15,
    behind=15,
    queued=100_000,
)


def is_quick() -> bool:
    """Say whether QUICK=1 is given."""
    return os.environ.get("QUICK", "") not in ("", "0")


@dataclass(frozen=True, slots=True)
class Stand:
    """What the measurements share."""

    running: Running
    length: Length
    system: System
    registry: Api
    platform: Api
    rows: Rows
    bare: Rows
    console: Console

    def bodies(self, count: int, tag: str) -> list[bytes]:
        """Return batches made beforehand; each number is used once."""
        return [self.rows.batch(ROWS, tag) for _ in range(count)]


@asynccontextmanager
async def standing(running: Running, length: Length, console: Console) -> AsyncIterator[Stand]:
    """Load people, give each a negative through the API, and make the tables of the comparison."""
    owner = await asyncpg.connect(running.owner_url)
    try:
        console.print(f"loading {length.people:,} people …")
        codes = await load_people(owner, running.environment, length.people)
        async with httpx.AsyncClient(timeout=120) as http:
            stand = await _stand(running, length, owner, http, codes, console)
            console.print("a first negative of each of them, through the API …")
            await _first_round(stand)
            await limit.prepare(owner)
            await settled(stand.system)
            yield stand
    finally:
        await owner.close()


async def _first_round(stand: Stand) -> None:
    """Post everybody once: a running programme's people have a result already, and its processes are warm."""
    count = stand.length.people // ROWS
    one = await burst(
        stand.system, stand.bodies(count, "first"), seconds=float("inf"), most_ahead=stand.length.people
    )
    stand.console.print(f"  {one.rate:,.0f}/s")


async def _stand(
    running: Running,
    length: Length,
    owner: asyncpg.Connection,
    http: httpx.AsyncClient,
    codes: list[str],
    console: Console,
) -> Stand:
    credentials, now = running.credentials, datetime.now(SHANGHAI).replace(microsecond=0)
    labs: Mapping[str, Api] = {
        lab: connect(http, credentials, "results_ingest", account)
        for lab, account in credentials.labs.items()
        if lab in (*LABS, "LAB05")
    }
    return Stand(
        running=running,
        length=length,
        system=System(
            root=running.pid,
            database=owner,
            owner=await owner.fetchval("SELECT current_user"),
            labs={lab: lab_of(api) for lab, api in labs.items()},
        ),
        registry=connect(http, credentials, "registry", credentials.accounts["admin"]),
        platform=connect(http, credentials, "registry", credentials.accounts["platform"]),
        rows=Rows(codes, now),
        # The table of the comparison has the first turn already.
        bare=Rows(codes, now, given=len(codes)),
        console=console,
    )
