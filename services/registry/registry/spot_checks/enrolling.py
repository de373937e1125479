"""The remedy of a spot check: whoever was found and is not enrolled is enrolled at once (rows 36, 37)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from registry.findings import service as findings
from registry.findings.reading import SEALED_IDENTITY
from registry.people.rows import Document, Row
from registry.people.service import enrol_rows, in_turn
from registry.spot_checks import errors, queries
from registry.spot_checks.reading import locked
from registry.spot_checks.schemas import EnrolIn, RowToEnrol
from shared.audit.recording import record
from shared.context import Context
from shared.db import Session, execute, fetch_all
from shared.errors import RowError
from shared.identifiers import normalise_name
from shared.security.access import Principal


async def enrol(
    context: Context[Any], wanted: EnrolIn, *, spot_check_id: UUID, who: Principal
) -> tuple[int, list[RowError]]:
    """Return how many were enrolled, and what is wrong with the other rows.

    The date and by whom are kept. Opens its own transaction, like every entry of people; what is asked
    for is checked against the caller's area.
    """

    async def work(session: Session) -> tuple[int, list[RowError]]:
        now = await context.clock.now(session)
        return await _enrol(session, context, wanted, spot_check_id=spot_check_id, who=who, now=now)

    return await in_turn(context, work)


async def _enrol(
    session: Session,
    context: Context[Any],
    wanted: EnrolIn,
    *,
    spot_check_id: UUID,
    who: Principal,
    now: datetime,
) -> tuple[int, list[RowError]]:
    check = await locked(session, spot_check_id=spot_check_id, who=who)
    stored = {
        row["row"]: row for row in await fetch_all(session, queries.PEOPLE, spot_check_id=spot_check_id)
    }
    asked = wanted.rows
    if asked is None:
        open_rows = (n for n, row in stored.items() if not row["enrolled"] and row["enrolled_at"] is None)
        asked = [RowToEnrol(row=number) for number in open_rows]
    rows: list[Row] = []
    wrong: list[RowError] = []
    for each in {one.row: one for one in asked}.values():
        row = _row(context, each, stored.get(each.row), wanted, unit_code=check["unit_code"])
        (wrong if isinstance(row, RowError) else rows).append(row)  # type: ignore[arg-type] # by its type
    verdicts, people = await enrol_rows(session, context, rows, who=who, now=now)
    refused = {number for number, _, _ in verdicts.refused}
    done = [row for row in rows if row.number not in refused]
    await execute(
        session,
        queries.ENROLLED,
        spot_check_id=spot_check_id,
        rows=[row.number for row in done],
        person_ids=[people[row.document].person_id for row in done],
        enrolled_by=who.client_id,
        now=now,
    )
    await record(
        session,
        context,
        who=who,
        action="spot-check.enrol",
        subject=str(spot_check_id),
        rows=len(done),
        now=now,
    )
    for finding in await fetch_all(session, queries.FINDINGS, spot_check_id=spot_check_id):
        if finding["state"] == "open":
            await findings.settle(session, context, finding_id=finding["finding_id"], now=now)
    wrong += [RowError(*refusal) for refusal in verdicts.refused]
    return len(done), sorted(wrong, key=lambda error: error.row or 0)


def _row(
    context: Context[Any], asked: RowToEnrol, stored: RowMapping | None, wanted: EnrolIn, *, unit_code: str
) -> Row | RowError:
    """Return the row by which somebody is enrolled; a name that is not given stays as it is known."""
    if stored is None:
        return RowError(asked.row, "row", errors.ROW_UNKNOWN.code)
    sealed = stored["sealed_identity"]
    identity = {} if sealed is None else context.sealer.open_json(sealed, context=SEALED_IDENTITY)
    name = asked.name or identity.get("name")
    document = _document(stored)
    if document is None:
        return RowError(asked.row, "health_code_id", errors.NUMBER_NEEDED.code)
    known = stored["person_id"] is not None
    if name is None and not known:
        return RowError(asked.row, "name", errors.NAME_NEEDED.code)
    return Row(
        number=asked.row,
        document=document,
        id_no=identity.get("id_no") or "",
        name=name or "",
        name_index=None if name is None else context.index.of("name", normalise_name(name)),
        phone=asked.phone,
        phone_index=None if asked.phone is None else context.index.of("phone", asked.phone),
        health_code_id=asked.health_code_id,
        unit_code=unit_code,
        category_code=wanted.category_code,
        department_in_unit=wanted.department_in_unit,
        employment_type=wanted.employment_type,
        enrolled_on=wanted.enrolled_on,
    )


def _document(stored: RowMapping) -> Document | None:
    if stored["id_index"] is None:
        return None
    return stored["id_type"], bytes(stored["id_index"])
