"""A kind of sheet: its columns, what must not repeat in it, and the use case that takes its rows in.

A slice that can be imported declares its `KIND` in a file of its own; the service lists them all once.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from shared.context import Context
from shared.db import Session
from shared.errors import RowError
from shared.security.principal import Principal
from shared.sheets.columns import Column

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who sent the sheet, and when it is taken in (business time)."""

    who: Principal
    now: datetime


@dataclass(slots=True)
class Outcome:
    """accepted (new) + updated (known) + rows in `refused` = rows; an error bears its row's place, from 1."""

    accepted: int = 0
    updated: int = 0
    refused: list[RowError] = field(default_factory=list)


Apply = Callable[[Session, Context[Any], Sequence[Row], Asked], Awaitable[Outcome]]


@dataclass(frozen=True, slots=True)
class Once:
    """Rows whose `key` is the same must have the same `content`, else none of them is taken.

    Both are functions of a row that holds `fields` only; a key of None never repeats.
    """

    field: str
    code: str
    fields: frozenset[str]
    key: Callable[[Row], Hashable | None]
    content: Callable[[Row], Hashable]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of sheet. `at_once`: rows of one transaction, which may take some seconds.

    `whole_district`: clients of a township or department may not send it.
    """

    name: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    apply: Apply
    once: tuple[Once, ...] = ()
    at_once: int = 1_000
    whole_district: bool = False


def repeats(rows: Iterable[tuple[int, Row]], once: Once) -> list[RowError]:
    """Return an error for every row that shares its key with a row of other content."""
    found: dict[Hashable, dict[Hashable, list[int]]] = defaultdict(dict)
    for number, row in rows:
        key = once.key(row)
        if key is not None:
            found[key].setdefault(once.content(row), []).append(number)
    return sorted(
        (
            RowError(number, once.field, once.code)
            for contents in found.values()
            if len(contents) > 1
            for numbers in contents.values()
            for number in numbers
        ),
        key=lambda error: error.row or 0,
    )


def renumbered(errors: Iterable[RowError], numbers: Sequence[int]) -> list[RowError]:
    """Return errors about the 1st, 2nd, … of some rows as errors about the rows a person sees."""
    return [replace(error, row=numbers[error.row - 1]) for error in errors if error.row is not None]
