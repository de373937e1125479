"""Departments: entered once, changed by PATCH, told to the other services."""

import base64
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from registry.departments import errors, queries
from registry.departments.schemas import DepartmentIn, DepartmentPatch
from registry.statuses import holding
from shared import bus
from shared.context import Context
from shared.db import Session, fetch_all, fetch_one, full_sight
from shared.errors import NOT_FOUND, Problem, refusal_of
from shared.identifiers import mask_contact
from shared.messages import DepartmentChanged
from shared.security.access import Principal, require_whole_district

SEALED_AS = "contact.department"


async def add(
    session: Session, context: Context[Any], wanted: DepartmentIn, *, who: Principal, now: datetime
) -> tuple[dict[str, Any], bool]:
    """Return the department and whether it is new; Problem 409 if it stands with other content."""
    require_whole_district(who)
    stored = await fetch_one(session, queries.BY_CODE, code=wanted.code)
    if stored is None:
        await _check_parent(session, code=wanted.code, parent_code=wanted.parent_code)
        stored = await fetch_one(
            session,
            queries.INSERT,
            **wanted.model_dump(exclude={"contact"}),
            sealed_contact=context.sealer.seal_json(
                wanted.contact.model_dump(exclude_none=True), context=SEALED_AS
            ),
            created_by=who.client_id,
            now=now,
        )
        if stored is not None:
            await _tell(session, stored, now=now)
            return shown(context, stored), True
        stored = await fetch_one(session, queries.BY_CODE, code=wanted.code)
    if stored is None or not _same(context, stored, wanted):
        raise Problem(errors.DEPARTMENT_IN_USE)
    return shown(context, stored), False


async def change(
    session: Session,
    context: Context[Any],
    patch: DepartmentPatch,
    *,
    code: str,
    who: Principal,
    now: datetime,
) -> dict[str, Any]:
    """Apply a patch; nothing is written or told when nothing differs.

    Role and parent decide whose notices come here and which rules hold: the district's to change.
    """
    if who.limited and code != who.area_code:
        raise Problem(NOT_FOUND)
    if patch.model_fields_set & {"role", "parent_code"}:
        require_whole_district(who)
    stored = await fetch_one(session, queries.LOCK, code=code)
    if stored is None:
        raise Problem(NOT_FOUND)
    if not patch.model_fields_set:
        raise Problem(errors.EMPTY_PATCH)
    for field in ("name", "contact"):
        if field in patch.model_fields_set and getattr(patch, field) is None:
            raise refusal_of(errors.EMPTY_PATCH, field)
    contact = context.sealer.open_json(stored["sealed_contact"], context=SEALED_AS)
    wanted = {
        **{field: stored[field] for field in ("name", "role", "parent_code")},
        **patch.model_dump(exclude={"contact"}, include=patch.model_fields_set),
    }
    new_contact = contact if patch.contact is None else patch.contact.model_dump(exclude_none=True)
    if new_contact == contact and all(stored[field] == value for field, value in wanted.items()):
        return shown(context, stored)
    await _check_parent(session, code=code, parent_code=wanted["parent_code"])
    if wanted["parent_code"] != stored["parent_code"]:
        await holding.changing(session)
        await holding.areas_changed(session, (stored["parent_code"], wanted["parent_code"]), now=now)
    sealed = context.sealer.seal_json(new_contact, context=SEALED_AS)
    changed = await fetch_one(
        session,
        queries.UPDATE,
        code=code,
        updated_by=who.client_id,
        now=now,
        sealed_contact=sealed,
        **wanted,
    )
    if changed is None:
        raise Problem(NOT_FOUND)
    await _tell(session, changed, now=now)
    return shown(context, changed)


async def page(
    session: Session,
    context: Context[Any],
    *,
    who: Principal,
    after: str,
    limit: int,
    level: str | None,
    role: str | None,
    parent_code: str | None,
) -> list[dict[str, Any]]:
    """Return departments inside the caller's area, by code."""
    area = who.area_code if who.limited else None
    rows = await fetch_all(
        session,
        queries.PAGE,
        after=after,
        limit=limit,
        area=area,
        level=level,
        role=role,
        parent_code=parent_code,
    )
    return [shown(context, row) for row in rows]


async def get(session: Session, context: Context[Any], *, code: str, who: Principal) -> dict[str, Any]:
    """Return one department; Problem 404 outside the caller's area."""
    if who.limited and code != who.area_code:
        raise Problem(NOT_FOUND)
    stored = await fetch_one(session, queries.BY_CODE, code=code)
    if stored is None:
        raise Problem(NOT_FOUND)
    return shown(context, stored)


async def standing(session: Session, *, code: str) -> RowMapping | None:
    """Return the department of a code as it is stored, or None."""
    return await fetch_one(session, queries.BY_CODE, code=code)


async def levels_of(session: Session, codes: Iterable[str | None]) -> dict[str, str]:
    """Return the level of every code that is a department."""
    wanted = sorted({code for code in codes if code is not None})
    if not wanted:
        return {}
    async with full_sight(session):
        rows = await fetch_all(session, queries.LEVELS, codes=wanted)
    return {row["code"]: row["level"] for row in rows}


def shown(context: Context[Any], stored: RowMapping) -> dict[str, Any]:
    """Return a department for an answer, its contact masked."""
    return {
        **{field: stored[field] for field in ("code", "name", "level", "role", "parent_code")},
        "contact": masked_contact(context, stored["sealed_contact"], sealed_as=SEALED_AS),
        "revision": stored["revision"],
    }


def masked_contact(context: Context[Any], sealed: bytes, *, sealed_as: str) -> dict[str, str]:
    """Return what may be shown of a sealed contact."""
    return mask_contact(context.sealer.open_json(sealed, context=sealed_as))


def _same(context: Context[Any], stored: RowMapping, wanted: DepartmentIn) -> bool:
    contact = context.sealer.open_json(stored["sealed_contact"], context=SEALED_AS)
    plain = wanted.model_dump(exclude={"contact"})
    return all(stored[field] == value for field, value in plain.items()) and (
        contact == wanted.contact.model_dump(exclude_none=True)
    )


async def _check_parent(session: Session, *, code: str, parent_code: str | None) -> None:
    if parent_code is None:
        return
    if parent_code == code:
        raise refusal_of(errors.PARENT_CYCLE, "parent_code")
    ancestors = {row["code"] for row in await fetch_all(session, queries.ANCESTORS, code=parent_code)}
    if not ancestors:
        raise refusal_of(errors.UNKNOWN_PARENT, "parent_code")
    if code in ancestors:
        raise refusal_of(errors.PARENT_CYCLE, "parent_code")


async def _tell(session: Session, stored: RowMapping, *, now: datetime) -> None:
    message = DepartmentChanged(
        code=stored["code"],
        department_name=stored["name"],
        level=stored["level"],
        role=stored["role"],
        parent_code=stored["parent_code"],
        contact=base64.b64encode(stored["sealed_contact"]).decode(),
        revision=stored["revision"],
    )
    await bus.publish(session, message, now=now)
