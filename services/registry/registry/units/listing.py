"""Units as a sheet to take out, contacts masked."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from registry.units import mapping, service
from shared.context import Context
from shared.db import Session
from shared.sheets.listings import Listed, Listing, Wanted


async def page(
    session: Session, context: Context[Any], wanted: Wanted, after: str | None, limit: int
) -> tuple[Sequence[Mapping[str, Any]], str | None]:
    """Return units inside the caller's area, by code."""
    rows = await service.page(
        session,
        context,
        who=wanted.who,
        after=after or "",
        limit=limit,
        township_code=wanted.township_code,
        department_code=wanted.department_code,
        defect=None,
        unit_code=wanted.unit_code,
    )
    return rows, rows[-1]["unit_code"] if len(rows) == limit else None


async def map_page(
    session: Session, _: Context[Any], __: Wanted, after: int | None, limit: int
) -> tuple[Sequence[Mapping[str, Any]], int | None]:
    """Return the industry map, by row; it belongs to no area."""
    rows = await mapping.page(session, after=after or 0, limit=limit)
    return rows, rows[-1]["map_id"] if len(rows) == limit else None


LISTING: Final = Listing(
    name="units",
    zh="单位",
    en="Units",
    columns=(
        Listed("unit_code", "单位代码", "Unit code"),
        Listed("unit_code_type", "代码类型", "Code type"),
        Listed("name", "单位名称", "Unit name"),
        Listed("industry_code", "行业代码", "Industry code"),
        Listed("township_code", "镇街代码", "Township code"),
        Listed("department_code", "主管部门代码", "Department code"),
        Listed("department_basis", "主管部门依据", "Basis of the department"),
        Listed("defects", "缺陷", "Defects"),
        Listed("contact.name_masked", "联系人", "Contact"),
        Listed("contact.phone_masked", "联系电话", "Contact's phone"),
    ),
    page=page,
)
MAP_LISTING: Final = Listing(
    name="industry-map",
    zh="行业映射",
    en="Industry map",
    columns=(
        Listed("industry_prefix", "行业前缀", "Industry prefix"),
        Listed("department_code", "主管部门代码", "Department code"),
        Listed("basis", "依据", "Basis"),
        Listed("effective_from", "起始日期", "Effective from"),
        Listed("effective_to", "结束日期", "Effective to"),
    ),
    page=map_page,
)
