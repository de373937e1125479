"""Units: entered once, changed by PATCH, told to the other services."""

import base64
import json
from datetime import datetime
from typing import Any, Final

from sqlalchemy import RowMapping

from registry.departments import errors as department_errors
from registry.departments.service import levels_of
from registry.statuses import holding
from registry.statuses import service as statuses
from registry.units import errors, queries
from registry.units.contacts import dumped, keep_history, named_of, sealed_of
from registry.units.mapping import check_attributes, decision_for, resettle
from registry.units.reading import inside, shown
from registry.units.rules import Decision, industry_key
from registry.units.schemas import UnitIn, UnitPatch
from shared import bus
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, fetch_all, fetch_one, json_of
from shared.errors import CREDIT_CODE_CHECKSUM, NOT_FOUND, Problem, refusal_of
from shared.identifiers import check_credit_code
from shared.ids import new_id
from shared.messages import UnitChanged
from shared.security.access import Principal

MOST_AT_ONCE: Final = 500
_POSTS: Final = (("responsible", "contact"), ("data_entry", "data_entry"))
_APART: Final = {"contact", "data_entry", "department_code", "attributes"}
# What a patch may set and null then clears.
_CLEARED: Final = frozenset({"department_code", "data_entry", "closed_on"})


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
    if stored is None or not inside(who, stored) or not _same(context, stored, wanted):
        raise Problem(errors.UNIT_IN_USE)
    return stored, False


async def _insert(
    session: Session, context: Context[Any], wanted: UnitIn, *, who: Principal, now: datetime
) -> RowMapping | None:
    await check_places(
        session,
        unit_code=wanted.unit_code,
        township_code=wanted.township_code,
        department_code=wanted.department_code,
    )
    await check_attributes(session, wanted.attributes, field="attributes")
    key = _key(wanted.industry_code)
    decision = await decision_for(
        session,
        key,
        wanted.department_code,
        today=day_of(now),
        attributes=wanted.attributes,
        unit_code=wanted.unit_code,
    )
    if not who.sees(township_code=wanted.township_code, department_code=decision.department_code):
        raise Problem(NOT_FOUND)
    return await fetch_one(
        session,
        queries.INSERT,
        unit_id=new_id(now),
        industry_key=key,
        department_given=wanted.department_code,
        **_decided(decision),
        sealed_contact=sealed_of(context, dumped(wanted.contact)),
        sealed_data_entry=sealed_of(context, dumped(wanted.data_entry)),
        attributes=json.dumps(wanted.attributes),
        today=day_of(now),
        created_by=who.client_id,
        now=now,
        **wanted.model_dump(exclude=_APART),
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
    """Apply a patch; a move to another township or department recomputes the duties of the unit's people."""
    stored = await fetch_one(session, queries.LOCK, unit_code=unit_code)
    if stored is None or not inside(who, stored):
        raise Problem(NOT_FOUND)
    wanted = _merged(stored, patch)
    await check_places(
        session,
        unit_code=unit_code,
        township_code=wanted["township_code"],
        department_code=wanted["department_given"],
    )
    if patch.attributes is not None:
        await check_attributes(session, patch.attributes, field="attributes")
    key = _key(wanted["industry_code"])
    decision = await decision_for(
        session,
        key,
        wanted["department_given"],
        today=day_of(now),
        attributes=wanted["attributes"],
        unit_code=unit_code,
    )
    if not who.sees(township_code=wanted["township_code"], department_code=decision.department_code):
        raise Problem(NOT_FOUND)
    named = named_of(context, stored)
    contacts = named | {
        post: dumped(getattr(patch, field)) for post, field in _POSTS if field in patch.model_fields_set
    }
    if contacts == named and all(
        _plain(stored, field) == value for field, value in {**wanted, **_decided(decision)}.items()
    ):
        return shown(context, stored)
    moves = _place(stored) != (wanted["township_code"], decision.department_code)
    if moves:
        await holding.changing(session)
    await keep_history(session, context, stored, named, contacts, who=who, now=now)
    anew = contacts["responsible"] != named["responsible"]
    changed = await fetch_one(
        session,
        queries.UPDATE,
        unit_code=unit_code,
        industry_key=key,
        sealed_contact=sealed_of(context, contacts["responsible"]),
        sealed_data_entry=sealed_of(context, contacts["data_entry"]),
        contact_confirmed_on=day_of(now) if anew else stored["contact_confirmed_on"],
        contact_problem=None if anew else stored["contact_problem"],
        now=now,
        **{**wanted, "attributes": json.dumps(wanted["attributes"])},
        **_decided(decision),
    )
    if changed is None:
        raise Problem(NOT_FOUND)
    await tell(session, changed, now=now)
    if moves:
        people = await fetch_all(session, queries.PEOPLE_OF_UNIT, unit_code=unit_code)
        await statuses.refresh(session, context, person_ids=[row["person_id"] for row in people], now=now)
    return shown(context, changed)


async def check_places(
    session: Session, *, unit_code: str, township_code: str, department_code: str | None
) -> None:
    """Refuse codes that are no department, a township that is none, and a unit that answers for itself."""
    for field, code in (("township_code", township_code), ("department_code", department_code)):
        if code == unit_code:
            raise refusal_of(errors.OWN_DEPARTMENT, field)
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
        industry_code=stored["industry_code"],
        attributes=json_of(stored["attributes"]),
        closed_on=stored["closed_on"] and stored["closed_on"].isoformat(),
    )
    await bus.publish(session, message, now=now)


async def settle(session: Session, *, now: datetime) -> int:
    """Let the map decide again and tell of every unit that changed; return how many did."""
    changed = await resettle(session, today=day_of(now), now=now, most=MOST_AT_ONCE)
    for unit in changed:
        await tell(session, unit, now=now)
    return len(changed)


def _plain(stored: RowMapping, field: str) -> Any:  # noqa: ANN401 - what a column holds
    return json_of(stored[field]) if field == "attributes" else stored[field]


def _merged(stored: RowMapping, patch: UnitPatch) -> dict[str, Any]:
    if not patch.model_fields_set:
        raise Problem(department_errors.EMPTY_PATCH)
    for field in patch.model_fields_set - _CLEARED:
        if getattr(patch, field) is None:
            raise refusal_of(department_errors.EMPTY_PATCH, field)
    given = patch.model_dump(exclude={"contact", "data_entry"}, include=patch.model_fields_set)
    if "department_code" in given:
        given["department_given"] = given.pop("department_code")
    fields = ("name", "industry_code", "township_code", "department_given", "attributes", "closed_on")
    return {**{field: _plain(stored, field) for field in fields}, **given}


def _place(stored: RowMapping) -> tuple[str, str | None]:
    """Return what rules of an area look at."""
    return stored["township_code"], stored["department_code"]


def _decided(decision: Decision) -> dict[str, Any]:
    return {
        "department_code": decision.department_code,
        "department_basis": decision.basis,
        "defects": list(decision.defects),
    }


def _same(context: Context[Any], stored: RowMapping, wanted: UnitIn) -> bool:
    named = named_of(context, stored)
    plain = wanted.model_dump(exclude=_APART)
    return (
        all(stored[field] == value for field, value in plain.items())
        and stored["department_given"] == wanted.department_code
        and json_of(stored["attributes"]) == wanted.attributes
        and named == {post: dumped(getattr(wanted, field)) for post, field in _POSTS}
    )


def _key(industry_code: str) -> str:
    key = industry_key(industry_code)
    if key is None:
        raise refusal_of(errors.INDUSTRY_CODE, "industry_code")
    return key
