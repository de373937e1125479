"""Plain negative rows by health code: the same ones for the system and for the bare database.

People come in turn, so that nobody has two rows in flight, and each row is newer than the last.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final

import msgspec

FIRST_SECOND: Final = timedelta(hours=20)


@dataclass(slots=True)
class Rows:
    """Where the next rows come from."""

    codes: Sequence[str]
    now: datetime
    given: int = 0
    numbers: "count[int]" = field(default_factory=count)

    def take(self, rows: int) -> list[tuple[str, datetime, datetime]]:
        """Return (health code, collected, tested) of the next people."""
        taken = []
        for _ in range(rows):
            turn, place = divmod(self.given, len(self.codes))
            tested = self.now - FIRST_SECOND + timedelta(seconds=turn)
            taken.append((self.codes[place], tested - timedelta(hours=3), tested))
            self.given += 1
        return taken

    def batch(self, rows: int, tag: str) -> bytes:
        """Return the body of POST /v1/batches with the next rows."""
        return body_of(f"{tag}-{next(self.numbers):06d}", self.take(rows))


def body_of(batch_no: str, rows: Sequence[tuple[str, datetime, datetime]]) -> bytes:
    """Return a batch as a laboratory sends it."""
    results: list[dict[str, Any]] = [
        {
            "health_code_id": code,
            "outcome": "negative",
            "collected_at": collected.isoformat(timespec="seconds"),
            "tested_at": tested.isoformat(timespec="seconds"),
        }
        for code, collected, tested in rows
    ]
    return msgspec.json.encode({"batch_no": batch_no, "results": results})
