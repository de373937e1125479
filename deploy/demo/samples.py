"""What is sampled and what a laboratory says of it: tubes, rows, batches, and what must become of them.

Pure values and their wire forms of contract §5.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from deploy.demo.records import Person

Verdict = Literal["matched", "unmatched", "held", "rejected", "duplicate"]


@dataclass(frozen=True, slots=True)
class Times:
    """When a sample was taken, received, tested and released."""

    collected: datetime
    received: datetime
    tested: datetime
    released: datetime


@dataclass(frozen=True, slots=True)
class Tube:
    """A tube with its members; `extra` holds the fields that few tubes have."""

    tube_code: str
    mode: str
    capacity: int
    members: tuple[Mapping[str, Any], ...]
    lab_code: str
    times: Times
    site_code: str
    extra: Mapping[str, Any] = field(default_factory=dict)

    def wire(self) -> dict[str, Any]:
        """Return the body of POST /v1/tubes."""
        members = {"members": [dict(member) for member in self.members]} if self.members else {}
        return {
            "tube_code": self.tube_code,
            "mode": self.mode,
            "capacity": self.capacity,
            "subject": "person",
            **members,
            "collected_at": stamp(self.times.collected),
            "site_code": self.site_code,
            "lab_code": self.lab_code,
            **self.extra,
        }


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a batch: what is sent, what must become of it, and whose status shows it.

    `watch` holds the health codes that show this row's `tested_at` once it is visible, unless they
    already show a sample that is newer than `collected`.
    """

    body: Mapping[str, Any]
    verdict: Verdict = "matched"
    watch: tuple[str, ...] = ()
    collected: datetime | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What one laboratory posts at once."""

    lab_code: str
    batch_no: str
    rows: tuple[Row, ...]

    def wire(self) -> dict[str, Any]:
        """Return the body of POST /v1/batches."""
        return {"batch_no": self.batch_no, "results": [dict(row.body) for row in self.rows]}

    def planned(self) -> Counter[str]:
        """Return how many rows end in each verdict."""
        return Counter(row.verdict for row in self.rows)


def stamp(moment: datetime) -> str:
    """Return a time as RFC 3339 with its offset, to the second."""
    return moment.isoformat(timespec="seconds")


def by_code(person: Person) -> dict[str, Any]:
    """Name a person by health code."""
    return {"health_code_id": person.health_code_id}


def by_document(person: Person) -> dict[str, Any]:
    """Name a person by document number."""
    return {"id_type": person.id_type, "id_no": person.id_no, "name": person.name}


def result(
    who: Mapping[str, Any], times: Times, *, outcome: str = "negative", **extra: object
) -> dict[str, Any]:
    """Return a row about a tube or a person; a tube knows when its sample was taken."""
    collected = {} if "tube_code" in who else {"collected_at": stamp(times.collected)}
    return {
        **who,
        "outcome": outcome,
        **collected,
        "received_at": stamp(times.received),
        "tested_at": stamp(times.tested),
        "released_at": stamp(times.released),
        **extra,
    }
