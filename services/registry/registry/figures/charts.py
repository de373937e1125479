"""Compliance as charts: of the page, and of the sheet."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from registry.figures import queries, service
from registry.figures.rules import DAY, WEEK
from shared.charts import Chart, Column
from shared.clock import day_of
from shared.context import Context
from shared.db import Session
from shared.security.principal import Principal

MOST_BARS: Final = 20
COLUMNS: Final = (
    Column("达标率", "Share", "share"),
    Column("从未逾期人次", "Numerator"),
    Column("应检人次", "Denominator"),
    Column("补检", "Late"),
    Column("逾期", "Missed"),
    Column("从未检测", "Never tested"),
)
FIELDS: Final = ("share", "numerator", "denominator", "late", "missed", "never_tested")
FIRST: Final = {
    "week": Column("周(周一)", "Week (Monday)"),
    "township": Column("镇街", "Township"),
    "department": Column("主管部门", "Department"),
    "category": Column("人群类别", "Category"),
    "unit": Column("单位", "Unit"),
}
TITLES: Final = {
    "week": ("每周达标率", "Compliance by week"),
    "township": ("各镇街达标率", "Compliance by township"),
    "department": ("各主管部门达标率", "Compliance by department"),
    "category": ("各类别达标率", "Compliance by category"),
    "unit": ("各单位达标率", "Compliance by unit"),
}


async def chart_of(
    session: Session, *, asked: service.Asked, who: Principal, now: datetime, most: int = MOST_BARS
) -> Chart:
    """Return the chart of a grouping: every week, or so many rows, the lowest shares first."""
    by = asked.by or "week"
    if by == "week":
        rows, _ = await service.report(session, asked=asked, who=who, after=None, limit=1000, now=now)
    else:
        rows = await service.lowest(session, asked=asked, who=who, limit=most)
    zh, en = TITLES[by]
    span = f"{asked.first} – {asked.last + WEEK - DAY}"
    so_far = asked.last + WEEK > day_of(now)
    note = () if by == "week" else (f";最低的 {most} 项", f"; the {most} lowest")
    return Chart(
        zh,
        en,
        "line" if by == "week" else "bars",
        FIRST[by],
        COLUMNS,
        [(label_of(row), numbers_of(row)) for row in rows],
        note_zh=f"{span}{'(截至目前)' if so_far else ''}{''.join(note[:1])}",
        note_en=f"{span}{' (so far)' if so_far else ''}{''.join(note[1:])}",
    )


def label_of(row: dict[str, Any]) -> str:
    """Return how a row is called: its key and its name."""
    if row["key"] is None:
        return "无 none"
    return f"{row['key']} {row['name']}" if row["name"] else str(row["key"])


def numbers_of(row: dict[str, Any]) -> list[float | int | None]:
    """Return the numbers of a row, in the order of `COLUMNS`."""
    return [row[name] if name == "share" or row[name] is None else int(row[name]) for name in FIELDS]


async def draw(
    session: Session, context: Context[Any], who: Principal, to: date, now: datetime
) -> Sequence[Chart]:
    """Return the charts of the page: twelve weeks, and the newest of them by everything else."""
    longest = context.settings.figures_longest_weeks
    charts = []
    for by in ("week", *(each for each in queries.KEYS if each != "week")):
        first, last = service.weeks_of(
            by=by, first=None if by == "week" else to, last=to, today=day_of(now), longest=longest
        )
        asked = service.Asked(by, first, last)
        charts.append(await chart_of(session, asked=asked, who=who, now=now))
    return charts
