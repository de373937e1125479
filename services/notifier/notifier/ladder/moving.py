"""A unit that changes its department takes its open case along; placeholders give way to whoever is known."""

from datetime import datetime

from sqlalchemy import RowMapping

from notifier.contacts.rules import Directory
from notifier.contacts.service import directory
from notifier.ladder import drafts, queries
from notifier.ladder.owing import draft_owed, lock, notices_of, step
from notifier.notices.addressing import address
from notifier.notices.rules import Content, Draft, draft_to
from notifier.notices.service import TEXT_CONTEXT, Notifier, reopen, revoke
from shared.db import Session, execute, fetch_all, fetch_one


async def move(
    session: Session, context: Notifier, *, unit_code: str, department_code: str | None, now: datetime
) -> None:
    """Move a unit's open case to its department, with its count (1H.6); a closed one stays where it was."""
    await execute(session, queries.TURN, unit_code=unit_code)
    to = {"unit_code": unit_code, "department_code": department_code}
    for case in await fetch_all(session, queries.TO_MOVE, **to):
        await execute(session, queries.SUPERSEDE, **to)
        moved = await fetch_one(session, queries.MOVE, case_id=case["case_id"], **to)
        if moved is None:
            continue
        basis = {"from": case["department_code"], "to": department_code}
        await step(session, moved, "moved", now=now, basis=basis)
        await readdress(session, context, moved, now=now)


async def find_bodies(session: Session, context: Notifier, *, now: datetime) -> None:
    """Send what waits at a placeholder to the headquarters or leaders that have become known."""
    for row in await fetch_all(session, queries.WAITING):
        await execute(session, queries.TURN, unit_code=row["unit_code"])
        await readdress(session, context, await lock(session, row["case_id"]), now=now)


async def readdress(session: Session, context: Notifier, case: RowMapping, *, now: datetime) -> None:
    """Bring what a case owes to the bodies that have it now, and placeholders to whoever has become known."""
    found = await directory(session)
    tasks = await fetch_all(session, queries.TASKS, case_id=case["case_id"], run=case["run"])
    bulletins = await fetch_all(session, queries.BULLETINS, case_id=case["case_id"], run=case["run"])
    numbers = [row["number"] for row in bulletins if row["revoked_at"] is None]
    for breach in bulletins:
        for task in tasks:
            if task["breach_id"] != breach["breach_id"] or task["state"] != "open":
                continue
            drafted = await draft_owed(
                session, context, case, breach, task["kind"], found,
                due_on=task["due_on"], numbers=numbers, now=now,
            )  # fmt: skip
            await _bring(session, context, breach, task["kind"], drafted, now=now)
        await _placeholders(session, context, breach, found, now=now)


async def _bring(
    session: Session,
    context: Notifier,
    breach: RowMapping,
    kind: str,
    drafted: list[Draft],
    *,
    now: datetime,
) -> None:
    here = {(draft.recipient_type, draft.recipient_code) for draft in drafted}
    notices = await notices_of(session, breach["breach_id"], kind)
    stay = [
        one for one in notices if (one["recipient_type"], one["recipient_code"]) in here or one["placeholder"]
    ]
    await revoke(session, context, [one for one in notices if one not in stay], now=now)
    await reopen(session, context, [one for one in stay if one["status"] == "revoked"], now=now)
    await address(session, context, stay, drafted, now=now)


async def _placeholders(
    session: Session, context: Notifier, breach: RowMapping, found: Directory, *, now: datetime
) -> None:
    """Send a bulletin that waits for headquarters there; its evidence and its number stay."""
    notices = await notices_of(session, breach["breach_id"], drafts.BULLETIN)
    waiting = [one for one in notices if one["placeholder"] and one["status"] != "revoked"]
    real = [body for body in found.headquarters_bodies() if not body.placeholder]
    for notice, body in zip(waiting, real, strict=False):
        content = Content.from_json(context.sealer.open_json(notice["sealed"], context=TEXT_CONTEXT))
        draft = draft_to(
            body, kind=drafts.BULLETIN, key=f"bulletin:{breach['breach_id']}",
            subject=("unit", breach["unit_code"]), content=content, as_of=now,
        )  # fmt: skip
        await address(session, context, [notice], [draft], now=now)
