"""What the notices of the ladder say. Evidence is fixed as of the week's judgement; nobody is named."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from msgspec import structs
from sqlalchemy import RowMapping

from notifier.contacts.rules import Body, Directory
from notifier.ladder import rules
from notifier.notices.rules import Content
from notifier.texts.render import both
from shared.messages import WeekBreached

BULLETIN: Final = "bulletin.unit"
OVERDUE: Final = "report.missing"


def bulletin(
    message: WeekBreached,
    *,
    number: str,
    level: str,
    unit_name: str,
    earlier: list[str],
    department_code: str | None,
) -> Content:
    """Return a 通报: the week, its people by health-code id or person id, and the shares that were missed."""
    week = date.fromisoformat(message.week)
    days = {"from": week.isoformat(), "to": rules.sunday(week).isoformat()}
    texts = both(
        BULLETIN,
        {
            "number": number,
            "unit": unit_name,
            "first": days["from"],
            "last": days["to"],
            "kinds": message.kinds,
            "people": message.people_total,
            "shares": len(message.shares),
            "level": level,
            "earlier": earlier,
        },
    )
    evidence = {
        "breach_id": str(message.breach_id),
        "number": number,
        "week": days,
        "kinds": list(message.kinds),
        "people": [
            {
                "code": each.health_code_id or (str(each.person_id) if each.person_id else None),
                "reason": each.reason,
                "since": each.since,
                "category_code": each.category_code,
            }
            for each in message.people
        ],
        "people_total": message.people_total,
        "shares": [structs.asdict(each) | {"finding_id": str(each.finding_id)} for each in message.shares],
        "department_code": department_code,
        "township_code": message.township_code,
        "count": int(level),
        "earlier": earlier,
        "judged_at": message.judged_at,
    }
    return Content(**texts, evidence=evidence)


def facts_of(breach: RowMapping, *, unit_name: str, department: str) -> dict[str, Any]:
    """Return what the text of anything that a bulletin owes is made of."""
    return {
        "number": breach["number"],
        "unit": unit_name,
        "department": department,
        "level": breach["level"],
        "first": breach["week"].isoformat(),
        "last": rules.sunday(breach["week"]).isoformat(),
        "kinds": breach["kinds"],
    }


def owed(
    kind: str,
    breach: RowMapping,
    facts: Mapping[str, Any],
    *,
    due_on: date | None,
    head: Mapping[str, str] | None,
    numbers: list[str],
) -> Content:
    """Return a written report, an interview or a report upward; `head`: whom it names, masked."""
    due = None if due_on is None else due_on.isoformat()
    texts = both(kind, {**facts, "due": due, "head": head and head["name_masked"]})
    evidence: dict[str, Any] = {
        "breach_id": str(breach["breach_id"]),
        "number": breach["number"],
        "bulletins": numbers,
        "week": {"from": facts["first"], "to": facts["last"]},
        "kinds": list(breach["kinds"]),
        "people_total": breach["people_total"],
        "shares": breach["shares"],
        "count": len(numbers),
    }
    if due is not None:
        evidence["due_on"] = due
    if kind == rules.INTERVIEW:
        evidence["head"] = head
    return Content(**texts, evidence=evidence)


def overdue(
    task: RowMapping, *, unit_name: str, department: str, chases: int, department_code: str | None
) -> Content:
    """Return what headquarters reads of a report or interview that does not come."""
    due = task["due_on"].isoformat()
    facts = {
        "number": task["number"],
        "unit": unit_name,
        "department": department,
        "due": due,
        "owed": task["kind"],
        "chases": chases,
    }
    texts = both(f"{OVERDUE}.ladder", facts)
    evidence = {
        "breach_id": str(task["breach_id"]),
        "number": task["number"],
        "owed": task["kind"],
        "due_on": due,
        "department_code": department_code,
        "chases": chases,
    }
    return Content(**texts, evidence=evidence)


def bodies(kind: str, department_code: str | None, found: Directory) -> tuple[Body, ...]:
    """Return who is told of what is owed: the leaders of a report upward, the department of all else."""
    if kind == rules.UPWARD:
        return found.leaders_bodies()
    return found.department_bodies(department_code)
