"""registry to notifier: the duty matrix, whole. The highest revision wins, in any order."""

from typing import ClassVar

import msgspec

from shared.messages.base import Message


class DutyEntry(msgspec.Struct, frozen=True):
    """An entry of the matrix and the department behind it."""

    entry_code: str
    name_zh: str
    name_en: str
    department_code: str | None


class Duty(msgspec.Struct, frozen=True):
    """Whose a kind of message or notice is from a day on."""

    subject: str
    effective_from: str
    entry_code: str


class DutiesChanged(Message, frozen=True):
    """The whole matrix as it stands."""

    name: ClassVar[str] = "duties.changed"

    revision: int
    entries: tuple[DutyEntry, ...]
    duties: tuple[Duty, ...]
