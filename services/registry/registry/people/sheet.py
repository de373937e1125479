"""People as a sheet: the columns, and the same checks and statements as a bulk in JSON."""

from collections.abc import Sequence
from typing import Any, Final

from anyio import to_thread

from registry.people.preparing import people_rows
from registry.people.service import take_in
from shared.clock import day_of
from shared.context import Context
from shared.db import Session
from shared.errors import RowError
from shared.identifiers import is_resident_id, normalise_id_no, normalise_name
from shared.sheets.columns import Column
from shared.sheets.errors import TWO_PEOPLE_ONE_CODE, TWO_PEOPLE_ONE_NUMBER
from shared.sheets.kinds import Asked, Kind, Once, Outcome, Row
from shared.sheets.words import ID_TYPES

# A roster seldom names the type; a number that is none of a resident identity card is refused then.
USUAL_TYPE: Final = "resident_id"
MOBILE: Final = r"1[3-9][0-9]{9}"

COLUMNS: Final = (
    Column("name", "姓名", "Name", "张伟", required=True, personal=True),
    Column("id_type", "证件类型", "Document type", "居民身份证", choices=ID_TYPES),
    Column(
        "id_no", "证件号码", "Document number", "11010519491231002X", ("身份证号", "身份证号码", "ID number"),
        required=True, long=True, check=is_resident_id, personal=True,
    ),
    Column(
        "phone", "手机号", "Phone", "13800138000", ("联系电话", "电话", "手机号码"), undamaged=MOBILE,
        personal=True,
    ),
    Column("health_code_id", "健康码标识", "Health-code id", "HC-000001", personal=True),
    Column("unit_code", "单位代码", "Unit code", "91350100M000100Y43", ("统一社会信用代码",), long=True),
    Column("category_code", "人群编码", "Category code", "8A1", ("人群类别编码", "编码")),
    Column("department_in_unit", "科室", "Department in unit", "后厨", ("部门", "岗位")),
    Column("employment_type", "用工类型", "Employment type", "在职", ("人员类型",)),
    Column("enrolled_on", "纳入日期", "Enrolled on", "2026-01-05", type="day"),
    Column("left_on", "离开日期", "Left on", "", ("离职日期",), type="day"),
    Column(
        "vaccination_completed_on", "接种完成日期", "Vaccination completed on", "2026-01-05",
        ("全程接种日期",), type="day",
    ),
)  # fmt: skip


async def apply(session: Session, context: Context[Any], rows: Sequence[Row], asked: Asked) -> Outcome:
    """Register or update people by the rows of a sheet; they bear their places from 1."""
    sent = [{"id_type": USUAL_TYPE, **row} for row in rows]
    good, found = await to_thread.run_sync(people_rows, context.index, sent, day_of(asked.now))
    verdicts = await take_in(session, context, good, who=asked.who, now=asked.now)
    refused = found + [RowError(*refusal) for refusal in verdicts.refused]
    return Outcome(verdicts.accepted, verdicts.updated, refused)


def document_key(row: Row) -> tuple[str, str] | None:
    """Return what makes a person the same one again."""
    id_type, id_no = row.get("id_type", USUAL_TYPE), row.get("id_no")
    return None if id_no is None else (id_type, normalise_id_no(id_type, id_no))


KIND: Final = Kind(
    name="people",
    zh="人员",
    en="People",
    columns=COLUMNS,
    apply=apply,
    concerns=lambda row: (document_key(row),),
    once=(
        Once(
            "id_no",
            TWO_PEOPLE_ONE_NUMBER.code,
            frozenset({"id_type", "id_no", "name"}),
            document_key,
            lambda row: normalise_name(row.get("name", "")),
        ),
        Once(
            "health_code_id",
            TWO_PEOPLE_ONE_CODE.code,
            frozenset({"id_type", "id_no", "health_code_id"}),
            lambda row: row.get("health_code_id"),
            document_key,
        ),
    ),
)
