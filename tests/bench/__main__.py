"""`make bench`: measure, print the table, write `.run/bench.json`. `QUICK=1` is shorter."""

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import asyncpg
import httpx
from rich.console import Console

from deploy.demo.client import Api, connect
from shared.clock import SHANGHAI
from tests.bench import limit, waiting
from tests.bench.figures import Figure, against, at_most, percentile, print_figures, write_figures
from tests.bench.people import CATEGORY, load_people
from tests.bench.posting import Burst, burst, drained
from tests.bench.rows import Rows
from tests.bench.running import Running, running_system

PEOPLE: Final = 200_000
REACH: Final = 0.4
FIRST_GUESS: Final = 60_000.0


@dataclass(frozen=True, slots=True)
class Length:
    """How long to measure."""

    runs: int
    seconds: float
    positives: int
    behind: int


FULL: Final = Length(runs=5, seconds=10.0, positives=30, behind=8)
QUICK: Final = Length(runs=3, seconds=4.0, positives=12, behind=3)


@dataclass(frozen=True, slots=True)
class Stand:
    """What the measurements share."""

    owner: asyncpg.Connection
    url: str
    registry: Api
    platform: Api
    labs: Mapping[str, Api]
    rows: Rows
    bare: Rows
    console: Console


def main() -> None:
    """Measure; the exit code says whether everything that is asked for holds."""
    quick = os.environ.get("QUICK", "") not in ("", "0")
    path = Path(os.environ.get("DATA_DIR") or ".run") / "bench.json"
    console = Console(width=None if sys.stdout.isatty() else 130)
    with running_system() as running:
        figures, versions = asyncio.run(_measure(running, QUICK if quick else FULL, console))
    print_figures(console, figures)
    write_figures(path, figures, {"quick": quick, "people": PEOPLE, **versions})
    console.print(f"written to {path}")
    sys.exit(0 if all(figure.holds is not False for figure in figures) else 1)


async def _measure(running: Running, length: Length, console: Console) -> tuple[list[Figure], dict[str, str]]:
    owner = await asyncpg.connect(running.owner_url)
    try:
        console.print(f"loading {PEOPLE:,} people …")
        codes = await load_people(owner, running.environment, PEOPLE)
        await limit.prepare(owner)
        await drained(owner)
        versions = {"postgresql": await owner.fetchval("SHOW server_version")}
        async with httpx.AsyncClient(timeout=120) as http:
            stand = _stand(running, owner, http, codes, console)
            return await _figures(stand, length), versions
    finally:
        await owner.close()


def _stand(
    running: Running, owner: asyncpg.Connection, http: httpx.AsyncClient, codes: list[str], console: Console
) -> Stand:
    credentials, now = running.credentials, datetime.now(SHANGHAI).replace(microsecond=0)
    return Stand(
        owner=owner,
        url=running.owner_url,
        registry=connect(http, credentials, "registry", credentials.accounts["admin"]),
        platform=connect(http, credentials, "registry", credentials.accounts["platform"]),
        labs={
            lab: connect(http, credentials, "results_ingest", account)
            for lab, account in credentials.labs.items()
        },
        rows=Rows(codes, now),
        bare=Rows(codes, now),
        console=console,
    )


async def _figures(stand: Stand, length: Length) -> list[Figure]:
    bursts, single, better = await _interleaved(stand, length)
    rates = [one.rate for one in bursts]
    sustained = sorted(rates)[len(rates) // 2]
    posts = sorted(seconds for one in bursts for seconds in one.posts)
    stand.console.print("waiting times …")
    feed = await waiting.to_the_feed(
        stand.labs, stand.platform, stand.rows, rate=sustained / 2, seconds=2 * length.seconds
    )
    await drained(stand.owner)
    idle, behind = await _positives(stand, length)
    return [
        against("results from POST to visible in the feed", rates, single, unit="/s", at_least=REACH),
        against("  against the better of 1 and 2 connections", rates, better, unit="/s", at_least=None),
        Figure("  accepted meanwhile", max(one.rows / one.accepting for one in bursts), "/s"),
        at_most("  POST of 5,000 answered, p50", percentile(posts, 0.5) * 1000, reach=None),
        at_most("  POST of 5,000 answered, p99", percentile(posts, 0.99) * 1000, reach=None),
        at_most("answered to visible at half that rate, p50", percentile(feed, 0.5) * 1000, reach=None),
        at_most("answered to visible at half that rate, p99", percentile(feed, 0.99) * 1000, reach=None),
        at_most("positive to its channel, idle, p50", percentile(idle, 0.5) * 1000, reach=1000),
        at_most("positive to its channel, idle, p99", percentile(idle, 0.99) * 1000, reach=None),
        at_most("positive behind 50,000 negatives, p50", percentile(behind, 0.5) * 1000, reach=1000),
        at_most("positive behind 50,000 negatives, p99", percentile(behind, 0.99) * 1000, reach=None),
    ]


async def _interleaved(stand: Stand, length: Length) -> tuple[list[Burst], list[float], list[float]]:
    """Run the limit and the system in turn: only what ran side by side can be compared.

    Returns the system's runs, the limit on one connection and the better of one and two.
    """
    bursts: list[Burst] = []
    single: list[float] = []
    better: list[float] = []
    guess = FIRST_GUESS
    for number in range(length.runs + 1):
        bare = [
            await limit.measure(
                stand.url, stand.bare, connections=count, seconds=length.seconds / 2, expected=2 * guess
            )
            for count in (1, 2)
        ]
        one = await burst(
            stand.owner, stand.labs, stand.rows, seconds=length.seconds, expected=guess, tag=f"run{number}"
        )
        stand.console.print(
            f"run {number}: limit {bare[0]:,.0f} and {bare[1]:,.0f}/s, system {one.rate:,.0f}/s, "
            f"ratio {one.rate / bare[0]:.2f}" + ("" if number else " (to warm up, not counted)")
        )
        if one.in_feed != one.rows:
            message = f"{one.rows} rows were posted, {one.in_feed} changes are in the feed"
            raise RuntimeError(message)
        if number:
            bursts.append(one)
            single.append(bare[0])
            better.append(max(bare))
        await stand.owner.execute("CHECKPOINT")
    return bursts, single, better


async def _positives(stand: Stand, length: Length) -> tuple[list[float], list[float]]:
    unit = await stand.owner.fetchval(
        "SELECT min(unit_code) FROM registry.unit WHERE department_code IS NOT NULL"
    )
    codes = await waiting.register_positives(stand.registry, unit, CATEGORY, length.positives + length.behind)
    await asyncio.sleep(2)  # until notifier knows them
    idle = await waiting.to_the_channel(stand.owner, stand.labs, codes[: length.positives], tag="idle")
    behind = await waiting.behind_negatives(stand.owner, stand.labs, stand.rows, codes[length.positives :])
    return idle, behind


if __name__ == "__main__":
    main()
