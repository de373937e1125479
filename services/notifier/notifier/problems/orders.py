"""Orders of rectification (整改通知单): each inspection's problems in one, numbered without a gap.

A problem cannot be stored without its order (row 154), and the order goes to whoever is to put it right,
with a copy to the bodies over it; from a level on also to headquarters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from notifier.contacts.rules import NO_CDC, NO_HEADQUARTERS, Body, Directory
from notifier.contacts.service import directory
from notifier.notices import queries as notice_queries
from notifier.notices.addressing import renew
from notifier.notices.rules import Content, Draft, draft_to
from notifier.notices.service import Notifier, issue, queue
from notifier.problems import queries, rules
from notifier.texts.render import both
from shared.clock import day_of
from shared.db import Session, execute, fetch_all, fetch_value, full_sight
from shared.ids import new_id

KIND: Final = "task.rectification"
PROBLEM_CONTEXT: Final = "problem"


@dataclass(frozen=True, slots=True)
class Visit:
    """The inspection that problems come from. `department_code`: of a laboratory, its CDC."""

    inspection_id: UUID
    target_type: str
    target_code: str
    department_code: str | None
    day: date


@dataclass(frozen=True, slots=True)
class Found:
    """A problem that was found."""

    kind_code: str
    shape: str
    severity: str
    due_on: date
    cause: str | None = None
    note: str | None = None
    measure: str | None = None
    evidence: tuple[dict[str, str], ...] = ()


async def order(
    session: Session, context: Notifier, visit: Visit, found: Sequence[Found], *, now: datetime
) -> UUID:
    """Keep the problems of an inspection and issue the one order for them; return its id."""
    async with full_sight(session):  # the number and the copies belong to bodies beyond the caller's area
        known = await _directory(session, visit.target_type, visit.target_code)
        issuer = _issuer(known, visit.target_type, visit.target_code)
        year = day_of(now).year
        count = await fetch_value(session, queries.NEXT_NUMBER, issuer=issuer, year=year)
        number = rules.number_of(issuer, year=year, count=count)
        order_id = new_id(now)
        await execute(
            session, queries.ADD_ORDER, order_id=order_id, inspection_id=visit.inspection_id, number=number,
            now=now,
        )  # fmt: skip
        level = await _add(session, context, visit, found, order_id=order_id, now=now)
        bodies = _bodies(known, visit.target_type, visit.target_code)
        if level >= context.settings.rectification_escalate_level:
            bodies += [body for body in known.headquarters_bodies() if body not in bodies]
        rows = await fetch_all(session, queries.OF_ORDER, order_id=order_id)
        drafts = [_draft(context, rows, body, order_id=order_id, now=now) for body in bodies]
        await issue(session, context, drafts, now=now)
    return order_id


async def _add(
    session: Session,
    context: Notifier,
    visit: Visit,
    found: Sequence[Found],
    *,
    order_id: UUID,
    now: datetime,
) -> int:
    """Keep the problems, each linked to the one of its kind before it; return the highest level."""
    target = {"target_type": visit.target_type, "target_code": visit.target_code}
    rows = await fetch_all(
        session,
        queries.BEFORE,
        **target,
        kinds=sorted({each.kind_code for each in found}),
        day=visit.day,
        since=visit.day - timedelta(days=context.settings.recurrence_days),
    )
    before = {row["kind_code"]: row for row in rows}
    highest = 1
    for n, each in enumerate(found, start=1):
        last = before.get(each.kind_code)
        level = rules.level_after(last["level"] if last else None)
        sealed = {"note": each.note, "measure": each.measure, "evidence": list(each.evidence)}
        await execute(
            session,
            queries.ADD,
            **target,
            problem_id=new_id(now),
            order_id=order_id,
            n=n,
            department_code=visit.department_code,
            kind_code=each.kind_code,
            shape=each.shape,
            severity=each.severity,
            cause=each.cause,
            level=level,
            previous_id=last["problem_id"] if last else None,
            found_on=visit.day,
            recorded_on=day_of(now),
            due_on=each.due_on,
            sealed=context.sealer.seal_json(sealed, context=PROBLEM_CONTEXT),
        )
        highest = max(highest, level)
    return highest


async def bring_up(session: Session, context: Notifier, order_id: UUID, *, now: datetime) -> None:
    """Put on an order that is out how its problems stand now, and say that it has changed."""
    async with full_sight(session):
        rows = await fetch_all(session, queries.OF_ORDER, order_id=order_id)
        notices = await fetch_all(session, notice_queries.OF_SOURCE, source_id=order_id)
        for notice in notices:
            if notice["kind"] != KIND or notice["status"] == "revoked":
                continue
            body = Body(notice["recipient_type"], notice["recipient_code"], notice["placeholder"])
            draft = _draft(context, rows, body, order_id=order_id, now=now)
            if await renew(session, context, notice, draft) is not None:
                await queue(session, context, [notice], now=now, reason="update")


async def bodies_over(session: Session, target_type: str, target_code: str) -> list[Body]:
    """Return the bodies over a target: a unit's township and department, a laboratory's CDC."""
    known = await _directory(session, target_type, target_code)
    return _bodies(known, target_type, target_code)[1:]


async def rechecking_bodies(session: Session, target_type: str, target_code: str) -> list[Body]:
    """Return who has to see to it that a repair is checked again: the department over a unit, a lab's CDC.

    Headquarters where no department is settled.
    """
    known = await _directory(session, target_type, target_code)
    if target_type == "lab":
        return list(known.cdc_bodies())
    unit = known.units.get(target_code)
    return list(known.department_bodies(None if unit is None else unit.department_code))


async def _directory(session: Session, target_type: str, target_code: str) -> Directory:
    return await directory(session, unit_codes=[target_code] if target_type == "unit" else ())


def _bodies(known: Directory, target_type: str, target_code: str) -> list[Body]:
    over = known.over_unit(target_code) if target_type == "unit" else known.cdc_bodies()
    return [Body(target_type, target_code), *sorted(over)]


def _issuer(known: Directory, target_type: str, target_code: str) -> str:
    """Return under whose numbers an order runs: the department's, else headquarters'."""
    if target_type == "lab":
        return known.cdc[0] if known.cdc else NO_CDC
    unit = known.units.get(target_code)
    if unit is not None and unit.department_code is not None:
        return unit.department_code
    return known.headquarters[0] if known.headquarters else NO_HEADQUARTERS


def _draft(
    context: Notifier, rows: Sequence[RowMapping], body: Body, *, order_id: UUID, now: datetime
) -> Draft:
    first = rows[0]
    names = ("kind_code", "name_zh", "name_en", "level", "state")
    lines = [{**{name: row[name] for name in names}, "due_on": f"{row['due_on']}"} for row in rows]
    closed = all(row["state"] == "closed" for row in rows)
    copy = (body.type, body.code) != (first["target_type"], first["target_code"])
    facts = {
        "number": first["number"], "visit": first["visit"], "target": first["target_code"],
        "day": f"{first['found_on']}", "problems": lines, "closed": closed, "copy": copy,
    }  # fmt: skip
    texts = both(f"{KIND}.inspection", facts)
    return draft_to(
        body,
        kind=KIND,
        key=f"rectification:{order_id}",
        subject=(first["target_type"], first["target_code"]),
        content=Content(**texts, evidence=_evidence(context, rows)),
        as_of=now,
        source_id=order_id,
        number=first["number"],
        level=str(max(row["level"] for row in rows)),
    )


def _evidence(context: Notifier, rows: Sequence[RowMapping]) -> dict[str, Any]:
    first = rows[0]
    names = ("n", "kind_code", "shape", "severity", "cause", "level", "state")
    return {
        "source": "inspection",
        "number": first["number"],
        "inspection_no": first["inspection_no"],
        "kind": first["visit"],
        "day": f"{first['found_on']}",
        "problems": [
            {
                **{name: row[name] for name in names},
                "problem_id": str(row["problem_id"]),
                "due_on": f"{row['due_on']}",
                **context.sealer.open_json(row["sealed"], context=PROBLEM_CONTEXT),
            }
            for row in rows
        ],
    }
