"""Chases what is overdue, on the business clock: again to whoever owes it, then up to headquarters.

Each chase is told once, whatever looks again; after a jump of the clock one stands for all that were missed.
"""

from datetime import datetime
from functools import partial

from sqlalchemy import RowMapping

from notifier.contacts.service import directory
from notifier.ladder import drafts, queries, rules
from notifier.ladder.owing import HEADQUARTERS, name_of, notices_of, step
from notifier.notices.rules import draft_to
from notifier.notices.service import Notifier, issue, queue
from notifier.quiet.workdays import is_workday
from shared.bus.putting_off import one_by_one
from shared.clock import day_of
from shared.db import Session, execute, fetch_all, fetch_one


async def chase(session: Session, context: Notifier) -> bool:
    """Chase for every report and interview that is due for it today; True if there was any."""
    now = await context.clock.now(session)
    tasks = await fetch_all(session, queries.TO_CHASE, today=day_of(now))

    chase_one = partial(_chase, session, context, now=now)
    await one_by_one(
        session,
        context,
        queries.CHASES,
        tasks,
        chase_one,
        key=lambda one: f"{one['breach_id']} {one['kind']}",
    )
    return bool(tasks)


async def _chase(session: Session, context: Notifier, task: RowMapping, *, now: datetime) -> None:
    every = context.settings.chase_workdays
    missed = rules.chases(task["due_on"], day_of(now), every=every, workday=is_workday)
    escalates = missed >= context.settings.repeats_before_escalation and not task["escalated"]
    key = {"breach_id": task["breach_id"], "kind": task["kind"]}
    await execute(
        session,
        queries.CHASED,
        chased=missed,
        chase_on=rules.next_chase(task["due_on"], missed, every=every, workday=is_workday),
        escalated=task["escalated"] or escalates,
        **key,
    )
    notices = [one for one in await notices_of(session, **key) if one["status"] != "revoked"]
    ids = [one["notice_id"] for one in notices]
    # Taken note of and not done: it counts as unread again (anchors row 35).
    reopened = await fetch_all(session, queries.REOPEN_NOTICE, notice_ids=ids)
    await queue(session, context, notices, now=now, reason="repeat")
    case = await fetch_one(session, queries.CASE_BY_ID, case_id=task["case_id"])
    if case is None:
        raise AssertionError
    basis = {"owed": task["kind"], "number": task["number"], "due_on": task["due_on"].isoformat(),
             "chases": missed, "reopened": bool(reopened)}  # fmt: skip
    await step(session, case, "chased", now=now, basis=basis)
    if escalates:
        await _tell_headquarters(session, context, task, case, chases=missed, now=now)


async def _tell_headquarters(
    session: Session,
    context: Notifier,
    task: RowMapping,
    case: RowMapping,
    *,
    chases: int,
    now: datetime,
) -> None:
    department = await fetch_one(session, queries.DEPARTMENT, code=case["department_code"])
    content = drafts.overdue(
        task,
        unit_name=await name_of(session, task["unit_code"]),
        department=HEADQUARTERS if department is None else department["department_name"],
        chases=chases,
        department_code=case["department_code"],
    )
    found = await directory(session)
    await issue(
        session,
        context,
        [
            draft_to(
                body,
                kind=drafts.OVERDUE,
                key=f"ladder:{task['breach_id']}:{task['kind']}",
                subject=("unit", task["unit_code"]),
                content=content,
                as_of=now,
                source_id=task["breach_id"],
            )
            for body in found.headquarters_bodies()
        ],
        now=now,
    )
