"""Draws: one for each group and week, kept with everybody who could have been drawn."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from registry.draws import errors, queries
from registry.draws.rules import Candidate, is_repeated, number_drawn, order
from registry.draws.schemas import DrawIn
from registry.people.storing import masked_name
from registry.shares.service import group_to_draw
from registry.statuses.book import Rule
from registry.statuses.facts import SHANGHAI
from shared.audit.recording import record
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one, full_sight
from shared.errors import NOT_FOUND, Problem, refusal_of
from shared.ids import new_id
from shared.security.access import Principal

_PLAIN: Final = (
    "draw_id", "unit_code", "category_code", "department_in_unit", "week", "seed", "percent", "rule_id",
)  # fmt: skip


async def draw(
    session: Session, context: Context[Any], wanted: DrawIn, *, who: Principal, now: datetime
) -> tuple[dict[str, Any], bool]:
    """Draw as many as the share asks for; again it answers what stands, 409 with another seed."""
    rule, percent, week, people = await group_to_draw(
        session,
        context,
        who=who,
        unit_code=wanted.unit_code,
        category_code=wanted.category_code,
        department_in_unit=wanted.department_in_unit,
        on=wanted.on,
    )
    if rule is None:
        raise refusal_of(errors.NO_SHARE_RULE, "category_code")
    if not people:
        raise refusal_of(errors.NOBODY_TO_DRAW, "department_in_unit")
    row, new = await _made(session, wanted, rule=rule, percent=percent, week=week, who=who, now=now)
    if new:
        rows = await fetch_all(session, queries.LAST_SAMPLED, person_ids=people)
        ordered = order((Candidate(**each) for each in rows), seed=row["seed"])
        await execute(
            session,
            queries.INSERT_MEMBERS,
            draw_id=row["draw_id"],
            drawn=number_drawn(len(ordered), percent),
            person_ids=[each.person_id for each in ordered],
            last_sampled=[each.last_sampled_on for each in ordered],
        )
    shown = await _shown(session, context, row)
    await record(
        session,
        context,
        who=who,
        action="draw.make",
        subject=wanted.unit_code,
        rows=len(shown["drawn"]),
        now=now,
    )
    return shown, new


async def get(
    session: Session, context: Context[Any], *, draw_id: UUID, who: Principal, now: datetime
) -> dict[str, Any]:
    """Return a draw, drawn again to see that it is the same; Problem 404 outside the area."""
    row = await fetch_one(
        session, queries.BY_ID, draw_id=draw_id, area_township=who.township, area_department=who.department
    )
    if row is None:
        raise Problem(NOT_FOUND)
    shown = await _shown(session, context, row)
    await record(
        session,
        context,
        who=who,
        action="draw.read",
        subject=row["unit_code"],
        rows=len(shown["drawn"]),
        now=now,
    )
    return shown


async def _made(
    session: Session, wanted: DrawIn, *, rule: Rule, percent: int, week: date, who: Principal, now: datetime
) -> tuple[RowMapping, bool]:
    draw_id = new_id(now)
    place = wanted.model_dump(include={"unit_code", "category_code", "department_in_unit"}) | {"week": week}
    row = await fetch_one(
        session,
        queries.INSERT,
        draw_id=draw_id,
        seed=wanted.seed or draw_id.hex,
        percent=percent,
        rule_id=rule.rule_id,
        created_by=who.client_id,
        now=now,
        **place,
    )
    if row is not None:
        return row, True
    stored = await fetch_one(session, queries.OF_WEEK, **place)
    if stored is None or wanted.seed not in (None, stored["seed"]):
        raise Problem(errors.DRAWN_ALREADY)
    return stored, False


async def _shown(session: Session, context: Context[Any], row: RowMapping) -> dict[str, Any]:
    async with full_sight(session):
        rows = await fetch_all(session, queries.CANDIDATES, draw_id=row["draw_id"])
    candidates = [Candidate(**each) for each in rows]
    members = await fetch_all(session, queries.MEMBERS, draw_id=row["draw_id"])
    return {
        **{name: row[name] for name in _PLAIN},
        "candidates": len(candidates),
        "drawn": [_person(context, each) for each in members if each["drawn"]],
        "repeated": is_repeated(candidates, seed=row["seed"]),
        "created_at": row["created_at"].astimezone(SHANGHAI),
    }


def _person(context: Context[Any], row: RowMapping) -> dict[str, Any]:
    kept = ("place", "person_id", "health_code_id", "last_sampled_on")
    return {
        **{field: row[field] for field in kept},
        "name_masked": masked_name(context, row["sealed_contact"]),
    }
