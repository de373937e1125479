"""Ids of batches and results, made so that one leads to the other.

A batch id is a UUIDv7 whose last 16 bits are zero; a result id is the batch id with the row's
number (from 1) in those bits. So a result id needs no row of its own to be known, sorts by the
time of receipt, and both ways between the two are arithmetic.

Statements say the same as `RESULT_ID`, an expression over a column `row` and a parameter `prefix`.
"""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from shared.ids import new_id

_ROW_BITS = 0xFFFF
MOST_ROWS: Final = 10_000
"""Rows of a batch (contract §5); an id with a higher number in its last bits names no result."""

_DIGITS: Final = 4  # that the row takes at the end of the text
RESULT_ID: Final = (
    f"""CAST(CAST(:prefix AS text) || lpad(to_hex(CAST("row" AS integer)), {_DIGITS}, '0') AS uuid)"""
)


def prefix_of(batch_id: UUID) -> str:
    """Return the `prefix` of `RESULT_ID` for the results of a batch."""
    return str(batch_id)[:-_DIGITS]


def new_batch_id(now: datetime, randomness: Callable[[int], bytes] = secrets.token_bytes) -> UUID:
    """Return an id that begins with the time `now` and leaves its last 16 bits for the row."""
    return UUID(int=new_id(now, randomness).int & ~_ROW_BITS)


def result_id(batch_id: UUID, row: int) -> UUID:
    """Return the id of the result in a row of a batch; rows are 1 to 65,535."""
    if not 1 <= row <= _ROW_BITS:
        msg = "a row number is 1 to 65,535"
        raise ValueError(msg)
    return UUID(int=batch_id.int | row)


def split(result: UUID) -> tuple[UUID, int]:
    """Return (batch id, row); the row is 0 for an id that names no row."""
    return UUID(int=result.int & ~_ROW_BITS), result.int & _ROW_BITS


def oldest_id(since: datetime) -> UUID:
    """Return the smallest batch or result id that can have been made at `since` (milliseconds).

    Ids count from 1970: of a time before it that is the smallest of all.
    """
    return UUID(int=max(0, int(since.timestamp() * 1000)) << 80)
