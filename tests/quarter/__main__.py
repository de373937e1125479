"""`make quarter UNITS=300 PEOPLE=20000 DAYS=90 SEED=1`: a simulated quarter on servers of its own, as a table."""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from tests.quarter.expected import KINDS, Expected, Step, Told
from tests.quarter.found import Found, is_gapless
from tests.quarter.plan import Plan, made
from tests.quarter.play import Player
from tests.support.servers import Address, Clones, Servers
from tests.support.system import running_system

UNITS: Final = int(os.environ.get("UNITS", "300"))
PEOPLE: Final = int(os.environ.get("PEOPLE", "20000"))
DAYS: Final = int(os.environ.get("DAYS", "90"))
SEED: Final = int(os.environ.get("SEED", "1"))
# The week's figures are another matter, and counting them with every hour of the clock would be most of the work; so are the
# reminders of everybody who is due soon, for days on end. Days are evaluated as the play comes to them.
SETTINGS: Final[dict[str, Any]] = {
    "evaluate_by_itself": False,
    "due_soon_days_weekly": 0,
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
                must, found = await Player(system, plan, days=DAYS, say=say).play()
    say(f"{DAYS} days are over")
    return _print(console, plan, must, found)


def _print(console: Console, plan: Plan, must: Expected, found: Found) -> bool:
    """Print what was planted beside what was found; True if they are the same."""
    rows = list(compared(plan, must, found))
    table = Table("", "planted", "found", "missed", "not planted")
    for name, wanted, there in rows:
        counts = (len(wanted), len(there), len(wanted - there), len(there - wanted))
        table.add_row(name, *map(str, counts))
    console.print(table)
    for name, wanted, there in rows:
        for each in sorted(wanted ^ there)[:10]:
            console.print(f"{name}: {'missed' if each in wanted else 'not planted'} {each}")
    gapless = all(is_gapless(each) for each in found.numbers.values())
    repaired = sum(1 for _ in plan.of("repaired"))
    console.print(
        f"told twice {len(found.twice)}; new notices of evaluating each day again {len(found.anew)}; "
        f"numbers gapless in {len(found.numbers)} departments: {'yes' if gapless else 'no'}; "
        f"units that repaired themselves before Sunday {repaired}"
    )
    same = all(wanted == there for _, wanted, there in rows)
    return same and gapless and not found.twice and not found.anew


def compared(plan: Plan, must: Expected, found: Found) -> Iterator[tuple[str, set[Any], set[Any]]]:
    """Yield what is compared: its name, what must be there, what there is."""
    for kind in KINDS:
        yield kind, _of(must.stand, kind), _of(found.stand, kind)
    for kind in KINDS:
        yield f"{kind}, revoked", _of(must.revoked, kind), _of(found.revoked, kind)
    yield "sent again, how often", set(must.again.items()), set(found.again.items())
    for what in sorted({step[2].partition(" ")[0] for step in must.steps | found.steps}):
        yield f"step: {what}", _steps(must.steps, what), _steps(found.steps, what)
    yield "answers marked as late", must.late, found.late
    yield "cases as they stand", set(must.standing.items()), set(found.standing.items())
    yield "weeks in breach, with kinds", set(plan.breaches().items()), set(found.breaches.items())


def _of(notices: set[Told], kind: str) -> set[Any]:
    return {each for each in notices if each[0] == kind}


def _steps(steps: set[Step], what: str) -> set[Any]:
    return {each for each in steps if each[2].partition(" ")[0] == what}


if __name__ == "__main__":
    main()
