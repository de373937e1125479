"""Accepted rows that wait for matching: in parts, compressed, sealed; positives apart.

The shape of a row here is what matching reads (`results_ingest.matching`).
"""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from results_ingest.batches.draft import Accepted, Draft, plain_of
from results_ingest.batches.rules import URGENT_OUTCOMES
from shared.identifiers import normalise_name
from shared.security.sealing import BlindIndex, Sealer

CONTEXT: Final = "ingest.batch_part"
URGENT_ROWS: Final = 500
ROWS: Final = 5000
_LEVEL: Final = 1
_EXTRA: Final = (
    "name",
    "id_no",
    "reviewer_code",
    "ct_orf1ab",
    "ct_n",
    "specimen_type",
    "kit",
    "lab_extra",
)


@dataclass(frozen=True, slots=True)
class Part:
    """Some rows of a batch, sealed."""

    number: int
    rows: int
    urgent: bool
    sealed: bytes


def seal_parts(draft: Draft, *, sealer: Sealer, index: BlindIndex) -> list[Part]:
    """Return the parts of what a batch has beside plain rows: urgent rows first, in parts of their own."""
    rows = [one for one in draft.accepted if plain_of(one) is None]
    urgent = [one for one in rows if _is_urgent(one)]
    rest = [one for one in rows if not _is_urgent(one)]
    first = [
        _part(number, chunk, sealer, index, urgent=True)
        for number, chunk in enumerate(_chunks(urgent, URGENT_ROWS), start=1)
    ]
    return [*first, *seal_rows(rest, first=len(first) + 1, sealer=sealer, index=index)]


def seal_rows(rows: Sequence[Accepted], *, first: int, sealer: Sealer, index: BlindIndex) -> list[Part]:
    """Return the parts of rows that can wait, numbered from `first`."""
    return [
        _part(number, chunk, sealer, index, urgent=False)
        for number, chunk in enumerate(_chunks(rows, ROWS), start=first)
    ]


def _part(number: int, rows: Sequence[Accepted], sealer: Sealer, index: BlindIndex, *, urgent: bool) -> Part:
    text = zlib.compress(msgspec.json.encode([_row(one, index) for one in rows]), _LEVEL)
    return Part(number, len(rows), urgent, sealer.seal(text, context=CONTEXT))


def _is_urgent(one: Accepted) -> bool:
    # A correction may lift or make a positive: neither may wait behind a queue of negatives.
    return one.row.values["outcome"] in URGENT_OUTCOMES or one.is_correction


def _chunks(rows: Sequence[Accepted], size: int) -> Iterator[Sequence[Accepted]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _row(one: Accepted, index: BlindIndex) -> dict[str, Any]:
    row = one.row
    values = row.values
    name = values.get("name")
    return {
        "row": one.number,
        "row_ref": values.get("row_ref"),
        "tube_code": values.get("tube_code"),
        "health_code_id": values.get("health_code_id"),
        "id_type": values.get("id_type"),
        "id_index": one.id_index,
        "name_index": None if name is None else index.of("name", normalise_name(name)).hex(),
        "outcome": values["outcome"],
        "mode": values.get("mode"),
        "collected_at": _text(row.collected_at),
        "received_at": _text(row.received_at),
        "tested_at": row.tested_at.isoformat(),
        "released_at": _text(row.released_at),
        "test_kind": row.test_kind,
        "corrects": _corrects(one),
        "hold": one.hold,
        "extra": {field: values[field] for field in _EXTRA if field in values},
    }


def _corrects(one: Accepted) -> dict[str, Any] | None:
    said = one.row.values.get("corrects")
    if said is None:
        return None
    return {"result_id": str(one.corrected), "reason": said["reason"]}


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
