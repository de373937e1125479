"""`make demo`: fill the running system with a district and one day of testing, and show what became of it.

Only public APIs are used. The district is always the same; the day is a new one each time.
"""

import argparse
import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.demo import loading, posting, report, watching
from deploy.demo.client import read_credentials
from deploy.demo.day import RESTAURANT_TESTED, Day, DaySizes, plan
from deploy.demo.district import Sizes, generate
from deploy.demo.loading import System
from deploy.demo.posting import Awaited, Posted
from deploy.demo.records import District
from deploy.demo.watching import Watch

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
FIRST_DAY: Final = datetime(2025, 1, 1, tzinfo=SHANGHAI)
ALERTS: Final = ("alert.positive", "alert.pool", "task.recheck", "task.resample")
SHOWN_WITHIN: Final = 60.0


def main() -> None:
    """Run the demonstration; the exit code says whether every row is accounted for."""
    console = Console(width=None if sys.stdout.isatty() else 130)
    options = _options()
    try:
        credentials = read_credentials()
    except FileNotFoundError:
        console.print("nothing runs here: start `make run` first (DATA_DIR names its directory)")
        sys.exit(2)
    sizes = Sizes(units=options.units, people=options.people, voluntary=options.voluntary)
    district = generate(Random(options.seed), today=FIRST_DAY.date(), sizes=sizes)

    async def work() -> bool:
        async with loading.open_system(credentials, district.labs) as system:
            return await demonstrate(system, district, console=console, tested=options.tested)

    sys.exit(0 if asyncio.run(work()) else 1)


async def demonstrate(system: System, district: District, *, console: Console, tested: int) -> bool:
    """Send everything, print the tables, and return whether all of it adds up."""
    started = time.monotonic()
    people = await _settle(system, district, console)
    watch = Watch(system.platform)
    await watching.catch_up(watch)
    now = max(datetime.now(SHANGHAI), watch.as_of or FIRST_DAY).astimezone(SHANGHAI)
    staff = [person.health_code_id for person in district.people[:RESTAURANT_TESTED]]
    sizes = DaySizes(tested=tested, restaurant=not watch.collected.keys() & set(staff))
    tag = f"{now:%m%d%H%M%S}"
    day = plan(Random(tag), district, tag=tag, now=now, sizes=sizes)
    before, hidden = await _notices(system), watching.hides_negatives(watch)
    async with _following(watch):
        tubes, posted = await _run_day(system, day, console)
        await posting.await_matched(system, posted)
        delays, missing = await _await_shown(posting.expected(posted, hidden), watch)
    after = await _notices(system)
    report.print_batches(console, posted)
    report.print_faults(console, posted)
    shown = {
        "people accepted, updated, rejected": people,
        "tubes accepted, updated, rejected": tubes,
        **{f"{kind} notices": after[kind] - before[kind] for kind in ALERTS},
        "members of pools who got a result": sum(one.receipt["pooled_people"] for one in posted),
        "members of pools whom nobody knows": sum(one.receipt["pooled_unmatched"] for one in posted),
        "from 202 to the feed": report.percentiles(delays),
        "people whose new status was seen": len(delays),
        "people whose new status was not seen": missing,
        "the whole demonstration": f"{time.monotonic() - started:.0f} s",
    }
    report.print_counts(console, "演示小结 Summary", shown)
    return _judge(posted, missing, console)


async def _settle(system: System, district: District, console: Console) -> str:
    """Send the organisation and the people."""
    offices = district.departments + district.townships
    with bars(console) as bar:
        await loading.send_departments(system, offices, bar("部门镇街 departments", len(offices)))
        await loading.send_industry_map(system)
        units = bar("单位 units", len(district.units))
        await loading.send_units(system, district.units, units)
        rows = sum(1 for _ in district.rows())
        counts = await loading.send_people(system, district.everybody, bar("人员 people", rows))
    return f"{counts['accepted']:,}, {counts['updated']:,}, {counts['rejected']:,}"


async def _run_day(system: System, day: Day, console: Console) -> tuple[str, list[Posted]]:
    """Send the day in its order: tubes, the morning, what comes late, the late laboratory."""
    with bars(console) as bar:
        tubes = day.tubes + day.refused_tubes
        bound = await loading.send_tubes(system, tubes, bar("采样管 tubes", len(tubes)))
        rows = bar("结果 results", sum(len(batch.rows) for batch in day.batches))
        posted = await posting.post_batches(system, day.morning, rows)
        await posting.await_matched(system, posted)
        await loading.send_people(system, day.late_people, lambda _: None)
        bound += await loading.send_tubes(system, day.late_tubes, lambda _: None)
        posted += await posting.post_batches(system, day.afternoon, rows)
        posted += await posting.post_batches(system, day.late_lab, rows)
    refused = ", ".join(code for code in bound if code not in {"accepted", "updated", "rejected"})
    counts = f"{bound['accepted']:,}, {bound['updated']:,}, {bound['rejected']:,}"
    return f"{counts} ({refused})", posted


async def _await_shown(awaited: Sequence[Awaited], watch: Watch) -> tuple[list[float], int]:
    """Wait until every ordinary negative shows in the feed, for a minute at most."""
    until = time.monotonic() + SHOWN_WITHIN
    while True:
        delays, missing = posting.delays(awaited, watch)
        if not missing or time.monotonic() > until:
            return delays, missing
        await asyncio.sleep(0.2)


async def _notices(system: System) -> dict[str, int]:
    """Return how many notices of each kind there are."""
    return {kind: await _count(system, kind) for kind in ALERTS}


async def _count(system: System, kind: str) -> int:
    total, cursor = 0, None
    while True:
        page: dict[str, Any] = await system.notifier.get("/v1/notices", kind=kind, limit=1000, cursor=cursor)
        total += len(page["notices"])
        cursor = page["next_cursor"]
        if cursor is None:
            return total


@asynccontextmanager
async def _following(watch: Watch) -> AsyncIterator[None]:
    """Read the feed beside the work."""
    task = asyncio.create_task(watching.follow(watch))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@contextmanager
def bars(console: Console) -> Iterator[Callable[[str, int], Callable[[int], None]]]:
    """Give progress bars: `bar(name, total)` returns what tells of progress."""
    columns = (TextColumn("{task.description:<24}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as progress:

        def bar(name: str, total: int) -> Callable[[int], None]:
            task = progress.add_task(name, total=total)
            return lambda done: progress.advance(task, done)

        yield bar


def _judge(posted: Sequence[Posted], missing: int, console: Console) -> bool:
    """Say in one line whether everything is accounted for."""
    wrong = [one.batch.batch_no for one in posted if not posting.adds_up(one)]
    other = [one.batch.batch_no for one in posted if not posting.as_planned(one)]
    for text, broken in (
        ("rows are not accounted for", wrong),
        ("verdicts differ from the plan", other),
        (f"{missing} results do not show in the feed", [""] if missing else []),
    ):
        if broken:
            console.print(f"[red]{text}[/red] {', '.join(broken)}")
    if wrong or other or missing:
        return False
    console.print("[green]守恒 Every row of every batch is accounted for.[/green]")
    return True


def _options() -> argparse.Namespace:
    defaults = Sizes()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", default="demo", help="another district (default: demo)")
    parser.add_argument("--units", type=int, default=defaults.units)
    parser.add_argument("--people", type=int, default=defaults.people, help="people with a category")
    parser.add_argument("--voluntary", type=int, default=defaults.voluntary, help="people without one")
    parser.add_argument("--tested", type=int, default=DaySizes().tested, help="people sampled that day")
    return parser.parse_args()


if __name__ == "__main__":
    main()
