"""Chases what was not put right, or not checked again, in time; recalls what is under listed supervision.

Once for a day each.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import RowMapping

from notifier.contacts.rules import Body
from notifier.notices.rules import Content, Draft, draft_to
from notifier.notices.service import Notifier, issue
from notifier.problems import orders, queries
from notifier.texts.render import both
from shared.clock import day_of
from shared.db import Session, execute, fetch_all

KIND: Final = "task.answer"


async def chase(session: Session, context: Notifier, order_id: UUID, *, now: datetime) -> None:
    """Tell the target and the bodies over it what of an order is late."""
    today = day_of(now)
    rows = await fetch_all(session, queries.OF_ORDER, order_id=order_id)
    late = [row for row in rows if row["state"] == "open" and row["due_on"] < today]
    if late:
        target = Body(late[0]["target_type"], late[0]["target_code"])
        over = await orders.bodies_over(session, target.type, target.code)
        drafts = [_late(late, body, order_id=order_id, today=today, now=now) for body in (target, *over)]
        await issue(session, context, drafts, now=now)
    await execute(session, queries.CHASED, order_id=order_id, today=today)


async def chase_recheck(session: Session, context: Notifier, order_id: UUID, *, now: datetime) -> None:
    """Tell whoever has to see to the re-checks of an order which of them, or of the closings, are late."""
    today = day_of(now)
    rows = await fetch_all(session, queries.OF_ORDER, order_id=order_id)
    late = [row for row in rows if row["recheck_due_on"] is not None and row["recheck_due_on"] < today]
    if late:
        bodies = await orders.rechecking_bodies(session, late[0]["target_type"], late[0]["target_code"])
        drafts = [
            _late(late, body, order_id=order_id, today=today, now=now, what="recheck") for body in bodies
        ]
        await issue(session, context, drafts, now=now)
    await execute(session, queries.RECHECK_CHASED, order_id=order_id, today=today)


def _late(
    late: Sequence[RowMapping],
    body: Body,
    *,
    order_id: UUID,
    today: date,
    now: datetime,
    what: Literal["rectification", "recheck"] = "rectification",
) -> Draft:
    first, due = late[0], "due_on" if what == "rectification" else "recheck_due_on"
    lines = [
        {"name_zh": row["name_zh"], "name_en": row["name_en"], "due_on": f"{row[due]}",
         "days": (today - row[due]).days, "state": row["state"]}
        for row in late
    ]  # fmt: skip
    facts = {"number": first["number"], "target": first["target_code"], "problems": lines}
    texts = both(f"{KIND}.{what}_late", facts)
    evidence: dict[str, Any] = {
        "number": first["number"],
        "problems": [
            {
                "problem_id": str(row["problem_id"]),
                "kind_code": row["kind_code"],
                "due_on": f"{row[due]}",
            }
            for row in late
        ],
    }
    return draft_to(
        body,
        kind=KIND,
        key=f"{what}-late:{order_id}:{today}",
        subject=(first["target_type"], first["target_code"]),
        content=Content(**texts, evidence=evidence),
        as_of=now,
    )


async def review(session: Session, context: Notifier, row: RowMapping, *, now: datetime) -> None:
    """Tell the bodies over a target that a problem under listed supervision is to be looked at."""
    facts = {
        "number": row["number"], "target": row["target_code"], "name_zh": row["name_zh"],
        "name_en": row["name_en"], "review_on": f"{row['review_on']}",
    }  # fmt: skip
    texts = both(f"{KIND}.supervision", facts)
    evidence = {
        "number": row["number"],
        "problem_id": str(row["problem_id"]),
        "review_on": facts["review_on"],
    }
    drafts = [
        draft_to(
            body,
            kind=KIND,
            key=f"supervision:{row['problem_id']}:{row['review_on']}",
            subject=(row["target_type"], row["target_code"]),
            content=Content(**texts, evidence=evidence),
            as_of=now,
        )
        for body in await orders.bodies_over(session, row["target_type"], row["target_code"])
    ]
    await issue(session, context, drafts, now=now)
    await execute(session, queries.REVIEW_TOLD, problem_id=row["problem_id"], today=day_of(now))
