"""A figure with its limit and whether it holds; the table and `.run/bench.json`."""

import json
import os
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: `ratio` is value to limit, `reach` what is asked for, `spread` (max - min) / median."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    ratio: float | None = None
    reach: str = ""
    holds: bool | None = None
    spread: float | None = None


def against(
    name: str, values: Sequence[float], limits: Sequence[float], *, unit: str, at_least: float | None
) -> Figure:
    """Return a figure whose ratio is the median of the runs' own ratios; without a reach it is only told."""
    ratio = statistics.median(value / limit for value, limit in zip(values, limits, strict=True))
    return Figure(
        name=name,
        value=statistics.median(values),
        unit=unit,
        limit=statistics.median(limits),
        ratio=ratio,
        reach=f"≥ {at_least}" if at_least is not None else "",
        holds=None if at_least is None else ratio >= at_least,
        spread=spread(values),
    )


def at_most(name: str, value: float, *, reach: float | None, unit: str = "ms") -> Figure:
    """Return a figure that must not exceed `reach`; without one it is only told."""
    told = f"≤ {reach:,.0f}" if reach is not None else ""
    return Figure(name, value, unit, reach=told, holds=None if reach is None else value <= reach)


def spread(values: Sequence[float]) -> float:
    """Return how far the runs lie apart."""
    return (max(values) - min(values)) / statistics.median(values)


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return a percentile of sorted values."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def print_figures(console: Console, figures: Sequence[Figure]) -> None:
    """Print the table."""
    table = Table(title="make bench", title_justify="left")
    table.add_column("name")
    for column in ("value", "unit", "limit", "ratio", "reach", "holds", "spread"):
        table.add_column(column, justify="right")
    for figure in figures:
        table.add_row(
            figure.name,
            f"{figure.value:,.0f}",
            figure.unit,
            "–" if figure.limit is None else f"{figure.limit:,.0f}",
            "–" if figure.ratio is None else f"{figure.ratio:.2f}",
            figure.reach or "–",
            {None: "–", True: "[green]yes[/green]", False: "[red]no[/red]"}[figure.holds],
            "–" if figure.spread is None else f"{figure.spread:.0%}",
        )
    console.print(table)


def write_figures(path: Path, figures: Sequence[Figure], about: dict[str, Any]) -> None:
    """Write the list with machine and versions, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    told = {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        "system": platform.platform(),
        "python": platform.python_version(),
        **about,
    }
    partial = path.with_suffix(".partial")
    lines = [asdict(figure) | told for figure in figures]
    partial.write_text(json.dumps(lines, ensure_ascii=False, indent=1) + "\n")
    partial.replace(path)
