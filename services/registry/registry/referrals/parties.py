"""Whom a referral is about, and the two institutions that it lies between."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from registry.people import errors as people_errors
from registry.people import queries as people_queries
from registry.people.preparing import person_errors, person_row
from registry.people.schemas import PersonIn
from registry.people.service import enrol_rows
from registry.referrals import errors, queries
from registry.referrals.schemas import PatientIn
from registry.units.reading import visible as visible_unit
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, fetch_one, full_sight, json_of
from shared.errors import CATALOGUE, INVALID_BODY, Problem, RowError, refusal_of
from shared.security.principal import Principal


async def patient_of(
    session: Session, context: Context[Any], wanted: PatientIn, *, who: Principal, now: datetime
) -> UUID:
    """Return who it is; whoever is not known yet is registered without any duty."""
    person = PersonIn.model_validate(wanted.model_dump())
    found = person_errors(person, day_of(now), row=None)
    if found:
        raise Problem(INVALID_BODY, errors=[replace(each, field=f"patient.{each.field}") for each in found])
    row = person_row(context.index, person, number=1)
    id_type, id_index = row.document
    known = await fetch_one(
        session, people_queries.LOCK_BY_DOCUMENT, id_types=[id_type], id_indexes=[id_index]
    )
    if known is not None:
        person_id: UUID = known["person_id"]
        return person_id
    anywhere = replace(who, area_code=None, area_level=None)
    verdicts, stored = await enrol_rows(session, context, [row], who=anywhere, now=now)
    if verdicts.refused:
        _, field, code = verdicts.refused[0]
        raise Problem(CATALOGUE[code], errors=[RowError(None, f"patient.{field}", code)])
    return stored[row.document].person_id


async def unit_of(session: Session, unit_code: str, field: str, *, who: Principal) -> RowMapping:
    """Return an institution of the caller's area; Problem 422 that names the field."""
    try:
        return await visible_unit(session, unit_code=unit_code, who=who)
    except Problem:
        raise refusal_of(people_errors.UNKNOWN_UNIT, field) from None


async def clinic_of(session: Session, unit_code: str) -> RowMapping:
    """Return the fever clinic that a patient is sent to, in whatever area; its name is all that is shown."""
    async with full_sight(session):
        unit = await fetch_one(session, queries.UNIT, unit_code=unit_code)
    if unit is None:
        raise refusal_of(people_errors.UNKNOWN_UNIT, "to_unit_code")
    if json_of(unit["attributes"]).get("fever_clinic") != "standard":
        raise refusal_of(errors.NOT_A_FEVER_CLINIC, "to_unit_code")
    return unit
