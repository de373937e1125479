"""Carries out the remedy of an upheld appeal by the ways that exist: exemption, leaving, health code."""

from datetime import datetime
from typing import Any
from uuid import UUID

from registry.appeals.schemas import DecisionIn
from registry.people import changing, exempting
from registry.people.schemas import PersonPatch
from registry.transfers.service import leave
from shared.context import Context
from shared.db import Session
from shared.security.principal import Principal


async def correct(
    session: Session,
    context: Context[Any],
    decision: DecisionIn,
    *,
    person_id: UUID,
    who: Principal,
    now: datetime,
) -> None:
    """Correct what an appeal was right about; whatever refuses the same by hand refuses it here."""
    if decision.exemption is not None:
        await exempting.grant(session, context, decision.exemption, person_id=person_id, who=who, now=now)
    if decision.leaving is not None:
        place = decision.leaving.unit_code, decision.leaving.category_code
        left_on = decision.leaving.left_on
        await leave(session, context, person_id=person_id, place=place, left_on=left_on, who=who, now=now)
    if decision.health_code is not None:
        patch = PersonPatch(health_code_id=decision.health_code.health_code_id)
        await changing.change(session, context, patch, person_id=person_id, who=who, now=now)
