"""The overdue lists as sheets to take out, names masked."""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from registry.overdue import service
from shared.context import Context
from shared.db import Session
from shared.sheets.listings import Listed, Listing, Wanted
from shared.web.paging import FIRST


async def people_page(
    session: Session, context: Context[Any], wanted: Wanted, after: tuple[UUID, str] | None, limit: int
) -> tuple[Sequence[Mapping[str, Any]], tuple[UUID, str] | None]:
    """Return overdue people inside the caller's area, in person order."""
    rows = await service.people(
        session,
        context,
        who=wanted.who,
        wanted=_filter(wanted),
        after=after or (FIRST, ""),
        limit=limit,
        now=wanted.now,
    )
    last = (rows[-1]["person_id"], rows[-1]["unit_code"] or "") if len(rows) == limit else None
    return rows, last


async def units_page(
    session: Session, context: Context[Any], wanted: Wanted, after: str | None, limit: int
) -> tuple[Sequence[Mapping[str, Any]], str | None]:
    """Return units with somebody overdue inside the caller's area, by code."""
    rows = await service.units(
        session,
        context,
        who=wanted.who,
        wanted=_filter(wanted),
        after=after or "",
        limit=limit,
        now=wanted.now,
    )
    return rows, rows[-1]["unit_code"] if len(rows) == limit else None


def _filter(wanted: Wanted) -> service.Filter:
    return service.Filter(wanted.unit_code, wanted.township_code, wanted.department_code)


PEOPLE: Final = Listing(
    name="overdue",
    zh="应检未检人员",
    en="Overdue people",
    columns=(
        Listed("name_masked", "姓名", "Name"),
        Listed("health_code_id", "健康码标识", "Health-code id"),
        Listed("unit_code", "单位代码", "Unit code"),
        Listed("township_code", "镇街代码", "Township code"),
        Listed("category_code", "人群编码", "Category code"),
        Listed("due_on", "到期日", "Due on"),
        Listed("days_overdue", "逾期天数", "Days overdue"),
        Listed("due_state", "状态", "State"),
    ),
    page=people_page,
)
UNITS: Final = Listing(
    name="overdue-units",
    zh="有人员逾期的单位",
    en="Units with overdue people",
    columns=(
        Listed("unit_code", "单位代码", "Unit code"),
        Listed("name", "单位名称", "Unit name"),
        Listed("township_code", "镇街代码", "Township code"),
        Listed("department_code", "主管部门代码", "Department code"),
        Listed("people", "应检人数", "People with a duty"),
        Listed("overdue", "逾期人数", "Overdue"),
        Listed("never_tested", "从未检测人数", "Never tested"),
    ),
    page=units_page,
)
