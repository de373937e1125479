"""`make profile`: where the time of a result goes, by process, by function and by statement.

py-spy watches every process of ours while results are posted; `pg_stat_activity` is asked every 20 ms
what each backend does. The whole stacks lie in `.run/profile/*.folded`, for any flame graph or speedscope.
"""

import asyncio
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import asyncpg
import uvloop
from rich.console import Console
from rich.table import Table

from tests.bench import cpu
from tests.bench.posting import ROWS, Burst, burst
from tests.bench.running import Running, running_system
from tests.bench.stand import FASTEST, QUICK, Stand, standing

SECONDS: Final = 10.0
SHOWN: Final = 6
# Threads with nothing to do; where py-spy cannot ask the kernel, it takes them for busy.
IDLE: Final = ("Condition.wait ", "wait (threading.py", "_worker (concurrent/futures/thread.py")
SAMPLE: Final = """
    SELECT usename, coalesce(wait_event_type, 'CPU') AS on_what, left(regexp_replace(query, '\\s+', ' ', 'g'), 70) AS query
    FROM pg_stat_activity
    WHERE state = 'active' AND usename <> current_user AND datname = current_database()
"""


def main() -> None:
    """Run the load, write the profiles, print the tables."""
    folder = Path(os.environ.get("DATA_DIR") or ".run") / "profile"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    console = Console(width=None if sys.stdout.isatty() else 130)
    with running_system() as running:
        one, statements = uvloop.run(_measure(running, folder, console))
    console.print(_processes(one))
    for profile in sorted(folder.glob("*.folded")):
        lines = profile.read_text().splitlines()
        console.print(
            _listed(f"{profile.stem}: samples in a function itself", own_time(lines).most_common(SHOWN))
        )
    console.print(
        _listed("PostgreSQL: samples by role, wait and statement", statements.most_common(3 * SHOWN))
    )
    console.print(f"stacks in {folder}")


async def _measure(running: Running, folder: Path, console: Console) -> tuple[Burst, Counter[str]]:
    async with standing(running, QUICK, console) as stand:
        bodies = stand.bodies(int(FASTEST * SECONDS / ROWS), "profile")
        spies = [_spy(process, folder) for process in _ours(stand)]
        statements: Counter[str] = Counter()
        asking = asyncio.create_task(_ask(running.owner_url, statements))
        one = await burst(stand.system, bodies, seconds=SECONDS, most_ahead=stand.length.people // 2)
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking
        for spy in spies:
            await asyncio.to_thread(spy.wait)
        return one, statements


def _ours(stand: Stand) -> list[cpu.Process]:
    processes = cpu.under(stand.system.root, cpu.read_processes())
    return [each for each in processes if cpu.is_service(each.command)]


def _spy(process: cpu.Process, folder: Path) -> "subprocess.Popen[bytes]":
    name = cpu.label_of(process.command, owner="").replace(" ", "-")
    target = folder / f"{name}.folded"
    command = ["py-spy", "record", "--pid", str(process.pid), "--duration", f"{SECONDS:.0f}", "--rate", "200"]
    return subprocess.Popen(
        [
            str(Path(sys.executable).with_name("py-spy")),
            *command[1:],
            "--format",
            "raw",
            "--output",
            str(target),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


async def _ask(url: str, statements: Counter[str]) -> None:
    connection = await asyncpg.connect(url)
    try:
        while True:
            for row in await connection.fetch(SAMPLE):
                statements[f"{row['usename']} · {row['on_what']} · {row['query']}"] += 1
            await asyncio.sleep(0.02)
    finally:
        await connection.close()


def own_time(folded: Iterable[str]) -> Counter[str]:
    """Return the samples of each function itself, the last frame of a folded stack; idle threads left out."""
    own: Counter[str] = Counter()
    for line in folded:
        stack, _, count = line.rpartition(" ")
        function = stack.rpartition(";")[2]
        if not function.startswith(IDLE):
            own[function] += int(count)
    return own


def _processes(one: Burst) -> Table:
    table = Table(title=f"{one.rate:,.0f} results/s", title_justify="left")
    table.add_column("process")
    table.add_column("µs of processor a result", justify="right")
    for name, seconds in sorted(one.used.items(), key=lambda pair: -pair[1]):
        table.add_row(name, f"{seconds / one.rows * 1e6:.1f}")
    table.add_row("all of the system", f"{one.cpu_per_1000 * 1000:.1f}")
    return table


def _listed(title: str, counted: Sequence[tuple[str, int]]) -> Table:
    table = Table(title=title, title_justify="left", show_header=False)
    for what, count in counted:
        table.add_row(str(count), what)
    return table


if __name__ == "__main__":
    main()
