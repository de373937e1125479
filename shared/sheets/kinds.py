"""A kind of sheet: its columns, what must not repeat in it, and the use case that takes its rows in.

A slice that can be imported declares its `KIND` in a file of its own; the service lists them all once.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from shared.context import Context
from shared.db import Session
from shared.errors import RowError
from shared.security.principal import Principal
from shared.sheets.columns import Column

Row = Mapping[str, Any]
# What becomes of a row about something that stands with other content: brought up to it, or refused.
Existing = Literal["update", "refuse"]


@dataclass(frozen=True, slots=True)
class Asked:
    """Who sent the sheet, when it is taken in (business time), and what becomes of what stands already."""

    who: Principal
    now: datetime
    existing: Existing = "update"


@dataclass(slots=True)
class Outcome:
    """accepted (new) + updated (known) + rows in `refused` = rows; an error bears its row's place, from 1."""

    accepted: int = 0
    updated: int = 0
    refused: list[RowError] = field(default_factory=list)


Apply = Callable[[Session, Context[Any], Sequence[Row], Asked], Awaitable[Outcome]]
Beside = Callable[[Session, Context[Any], Sequence[Row], Asked], Awaitable[list[dict[str, Any]]]]


def _anybody(_: Principal) -> None:
    pass


def _nothing(_: Row) -> Sequence[Hashable | None]:
    return ()


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

    `may_send` refuses a sender with a Problem. `existing`: what a sender may choose, first what JSON does.
    `concerns`: what a row is about, then what it rests on, so that a trial of a later part knows of the
    rows that come before it. `beside`: what stands with us and not on the sheet, masked.
    """

    name: str
    zh: str
    en: str
    columns: tuple[Column, ...]
    apply: Apply
    once: tuple[Once, ...] = ()
    at_once: int = 1_000
    may_send: Callable[[Principal], None] = _anybody
    existing: tuple[Existing, ...] = ("update",)
    concerns: Callable[[Row], Sequence[Hashable | None]] = _nothing
    beside: Beside | None = None


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
