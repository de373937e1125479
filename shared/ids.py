"""UUIDv7, made by the application (PostgreSQL 16 and 17 have no uuidv7())."""

import secrets
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

Randomness = Callable[[int], bytes]


def new_id(now: datetime, randomness: Randomness = secrets.token_bytes) -> UUID:
    """Return a UUIDv7 of `now` (milliseconds) and ten random bytes."""
    milliseconds = int(now.timestamp() * 1000) & 0xFFFF_FFFF_FFFF
    value = milliseconds << 80 | int.from_bytes(randomness(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)
