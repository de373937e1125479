"""Plans of units for goods and premises: made, listed with what is due, and what happened noted."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from registry.categories.errors import DAYS_REVERSED
from registry.people.errors import UNKNOWN_CATEGORY
from registry.plans import errors, queries
from registry.plans.rules import SUBJECTS, Happening, Schedule, schedules_of
from registry.plans.schemas import PlanIn, SamplingIn
from registry.statuses.book import RuleBook
from registry.statuses.facts import SHANGHAI
from registry.statuses.loading import load_book
from registry.units.reading import visible
from shared.audit.recording import record
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one
from shared.errors import TIME_IN_FUTURE, Problem, refusal_of
from shared.ids import new_id
from shared.security.access import Principal

AHEAD: Final = timedelta(minutes=10)
_PLAIN: Final = ("plan_id", "unit_code", "category_code", "effective_from", "effective_to")


async def add(
    session: Session, context: Context[Any], wanted: PlanIn, *, unit_code: str, who: Principal, now: datetime
) -> tuple[dict[str, Any], bool]:
    """Put a unit under the thing rules of a category; the same again returns what stands."""
    unit = await visible(session, unit_code=unit_code, who=who)
    if wanted.effective_to is not None and wanted.effective_to < wanted.effective_from:
        raise refusal_of(DAYS_REVERSED, "effective_to")
    book = await load_book(session, context.settings)
    rules = book.rules.get(wanted.category_code)
    if rules is None:
        raise refusal_of(UNKNOWN_CATEGORY, "category_code")
    if not any(rule.subject in SUBJECTS for rule in rules):
        raise refusal_of(errors.NO_THING_RULES, "category_code")
    values = {**wanted.model_dump(), "unit_code": unit_code}
    row = await fetch_one(
        session, queries.INSERT, plan_id=new_id(now), created_by=who.client_id, now=now, **values
    )
    stored = row or await fetch_one(
        session, queries.SAME, **{name: values[name] for name in values if name != "effective_to"}
    )
    if stored is None or stored["effective_to"] != wanted.effective_to:
        raise Problem(errors.PLAN_IN_USE)
    await record(session, context, who=who, action="plan.add", subject=unit_code, now=now)
    (shown,) = await _shown(session, [{**stored, **_areas(unit)}], book, now=now)
    return shown, row is not None


async def note(
    session: Session,
    context: Context[Any],
    wanted: SamplingIn,
    *,
    unit_code: str,
    who: Principal,
    now: datetime,
) -> None:
    """Note a sample or an arrival of goods; once, however often it is told."""
    await visible(session, unit_code=unit_code, who=who)
    if wanted.at > now + AHEAD:
        raise refusal_of(TIME_IN_FUTURE, "at")
    await execute(
        session,
        queries.NOTE,
        sampling_id=new_id(now),
        unit_code=unit_code,
        created_by=who.client_id,
        now=now,
        **wanted.model_dump(),
    )
    await record(session, context, who=who, action="plan.sampling", subject=unit_code, now=now)


async def page(
    session: Session,
    context: Context[Any],
    *,
    who: Principal,
    unit_code: str | None,
    state: str | None,
    after: UUID,
    limit: int,
    now: datetime,
) -> list[dict[str, Any]]:
    """Return up to `limit` plans that hold today and have a schedule standing as asked, inside the area."""
    book = await load_book(session, context.settings)
    found: list[dict[str, Any]] = []
    while len(found) < limit:
        rows = await fetch_all(
            session,
            queries.PAGE,
            after=after,
            unit_code=unit_code,
            area_township=who.township,
            area_department=who.department,
            today=day_of(now),
            limit=limit,
        )
        plans = await _shown(session, [dict(row) for row in rows], book, now=now)
        found += [
            plan
            for plan in plans
            if state is None or any(each["state"] == state for each in plan["schedules"])
        ]
        if len(rows) < limit:
            break
        after = rows[-1]["plan_id"]
    return found[:limit]


async def _shown(
    session: Session, plans: Sequence[dict[str, Any]], book: RuleBook, *, now: datetime
) -> list[dict[str, Any]]:
    happened: dict[str, list[Happening]] = defaultdict(list)
    units = sorted({plan["unit_code"] for plan in plans})
    for row in await fetch_all(session, queries.HAPPENED, units=units):
        happened[row["unit_code"]].append(Happening(row["subject"], row["what"], row["at"], row["outcome"]))
    return [
        {
            **{name: plan[name] for name in _PLAIN},
            "schedules": [
                _schedule(each)
                for each in schedules_of(
                    book.rules.get(plan["category_code"], ()),
                    happened[plan["unit_code"]],
                    areas=[code for code in _areas(plan).values() if code],
                    since=plan["effective_from"],
                    today=day_of(now),
                )
            ],
        }
        for plan in plans
    ]


def _areas(row: RowMapping | dict[str, Any]) -> dict[str, str | None]:
    return {name: row.get(name) for name in ("township_code", "department_code", "parent_code")}


def _schedule(each: Schedule) -> dict[str, Any]:
    rule = each.rule
    return {
        "subject": rule.subject,
        "rule_id": rule.rule_id,
        "version": rule.version,
        "days": rule.interval and rule.interval.days,
        "months": rule.interval and rule.interval.months,
        "event": rule.occasion and rule.occasion.event,
        "last_sampled_at": each.last_sampled_at and each.last_sampled_at.astimezone(SHANGHAI),
        "last_outcome": each.last_outcome,
        "due_on": each.due_on,
        "state": each.state,
    }
