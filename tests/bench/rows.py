"""Plain negative rows by health code: the same ones for the system and for the bare database.

People come in turn, so that nobody has two rows in flight, and each row is newer than the last. As on a
real day a plate of 94 samples is tested at one moment, and every sample of it was taken at another.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Final

FIRST_SECOND: Final = timedelta(hours=20)
UNTIL_TESTED: Final = 3 * 3600
PLATE: Final = 94
PLATES: Final = 1_000
A_PLATE: Final = 3
A_SAMPLE: Final = 5


@dataclass(slots=True)
class Rows:
    """Where the next rows come from."""

    codes: Sequence[str]
    now: datetime
    given: int = 0
    numbers: "count[int]" = field(default_factory=count)
    moments: dict[int, datetime] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)

    def take(self, rows: int) -> list[tuple[str, datetime, datetime]]:
        """Return (health code, collected, tested) of the next people."""
        moment = self._moment
        return [(code, moment(collected), moment(tested)) for code, collected, tested in self._next(rows)]

    def take_texts(self, rows: int) -> list[tuple[str, str, str]]:
        """Return the same with times as they are sent."""
        text = self._text
        return [(code, text(collected), text(tested)) for code, collected, tested in self._next(rows)]

    def batch(self, rows: int, tag: str) -> bytes:
        """Return the body of POST /v1/batches with the next rows."""
        return body_of(f"{tag}-{next(self.numbers):06d}", self.take_texts(rows))

    def _next(self, rows: int) -> Iterator[tuple[str, int, int]]:
        """Yield the next people with the seconds at which they were swabbed and tested."""
        codes = self.codes
        for given in range(self.given, self.given + rows):
            turn, place = divmod(given, len(codes))
            plate, well = divmod(place, PLATE)
            tested = plate % PLATES * A_PLATE + turn
            yield codes[place], tested - UNTIL_TESTED - well * A_SAMPLE, tested
        self.given += rows

    def _moment(self, second: int) -> datetime:
        if second not in self.moments:
            self.moments[second] = self.now - FIRST_SECOND + timedelta(seconds=second)
        return self.moments[second]

    def _text(self, second: int) -> str:
        if second not in self.texts:
            self.texts[second] = self._moment(second).isoformat(timespec="seconds")
        return self.texts[second]


def body_of(batch_no: str, rows: Sequence[tuple[str, str, str]]) -> bytes:
    """Return a batch as a laboratory sends it."""
    results = ",".join(
        f'{{"health_code_id":"{code}","outcome":"negative","collected_at":"{collected}","tested_at":"{tested}"}}'
        for code, collected, tested in rows
    )
    return f'{{"batch_no":"{batch_no}","results":[{results}]}}'.encode()
