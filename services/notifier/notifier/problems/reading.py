"""Problems as they are shown: inside the caller's area, what was written opened for those who may see it."""

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from notifier.notices.service import Notifier
from notifier.problems import queries
from notifier.problems.orders import PROBLEM_CONTEXT
from notifier.problems.service import STEP_CONTEXT, sight
from shared.clock import SHANGHAI, day_of
from shared.db import Session, fetch_all, fetch_one, fetch_value
from shared.errors import NOT_FOUND, Language, Problem
from shared.security.access import Principal
from shared.web.paging import LAST

MOST_REPORTED: Final = 1000
_PLAIN: Final = (
    "n", "problem_id", "inspection_id", "inspection_no", "number", "kind_code", "shape", "severity", "cause",
    "level", "previous_id", "state", "found_on", "due_on", "late", "recheck_due_on", "recheck_late",
    "asked_due_on", "listed_until", "stopped", "without_notice",
)  # fmt: skip
_LINE: Final = ("problem_id", "target", "number", "measure", "state", "due_on", "late", "recheck_late")


@dataclass(frozen=True, slots=True)
class Filter:
    """What the caller asks for; the area narrows it."""

    state: str | None = None
    target_type: str | None = None
    target_code: str | None = None
    kind_code: str | None = None
    shape: str | None = None
    inspection_id: UUID | None = None
    first: date | None = None
    last: date | None = None
    late: bool = False
    recheck_late: bool = False
    listed: bool = False
    stopped: bool = False
    without_notice: bool = False


async def page(
    session: Session,
    context: Notifier,
    *,
    who: Principal,
    wanted: Filter,
    before: UUID,
    limit: int,
    now: datetime,
    language: Language,
) -> list[dict[str, Any]]:
    """Return problems, newest first."""
    rows = await fetch_all(
        session, queries.PAGE, **asdict(wanted), **sight(who), before=before, limit=limit, today=day_of(now)
    )
    return [_shown(context, row, language) for row in rows]


async def problem(
    session: Session,
    context: Notifier,
    *,
    problem_id: UUID,
    who: Principal,
    now: datetime,
    language: Language,
) -> dict[str, Any]:
    """Return a problem with its steps; Problem 404 outside the area."""
    row = await fetch_one(session, queries.ONE, problem_id=problem_id, today=day_of(now), **sight(who))
    if row is None:
        raise Problem(NOT_FOUND)
    steps = await fetch_all(session, queries.STEPS, problem_id=problem_id)
    evidence = context.sealer.open_json(row["sealed"], context=PROBLEM_CONTEXT)["evidence"]
    return {
        **_shown(context, row, language),
        "evidence": evidence,
        "steps": [_step(context, step) for step in steps],
    }


async def report(
    session: Session,
    context: Notifier,
    *,
    who: Principal,
    first: date,
    last: date,
    now: datetime,
    language: Language,
) -> dict[str, Any]:
    """Return counts of a period and its problems by kind, common ones and individual ones apart."""
    days = {"first": first, "last": last}
    counts = await fetch_one(session, queries.FIGURES, today=day_of(now), **days, **sight(who))
    visits = await fetch_value(session, queries.VISITS, **days, **sight(who))
    problems = await page(
        session, context, who=who, wanted=Filter(first=first, last=last), before=LAST,
        limit=MOST_REPORTED + 1, now=now, language=language,
    )  # fmt: skip
    shown = problems[:MOST_REPORTED]
    return {
        "first_day": first,
        "last_day": last,
        "figures": {**(counts or {}), "inspections": visits},
        **{shape: _groups(shown, shape) for shape in ("common", "individual")},
        "complete": len(problems) <= MOST_REPORTED,
    }


def _groups(problems: list[dict[str, Any]], shape: str) -> list[dict[str, Any]]:
    groups: dict[str, dict[str, Any]] = {}
    for each in problems:
        if each["shape"] != shape:
            continue
        names = {"kind_code": each["kind_code"], "kind_name": each["kind_name"]}
        group = groups.setdefault(each["kind_code"], {**names, "problems": []})
        group["problems"].append({name: each[name] for name in _LINE})
    for group in groups.values():
        places = {(one["target"]["type"], one["target"]["code"]) for one in group["problems"]}
        group["targets"] = len(places)
    return sorted(groups.values(), key=lambda group: (-len(group["problems"]), group["kind_code"]))


def _shown(context: Notifier, row: RowMapping, language: Language) -> dict[str, Any]:
    said = context.sealer.open_json(row["sealed"], context=PROBLEM_CONTEXT)
    return {
        **{name: row[name] for name in _PLAIN},
        "target": {
            "type": row["target_type"],
            "code": row["target_code"],
            "name": row["unit_name"],
            "township_code": row["township_code"],
            "department_code": row["department_code"],
        },
        "kind_name": row["name_zh"] if language == "zh" else row["name_en"],
        "closed_at": row["closed_at"] and row["closed_at"].astimezone(SHANGHAI),
        "note": said["note"],
        "measure": said["measure"],
    }


def _step(context: Notifier, step: RowMapping) -> dict[str, Any]:
    names = ("n", "kind", "client_id", "due_on", "review_on")
    return {
        **{name: step[name] for name in names},
        "at": step["at"].astimezone(SHANGHAI),
        **context.sealer.open_json(step["sealed"], context=STEP_CONTEXT),
    }
