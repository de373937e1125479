"""Cursors and limits of lists: opaque to the client, checked when they come back."""

import base64
import binascii
import json
from typing import Annotated, Any, Final

from fastapi import Query

from shared.errors import CURSOR_INVALID, Problem

MAX_CURSOR: Final = 1024

Limit = Annotated[int, Query(ge=1, le=1000, description="每页条数 Items a page")]
Cursor = Annotated[str | None, Query(max_length=MAX_CURSOR, description="上一页的 next_cursor")]
DEFAULT_LIMIT: Final = 100


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
