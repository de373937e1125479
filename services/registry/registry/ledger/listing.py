"""The ledger of an area as a sheet: code, last sample, result, due date and clearance (row 32)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from registry.ledger import listing_queries
from registry.people.storing import masked_name
from registry.statuses import service as statuses
from registry.statuses.display import COLUMNS, Status, status_of
from registry.statuses.loading import limits_of, status_row
from shared.audit.recording import record
from shared.clock import SHANGHAI, day_of
from shared.context import Context
from shared.db import Session, fetch_all
from shared.sheets.listings import Listed, Listing, Wanted
from shared.web.paging import FIRST

Place = tuple[UUID, str]
_YES: Final = {True: "可上岗 yes", False: "不得上岗 no"}


async def page(
    session: Session, context: Context[Any], wanted: Wanted, after: Place | None, limit: int
) -> tuple[Sequence[Mapping[str, Any]], Place | None]:
    """Return people inside the caller's area as they stand now, once for each unit, in person order."""
    who, now = wanted.who, wanted.now
    rows = await fetch_all(
        session,
        listing_queries.PAGE,
        after_person=(after or (FIRST, ""))[0],
        after_unit=(after or (FIRST, ""))[1],
        limit=limit,
        today=day_of(now),
        unit_code=wanted.unit_code,
        township_code=wanted.township_code,
        department_code=wanted.department_code,
        area_township=who.township,
        area_department=who.department,
    )
    stored = [status_row([row[column] for column in COLUMNS]) for row in rows]
    fresh = await statuses.current(session, context, found=stored, now=now)
    await record(session, context, who=who, action="ledger.list", purpose="export", rows=len(rows), now=now)
    limits = limits_of(context.settings)
    last = (rows[-1]["person_id"], rows[-1]["unit_code"]) if len(rows) == limit else None
    found = [fresh[row["person_id"]] for row in rows]
    shown = [
        _shown(context, row, status.category_code, status_of(status, now, limits))
        for row, status in zip(rows, found, strict=True)
    ]
    return shown, last


def _shown(context: Context[Any], row: RowMapping, category: str | None, status: Status) -> dict[str, Any]:
    last = status.last_result
    return {
        "person_id": row["person_id"],
        "name_masked": masked_name(context, row["sealed_contact"]),
        "health_code_id": row["health_code_id"],
        "unit_code": row["unit_code"] or None,
        "township_code": row["township_code"],
        "category_code": category,
        "display": status.display,
        "outcome": None if last is None else last.outcome,
        "collected_at": None if last is None else last.collected_at.astimezone(SHANGHAI),
        "due_on": status.due_on,
        "due_state": status.due_state,
        "clearance": _YES[status.allowed],
        "reasons": status.reasons,
    }


LISTING: Final = Listing(
    name="ledger",
    zh="核酸检测台账",
    en="Ledger",
    columns=(
        Listed("name_masked", "姓名", "Name"),
        Listed("health_code_id", "健康码标识", "Health-code id"),
        Listed("unit_code", "单位代码", "Unit code"),
        Listed("township_code", "镇街代码", "Township code"),
        Listed("category_code", "人群编码", "Category code"),
        Listed("display", "健康码显示", "Shown"),
        Listed("outcome", "最近结果", "Last result"),
        Listed("collected_at", "最近采样时间", "Last sampled"),
        Listed("due_on", "到期日", "Due on"),
        Listed("due_state", "到期状态", "Due state"),
        Listed("clearance", "上岗", "Clearance"),
        Listed("reasons", "原因", "Reasons"),
    ),
    page=page,
)
