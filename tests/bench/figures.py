"""A figure with its limit and whether it holds; the table and `.run/bench.json`."""

import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

AT_LEAST: Final = "≥"
AT_MOST: Final = "≤"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line: `ratio` is value to limit, `spread` (max - min) / median.

    `reach` is what is asked for, of the ratio where there is a limit, else of the value; `bound` says
    on which side of it. What is only told has none.
    """

    name: str
    value: float
    unit: str
    limit: float | None = None
    ratio: float | None = None
    reach: float | None = None
    bound: str | None = None
    holds: bool | None = None
    spread: float | None = None


def against(
    name: str,
    values: Sequence[float],
    limits: Sequence[float],
    *,
    unit: str,
    at_least: float | None = None,
    at_most: float | None = None,
) -> Figure:
    """Return a figure whose ratio is the median of the runs' own ratios."""
    ratio = statistics.median(value / limit for value, limit in zip(values, limits, strict=True))
    return Figure(
        name=name,
        value=statistics.median(values),
        unit=unit,
        limit=statistics.median(limits),
        ratio=ratio,
        spread=spread(values),
        **_asked(ratio, at_least, at_most),
    )


def measured(
    name: str, value: float, *, unit: str, at_least: float | None = None, at_most: float | None = None
) -> Figure:
    """Return a figure that has no bare limit."""
    return Figure(name, value, unit, **_asked(value, at_least, at_most))


def _asked(value: float, at_least: float | None, at_most: float | None) -> dict[str, Any]:
    if at_least is not None:
        return {"reach": at_least, "bound": AT_LEAST, "holds": value >= at_least}
    if at_most is not None:
        return {"reach": at_most, "bound": AT_MOST, "holds": value <= at_most}
    return {}


def spread(values: Sequence[float]) -> float:
    """Return how far the runs lie apart."""
    return (max(values) - min(values)) / statistics.median(values)


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return a percentile of sorted values."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def waits(
    name: str, seconds: Sequence[float], *, p50: float | None = None, p99: float | None = None
) -> list[Figure]:
    """Return the p50 and p99 of sorted waiting times, in ms."""
    return [
        measured(f"{name}, p50", percentile(seconds, 0.5) * 1000, unit="ms", at_most=p50),
        measured(f"{name}, p99", percentile(seconds, 0.99) * 1000, unit="ms", at_most=p99),
    ]


def print_figures(console: Console, figures: Sequence[Figure], *, title: str) -> None:
    """Print the table."""
    table = Table(title=title, title_justify="left")
    table.add_column("name")
    for column in ("value", "unit", "limit", "ratio", "reach", "holds", "spread"):
        table.add_column(column, justify="right")
    for figure in figures:
        table.add_row(
            figure.name,
            _told(figure.value),
            figure.unit,
            "–" if figure.limit is None else _told(figure.limit),
            "–" if figure.ratio is None else f"{figure.ratio:.2f}",
            "–" if figure.reach is None else f"{figure.bound} {figure.reach:g}",
            {None: "–", True: "[green]yes[/green]", False: "[red]no[/red]"}[figure.holds],
            "–" if figure.spread is None else f"{figure.spread:.0%}",
        )
    console.print(table)


def _told(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def write_figures(path: Path, figures: Sequence[Figure], about: Mapping[str, Any]) -> None:
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
