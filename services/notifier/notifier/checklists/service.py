"""Keeps the catalogue and the check lists; a version is never changed, only followed by another."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import RowMapping

from notifier.checklists import errors, queries
from notifier.checklists.schemas import ChecklistIn, ProblemKindIn
from shared.clock import day_of
from shared.db import Session, fetch_all, fetch_one, json_of
from shared.errors import Problem, body_refusal
from shared.security.access import Principal, require_whole_district


async def kinds_of(session: Session, codes: Iterable[str]) -> dict[str, RowMapping]:
    """Return these kinds of problems, as far as the catalogue has them."""
    rows = await fetch_all(session, queries.SOME_KINDS, codes=sorted(set(codes)))
    return {row["kind_code"]: row for row in rows}


async def set_kind(
    session: Session, wanted: ProblemKindIn, *, kind_code: str, who: Principal, now: datetime
) -> dict[str, Any]:
    """Put a kind into the catalogue, or change it; orders that are out keep their days."""
    require_whole_district(who)
    row = await fetch_one(
        session,
        queries.SET_KIND,
        kind_code=kind_code,
        client_id=who.client_id,
        now=now,
        **wanted.model_dump(),
    )
    return dict(row or {})


async def add(
    session: Session, wanted: ChecklistIn, *, who: Principal, now: datetime
) -> tuple[dict[str, Any], bool]:
    """Add a version; the same again is the one that stands; Problem 409 or 422."""
    require_whole_district(who)
    content = wanted.model_dump(mode="json")
    if len({each.item for each in wanted.items}) < len(wanted.items):
        raise body_refusal(errors.ITEM_REPEATED, "items")
    stored = await fetch_one(
        session,
        queries.VERSION,
        checklist_code=wanted.checklist_code,
        effective_from=wanted.effective_from,
    )
    if stored is None:
        if wanted.effective_from < day_of(now):
            raise body_refusal(errors.VERSION_IN_PAST, "effective_from")
        known = await kinds_of(session, (each.kind_code for each in wanted.items))
        if any(each.kind_code not in known for each in wanted.items):
            raise body_refusal(errors.KIND_UNKNOWN, "items")
        stored = await fetch_one(
            session,
            queries.ADD,
            client_id=who.client_id,
            now=now,
            **{**content, "effective_from": wanted.effective_from, "items": json.dumps(content["items"])},
        )
        if stored is not None:
            return shown(stored), True
        raise Problem(errors.CHECKLIST_IN_USE)
    if {**shown(stored), "effective_from": content["effective_from"]} != content:
        raise Problem(errors.CHECKLIST_IN_USE)
    return shown(stored), False


async def in_force(session: Session, *, code: str | None, day: date) -> list[dict[str, Any]]:
    """Return the check lists that are in force on a day."""
    return [shown(row) for row in await fetch_all(session, queries.IN_FORCE, code=code, day=day)]


def shown(row: RowMapping) -> dict[str, Any]:
    """Return a version for an answer."""
    return {**row, "items": json_of(row["items"])}
