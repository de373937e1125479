"""Departments as a sheet: a known code is refused as by JSON, or brought up to the row."""

from collections.abc import Sequence
from typing import Any, Final

from registry.departments import errors, service
from registry.departments.schemas import DepartmentIn, DepartmentPatch
from shared.audit.recording import record
from shared.context import Context
from shared.db import Session
from shared.errors import Problem
from shared.security.access import require_whole_district
from shared.sheets.columns import Column
from shared.sheets.errors import REPEATED_IN_SHEET
from shared.sheets.kinds import Asked, Kind, Once, Outcome, Row
from shared.sheets.one_by_one import take_each
from shared.web.bodies import check_rows

LEVELS: Final = {
    "区县": "district", "district": "district",
    "主管部门": "department", "部门": "department", "department": "department",
    "镇街": "township", "township": "township",
}  # fmt: skip
ROLES: Final = {
    "指挥部": "headquarters", "headquarters": "headquarters",
    "主要负责同志": "leaders", "leaders": "leaders",
    "疾控中心": "cdc", "cdc": "cdc",
    "卫健局": "health_bureau", "health_bureau": "health_bureau",
    "卫健局科室": "bureau_section", "bureau_section": "bureau_section",
    "审批局": "approvals", "approvals": "approvals",
}  # fmt: skip
COLUMNS: Final = (
    Column("code", "部门代码", "Department code", "TOWN-01", ("代码",), required=True),
    Column("name", "部门名称", "Department name", "城关镇", required=True),
    Column("level", "级别", "Level", "镇街", required=True, choices=LEVELS),
    Column("role", "职责", "Role", "", choices=ROLES),
    Column("parent_code", "上级代码", "Parent code", ""),
    Column("contact.name", "联系人", "Contact", "李明", ("负责人",), required=True, personal=True),
    Column(
        "contact.phone", "联系电话", "Contact's phone", "13800138000", required=True,
        undamaged=r"1[3-9][0-9]{9}", personal=True,
    ),
    Column("contact.email", "联系邮箱", "Contact's email", "", personal=True),
)  # fmt: skip


async def apply(session: Session, context: Context[Any], rows: Sequence[Row], asked: Asked) -> Outcome:
    """Add departments, parents before those below them; change those that stand only if that is asked for."""
    checked, found = check_rows(DepartmentIn, rows)

    async def take(wanted: DepartmentIn) -> bool:
        stored = await service.standing(session, code=wanted.code)
        if stored is None or asked.existing == "refuse":
            _, new = await service.add(session, context, wanted, who=asked.who, now=asked.now)
            return new
        if stored["level"] != wanted.level:
            raise Problem(errors.DEPARTMENT_IN_USE)
        given = wanted.model_dump(exclude={"code", "level"}, exclude_unset=True)
        patch = DepartmentPatch(**given)
        await service.change(session, context, patch, code=wanted.code, who=asked.who, now=asked.now)
        return False

    outcome = await take_each(session, _parents_first(checked), take)
    outcome.refused.extend(found)
    await record(session, context, who=asked.who, action="departments.import", now=asked.now, rows=len(rows))
    return outcome


def _parents_first(rows: Sequence[tuple[int, DepartmentIn]]) -> list[tuple[int, DepartmentIn]]:
    """Return the rows with each parent before its children; those of a ring stay as they are."""
    by_code = {row[1].code: row for row in rows}
    placed: dict[str, tuple[int, DepartmentIn]] = {}
    for code in by_code:
        chain: list[str] = []
        above: str | None = code
        while above in by_code and above not in placed and above not in chain:
            chain.append(above)
            above = by_code[above][1].parent_code
        placed.update({each: by_code[each] for each in reversed(chain)})
    repeated = [row for row in rows if by_code[row[1].code] is not row]
    return [*placed.values(), *repeated]


KIND: Final = Kind(
    name="departments",
    zh="部门",
    en="Departments",
    columns=COLUMNS,
    apply=apply,
    at_once=500,
    may_send=require_whole_district,
    existing=("refuse", "update"),
    concerns=lambda row: (row.get("code"), row.get("parent_code")),
    once=(
        Once(
            "code",
            REPEATED_IN_SHEET.code,
            frozenset({"code", "name", "level", "role", "parent_code"}),
            lambda row: row.get("code"),
            lambda row: tuple(sorted(row.items())),
        ),
    ),
)
