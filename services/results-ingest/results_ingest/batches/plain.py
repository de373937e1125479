"""The quick way in for a body of nothing but plain negatives by health code: most bodies, on a big day.

It takes only what the careful way (`reading`, `draft`) would accept whole and without a word to say;
anything else is left to that. Decoded once into fixed shapes, checked in one pass, and nothing of a
row is kept but what the store needs.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import msgspec
from msgspec import UNSET, UnsetType

from results_ingest.batches.fingerprints import plain_key
from results_ingest.batches.reading import DIGEST_ROWS
from results_ingest.batches.rules import AHEAD, parse_time
from results_ingest.batches.texts import check_code
from results_ingest.matching.plain import Plain
from shared.identifiers import check_health_code_id
from shared.result_ids import MOST_ROWS


class _Row(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """In alphabetical order, so that encoding it again gives the JSON with its keys sorted."""

    collected_at: str
    health_code_id: str
    mode: Literal["single", "mixed"] | UnsetType = UNSET
    outcome: Literal["negative"]
    received_at: str | UnsetType = UNSET
    released_at: str | UnsetType = UNSET
    row_ref: str | UnsetType = UNSET
    test_kind: Literal["pcr"] | UnsetType = UNSET
    tested_at: str


class _Body(msgspec.Struct, forbid_unknown_fields=True):
    batch_no: str
    results: list[_Row]


_decode: Final = msgspec.json.Decoder(_Body).decode
_encode: Final = msgspec.json.Encoder().encode
# The quotes round `batch_no`, its value and `results`.
_ENVELOPE_QUOTES: Final = 6


@dataclass(frozen=True, slots=True)
class PlainBatch:
    """A body that is good in itself: what a `Sent` says of it, its rows, and its latest time."""

    batch_no: str
    sha256: bytes
    digest: bytes
    rows: Sequence[Plain]
    sent: Sequence[_Row]
    latest: float

    def in_time(self, now: datetime) -> bool:
        """Tell whether no time lies too far ahead of the business time."""
        return self.latest <= (now + AHEAD).timestamp()

    def values_of(self, row: int) -> dict[str, object]:
        """Return a row, numbered from 1, as the JSON object that was sent."""
        values: dict[str, object] = msgspec.to_builtins(self.sent[row - 1])
        return values


def read_plain(raw: bytes, *, lab_code: str) -> PlainBatch | None:
    """Return a body of plain negatives, or None for any other body, good or bad."""
    try:
        body = _decode(raw)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return None
    sent = body.results
    if not 1 <= len(sent) <= MOST_ROWS or check_code(body.batch_no) is not None:
        return None
    times = _Times()
    rows = list(_rows(sent, times, lab_code))
    if len(rows) != len(sent):
        return None
    digest, quotes = _digest(sent)
    # A key that is there twice is decoded once: then the text holds more quotes than its meaning.
    if raw.count(b'"') != quotes + _ENVELOPE_QUOTES:
        return None
    return PlainBatch(body.batch_no, hashlib.sha256(raw).digest(), digest, rows, sent, times.latest)


class _Times(dict[str, float | None]):
    """Seconds since 1970 of every text that was a time; None for one that was not."""

    latest: float = 0.0

    def __missing__(self, text: str) -> float | None:
        moment = parse_time(text)
        if not isinstance(moment, datetime):
            self[text] = None
            return None
        seconds = self[text] = moment.timestamp()
        self.latest = max(self.latest, seconds)
        return seconds


def _rows(sent: Sequence[_Row], times: _Times, lab_code: str) -> Iterator[Plain]:
    """Yield the rows up to the first that is not plain."""
    key_of = plain_key(lab_code)
    for number, row in enumerate(sent, start=1):
        code, ref = row.health_code_id, row.row_ref
        collected, tested = times[row.collected_at], times[row.tested_at]
        if collected is None or tested is None or tested < collected:
            return
        if check_health_code_id(code) is not None or (ref is not UNSET and check_code(ref) is not None):
            return
        received = released = None
        if row.received_at is not UNSET and (received := times[row.received_at]) is None:
            return
        if row.released_at is not UNSET and (released := times[row.released_at]) is None:
            return
        mode = "single" if row.mode is UNSET else row.mode
        yield Plain(
            number,
            code,
            key_of(code),
            mode,
            collected,
            tested,
            received,
            released,
            None if ref is UNSET else ref,
        )


def _digest(sent: Sequence[_Row]) -> tuple[bytes, int]:
    """Return the digest that `reading.digest_of` gives these rows, and the quotes in their JSON."""
    digest, quotes = hashlib.sha256(), 0
    for start in range(0, len(sent), DIGEST_ROWS):
        text = _encode(sent[start : start + DIGEST_ROWS])
        digest.update(text)
        quotes += text.count(b'"')
    return digest.digest(), quotes
