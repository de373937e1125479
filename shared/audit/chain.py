"""The hash chain of an audit log: pure. Each hash covers the one before it and the row's exact bytes."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

FORMAT: Final = "yingjian-audit-1"


class Entry(msgspec.Struct, frozen=True):
    """A row as it is hashed and exported; the order of the fields is part of the format."""

    n: int | None
    audit_id: int
    at: str
    client_id: str
    action: str
    person_id: str | None
    subject: str | None
    purpose: str | None
    requests: int
    rows: int


class Gone(msgspec.Struct, frozen=True):
    """What is chained for a row that had vanished before it could be."""

    n: int
    audit_id: int
    gone: bool = True


class Link(msgspec.Struct, frozen=True):
    """A line of an export; without a hash the row hangs on no chain."""

    hash: str | None
    row: msgspec.Raw


class Begin(msgspec.Struct, frozen=True):
    """The first line of an export: which log, and the place in its chain after which the lines go on."""

    audit: str
    service: str
    after: int
    hash: str
    exported_at: str


_encode = msgspec.json.Encoder().encode


def genesis(service: str) -> bytes:
    """Return what the first row of a service's chain is chained to."""
    return hashlib.sha256(f"{FORMAT} {service}".encode()).digest()


def next_hash(previous: bytes, row: bytes) -> bytes:
    """Return the hash of a row's bytes chained to the one before."""
    return hashlib.sha256(previous + row).digest()


def moment(at: datetime) -> str:
    """Return a time as the chain writes it: UTC, microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def row_bytes(row: Mapping[Any, Any], n: int | None) -> bytes:
    """Return a stored row as it is hashed; `gone` if nothing but its id is left."""
    if row["at"] is None:
        return _encode(Gone(n or 0, row["audit_id"]))
    person_id: UUID | None = row["person_id"]
    return _encode(
        Entry(
            n=n,
            audit_id=row["audit_id"],
            at=moment(row["at"]),
            client_id=row["client_id"],
            action=row["action"],
            person_id=None if person_id is None else str(person_id),
            subject=row["subject"],
            purpose=row["purpose"],
            requests=row["requests"],
            rows=row["rows"],
        )
    )


def linked(
    rows: Iterable[Mapping[Any, Any]], *, after: int, previous: bytes
) -> Iterator[tuple[int, int, bytes]]:
    """Yield (n, audit_id, hash) of rows that follow the chain's `after`-th."""
    for n, row in enumerate(rows, start=after + 1):
        previous = next_hash(previous, row_bytes(row, n))
        yield n, row["audit_id"], previous


def begin_line(service: str, *, after: int, previous: bytes, now: datetime) -> bytes:
    """Return the first line of an export."""
    return _encode(Begin(FORMAT, service, after, previous.hex(), moment(now)))


def link_line(row: Mapping[Any, Any]) -> bytes:
    """Return an export's line of a row with its stored `n` and `hash`, both None if it has none."""
    stored = None if row["hash"] is None else bytes(row["hash"]).hex()
    return _encode(Link(stored, msgspec.Raw(row_bytes(row, row["n"]))))
