"""The approvals bureau's list as a sheet: the same verdict for a row as in JSON (requirements row 38)."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from registry.licences import errors, service
from registry.licences.rules import plain_key
from registry.licences.schemas import MOST_ROWS, LicenceIn, LicencesIn
from shared.context import Context
from shared.db import Session
from shared.identifiers import check_credit_code
from shared.security.access import require_whole_district
from shared.sheets.columns import Column
from shared.sheets.grouped import take_groups
from shared.sheets.kinds import Asked, Kind, Once, Outcome, Row
from shared.web.types import Day, WireModel

# What a licence and a place that was surveyed have in common.
PLACE_COLUMNS: Final = (
    Column("name", "名称", "Name", "海棠餐厅", ("单位名称", "字号名称"), required=True),
    Column("address", "地址", "Address", "长城路1号", ("经营地址", "经营场所"), required=True),
    Column(
        "credit_code", "统一社会信用代码", "Credit code", "91350100M000100Y43", ("信用代码",),
        long=True, check=check_credit_code,
    ),
    Column("trade_code", "行业类别代码", "Trade code", "CATERING", ("行业类别",), required=True),
    Column("industry_code", "行业代码", "Industry code", "6210", undamaged=r"[1-9][0-9]{3}"),
    Column("township_code", "镇街代码", "Township code", "TOWN-01", ("镇街",), required=True),
)  # fmt: skip
COLUMNS: Final = (
    Column("as_of", "截至日期", "As of", "2026-01-05", ("清单日期",), type="day", required=True),
    Column(
        "licence_no",
        "许可证号",
        "Licence number",
        "JY24201020001234",
        ("许可证编号",),
        required=True,
        long=True,
    ),
    *PLACE_COLUMNS,
    Column("issued_on", "发证日期", "Issued on", "2021-03-01", type="day"),
    Column("cancelled_on", "注销日期", "Cancelled on", "", type="day"),
)


class ListedAsOf(WireModel):
    """The day of the list that a row belongs to."""

    as_of: Day


async def apply(session: Session, context: Context[Any], rows: Sequence[Row], asked: Asked) -> Outcome:
    """Take in the rows of each list."""

    async def take(as_of: date, listed: list[Row]) -> dict[str, Any]:
        wanted = LicencesIn.model_construct(as_of=as_of, licences=listed)
        return await service.take(session, context, wanted, who=asked.who, now=asked.now)

    return await take_groups(session, rows, key=ListedAsOf, row=LicenceIn, take=take)


def _listed(row: Row) -> tuple[str, str] | None:
    key = plain_key(row.get("licence_no", ""))
    return (row.get("as_of", ""), key) if key else None


KIND: Final = Kind(
    name="licences",
    zh="许可",
    en="Licences",
    columns=COLUMNS,
    apply=apply,
    at_once=MOST_ROWS,
    may_send=require_whole_district,
    concerns=lambda row: (plain_key(row.get("licence_no", "")),),
    once=(
        Once(
            "licence_no",
            errors.LISTED_DIFFERENTLY.code,
            frozenset(column.field for column in COLUMNS),
            _listed,
            lambda row: tuple(sorted(row.items())),
        ),
    ),
)
