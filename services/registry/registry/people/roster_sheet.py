"""A unit's own roster as a sheet against who is enrolled: the verdict of JSON (requirements row 36)."""

from collections.abc import Sequence
from typing import Any, Final

from registry.people import errors, roster
from registry.people.schemas import MOST_ROWS, RosterPerson
from registry.people.sheet import USUAL_TYPE, document_key
from shared.context import Context
from shared.db import Session
from shared.errors import Problem, RowError
from shared.identifiers import is_resident_id, normalise_name
from shared.sheets.columns import Column
from shared.sheets.errors import TWO_PEOPLE_ONE_NUMBER
from shared.sheets.grouped import take_groups
from shared.sheets.kinds import Asked, Kind, Once, Outcome, Row
from shared.sheets.words import ID_TYPES
from shared.web.bodies import check_rows
from shared.web.types import Code, WireModel

COLUMNS: Final = (
    Column(
        "unit_code", "单位代码", "Unit code", "91350100M000100Y43", ("统一社会信用代码",),
        required=True, long=True,
    ),
    Column("name", "姓名", "Name", "张伟", personal=True),
    Column("id_type", "证件类型", "Document type", "居民身份证", choices=ID_TYPES),
    Column(
        "id_no", "证件号码", "Document number", "11010519491231002X", ("身份证号", "身份证号码", "ID number"),
        required=True, long=True, check=is_resident_id, personal=True,
    ),
)  # fmt: skip


class OfUnit(WireModel):
    """The unit whose roster a row stands on."""

    unit_code: Code


async def apply(session: Session, context: Context[Any], rows: Sequence[Row], asked: Asked) -> Outcome:
    """Compare: updated are those who are enrolled, the others are refused; nothing is kept."""

    async def take(unit_code: str, people: list[Row]) -> dict[str, Any]:
        sent = [{"id_type": USUAL_TYPE, **row} for row in people]
        found = await roster.compare(
            session, context, sent, unit_code=unit_code, who=asked.who, now=asked.now
        )
        missing = [RowError(number, None, errors.NOT_ENROLLED.code) for number in found["missing_rows"]]
        return {"accepted": 0, "updated": found["enrolled"], "errors": [*found["errors"], *missing]}

    return await take_groups(session, rows, key=OfUnit, row=RosterPerson, take=take)


async def beside(
    session: Session, context: Context[Any], rows: Sequence[Row], asked: Asked
) -> list[dict[str, Any]]:
    """Return who is enrolled in the units of the sheet and does not stand on it, masked, by unit."""
    units: dict[str, list[Row]] = {}
    for number, head in check_rows(OfUnit, [{"unit_code": row.get("unit_code")} for row in rows])[0]:
        person = {name: value for name, value in rows[number - 1].items() if name != "unit_code"}
        units.setdefault(head.unit_code, []).append({"id_type": USUAL_TYPE, **person})
    found = []
    for unit_code, people in sorted(units.items()):
        try:
            left = await roster.not_on(
                session, context, people, unit_code=unit_code, who=asked.who, now=asked.now
            )
        except Problem:  # told of each row already: no such unit here
            continue
        found += [{"unit_code": unit_code, **person} for person in left]
    return found


KIND: Final = Kind(
    name="rosters",
    zh="花名册",
    en="Rosters",
    columns=COLUMNS,
    apply=apply,
    at_once=MOST_ROWS,
    once=(
        Once(
            "id_no",
            TWO_PEOPLE_ONE_NUMBER.code,
            frozenset({"id_type", "id_no", "name"}),
            document_key,
            lambda row: normalise_name(row.get("name", "")),
        ),
    ),
    beside=beside,
)
