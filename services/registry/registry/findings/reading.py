"""Findings as they are shown: inside the caller's area, people masked, every look at people recorded."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from registry.findings import queries
from registry.lists import local
from registry.people.storing import SEALED_CONTACT
from registry.statuses import service as statuses
from registry.statuses.display import status_of
from registry.statuses.loading import limits_of
from shared.audit.recording import record
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, fetch_all, fetch_one, json_of
from shared.errors import NOT_FOUND, Problem
from shared.identifiers import mask_name
from shared.security.principal import Principal

SEALED_IDENTITY = "spot_check.identity"


@dataclass(frozen=True, slots=True)
class Filter:
    """What the caller asks for; the area narrows it."""

    unit_code: str | None = None
    township_code: str | None = None
    department_code: str | None = None
    kind: str | None = None
    source: str | None = None
    state: str | None = None


async def page(
    session: Session, *, who: Principal, wanted: Filter, before: UUID, limit: int, now: datetime
) -> list[dict[str, Any]]:
    """Return findings, newest first."""
    rows = await fetch_all(
        session,
        queries.PAGE,
        area_township=who.township,
        area_department=who.department,
        **asdict(wanted),
        before=before,
        limit=limit,
    )
    return [_shown(row, now=now) for row in rows]


async def visible(session: Session, *, finding_id: UUID, who: Principal, now: datetime) -> dict[str, Any]:
    """Return a finding; Problem 404 outside the area."""
    row = await fetch_one(
        session,
        queries.ONE,
        finding_id=finding_id,
        area_township=who.township,
        area_department=who.department,
    )
    if row is None:
        raise Problem(NOT_FOUND)
    return _shown(row, now=now)


async def people(
    session: Session,
    context: Context[Any],
    *,
    finding_id: UUID,
    who: Principal,
    after: UUID,
    limit: int,
    now: datetime,
) -> list[dict[str, Any]]:
    """Return the people a finding names, with how they stand now; the look is recorded."""
    rows = await fetch_all(session, queries.PEOPLE, finding_id=finding_id, after=after, limit=limit)
    ids = sorted({row["person_id"] for row in rows if row["person_id"] is not None})
    known = await statuses.rows_of(session, context, person_ids=ids, now=now)
    limits = limits_of(context.settings)
    states = {person_id: status_of(row, now, limits).due_state for person_id, row in known.items()}
    await record(
        session, context, who=who, action="finding.read", subject=str(finding_id), rows=len(rows), now=now
    )
    hidden = ("sealed_contact", "sealed_identity")
    return [
        {
            **{name: value for name, value in local(row).items() if name not in hidden},
            "name_masked": masked(context, row),
            "due_state": states.get(row["person_id"]),
        }
        for row in rows
    ]


def masked(context: Context[Any], row: RowMapping) -> str | None:
    """Return a name, masked, as people are known or as a spot check wrote it down; None where neither is."""
    if row["sealed_contact"] is not None:
        name = context.sealer.open_json(row["sealed_contact"], context=SEALED_CONTACT)["name"]
    elif row["sealed_identity"] is not None:
        name = context.sealer.open_json(row["sealed_identity"], context=SEALED_IDENTITY).get("name")
    else:
        name = None
    return None if name is None else mask_name(name)


def _shown(row: RowMapping, *, now: datetime) -> dict[str, Any]:
    ended = row["closed_at"] or now
    age = (day_of(ended) - day_of(row["opened_at"])).days
    return {**local(row), "share": row["share"] and json_of(row["share"]), "age_days": age}
