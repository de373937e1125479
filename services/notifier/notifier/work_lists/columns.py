"""A work list as a sheet: one row an item, in the order of the list; pure."""

import re
from collections.abc import Sequence
from typing import Any, Final

from pydantic import ValidationError

from notifier.work_lists.planning import Entry
from notifier.work_lists.schemas import WorkItemIn, WorkSectionIn
from shared.errors import RowError
from shared.sheets.columns import Column, layout_of, values_of
from shared.sheets.rows import Rows
from shared.web.bodies import errors_of

_YES: Final = {"是": "yes", "否": "no", "yes": "yes", "no": "no"}
_BETWEEN: Final = re.compile(r"[、,，;；\n]")
COLUMNS: Final = (
    Column("section", "类别", "Section", "常态防控方面", ("部分", "分类", "方面"), required=True),
    Column("text", "工作内容", "Text", "修订完善应急预案", ("工作事项", "内容", "事项"), required=True),
    Column(
        "bodies", "责任单位", "Bodies", "区卫健局、区级相关部门", ("牵头及配合单位", "单位"), required=True
    ),
    # A day where it is one; what else is printed there stays as it is.
    Column("deadline", "完成时限", "Deadline", "2021年1月10日", ("时限",), type="day", required=True),
    Column("per_town", "各镇参照", "Per town", "否", ("镇街参照",), choices=_YES),
    Column("drill", "演练", "Drill", "否", (), choices=_YES),
)


def entries_of(rows: Rows) -> tuple[list[Entry], list[RowError]]:
    """Return the items of a sheet and what is wrong with its cells; Problem 422 for its header."""
    layout = layout_of(rows, COLUMNS, mapping={}, constants={})
    entries: list[Entry] = []
    faults: list[RowError] = []
    for number, cells in zip(rows.numbers[1:], rows.rows[1:], strict=True):
        values, wrong = values_of(layout, cells, number=number)
        faults += wrong
        if values is not None:
            entry, wrong = _entry(values, number)
            faults += wrong
            entries += [] if entry is None else [entry]
    return entries, faults


def _entry(values: dict[str, Any], number: int) -> tuple[Entry | None, list[RowError]]:
    section = values.pop("section", None)
    row = {name: value == "yes" if name in ("per_town", "drill") else value for name, value in values.items()}
    if "bodies" in row:
        row["bodies"] = [name.strip() for name in _BETWEEN.split(row["bodies"]) if name.strip()]
    try:
        # The same model that judges JSON, so that both forms mean the same.
        checked = WorkSectionIn.model_validate({"items": [row]} | ({"title": section} if section else {}))
    except ValidationError as error:
        return None, [_named(fault, number) for fault in errors_of(error)]
    return entry_of(checked.items[0], checked.title, number), []


def _named(fault: RowError, number: int) -> RowError:
    field = "section" if fault.field == "title" else (fault.field or "").removeprefix("items.0.")
    return RowError(number, field or None, fault.code)


def entry_of(item: WorkItemIn, section: str, number: int) -> Entry:
    """Return an item as it is planned."""
    return Entry(number, section, item.text, tuple(item.bodies), item.deadline, item.per_town, item.drill)


def entries_in(sections: Sequence[WorkSectionIn]) -> list[Entry]:
    """Return the items of sections, numbered through."""
    rows = [(section.title, item) for section in sections for item in section.items]
    return [entry_of(item, title, number) for number, (title, item) in enumerate(rows, start=1)]
