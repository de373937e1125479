"""Lists and items as a caller sees them: its own, with the parts added up."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from notifier.notices.service import Notifier
from notifier.work_lists import queries, rules
from notifier.work_lists.service import ITEM_CONTEXT
from notifier.work_lists.steps import STEP_CONTEXT
from shared.clock import SHANGHAI, day_of
from shared.db import Session, fetch_all, fetch_one
from shared.errors import NOT_FOUND, Problem
from shared.security.principal import Principal
from shared.web.paging import LAST, page_of, uuid_after


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of items."""

    list_id: UUID | None = None
    state: str | None = None


async def lists(
    session: Session, *, who: Principal, cursor: str | None, limit: int, now: datetime
) -> dict[str, Any]:
    """Return one page of lists, newest first, with the counts of what the caller sees of them."""
    before = uuid_after(cursor, "before", start=LAST)
    rows = await fetch_all(session, queries.LISTS, **who.area, before=before, limit=limit + 1)
    ids = [row["list_id"] for row in rows]
    counts = await fetch_all(session, queries.COUNTS, **who.area, list_ids=ids, today=day_of(now))
    of_list: dict[UUID, dict[int, RowMapping]] = defaultdict(dict)
    for count in counts:
        of_list[count["list_id"]][count["section"]] = count
    shown = [_list(row, of_list[row["list_id"]]) for row in rows]
    return page_of("lists", shown, limit=limit, position=lambda row: {"before": str(row["list_id"])})


def _list(row: RowMapping, sections: dict[int, RowMapping]) -> dict[str, Any]:
    return {
        **{name: row[name] for name in ("list_id", "title", "issued_on", "drill")},
        "sections": [
            {"title": title, "items": sections[place]["items"] if place in sections else 0}
            for place, title in enumerate(row["sections"])
        ],
        **{name: sum(each[name] for each in sections.values()) for name in ("items", "done", "overdue")},
    }


async def items(
    session: Session,
    context: Notifier,
    *,
    who: Principal,
    wanted: Wanted,
    cursor: str | None,
    limit: int,
    now: datetime,
) -> dict[str, Any]:
    """Return one page of items in the order of their lists."""
    today = day_of(now)
    rows = await fetch_all(
        session,
        queries.ITEMS,
        **who.area,
        list_id=wanted.list_id,
        state=wanted.state,
        today=today,
        after=uuid_after(cursor, "after"),
        limit=limit + 1,
    )
    shown = await _items(session, context, rows, who=who, today=today)
    return page_of("items", shown, limit=limit, position=lambda row: {"after": str(row["item_id"])})


async def item(
    session: Session, context: Notifier, *, item_id: UUID, who: Principal, now: datetime
) -> dict[str, Any]:
    """Return an item with its steps; Problem 404 outside the area."""
    row = await fetch_one(session, queries.ONE, item_id=item_id, **who.area)
    if row is None:
        raise Problem(NOT_FOUND)
    [shown] = await _items(session, context, [row], who=who, today=day_of(now))
    steps = await fetch_all(session, queries.STEPS, item_id=item_id)
    return {**shown, "steps": [_step(context, each) for each in steps]}


async def _items(
    session: Session, context: Notifier, rows: Sequence[RowMapping], *, who: Principal, today: date
) -> list[dict[str, Any]]:
    ids = [row["item_id"] for row in rows]
    parts: dict[UUID, list[str]] = defaultdict(list)
    for part in await fetch_all(session, queries.PARTS, item_ids=ids, **who.area):
        parts[part["parent_id"]].append(rules.state_of(part["state"], part["due_on"], today))
    return [_item(context, row, parts.get(row["item_id"]), today=today) for row in rows]


def _item(context: Notifier, row: RowMapping, parts: Sequence[str] | None, *, today: date) -> dict[str, Any]:
    same = ("item_id", "list_id", "deadline", "due_on", "review_on", "drill", "bodies", "progress_on")
    return {
        **{name: row[name] for name in same},
        "part_of": row["parent_id"],
        "number": row["position"],
        "section": row["section_title"],
        "text": context.sealer.open_json(row["sealed"], context=ITEM_CONTEXT)["text"],
        "state": rules.state_of(row["state"], row["due_on"], today),
        "extension_asked_to": row["asked_on"],
        "parts": None if parts is None else rules.rolled_up(parts),
    }


def _step(context: Notifier, row: RowMapping) -> dict[str, Any]:
    said = context.sealer.open_json(row["sealed"], context=STEP_CONTEXT)
    same = ("number", "kind", "body_code", "client_id", "due_before", "due_after")
    return {
        **{name: row[name] for name in same},
        "by": said["by"],
        "text": said["text"],
        "at": row["at"].astimezone(SHANGHAI),
    }
