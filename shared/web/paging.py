"""Cursors and limits of lists: opaque to the client, checked when they come back."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Final, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic_core import PydanticCustomError

from shared.errors import CURSOR_INVALID, INVALID_PARAMETER, Problem, RowError
from shared.identifiers import is_code
from shared.web.types import parse_time

MAX_CURSOR: Final = 1024
LARGEST: Final = 2**63 - 1
FIRST: Final = UUID(int=0)
LAST: Final = UUID(int=2**128 - 1)
R = TypeVar("R")

Limit = Annotated[int, Query(ge=1, le=1000, description="每页条数 Items a page")]
Cursor = Annotated[str | None, Query(max_length=MAX_CURSOR, description="上一页的 next_cursor")]
DEFAULT_LIMIT: Final = 100
Moment = Annotated[
    str | None,
    Query(
        max_length=40,
        description="RFC 3339 时间,带时区偏移 with offset",
        json_schema_extra={"format": "date-time"},
    ),
]


def encode_cursor(position: dict[str, Any]) -> str:
    """Return an opaque cursor for a position."""
    raw = json.dumps(position, separators=(",", ":"), sort_keys=True).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode_cursor(cursor: str) -> dict[str, Any]:
    """Return the position of a cursor; Problem 422 `cursor_invalid`."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        position = json.loads(raw)
    except (ValueError, binascii.Error, RecursionError):
        raise Problem(CURSOR_INVALID) from None
    if not isinstance(position, dict):
        raise Problem(CURSOR_INVALID)
    return position


def page_of(
    name: str, rows: Sequence[R], *, limit: int, position: Callable[[R], dict[str, Any]]
) -> dict[str, Any]:
    """Return a page of `limit` out of `limit + 1` rows; `next_cursor` is null at the end."""
    shown = list(rows[:limit])
    more = len(rows) > limit
    return {name: shown, "next_cursor": encode_cursor(position(shown[-1])) if more else None}


def code_after(cursor: str | None, field: str) -> str:
    """Return the code a list goes on after, '' at the beginning; Problem 422 `cursor_invalid`."""
    value = _field(cursor, field)
    if value is None:
        return ""
    if value and not is_code(value):
        raise Problem(CURSOR_INVALID)
    return value


def day_before(cursor: str | None, field: str) -> date:
    """Return the day a list goes on before, `date.max` at the beginning; Problem 422 `cursor_invalid`."""
    value = _field(cursor, field)
    try:
        return date.max if value is None else date.fromisoformat(value)
    except ValueError:
        raise Problem(CURSOR_INVALID) from None


def number_after(cursor: str | None, field: str) -> int:
    """Return the number a list goes on after, 0 at the beginning; Problem 422 `cursor_invalid`."""
    if cursor is None:
        return 0
    value = decode_cursor(cursor).get(field)
    if type(value) is not int or not 0 <= value <= LARGEST:
        raise Problem(CURSOR_INVALID)
    return value


def uuid_after(cursor: str | None, field: str, *, start: UUID = FIRST) -> UUID:
    """Return the id a list goes on from; without a cursor `start`: `FIRST`, or `LAST` for newest first."""
    value = _field(cursor, field)
    try:
        return start if value is None else UUID(value)
    except ValueError:
        raise Problem(CURSOR_INVALID) from None


def moment_of(name: str, value: str | None) -> datetime | None:
    """Return the time of a parameter, None where it is absent; Problem 422 with the parameter's name."""
    if value is None:
        return None
    try:
        # A plus sign that was not escaped arrives as a blank.
        return parse_time(value.replace(" ", "+"))
    except PydanticCustomError as error:
        raise Problem(INVALID_PARAMETER, errors=[RowError(None, name, error.type)]) from None


def _field(cursor: str | None, field: str) -> str | None:
    if cursor is None:
        return None
    value = decode_cursor(cursor).get(field)
    if not isinstance(value, str):
        raise Problem(CURSOR_INVALID)
    return value
