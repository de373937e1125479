"""Recovery figures against their reach, the table, and `.run/chaos.json`."""

import json
import math
import os
import platform
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import asyncpg
from rich.console import Console
from rich.table import Table

from tests.chaos.invariants import TOLD, Finding
from tests.chaos.scene import Outage, Scene, p99

REACH: Final = {
    "worker killed → its work is done": 5.0,
    "Redis emptied → what waited is done": 5.0,
    "PostgreSQL back → a batch is taken": 5.0,
    "positive acknowledged → its channel, without Redis": 5.0,
}
ANSWER_SECONDS: Final = 2.0
ISSUED: Final = """
    SELECT n.subject_code, n.recipient_type, n.recipient_code, d.delivery_id
    FROM notifier.notice n JOIN notifier.delivery d USING (notice_id)
    WHERE n.kind = 'alert.positive' AND d.reason = 'issue' AND d.channel = 'gateway'
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """Seconds: the median, the 99th percentile, and whether that is within reach."""

    name: str
    count: int
    p50: float
    p99: float
    reach: float | None
    holds: bool | None


def figure(name: str, samples: Sequence[float]) -> Figure:
    """Return a figure; without a single sample nothing holds."""
    reach = REACH.get(name)
    ordered = sorted(samples)
    middle = ordered[len(ordered) // 2] if ordered else math.nan
    worst = p99(samples)
    return Figure(name, len(samples), middle, worst, reach, None if reach is None else worst <= reach)


async def to_the_channel(scene: Scene, owner: asyncpg.Connection) -> dict[str, list[float]]:
    """Return the seconds from each positive's receipt to the last of its three alerts at the provider."""
    handed: dict[str, list[float]] = {}
    for row in await owner.fetch(ISSUED):
        first = scene.stand.provider.first.get(str(row["delivery_id"]))
        if first is not None and (row["recipient_type"], row["recipient_code"]) in TOLD:
            handed.setdefault(row["subject_code"], []).append(first)
    found: dict[str, list[float]] = {"all through": [], "without Redis": []}
    window = scene.driver.without_redis
    for batch in scene.driver.ledger.acknowledged():
        for row in batch.rows:
            times = handed.get(row.people[0], []) if row.outcome == "positive" and row.people else []
            if len(times) == len(TOLD):
                took = max(0.0, max(times) - batch.acknowledged_at)
                found["all through"].append(took)
                if window and window[0] <= batch.acknowledged_at <= window[-1]:
                    found["without Redis"].append(took)
    return found


def false_answers(outages: Sequence[Outage]) -> list[str]:
    """Return what was acknowledged while the database was away."""
    problems = []
    for outage in _away(outages):
        false = sum(n for status, n in outage.statuses.items() if 200 <= status < 300)
        if false:
            problems.append(f"{outage.what}: {false} batches were acknowledged without a database")
    return problems


def late_answers(outages: Sequence[Outage]) -> list[str]:
    """Return what was answered late while the database was away."""
    return [
        f"{outage.what}: an answer took {outage.slowest:.1f} s"
        for outage in _away(outages)
        if outage.slowest > ANSWER_SECONDS
    ]


def _away(outages: Sequence[Outage]) -> list[Outage]:
    return [outage for outage in outages if outage.what in ("immediate stop", "postmaster killed")]


def print_all(console: Console, told: dict[str, Any], figures: Sequence[Figure], scene: Scene) -> None:
    """Print what was done and what it came to."""
    table = Table(title="make chaos: recovery", title_justify="left")
    for column in ("figure", "n", "p50 s", "p99 s", "reach", "holds"):
        table.add_column(column, justify="left" if column == "figure" else "right")
    for each in figures:
        holds = {None: "–", True: "[green]yes[/green]", False: "[red]no[/red]"}[each.holds]
        reach = "–" if each.reach is None else f"≤ {each.reach:g}"
        table.add_row(each.name, str(each.count), f"{each.p50:.2f}", f"{each.p99:.2f}", reach, holds)
    console.print(table)
    for outage in scene.outages:
        answers = ", ".join(
            f"{status or 'broken off'} ×{count}" for status, count in sorted(outage.statuses.items())
        )
        console.print(
            f"  while away ({outage.what}): {answers or 'nobody asked'}; slowest {outage.slowest:.2f} s"
        )
    for kind, count in sorted(scene.faults.items()):
        console.print(f"  fault {kind}: {count}")
    for kind, why in scene.not_run.items():
        console.print(f"  [yellow]not run: {kind}: {why}[/yellow]")
    console.print({name: told[name] for name in told if not isinstance(told[name], dict | list)})


def kinds(findings: Sequence[Finding]) -> Counter[str]:
    """Return how many findings there are of each kind."""
    return Counter(finding.kind for finding in findings)


def write(path: Path, told: dict[str, Any], figures: Sequence[Figure], outages: Sequence[Outage]) -> None:
    """Write everything, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    more = {
        "figures": [asdict(each) for each in figures],
        "outages": [
            {"what": o.what, "answers": {str(s): n for s, n in o.statuses.items()}, "slowest": o.slowest}
            for o in outages
        ],
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
    }
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(told | more, ensure_ascii=False, indent=1) + "\n")
    partial.replace(path)
