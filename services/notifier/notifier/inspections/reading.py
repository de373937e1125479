"""Inspections as they are shown: inside the caller's area, inspectors' names masked."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from notifier.contacts.service import directory
from notifier.inspection_draws.service import masked_names
from notifier.inspections import queries
from notifier.inspections.service import INSPECTION_CONTEXT
from notifier.notices.service import TEXT_CONTEXT, Notifier
from notifier.problems import reading as problems
from notifier.problems.service import sight
from shared.clock import SHANGHAI
from shared.db import Session, fetch_all, fetch_one, full_sight
from shared.errors import NOT_FOUND, Language, Problem
from shared.security.access import Principal
from shared.web.paging import LAST

MOST_FOUND: Final = 300
_PLAIN: Final = (
    "inspection_id", "inspection_no", "kind", "day", "draw_no", "checklist_code", "number", "problems",
    "open",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filter:
    """What the caller asks for; the area narrows it."""

    kind: str | None = None
    target_type: str | None = None
    target_code: str | None = None
    draw_no: str | None = None


async def page(
    session: Session, *, who: Principal, wanted: Filter, before: UUID, limit: int
) -> list[dict[str, Any]]:
    """Return inspections, newest first."""
    rows = await fetch_all(session, queries.PAGE, **asdict(wanted), **sight(who), before=before, limit=limit)
    return [_line(row) for row in rows]


async def inspection(
    session: Session,
    context: Notifier,
    *,
    inspection_id: UUID,
    who: Principal,
    now: datetime,
    language: Language,
) -> dict[str, Any]:
    """Return an inspection with its answers and problems; Problem 404 outside the area."""
    row = await fetch_one(session, queries.ONE, inspection_id=inspection_id, **sight(who))
    if row is None:
        raise Problem(NOT_FOUND)
    content = context.sealer.open_json(row["sealed"], context=INSPECTION_CONTEXT)
    names = await masked_names(session, context, content["inspectors"])
    wanted = problems.Filter(inspection_id=inspection_id)
    found = await problems.page(
        session, context, who=who, wanted=wanted, before=LAST, limit=MOST_FOUND, now=now, language=language
    )
    return {
        **_line(row),
        "checklist_from": row["checklist_from"],
        "team": content["team"],
        "inspectors": [
            {"inspector_code": code, "name_masked": names.get(code)} for code in content["inspectors"]
        ],
        "answers": content["answers"] or [],
        "found": sorted(found, key=lambda one: one["n"]),
    }


async def labs(
    session: Session, context: Notifier, *, who: Principal, first: date, last: date
) -> list[dict[str, Any]]:
    """Return how laboratories are supervised, those not visited first; to the CDC and the district."""
    async with full_sight(session):
        if who.limited and who.department not in (await directory(session)).cdc:
            return []
        rows = await fetch_all(session, queries.LABS, first=first, last=last)
        causes = await fetch_all(session, queries.CAUSES, first=first, last=last)
        told = {row["lab_code"]: row["sealed"] for row in await fetch_all(session, queries.TOLD)}
    by_lab: dict[str, dict[str, int]] = {}
    for each in causes:
        by_lab.setdefault(each["lab_code"], {})[each["cause"]] = each["problems"]
    return [
        {
            **row,
            "causes": by_lab.get(row["lab_code"], {}),
            **_told(context, told.get(row["lab_code"])),
        }
        for row in rows
    ]


def _told(context: Notifier, sealed: bytes | None) -> dict[str, Any]:
    if sealed is None:
        return {"told_on": None, "told": {}}
    evidence = context.sealer.open_json(sealed, context=TEXT_CONTEXT)["evidence"]
    return {"told_on": evidence["told_on"], "told": evidence["causes"]}


def _line(row: RowMapping) -> dict[str, Any]:
    return {
        **{name: row[name] for name in _PLAIN},
        "target": {
            "type": row["target_type"],
            "code": row["target_code"],
            "name": row["unit_name"],
            "township_code": row["township_code"],
            "department_code": row["department_code"],
        },
        "recorded_at": row["recorded_at"].astimezone(SHANGHAI),
    }
