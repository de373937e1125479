"""What `make demo` prints at its end. Rendering only."""

from collections import Counter
from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table

from deploy.demo.posting import VERDICTS, Posted, adds_up, as_planned, seen_verdicts


def print_batches(console: Console, posted: Sequence[Posted]) -> None:
    """Print a line per laboratory: what was sent, and what became of it."""
    table = Table(title="一日检测批次 One day of batches", title_justify="left")
    table.add_column("检测机构 lab")
    for name in ("批次 batches", "行 rows", *VERDICTS, "waiting", "adds up", "as planned"):
        table.add_column(name, justify="right")
    for lab in sorted({one.batch.lab_code for one in posted}):
        _add_line(table, lab, [one for one in posted if one.batch.lab_code == lab])
    table.add_section()
    _add_line(table, "合计 all", posted)
    console.print(table)


def print_counts(console: Console, title: str, counts: Mapping[str, object]) -> None:
    """Print names and values."""
    table = Table(title=title, title_justify="left", show_header=False)
    for name, value in counts.items():
        table.add_row(name, str(value))
    console.print(table)


def print_faults(console: Console, posted: Sequence[Posted]) -> None:
    """Print the planted faults and the verdict each was to get."""
    table = Table(title="埋设的差错 Faults among the rows", title_justify="left")
    for name in ("fault", "verdict", "rows"):
        table.add_column(name, justify="right" if name == "rows" else "left")
    notes = Counter(
        (row.note, row.verdict) for one in posted for row in one.batch.rows if row.note is not None
    )
    for (note, verdict), rows in sorted(notes.items(), key=lambda item: (item[0][1], item[0][0])):
        table.add_row(note, verdict, str(rows))
    console.print(table)


def percentiles(seconds: Sequence[float]) -> str:
    """Return median and 99th percentile of sorted seconds, in milliseconds."""
    if not seconds:
        return "–"
    p50, p99 = seconds[len(seconds) // 2], seconds[int(len(seconds) * 0.99)]
    return f"p50 {p50 * 1000:,.0f} ms, p99 {p99 * 1000:,.0f} ms"


def _add_line(table: Table, name: str, posted: Sequence[Posted]) -> None:
    seen = sum((seen_verdicts(one) for one in posted), Counter[str]())
    wrong = [one.batch.batch_no for one in posted if not adds_up(one)]
    other = [one.batch.batch_no for one in posted if not as_planned(one)]
    table.add_row(
        name,
        str(len(posted)),
        f"{sum(len(one.batch.rows) for one in posted):,}",
        *(f"{seen[verdict]:,}" for verdict in VERDICTS),
        str(sum(one.receipt.get("waiting", 0) for one in posted)),
        _marked(wrong),
        _marked(other),
    )


def _marked(wrong: Sequence[str]) -> str:
    return "[red]no: " + ", ".join(wrong) + "[/red]" if wrong else "[green]yes[/green]"
