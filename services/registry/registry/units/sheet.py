"""Units as a sheet: a known code is refused as by JSON, or brought up to the row."""

from collections.abc import Sequence
from typing import Any, Final

from registry.units import reading, service
from registry.units.schemas import UnitIn, UnitPatch
from shared.audit.recording import record
from shared.context import Context
from shared.db import Session
from shared.sheets.columns import Column
from shared.sheets.errors import REPEATED_IN_SHEET
from shared.sheets.kinds import Asked, Kind, Once, Outcome, Row
from shared.sheets.one_by_one import take_each
from shared.web.bodies import check_rows

CODE_TYPES: Final = {
    "统一社会信用代码": "uscc",
    "uscc": "uscc",
    "许可证号": "licence",
    "licence": "licence",
}
COLUMNS: Final = (
    Column(
        "unit_code", "单位代码", "Unit code", "91350100M000100Y43", ("统一社会信用代码",),
        required=True, long=True,
    ),
    Column("unit_code_type", "代码类型", "Code type", "统一社会信用代码", choices=CODE_TYPES),
    Column("name", "单位名称", "Unit name", "海棠餐厅", ("单位",), required=True),
    Column("industry_code", "行业代码", "Industry code", "6210", required=True, undamaged=r"[1-9][0-9]{3}"),
    Column("township_code", "镇街代码", "Township code", "TOWN-01", required=True),
    Column("department_code", "主管部门代码", "Department code", "MARKET"),
    Column("contact.name", "联系人", "Contact", "李明", ("负责人",), required=True, personal=True),
    Column(
        "contact.phone", "联系电话", "Contact's phone", "13800138000", ("负责人电话",), required=True,
        undamaged=r"1[3-9][0-9]{9}", personal=True,
    ),
)  # fmt: skip


async def apply(session: Session, context: Context[Any], rows: Sequence[Row], asked: Asked) -> Outcome:
    """Add units; change those that stand with other content only if that is asked for."""
    checked, found = check_rows(UnitIn, rows)

    async def take(wanted: UnitIn) -> bool:
        if asked.existing == "update" and await reading.stands(
            session, unit_code=wanted.unit_code, who=asked.who
        ):
            given = wanted.model_dump(exclude={"unit_code", "unit_code_type"}, exclude_unset=True)
            patch = UnitPatch(**given)
            await service.change(
                session, context, patch, unit_code=wanted.unit_code, who=asked.who, now=asked.now
            )
            return False
        _, new = await service.add(session, context, wanted, who=asked.who, now=asked.now)
        return new

    outcome = await take_each(session, checked, take)
    outcome.refused.extend(found)
    await record(session, context, who=asked.who, action="units.import", now=asked.now, rows=len(rows))
    return outcome


KIND: Final = Kind(
    name="units",
    zh="单位",
    en="Units",
    columns=COLUMNS,
    apply=apply,
    at_once=100,
    existing=("refuse", "update"),
    concerns=lambda row: (row.get("unit_code"),),
    once=(
        Once(
            "unit_code",
            REPEATED_IN_SHEET.code,
            frozenset({"unit_code", "name", "industry_code", "township_code", "department_code"}),
            lambda row: row.get("unit_code"),
            lambda row: tuple(sorted(row.items())),
        ),
    ),
)
