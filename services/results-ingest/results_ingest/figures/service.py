"""Figures of laboratories as they were counted: of its own for a laboratory, of all for the district."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from results_ingest.figures import queries
from results_ingest.sight import only
from shared.charts import Chart, Column
from shared.clock import SHANGHAI
from shared.context import Context
from shared.db import Session, fetch_all
from shared.security.access import Principal
from shared.web.periods import DAYS_SHOWN

MOST_BARS: Final = 20
EVERYWHERE: Final = ""
COUNTS: Final = (
    "batches", "rows", "accepted", "rejected", "duplicates", "negative", "positive", "indeterminate",
    "invalid",
)  # fmt: skip
HOURS: Final = ("hours_median", "hours_p90", "hours_most")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list goes on: after a laboratory's day."""

    day: date = date.min
    lab_code: str = ""


async def rows_of(
    session: Session,
    *,
    first: date,
    last: date,
    own: str | None,
    lab_code: str | None,
    after: Place,
    limit: int,
) -> list[dict[str, Any]]:
    """Return up to `limit` days of laboratories after a place, by day and laboratory."""
    rows = await fetch_all(
        session, queries.ROWS, first=first, last=last, only=own, lab_code=lab_code,
        after_day=after.day, after_lab=after.lab_code, limit=limit,
    )  # fmt: skip
    return [
        {
            "day": row["day"],
            "lab_code": row["lab_code"] or None,
            "name": row["name"],
            **{name: row[name] for name in (*COUNTS, *HOURS)},
            "as_of": row["as_of"].astimezone(SHANGHAI),
        }
        for row in rows
    ]


async def draw(
    session: Session, context: Context[Any], who: Principal, to: date, now: datetime
) -> list[Chart]:
    """Return the charts of the page: two weeks up to a day."""
    del context, now
    own = only(who, "records:read")
    first = to - timedelta(days=DAYS_SHOWN - 1)
    days = await rows_of(
        session, first=first, last=to, own=own, lab_code=own or EVERYWHERE, after=Place(), limit=100
    )
    labs = await fetch_all(session, queries.LABS, first=first, last=to, only=own, limit=MOST_BARS)
    day, lab = Column("日", "Day"), Column("检测机构", "Laboratory")
    zh, en = f"{first} – {to}", "by the day of receipt"
    received = (
        Column("行", "Rows"), Column("批次", "Batches"), Column("接收", "Accepted"),
        Column("退回", "Rejected"), Column("重复", "Duplicates"),
    )  # fmt: skip
    fields = ("rows", "batches", "accepted", "rejected", "duplicates")
    outcomes = (
        Column("阴性", "Negative"), Column("阳性", "Positive"), Column("可疑", "Indeterminate"),
        Column("无效", "Invalid"),
    )  # fmt: skip
    hours = (
        Column("九成以内(小时)", "90th percentile (hours)", "hours"),
        Column("中位(小时)", "Median (hours)", "hours"),
        Column("最长(小时)", "Longest (hours)", "hours"),
    )  # fmt: skip
    return [
        Chart(
            "每日收到的结果",
            "Results received by day",
            "line",
            day,
            received,
            _by_day(days, fields),
            note_zh=zh,
            note_en=en,
        ),
        Chart(
            "各检测机构的结果",
            "Results by laboratory",
            "bars",
            lab,
            received,
            [(_label(row), [row[name] for name in fields]) for row in labs],
            note_zh=zh,
            note_en=en,
        ),
        Chart(
            "每日结果构成",
            "Outcomes by day",
            "line",
            day,
            outcomes,
            _by_day(days, ("negative", "positive", "indeterminate", "invalid")),
            note_zh=zh,
            note_en=en,
        ),
        Chart(
            "从采样到报告",
            "From sampling to report",
            "line",
            day,
            hours,
            _by_day(days, ("hours_p90", "hours_median", "hours_most")),
            note_zh=zh,
            note_en=en,
        ),
    ]


def _by_day(rows: list[dict[str, Any]], names: tuple[str, ...]) -> list[tuple[str, list[Any]]]:
    return [(row["day"].isoformat(), [row[name] for name in names]) for row in rows]


def _label(row: Any) -> str:  # noqa: ANN401 - a row
    return f"{row['lab_code']} {row['name'] or ''}".strip()
