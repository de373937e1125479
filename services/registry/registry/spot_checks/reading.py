"""Spot checks as they are shown: inside the caller's area, people masked."""

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from registry.findings.reading import SEALED_IDENTITY
from registry.findings.rules import COVERAGE, FREQUENCY
from registry.lists import local
from registry.people.storing import SEALED_CONTACT
from registry.spot_checks import queries
from registry.spot_checks.service import SEALED_NOTE
from shared.context import Context
from shared.db import Session, fetch_all, fetch_one
from shared.errors import NOT_FOUND, Problem
from shared.identifiers import mask_name
from shared.security.access import Principal

_PLAIN = (
    "row", "registered", "enrolled", "records", "last_sample_on", "valid_negative", "due_on", "due_state",
    "reasons", "kinds", "reason", "since", "enrolled_at", "enrolled_by",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filter:
    """What the caller asks for; the area narrows it."""

    unit_code: str | None = None
    township_code: str | None = None
    department_code: str | None = None


async def page(
    session: Session, *, who: Principal, wanted: Filter, before: UUID, limit: int
) -> list[dict[str, Any]]:
    """Return spot checks, newest first."""
    rows = await fetch_all(
        session,
        queries.PAGE,
        **asdict(wanted),
        area_township=who.township,
        area_department=who.department,
        before=before,
        limit=limit,
    )
    return [local(row) for row in rows]


async def locked(session: Session, *, spot_check_id: UUID, who: Principal) -> RowMapping:
    """Return a stored check, locked; Problem 404 outside the area."""
    stored = await fetch_one(
        session,
        queries.ONE,
        spot_check_id=spot_check_id,
        area_township=who.township,
        area_department=who.department,
    )
    if stored is None:
        raise Problem(NOT_FOUND)
    return stored


async def check(
    session: Session, context: Context[Any], *, spot_check_id: UUID, who: Principal
) -> dict[str, Any]:
    """Return a spot check with its rows and findings."""
    stored = await locked(session, spot_check_id=spot_check_id, who=who)
    rows = await fetch_all(session, queries.PEOPLE, spot_check_id=spot_check_id)
    found = await fetch_all(session, queries.FINDINGS, spot_check_id=spot_check_id)
    note = stored["sealed_note"]
    names = ("spot_check_id", "unit_code", "check_no", "checked_at", "made_by", "made_at")
    return {
        **local({name: stored[name] for name in names}),
        "note": None if note is None else context.sealer.open(note, context=SEALED_NOTE).decode(),
        "counts": _counts(rows),
        "people": [_shown(context, row) for row in rows],
        "findings": [dict(row) for row in found],
    }


def _counts(rows: Any) -> dict[str, int]:  # noqa: ANN401 - rows
    return {
        "found": len(rows),
        "not_registered": sum(not row["registered"] for row in rows),
        "not_enrolled": sum(not row["enrolled"] for row in rows),
        "without_record": sum(row["records"] == 0 for row in rows),
        "with_one_record": sum(row["records"] == 1 for row in rows),
        "without_valid_negative": sum(row["valid_negative"] is False for row in rows),
        "coverage": sum(COVERAGE in row["kinds"] for row in rows),
        "frequency": sum(FREQUENCY in row["kinds"] for row in rows),
    }


def _shown(context: Context[Any], row: RowMapping) -> dict[str, Any]:
    told = local({name: row[name] for name in _PLAIN})
    # Who has been registered since is shown by the remedy; the rest stays as it was found.
    known = row["sealed_identity"] is None
    if known:
        name = context.sealer.open_json(row["sealed_contact"], context=SEALED_CONTACT)["name"]
        code = row["health_code_id"]
    else:
        identity = context.sealer.open_json(row["sealed_identity"], context=SEALED_IDENTITY)
        name, code = identity["name"], identity["health_code_id"]
    return {
        **told,
        "person_id": row["person_id"] if known or row["enrolled_at"] is not None else None,
        "health_code_id": code,
        "name_masked": None if name is None else mask_name(name),
    }
