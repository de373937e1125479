"""Divisions and grids as a sheet: the same verdict for a row as in JSON (requirements row 51)."""

from collections.abc import Hashable, Sequence
from typing import Any, Final

from registry.divisions import service
from registry.divisions.rules import LEVELS, parent_of
from registry.divisions.schemas import MOST_DIVISIONS
from shared.context import Context
from shared.db import Session
from shared.sheets.columns import Column
from shared.sheets.kinds import Asked, Kind, Outcome, Row, renumbered

COLUMNS: Final = (
    Column(
        "division_code", "区划代码", "Division code", "420100001001001", ("网格代码",), required=True,
        undamaged=r"[1-9][0-9]{5}([0-9]{3}){0,3}",
    ),
    Column("name", "名称", "Name", "第一网格", ("网格名称", "区划名称")),
    Column("township_code", "镇街代码", "Township code", ""),
    Column("head_count", "底数", "Head count", "640", ("人数", "人口底数"), type="number"),
    Column("counted_on", "底数日期", "Counted on", "2026-01-05", type="day"),
    Column("lab_code", "检测机构代码", "Laboratory code", "LAB01", ("检测机构",)),
    Column("team_code", "采样队伍代码", "Team code", "TEAM-001", ("采样队伍",)),
)  # fmt: skip
# So that parents may stand below their children: the divisions of a district go in at once.
AT_ONCE: Final = 20_000


async def apply(session: Session, context: Context[Any], rows: Sequence[Row], asked: Asked) -> Outcome:
    """Add divisions or bring them up to date, the upper levels first; a blank cell leaves what stands."""
    order = sorted(range(len(rows)), key=lambda place: len(str(rows[place].get("division_code", ""))))
    outcome = Outcome()
    for start in range(0, len(order), MOST_DIVISIONS):
        places = order[start : start + MOST_DIVISIONS]
        verdict = await service.put(
            session, context, [rows[place] for place in places], who=asked.who, now=asked.now
        )
        outcome.accepted += verdict["accepted"]
        outcome.updated += verdict["updated"]
        outcome.refused += renumbered(verdict["errors"], [place + 1 for place in places])
    return outcome


def _concerns(row: Row) -> Sequence[Hashable | None]:
    code = str(row.get("division_code", ""))
    return (code, parent_of(code) if len(code) in LEVELS else None)


KIND: Final = Kind(
    name="grids",
    zh="区划网格",
    en="Divisions and grids",
    columns=COLUMNS,
    apply=apply,
    at_once=AT_ONCE,
    concerns=_concerns,
)
