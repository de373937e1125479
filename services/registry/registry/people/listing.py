"""People as a sheet to take out: masked, or in clear for a named person who says why, each recorded.

In clear it has the columns of the sheet that is taken in, so that it can be corrected and sent back.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from registry.people import listing_queries
from registry.people.disclosing import record_disclosures
from registry.people.sheet import COLUMNS
from registry.people.storing import SEALED_CONTACT, SEALED_ID_NO
from shared.audit.recording import record
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, fetch_all
from shared.identifiers import mask_id_no, mask_name, mask_phone
from shared.sheets.listings import Listed, Listing, Wanted
from shared.web.paging import FIRST

Place = tuple[UUID, UUID]


async def page(
    session: Session, context: Context[Any], wanted: Wanted, after: Place | None, limit: int
) -> tuple[Sequence[Mapping[str, Any]], Place | None]:
    """Return enrolments inside the caller's area, and people without one, in person order."""
    who = wanted.who
    rows = await fetch_all(
        session,
        listing_queries.PAGE,
        after_person=(after or (FIRST, FIRST))[0],
        after_place=(after or (FIRST, FIRST))[1],
        limit=limit,
        today=day_of(wanted.now),
        unit_code=wanted.unit_code,
        township_code=wanted.township_code,
        department_code=wanted.department_code,
        area_township=who.township,
        area_department=who.department,
    )
    if wanted.clear and rows:
        people = sorted({row["person_id"] for row in rows})
        await record_disclosures(
            session, context, people, fields=wanted.clear, reason=wanted.reason or "", who=who, now=wanted.now
        )
    await record(
        session, context, who=who, action="people.list", purpose="export", rows=len(rows), now=wanted.now
    )
    last = (rows[-1]["person_id"], rows[-1]["place"]) if len(rows) == limit else None
    return [_shown(context, row, wanted.clear) for row in rows], last


def _shown(context: Context[Any], row: RowMapping, clear: frozenset[str]) -> dict[str, Any]:
    contact = context.sealer.open_json(row["sealed_contact"], context=SEALED_CONTACT)
    id_no = context.sealer.open(row["sealed_id_no"], context=SEALED_ID_NO).decode()
    phone = contact["phone"]
    return {
        **row,
        "name": contact["name"] if "name" in clear else mask_name(contact["name"]),
        "id_no": id_no if "id_no" in clear else mask_id_no(id_no),
        "phone": phone if phone is None or "phone" in clear else mask_phone(phone),
    }


LISTING: Final = Listing(
    name="people",
    zh="人员",
    en="People",
    columns=tuple(Listed(column.field, column.zh, column.en) for column in COLUMNS),
    page=page,
    discloses=True,
)
