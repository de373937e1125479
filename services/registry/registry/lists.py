"""Lists by cursor and the parameters that name things in paths and queries of registry."""

import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Path, Query

from shared.errors import CURSOR_INVALID, Problem
from shared.web.paging import decode_cursor, encode_cursor

CODE_PATTERN: Final = "^[A-Za-z0-9._-]{1,64}$"
HEALTH_CODE_PATTERN: Final = "^[A-Za-z0-9_-]{4,64}$"
LARGEST: Final = 2**63 - 1
_CODE = re.compile(r"[A-Za-z0-9._-]{0,64}", re.ASCII)

CodePath = Annotated[str, Path(pattern=CODE_PATTERN, description="代码 Code")]
CodeQuery = Annotated[str | None, Query(pattern=CODE_PATTERN, description="代码 Code")]
NumberPath = Annotated[int, Path(ge=1, le=LARGEST, description="编号 Number")]
HealthCodePath = Annotated[str, Path(pattern=HEALTH_CODE_PATTERN, description="健康码标识 Health-code id")]


def page_of(
    name: str,
    rows: Sequence[dict[str, Any]],
    *,
    limit: int,
    position: Callable[[dict[str, Any]], dict[str, Any]],
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
    if not _CODE.fullmatch(value):
        raise Problem(CURSOR_INVALID)
    return value


def number_after(cursor: str | None, field: str) -> int:
    """Return the number a list goes on after, 0 at the beginning."""
    if cursor is None:
        return 0
    value = decode_cursor(cursor).get(field)
    if not isinstance(value, int) or not 0 <= value <= LARGEST:
        raise Problem(CURSOR_INVALID)
    return value


def uuid_after(cursor: str | None, field: str) -> UUID:
    """Return the id a list goes on after, the smallest at the beginning."""
    value = _field(cursor, field)
    try:
        return UUID(int=0) if value is None else UUID(value)
    except ValueError:
        raise Problem(CURSOR_INVALID) from None


def _field(cursor: str | None, field: str) -> str | None:
    if cursor is None:
        return None
    value = decode_cursor(cursor).get(field)
    if not isinstance(value, str):
        raise Problem(CURSOR_INVALID)
    return value
