"""What a survey round found as a sheet: the same verdict for a row as in JSON (requirements row 39)."""

from collections.abc import Hashable, Sequence
from typing import Any, Final

from registry.licences import errors as licence_errors
from registry.licences.schemas import MOST_ROWS
from registry.licences.sheet import PLACE_COLUMNS
from registry.surveys import service
from registry.surveys.schemas import PlaceIn, PlacesIn
from shared.context import Context
from shared.db import Session
from shared.sheets.columns import Column
from shared.sheets.grouped import take_groups
from shared.sheets.kinds import Asked, Kind, Once, Outcome, Row
from shared.web.types import Code, WireModel

FOUND: Final = {
    "营业": "open",
    "在营": "open",
    "open": "open",
    "关门": "closed",
    "停业": "closed",
    "closed": "closed",
}
COLUMNS: Final = (
    Column("round_code", "摸排轮次", "Round code", "2026-11", ("轮次代码",), required=True),
    *PLACE_COLUMNS,
    Column("licence_no", "许可证号", "Licence number", "JY24201020001234", ("许可证编号",), long=True),
    Column("found", "营业状态", "Found", "营业", ("摸排情况",), choices=FOUND),
    Column("surveyed_on", "摸排日期", "Surveyed on", "2026-11-12", type="day", required=True),
)  # fmt: skip


class OfRound(WireModel):
    """The round that a row belongs to."""

    round_code: Code


async def apply(session: Session, context: Context[Any], rows: Sequence[Row], asked: Asked) -> Outcome:
    """Take in the rows of each round."""

    async def take(round_code: str, places: list[Row]) -> dict[str, Any]:
        wanted = PlacesIn.model_construct(places=places)
        return await service.take(
            session, context, wanted, round_code=round_code, who=asked.who, now=asked.now
        )

    return await take_groups(session, rows, key=OfRound, row=PlaceIn, take=take)


def _found(row: Row) -> Hashable:
    names = ("credit_code", "licence_no", "township_code", "name", "address")
    key = service.place_key(*(row.get(name) for name in names))
    return (row.get("round_code"), key)


KIND: Final = Kind(
    name="surveys",
    zh="摸排",
    en="Surveys",
    columns=COLUMNS,
    apply=apply,
    at_once=MOST_ROWS,
    may_send=service.require_reporter,
    concerns=lambda row: (_found(row),),
    once=(
        Once(
            "name",
            licence_errors.LISTED_DIFFERENTLY.code,
            frozenset(column.field for column in COLUMNS),
            _found,
            lambda row: tuple(sorted(row.items())),
        ),
    ),
)
