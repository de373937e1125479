"""Counts of notices inside the caller's area, and their charts. Nobody is named."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any, Final

from notifier.figures import queries
from shared.charts import Chart, Column
from shared.clock import SHANGHAI, midnight
from shared.context import Context
from shared.db import Session, fetch_all
from shared.result_ids import oldest_id
from shared.security.principal import Principal
from shared.web.periods import DAYS_SHOWN

DAY: Final = timedelta(days=1)


async def by_day(
    session: Session, *, first: date, last: date, who: Principal, now: datetime
) -> list[dict[str, Any]]:
    """Return the notices of days by kind and state, and how many wait too long for an acknowledgement."""
    # A day on either side: the id and the business time may be told apart.
    low, high = (midnight(each) for each in (first - DAY, last + 2 * DAY))
    rows = await fetch_all(
        session, queries.BY_DAY, first=first, last=last, low=oldest_id(low), high=oldest_id(high), now=now,
        **who.area,
    )  # fmt: skip
    return [dict(row) for row in rows]


async def open_alerts(session: Session, *, who: Principal, now: datetime) -> list[dict[str, Any]]:
    """Return the alerts that nobody has acknowledged or revoked, whatever their day."""
    rows = await fetch_all(session, queries.OPEN, now=now, **who.area)
    return [{**dict(row), "oldest": row["oldest"].astimezone(SHANGHAI)} for row in rows]


async def draw(
    session: Session, context: Context[Any], who: Principal, to: date, now: datetime
) -> list[Chart]:
    """Return the charts of the page: two weeks up to a day, and what is open now."""
    del context
    first = to - (DAYS_SHOWN - 1) * DAY
    rows = await by_day(session, first=first, last=to, who=who, now=now)
    alerts = await open_alerts(session, who=who, now=now)
    days: Counter[str] = Counter()
    late: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    states: Counter[str] = Counter()
    for row in rows:
        day = row["day"].isoformat()
        days[day] += row["notices"]
        late[day] += row["overdue"]
        kinds[row["kind"]] += row["notices"]
        states[row["status"]] += row["notices"]
    zh, en = f"{first} – {to}", "by the day of issue"
    number = Column("通知数", "Notices")
    overdue = Column("超时未签收", "Acknowledgement overdue")
    return [
        Chart(
            "未签收的预警",
            "Open alerts",
            "bars",
            Column("种类", "Kind"),
            [Column("未签收", "Open"), overdue],
            [(row["kind"], [row["open"], row["overdue"]]) for row in alerts],
            note_zh="截至目前",
            note_en="as of now",
        ),
        Chart(
            "每日通知",
            "Notices by day",
            "line",
            Column("日", "Day"),
            [number, overdue],
            [(day, [days[day], late[day]]) for day in sorted(days)],
            note_zh=zh,
            note_en=en,
        ),
        Chart(
            "通知种类",
            "Notices by kind",
            "bars",
            Column("种类", "Kind"),
            [number],
            [(kind, [count]) for kind, count in kinds.most_common()],
            note_zh=zh,
            note_en=en,
        ),
        Chart(
            "通知状态",
            "Notices by state",
            "bars",
            Column("状态", "State"),
            [number],
            [(state, [count]) for state, count in states.most_common()],
            note_zh=zh,
            note_en=en,
        ),
    ]
