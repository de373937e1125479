"""`make quarter UNITS=300 PEOPLE=20000 DAYS=90 SEED=1`: a simulated quarter on servers of its own, as a table."""

import asyncio
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from tests.quarter.plan import LADDER, Notice, Plan, made
from tests.quarter.play import Found, Player
from tests.support.servers import Address, Clones, Servers
from tests.support.system import running_system

UNITS: Final = int(os.environ.get("UNITS", "300"))
PEOPLE: Final = int(os.environ.get("PEOPLE", "20000"))
DAYS: Final = int(os.environ.get("DAYS", "90"))
SEED: Final = int(os.environ.get("SEED", "1"))
# The week's figures are another matter, and counting them with every hour of the clock would be most of the work.
SETTINGS: Final[dict[str, Any]] = {
    "figures_minutes": 1_000_000,
    "figures_open_weeks": 1,
    "figures_again_hours": 10_000,
}


def main() -> None:
    """Play the quarter; the exit code says whether what came of it is exactly what was planted."""
    console = Console(width=None if sys.stdout.isatty() else 110)
    servers = Servers()
    try:
        good = asyncio.run(_run(servers.address(), console))
    finally:
        servers.stop()
    sys.exit(0 if good else 1)


async def _run(address: Address, console: Console) -> bool:
    plan = made(SEED, units=UNITS, people=PEOPLE, weeks=DAYS // 7 + 1)
    begun = time.monotonic()

    def say(what: str) -> None:
        console.print(f"{time.monotonic() - begun:7.1f} s  {what}")

    async with Clones(address, "quarter") as clones:
        with tempfile.TemporaryDirectory() as directory:
            database = await clones.make()
            async with running_system(address, database, data_dir=Path(directory), **SETTINGS) as system:
                found = await Player(system, plan, days=DAYS, say=say).play()
    say(f"{DAYS} days are over")
    return _print(console, plan, found)


def _print(console: Console, plan: Plan, found: Found) -> bool:
    """Print what was planted beside what was found; True if they are the same."""
    stand, revoked = plan.notices()
    breaches = plan.breaches()
    rows: list[tuple[str, set[Any], set[Any]]] = [
        (kind, _of(stand, kind), _of(found.stand, kind)) for kind in LADDER
    ]
    rows += [(f"{kind}, revoked", _of(revoked, kind), _of(found.revoked, kind)) for kind in LADDER]
    rows += [("weeks in breach, with kinds", set(breaches.items()), set(found.breaches.items()))]
    table = Table("", "planted", "found", "missed", "not planted")
    for name, wanted, there in rows:
        if wanted or there:
            counts = (len(wanted), len(there), len(wanted - there), len(there - wanted))
            table.add_row(name, *map(str, counts))
    console.print(table)
    for name, wanted, there in rows:
        for each in sorted(wanted ^ there)[:10]:
            console.print(f"{name}: {'missed' if each in wanted else 'not planted'} {each}")
    gapless = all(is_gapless(each) for each in found.numbers.values())
    repaired = sum(1 for _ in plan.of("repaired"))
    console.print(
        f"told twice {len(found.twice)}; new notices of evaluating each day again {found.again}; "
        f"numbers gapless in {len(found.numbers)} departments: {'yes' if gapless else 'no'}; "
        f"units that repaired themselves before Sunday {repaired}"
    )
    same = all(wanted == there for _, wanted, there in rows)
    return same and gapless and not found.twice and not found.again


def _of(notices: set[Notice], kind: str) -> set[Any]:
    return {each for each in notices if each[0] == kind}


def is_gapless(numbers: list[str]) -> bool:
    """Say whether a department's bulletins bear the numbers from 1 on, each once."""
    parts = [number.rpartition("〕")[2].removesuffix("号") for number in numbers]
    return sorted(map(int, parts)) == list(range(1, len(parts) + 1))


if __name__ == "__main__":
    main()
