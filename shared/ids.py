"""UUIDv7, made by the application (PostgreSQL 16 and 17 have no uuidv7())."""

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

Randomness = Callable[[int], bytes]

_RANDOM: Final = 10
# Version 7 and the variant of RFC 9562; the other bits below the time are random.
_MARKS: Final = 0x7 << 76 | 0x2 << 62
_FREE: Final = ((1 << 80) - 1) & ~(0xF << 76) & ~(0x3 << 62)


def new_id(now: datetime, randomness: Randomness = secrets.token_bytes) -> UUID:
    """Return a UUIDv7 of `now` (milliseconds) and ten random bytes."""
    return new_ids(now, 1, randomness)[0]


def new_ids(now: datetime, count: int, randomness: Randomness = secrets.token_bytes) -> list[UUID]:
    """Return as many as asked for, of one moment and with one draw of random bytes."""
    head = (int(now.timestamp() * 1000) & 0xFFFF_FFFF_FFFF) << 80 | _MARKS
    drawn = randomness(_RANDOM * count)
    return [
        UUID(int=head | int.from_bytes(drawn[start : start + _RANDOM], "big") & _FREE)
        for start in range(0, _RANDOM * count, _RANDOM)
    ]
