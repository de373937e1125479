"""A list that can be taken out as a sheet: its columns and how its pages are read."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from shared.context import Context
from shared.db import Session
from shared.errors import Language
from shared.security.principal import Principal


@dataclass(frozen=True, slots=True)
class Wanted:
    """Who takes a list out and what of it; `clear`: fields of people shown in clear, for `reason`."""

    who: Principal
    now: datetime
    township_code: str | None = None
    department_code: str | None = None
    unit_code: str | None = None
    clear: frozenset[str] = frozenset()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """A column of a list: the row's field, with dots for what lies inside another, and its headers."""

    field: str
    zh: str
    en: str


_WORDS: Final = {"zh": ("否", "是"), "en": ("no", "yes")}
Place = Any
Page = Callable[
    [Session, Context[Any], Wanted, Place | None, int],
    Awaitable[tuple[Sequence[Mapping[str, Any]], Place | None]],
]


@dataclass(frozen=True, slots=True)
class Listing:
    """One list. `page` returns up to so many rows after a place, and the place to go on from or None.

    Each page is read in a transaction of its own, inside the caller's area. `discloses`: its people may
    be shown in clear to a named person who says why.
    """

    name: str
    zh: str
    en: str
    columns: tuple[Listed, ...]
    page: Page
    discloses: bool = False


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def cell(row: Mapping[str, Any], field: str, language: Language) -> str | int | float | None:
    """Return what stands in a column of a row: texts as they are, several joined, nothing for null."""
    value: Any = row
    for part in field.split("."):
        value = None if value is None else value.get(part)
    match value:
        case bool():
            return _WORDS[language][value]
        case None | int() | float() | str():
            return value
        case list() | tuple():
            return ", ".join(each if isinstance(each, str) else _json(each) for each in value)
        case dict():
            return _json(value)
        case _:
            return value.isoformat() if hasattr(value, "isoformat") else str(value)
