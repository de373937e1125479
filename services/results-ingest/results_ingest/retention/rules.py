"""The classes of what is kept, and until when. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

Name = Literal["originals", "sheets", "deliveries", "row_changes"]


@dataclass(frozen=True, slots=True)
class Class:
    """A class of what is kept: the setting of its days, on which clock they run, and what it is."""

    setting: str
    real_clock: bool
    may_be_held: bool
    zh: str
    en: str


CLASSES: Final[Mapping[Name, Class]] = {
    "originals": Class(
        "original_retention_days", False, True, "原始上报内容及已处理的行", "Bodies as sent and applied rows"
    ),
    "sheets": Class("sheet_retention_days", False, False, "待取回批注的表格", "Sheets to be had annotated"),
    "deliveries": Class("webhook_delivery_days", True, True, "回调记录", "Calls to laboratories"),
    "row_changes": Class("row_change_days", True, False, "去向变更流", "The feed of rows"),
}


def cutoff(days: int, *, now: datetime) -> datetime:
    """Return the moment before which what came is past its time."""
    return now - timedelta(days=days)
