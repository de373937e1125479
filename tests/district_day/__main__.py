"""`make district-day SAMPLES=100000`: a simulated day on servers of its own, and every planted fault by name."""

import asyncio
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from tests.bench.figures import Figure, print_figures, write_figures
from tests.district_day import nights
from tests.district_day.plan import Key, Named, made
from tests.district_day.play import Player
from tests.support.servers import Address, Clones, Servers
from tests.support.system import running_system

SAMPLES: Final = int(os.environ.get("SAMPLES", "100000"))
SEED: Final = int(os.environ.get("SEED", "1"))
DATA: Final = Path(os.environ.get("DATA_DIR") or ".run")


def main() -> None:
    """Play the day and measure what comes round at its end.

    The exit code says whether the reconciliation named every fault and nothing else, and whether nothing
    that comes round takes longer than it may.
    """
    console = Console(width=None if sys.stdout.isatty() else 110)
    servers = Servers()
    try:
        good = asyncio.run(_run(servers.address(), console))
    finally:
        servers.stop()
    sys.exit(0 if good else 1)


async def _run(address: Address, console: Console) -> bool:
    plan = made(SEED, SAMPLES)
    begun = time.monotonic()
    async with Clones(address, "districtday") as clones:
        with tempfile.TemporaryDirectory() as directory:
            async with running_system(address, await clones.make(), data_dir=Path(directory)) as system:
                player = Player(
                    system, plan, lambda what: console.print(f"{time.monotonic() - begun:7.1f} s  {what}")
                )
                found = await player.play()
                figures = await nights.measured(system, SAMPLES, console)
    expected = plan.expected()
    planted = {key: named for key, named in expected.items() if named[0] != "shown"}
    _print(console, expected, found.named, found.counts)
    console.print(f"standings {found.standings}; manifests differ {dict(found.differences)}")
    _keep(console, figures)
    named = planted == found.named and sum(found.counts.values()) == len(expected)
    return named and all(figure.holds is not False for figure in figures)


def _keep(console: Console, figures: list[Figure]) -> None:
    path = DATA / "district-day.json"
    print_figures(console, figures, title="what comes round, beside a bare query over the same rows")
    write_figures(path, figures, {"samples": SAMPLES, "seed": SEED})
    console.print(f"written to {path}")


def _print(
    console: Console, expected: dict[Key, Named], named: dict[Key, Named], counts: dict[str, int]
) -> None:
    table = Table("cause", "planted", "named", "right body", "elsewhere", "missed")
    planted = Counter(cause for cause, _ in expected.values())
    for cause, counted in counts.items():
        mine = {key: each for key, each in named.items() if each[0] == cause}
        right = sum(expected.get(key) == each for key, each in mine.items())
        missed = sum(
            each[0] == cause and named.get(key, ("shown", None)) != each for key, each in expected.items()
        )
        table.add_row(cause, *map(str, (planted[cause], counted, right, len(mine) - right, missed)))
    table.add_row("all", str(len(expected)), str(sum(counts.values())), "", "", "")
    console.print(table)


if __name__ == "__main__":
    main()
