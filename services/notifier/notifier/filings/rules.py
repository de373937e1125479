"""Pure: what a filing says, and how a report stands."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

State = Literal["open", "filed", "zero", "missing"]


def zeros(fields: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """Return the counts of a zero report (零报告): every one of them, and each is zero."""
    return {field["name"]: 0 for field in fields}


def faults(
    fields: Sequence[Mapping[str, Any]], counts: Mapping[str, int] | None, *, zero: bool
) -> list[tuple[str, str]]:
    """Return what is wrong with counts, as fields and codes."""
    if zero:
        return [] if counts is None else [("zero", "report_zero_or_counts")]
    if counts is None:
        return [("counts", "report_zero_or_counts")]
    names = [field["name"] for field in fields]
    found = [("counts", "report_count_unknown")] if set(counts) - set(names) else []
    return found + [(f"counts.{name}", "report_count_missing") for name in names if name not in counts]


def is_zero(counts: Mapping[str, int]) -> bool:
    """Say whether every count is zero."""
    return not any(counts.values())


def state(row: Mapping[str, Any], *, now: datetime) -> State:
    """Return how a report stands: silence is missing once the cut-off has passed, zero is filed."""
    if row["version"]:
        return "zero" if row["zero"] else "filed"
    return "missing" if row["cutoff_at"] <= now else "open"
