"""Tells the lead of an item, and nobody else, that its day comes, has come or is past (row 117)."""

from collections.abc import Mapping
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy import RowMapping

from notifier.contacts.rules import Body
from notifier.notices.rules import Content, draft_to
from notifier.notices.service import Notifier, issue
from notifier.texts.render import both
from notifier.work_lists import queries, rules
from notifier.work_lists.service import ITEM_CONTEXT, KIND, chasing_of
from shared.bus.putting_off import one_by_one
from shared.clock import day_of
from shared.db import Session, execute, fetch_all


async def chase(session: Session, context: Notifier) -> bool:
    """Look at the items whose day of the next look has come, on the business clock."""
    now = await context.clock.now(session)
    items = await fetch_all(session, queries.TO_LOOK, today=day_of(now))

    look_at = partial(_look_at, session, context, now=now)
    await one_by_one(session, context, queries.CHASE, items, look_at, key=lambda one: str(one["item_id"]))
    return bool(items)


async def _look_at(session: Session, context: Notifier, item: RowMapping, *, now: datetime) -> None:
    due = rules.Due(item["due_on"], item["review_on"], item["progress_on"])
    found = rules.look(day_of(now), due, chasing_of(context.settings))
    if found.stage is not None:
        await tell(session, context, item, found.stage, key=found.key, now=now)
    await execute(
        session,
        queries.LOOKED,
        item_id=item["item_id"],
        look_on=found.next_on,
        review_on=found.review_on,
    )


async def tell(
    session: Session,
    context: Notifier,
    item: RowMapping,
    what: str,
    *,
    key: str,
    now: datetime,
    more: Mapping[str, Any] | None = None,
) -> None:
    """Tell the lead, with the assistants in the evidence; of one key once."""
    told = {"due_on": item["due_on"], **(more or {})}
    today, due_on = day_of(now), told["due_on"]
    text = context.sealer.open_json(item["sealed"], context=ITEM_CONTEXT)["text"]
    facts: dict[str, Any] = {
        "title": item["title"],
        "number": item["position"],
        "text": text,
        "deadline": item["deadline"],
        "days_late": (today - due_on).days if due_on else 0,
        "drill": item["drill"],
        "assist": [body["name"] for body in item["bodies"] if body["role"] == "assist"],
        **told,
        "due_on": _iso(due_on),
    }
    texts = both(f"{KIND}.work_item.{what}", facts)
    evidence = {**facts, "list_id": str(item["list_id"]), "bodies": item["bodies"], "stage": what}
    draft = draft_to(
        Body(item["lead_type"], item["lead_code"]),
        kind=KIND,
        key=f"work:{item['item_id']}:{item['chase']}:{key}",
        subject=("work_item", str(item["item_id"])),
        content=Content(**texts, evidence=evidence),
        as_of=now,
        source_id=item["item_id"],
    )
    await issue(session, context, [draft], now=now)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None
