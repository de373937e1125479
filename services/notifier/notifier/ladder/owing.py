"""Brings what a case owes, its notices and its stage to where its facts leave it.

What is owed is worked out from bulletins and interviews every time (`rules.owed`), so that it does not
matter what came twice, late, or was revoked.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from notifier.contacts.rules import Directory
from notifier.contacts.service import directory
from notifier.ladder import drafts, queries, rules
from notifier.notices import queries as notice_queries
from notifier.notices.rules import Draft, draft_to
from notifier.notices.service import Notifier, issue, revoke
from notifier.quiet.workdays import is_workday
from shared.clock import day_of
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value
from shared.identifiers import mask_name

STEP_CONTEXT: Final = "case.step"
EXTENSION_CONTEXT: Final = "case.extension"
HEADQUARTERS: Final = "指挥部"
_CONTACT: Final = "contact.department"
_STEPS: Final[Mapping[rules.Owed, str]] = {
    rules.WRITTEN_REPORT: "report_owed",
    rules.INTERVIEW: "interview_owed",
    rules.UPWARD: "reported_upward",
}


async def settle(session: Session, context: Notifier, *, case_id: UUID, now: datetime) -> None:
    """Bring what a case owes, its notices and its stage to its facts; at any time, any number of times."""
    case = await lock(session, case_id)
    standing = {row["seq"]: row for row in await standing_of(session, case)}
    at = context.settings.ladder_interview_at
    owes = rules.owed(
        [rules.Bulletin(seq, row["week"]) for seq, row in standing.items()],
        await _interviews(session, case),
        interview_at=at,
    )
    wanted = {(standing[seq]["breach_id"], kind) for seq, kind in owes.items() if kind is not None}
    tasks = await fetch_all(session, queries.TASKS, case_id=case_id, run=case["run"])
    for task in tasks:
        if task["state"] == "open" and (task["breach_id"], task["kind"]) not in wanted:
            await _cancel(session, context, task, now=now)
    known = {(task["breach_id"], task["kind"]) for task in tasks}
    numbers: list[str] = []
    for seq, kind in owes.items():
        numbers.append(standing[seq]["number"])
        if kind is not None and (standing[seq]["breach_id"], kind) not in known:
            await _owe(session, context, case, standing[seq], kind, numbers=list(numbers), now=now)
    stage = rules.stage_of(owes, interview_at=at, closed=case["closed_at"] is not None)
    await execute(session, queries.STAGE, case_id=case_id, stage=stage)


async def _interviews(session: Session, case: RowMapping) -> list[rules.Interview]:
    key = {"case_id": case["case_id"], "run": case["run"], "kind": "interview"}
    rows = await fetch_all(session, queries.STEPS_OF_KIND, **key)
    return [rules.Interview(row["after_seq"], day_of(row["at"])) for row in rows]


async def _owe(
    session: Session,
    context: Notifier,
    case: RowMapping,
    breach: RowMapping,
    kind: rules.Owed,
    *,
    numbers: list[str],
    now: datetime,
) -> None:
    due_on = None
    if kind != rules.UPWARD:
        settings = context.settings
        of_report = kind == rules.WRITTEN_REPORT
        workdays = settings.written_report_workdays if of_report else settings.interview_workdays
        due_on = rules.workdays_later(day_of(now), workdays, is_workday)
    # A recount may move a bulletin of a closed case to another rung: its closing has settled that too.
    state = "open" if case["closed_at"] is None else "done"
    chase_on = None
    if due_on is not None and state == "open":
        every = context.settings.chase_workdays
        chase_on = rules.next_chase(due_on, 0, every=every, workday=is_workday)
    key = {"breach_id": breach["breach_id"], "kind": kind}
    await execute(session, queries.OWE, now=now, state=state, due_on=due_on, chase_on=chase_on, **key)
    if state == "done":
        return
    found = await directory(session, unit_codes=[breach["unit_code"]])
    drafted = await draft_owed(
        session, context, case, breach, kind, found, due_on=due_on, numbers=numbers, now=now
    )
    await issue(session, context, drafted, now=now)
    basis = {"number": breach["number"]} | ({} if due_on is None else {"due_on": due_on.isoformat()})
    await step(session, case, _STEPS[kind], now=now, basis=basis)


async def draft_owed(
    session: Session,
    context: Notifier,
    case: RowMapping,
    breach: RowMapping,
    kind: str,
    found: Directory,
    *,
    due_on: date | None,
    numbers: list[str],
    now: datetime,
) -> list[Draft]:
    """Return the notices of something owed, as contacts stand now."""
    name, head = await _head(session, context, case["department_code"])
    unit_name = await name_of(session, breach["unit_code"])
    facts = drafts.facts_of(breach, unit_name=unit_name, department=name)
    content = drafts.owed(kind, breach, facts, due_on=due_on, head=head, numbers=numbers)
    return [
        draft_to(
            body,
            kind=kind,
            key=f"ladder:{breach['breach_id']}",
            subject=("unit", breach["unit_code"]),
            content=content,
            as_of=now,
            source_id=breach["breach_id"],
            level=breach["level"],
        )
        for body in drafts.bodies(kind, case["department_code"], found)
    ]


async def _head(
    session: Session, context: Notifier, department_code: str | None
) -> tuple[str, dict[str, str] | None]:
    """Return a department's name and the head that registry names, masked."""
    row = await fetch_one(session, queries.DEPARTMENT, code=department_code)
    if row is None:
        return (department_code or HEADQUARTERS), None
    contact = context.sealer.open_json(row["contact"], context=_CONTACT)
    head = {"department_code": str(department_code), "name_masked": mask_name(contact["name"])}
    return row["department_name"], head


async def name_of(session: Session, unit_code: str) -> str:
    """Return a unit's name, its code while nobody has told of it."""
    return await fetch_value(session, queries.UNIT_NAME, unit_code=unit_code) or unit_code


async def _cancel(session: Session, context: Notifier, task: RowMapping, *, now: datetime) -> None:
    """Take back what is not owed any more; a report upward that was taken note of stays on record."""
    notices = await notices_of(session, task["breach_id"], task["kind"])
    acted_on = task["kind"] == rules.UPWARD and any(one["status"] == "acknowledged" for one in notices)
    key = {"breach_id": task["breach_id"], "kind": task["kind"]}
    await execute(session, queries.END_TASK, state="done" if acted_on else "cancelled", **key)
    if not acted_on:
        overdue = await notices_of(session, task["breach_id"], drafts.OVERDUE)
        await revoke(session, context, [*notices, *overdue], now=now)


async def notices_of(session: Session, breach_id: UUID, kind: str) -> list[RowMapping]:
    """Return the notices of a kind that a bulletin has brought, locked."""
    rows = await fetch_all(session, notice_queries.OF_SOURCE, source_id=breach_id)
    return [row for row in rows if row["kind"] == kind]


async def standing_of(session: Session, case: RowMapping) -> list[RowMapping]:
    """Return the bulletins of a case's present count that were not revoked, in the order of issue."""
    rows = await fetch_all(session, queries.BULLETINS, case_id=case["case_id"], run=case["run"])
    return [row for row in rows if row["revoked_at"] is None]


async def lock(session: Session, case_id: UUID) -> RowMapping:
    """Return a case, locked."""
    case = await fetch_one(session, queries.LOCK, case_id=case_id)
    if case is None:
        raise AssertionError
    return case


async def step(
    session: Session,
    case: RowMapping,
    kind: str,
    *,
    now: datetime,
    basis: dict[str, Any],
    at: datetime | None = None,
    client_id: str | None = None,
    sealed: bytes | None = None,
    after_seq: int | None = None,
) -> None:
    """Add a step: who (nobody: the ladder itself), when, on what basis; never changed afterwards."""
    if after_seq is None:
        after_seq = await fetch_value(session, queries.LAST_SEQ, case_id=case["case_id"])
    await execute(
        session,
        queries.STEP,
        case_id=case["case_id"],
        run=case["run"],
        kind=kind,
        client_id=client_id,
        at=at or now,
        now=now,
        after_seq=after_seq,
        basis=json.dumps(basis, ensure_ascii=False),
        sealed=sealed,
    )
