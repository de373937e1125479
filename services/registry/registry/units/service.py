"""Units: entered once, changed by PATCH, told to the other services."""

import base64
from datetime import datetime
from typing import Any, Final

from sqlalchemy import RowMapping

from registry.departments import errors as department_errors
from registry.departments.service import levels_of, masked_contact, refusal_of
from registry.statuses import service as statuses
from registry.units import errors, queries
from registry.units.mapping import decision_for, resettle
from registry.units.rules import Decision, industry_key
from registry.units.schemas import UnitIn, UnitPatch
from shared import bus
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, fetch_all, fetch_one
from shared.errors import CREDIT_CODE_CHECKSUM, NOT_FOUND, Problem
from shared.identifiers import check_credit_code
from shared.ids import new_id
from shared.messages import UnitChanged
from shared.security.access import Principal

SEALED_AS: Final = "contact.unit"
MOST_AT_ONCE: Final = 500
_SHOWN: Final = (
    "unit_id",
    "unit_code",
    "unit_code_type",
    "name",
    "industry_code",
    "township_code",
    "department_code",
    "department_basis",
    "defects",
    "revision",
)


async def add(
    session: Session, context: Context[Any], wanted: UnitIn, *, who: Principal, now: datetime
) -> tuple[RowMapping, bool]:
    """Return the stored unit and whether it is new; Problem 409 if it stands with other content."""
    if wanted.unit_code_type == "uscc" and not check_credit_code(wanted.unit_code):
        raise refusal_of(CREDIT_CODE_CHECKSUM, "unit_code")
    stored = await fetch_one(session, queries.BY_CODE, unit_code=wanted.unit_code)
    if stored is None:
        stored = await _insert(session, context, wanted, who=who, now=now)
        if stored is not None:
            await tell(session, stored, now=now)
            return stored, True
        stored = await fetch_one(session, queries.BY_CODE, unit_code=wanted.unit_code)
    if stored is None or not _inside(who, stored) or not _same(context, stored, wanted):
        raise Problem(errors.UNIT_IN_USE)
    return stored, False


async def _insert(
    session: Session, context: Context[Any], wanted: UnitIn, *, who: Principal, now: datetime
) -> RowMapping | None:
    await check_places(session, township_code=wanted.township_code, department_code=wanted.department_code)
    key = _key(wanted.industry_code)
    decision = await decision_for(session, key, wanted.department_code, today=day_of(now))
    if not who.sees(township_code=wanted.township_code, department_code=decision.department_code):
        raise Problem(NOT_FOUND)
    return await fetch_one(
        session,
        queries.INSERT,
        unit_id=new_id(now),
        industry_key=key,
        department_given=wanted.department_code,
        **_decided(decision),
        sealed_contact=context.sealer.seal_json(wanted.contact.model_dump(), context=SEALED_AS),
        created_by=who.client_id,
        now=now,
        **wanted.model_dump(exclude={"contact", "department_code"}),
    )


async def change(
    session: Session,
    context: Context[Any],
    patch: UnitPatch,
    *,
    unit_code: str,
    who: Principal,
    now: datetime,
) -> dict[str, Any]:
    """Apply a patch; a move between townships recomputes the duties of the unit's people."""
    stored = await fetch_one(session, queries.LOCK, unit_code=unit_code)
    if stored is None or not _inside(who, stored):
        raise Problem(NOT_FOUND)
    contact = context.sealer.open_json(stored["sealed_contact"], context=SEALED_AS)
    wanted = _merged(stored, patch)
    await check_places(
        session, township_code=wanted["township_code"], department_code=wanted["department_given"]
    )
    key = _key(wanted["industry_code"])
    decision = await decision_for(session, key, wanted["department_given"], today=day_of(now))
    if not who.sees(township_code=wanted["township_code"], department_code=decision.department_code):
        raise Problem(NOT_FOUND)
    new_contact = contact if patch.contact is None else patch.contact.model_dump()
    if new_contact == contact and all(
        stored[field] == value for field, value in {**wanted, **_decided(decision)}.items()
    ):
        return shown(context, stored)
    changed = await fetch_one(
        session,
        queries.UPDATE,
        unit_code=unit_code,
        industry_key=key,
        sealed_contact=context.sealer.seal_json(new_contact, context=SEALED_AS),
        now=now,
        **wanted,
        **_decided(decision),
    )
    if changed is None:
        raise Problem(NOT_FOUND)
    await tell(session, changed, now=now)
    if changed["township_code"] != stored["township_code"]:
        people = await fetch_all(session, queries.PEOPLE_OF_UNIT, unit_code=unit_code)
        await statuses.refresh(session, context, person_ids=[row["person_id"] for row in people], now=now)
    return shown(context, changed)


async def get(session: Session, context: Context[Any], *, unit_code: str, who: Principal) -> dict[str, Any]:
    """Return one unit; Problem 404 outside the caller's area."""
    return shown(context, await visible(session, unit_code=unit_code, who=who))


async def visible(session: Session, *, unit_code: str, who: Principal) -> RowMapping:
    """Return the stored unit if the caller may see it; Problem 404 otherwise."""
    stored = await fetch_one(session, queries.BY_CODE, unit_code=unit_code)
    if stored is None or not _inside(who, stored):
        raise Problem(NOT_FOUND)
    return stored


async def stands(session: Session, *, unit_code: str, who: Principal) -> bool:
    """Say whether a unit of this code stands inside the caller's area."""
    stored = await fetch_one(session, queries.BY_CODE, unit_code=unit_code)
    return stored is not None and _inside(who, stored)


async def page(
    session: Session,
    context: Context[Any],
    *,
    who: Principal,
    after: str,
    limit: int,
    township_code: str | None,
    department_code: str | None,
    defect: str | None,
) -> list[dict[str, Any]]:
    """Return units inside the caller's area, by code."""
    rows = await fetch_all(
        session,
        queries.PAGE,
        after=after,
        limit=limit,
        area_township=who.township,
        area_department=who.department,
        township_code=township_code,
        department_code=department_code,
        defect=defect,
    )
    return [shown(context, row) for row in rows]


async def check_places(session: Session, *, township_code: str, department_code: str | None) -> None:
    """Refuse codes that are no department, and a township that is none."""
    levels = await levels_of(session, (township_code, department_code))
    if township_code not in levels:
        raise refusal_of(department_errors.UNKNOWN_TOWNSHIP, "township_code")
    if levels[township_code] != "township":
        raise refusal_of(department_errors.NOT_A_TOWNSHIP, "township_code")
    if department_code is not None and department_code not in levels:
        raise refusal_of(department_errors.UNKNOWN_DEPARTMENT, "department_code")


async def tell(session: Session, stored: RowMapping, *, now: datetime) -> None:
    """Publish a unit as it stands."""
    message = UnitChanged(
        unit_code=stored["unit_code"],
        unit_name=stored["name"],
        township_code=stored["township_code"],
        department_code=stored["department_code"],
        contact=base64.b64encode(stored["sealed_contact"]).decode(),
        revision=stored["revision"],
    )
    await bus.publish(session, message, now=now)


async def settle(session: Session, *, now: datetime) -> int:
    """Let the map decide again and tell of every unit that changed; return how many did."""
    changed = await resettle(session, today=day_of(now), now=now, most=MOST_AT_ONCE)
    for unit in changed:
        await tell(session, unit, now=now)
    return len(changed)


def shown(context: Context[Any], stored: RowMapping) -> dict[str, Any]:
    """Return a unit for an answer, its contact masked."""
    return {
        **{field: stored[field] for field in _SHOWN},
        "contact": masked_contact(context, stored["sealed_contact"], sealed_as=SEALED_AS),
    }


def _merged(stored: RowMapping, patch: UnitPatch) -> dict[str, Any]:
    if not patch.model_fields_set:
        raise Problem(department_errors.EMPTY_PATCH)
    for field in patch.model_fields_set - {"department_code"}:
        if getattr(patch, field) is None:
            raise refusal_of(department_errors.EMPTY_PATCH, field)
    given = patch.model_dump(exclude={"contact"}, include=patch.model_fields_set)
    if "department_code" in given:
        given["department_given"] = given.pop("department_code")
    kept = {field: stored[field] for field in ("name", "industry_code", "township_code", "department_given")}
    return {**kept, **given}


def _decided(decision: Decision) -> dict[str, Any]:
    return {
        "department_code": decision.department_code,
        "department_basis": decision.basis,
        "defects": list(decision.defects),
    }


def _inside(who: Principal, stored: RowMapping) -> bool:
    return who.sees(township_code=stored["township_code"], department_code=stored["department_code"])


def _same(context: Context[Any], stored: RowMapping, wanted: UnitIn) -> bool:
    contact = context.sealer.open_json(stored["sealed_contact"], context=SEALED_AS)
    plain = wanted.model_dump(exclude={"contact", "department_code"})
    return (
        all(stored[field] == value for field, value in plain.items())
        and stored["department_given"] == wanted.department_code
        and contact == wanted.contact.model_dump()
    )


def _key(industry_code: str) -> str:
    key = industry_key(industry_code)
    if key is None:
        raise refusal_of(errors.INDUSTRY_CODE, "industry_code")
    return key
