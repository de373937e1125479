"""The ledger of a period, and its push to every body that has something open when a period begins."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from notifier.contacts.rules import Body
from notifier.contacts.service import directory
from notifier.issue_ledger import queries, rules
from notifier.notices.rules import Content, Draft, draft_to
from notifier.notices.service import TEXT_CONTEXT, Notifier, issue
from notifier.problems.service import sight
from notifier.texts.render import both
from shared.clock import day_of
from shared.db import Session, fetch_all, fetch_one, fetch_value
from shared.errors import Language
from shared.security.access import Principal
from shared.web.paging import FIRST

MOST_PUSHED: Final = 200
MOST_NAMED: Final = 5
_EVERYBODY: Final = {"township": None, "department": None, "labs_only": False}
_PLAIN: Final = (
    "item_id", "source", "target_type", "target_code", "target_name", "number", "level", "recorded_on",
    "due_on", "listed",
)  # fmt: skip
_KINDS: Final = {"coverage": "TEST-COVERAGE", "frequency": "TEST-FREQUENCY"}


async def page(
    session: Session,
    context: Notifier,
    *,
    on: date,
    who: Principal,
    after: UUID,
    limit: int,
    now: datetime,
    language: Language,
) -> list[dict[str, Any]]:
    """Return the items of the period that a day lies in: carried over first."""
    days = _days(context, on)
    rows = await fetch_all(session, queries.PAGE, **days, **sight(who), after=after, limit=limit)
    return [_item(context, row, days, today=day_of(now), language=language) for row in rows]


async def figures(
    session: Session, context: Notifier, *, on: date, who: Principal, now: datetime
) -> dict[str, Any]:
    """Return the counts of that period."""
    found = await fetch_one(session, queries.FIGURES, **_days(context, on), **sight(who), today=day_of(now))
    return dict(found or {})


def _days(context: Notifier, on: date) -> dict[str, date]:
    period = context.settings.issue_ledger_period
    begin = rules.begin_of(on, period)
    return {"begin": begin, "end": rules.end_of(begin, period)}


def _item(
    context: Notifier, row: RowMapping, days: Mapping[str, date], *, today: date, language: Language
) -> dict[str, Any]:
    closed_on = row["closed_on"] if row["closed_on"] and row["closed_on"] < days["end"] else None
    due_on = row["due_on"]
    late = closed_on is None and due_on is not None and due_on < min(today, days["end"])
    period = context.settings.issue_ledger_period
    return {
        **{name: row[name] for name in _PLAIN},
        **_kind(context, row, language),
        "carried": rules.carried_periods(row["recorded_on"], days["begin"], period),
        "state": "open" if closed_on is None else "closed",
        "closed_on": closed_on,
        "late": late,
    }


def _kind(context: Notifier, row: RowMapping, language: Language) -> dict[str, Any]:
    if row["sealed"] is None:
        name = row["name_zh"] if language == "zh" else row["name_en"]
        return {"kind_code": row["kind_code"], "kind_name": name}
    evidence = context.sealer.open_json(row["sealed"], context=TEXT_CONTEXT)["evidence"]
    return {"kind_code": _KINDS.get(evidence["kind"], "OTHER"), "kind_name": None}


async def push(session: Session, context: Notifier, *, now: datetime) -> None:
    """Send each body its open items once, as its period begins; what is carried longest stands first."""
    days = _days(context, day_of(now))
    if await fetch_value(session, queries.PUSH, begin=days["begin"], now=now) is None:
        return
    before = {"begin": days["begin"], "end": days["begin"]}  # what was open when it began
    rows = await fetch_all(
        session, queries.PAGE, **before, **_EVERYBODY, after=FIRST, limit=context.settings.issue_ledger_most
    )
    open_rows = [row for row in rows if row["closed_on"] is None]
    known = await directory(session, unit_codes=[row["target_code"] for row in open_rows])
    bodies: dict[Body, list[RowMapping]] = {}
    for row in open_rows:
        over = known.over_unit(row["target_code"]) if row["target_type"] == "unit" else known.cdc_bodies()
        for body in over:
            bodies.setdefault(body, []).append(row)
    drafts = [_draft(context, body, items, days, now=now) for body, items in sorted(bodies.items())]
    await issue(session, context, drafts, now=now)


def _draft(
    context: Notifier, body: Body, rows: list[RowMapping], days: Mapping[str, date], *, now: datetime
) -> Draft:
    today = day_of(now)
    items = [_item(context, row, days, today=today, language="zh") for row in rows]
    facts = {
        "begin": f"{days['begin']}",
        "items": len(items),
        "late": sum(item["late"] for item in items),
        "named": [
            {"target": item["target_code"], "kind_zh": item["kind_name"] or item["kind_code"],
             "kind_code": item["kind_code"], "due_on": f"{item['due_on'] or ''}"}
            for item in items[:MOST_NAMED]
        ],
    }  # fmt: skip
    texts = both("task.answer.issue_ledger", facts)
    shown = [
        {name: str(item[name]) if name in ("item_id", "recorded_on", "due_on") else item[name]
         for name in ("item_id", "source", "target_code", "kind_code", "number", "level", "carried", "late",
                      "recorded_on", "due_on")}
        for item in items[:MOST_PUSHED]
    ]  # fmt: skip
    evidence = {"period_begin": facts["begin"], "items": shown, "total": len(items), "late": facts["late"]}
    return draft_to(
        body,
        kind="task.answer",
        key=f"issue-ledger:{days['begin']}",
        subject=("ledger", f"{days['begin']}"),
        content=Content(**texts, evidence=evidence),
        as_of=now,
    )
