"""Receipts: what is stored of a batch's verdicts, as codes, and how it is said when it is read."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from results_ingest.batches.draft import DUPLICATE, REJECTED, Draft
from shared.clock import SHANGHAI
from shared.db import json_of
from shared.errors import Language, RowError
from shared.web.problems import error_items

SHOWN: Final = 1000
"""How many errors and warnings a receipt lists (contract §3)."""

NOTHING_TO_SAY: Final[Mapping[str, Any]] = {
    "rejected": 0,
    "duplicates": 0,
    "errors": "[]",
    "errors_total": 0,
    "warnings": "[]",
    "warnings_total": 0,
}
"""The verdicts of a batch whose every row is good, as columns."""


def columns_of(draft: Draft, bound: frozenset[str]) -> dict[str, Any]:
    """Return the counts and verdicts of a draft as columns; `bound` are the tubes that give a time."""
    errors = draft.sent.numbered(sorted(draft.errors, key=lambda error: error.row or 0))
    warnings = draft.sent.numbered([*draft.notes, *_assumed(draft, bound)])
    return {
        "rows": len(draft.sent.rows),
        "accepted": len(draft.accepted),
        "rejected": sum(one.verdict == REJECTED for one in draft.refused),
        "duplicates": sum(one.verdict == DUPLICATE for one in draft.refused),
        "errors": _stored(errors[:SHOWN]),
        "errors_total": len(errors),
        "warnings": _stored(warnings[:SHOWN]),
        "warnings_total": len(warnings),
    }


def path_of(stored: Mapping[str, Any]) -> str:
    """Return where a stored batch is read."""
    return f"/v1/batches/{stored['batch_id']}"


def receipt(stored: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """Return the receipt of a stored batch: the same for everyone who reads it, in their language."""
    path = path_of(stored)
    return {
        "batch_id": str(stored["batch_id"]),
        **summary(stored, language),
        "links": {"self": path, "rows": f"{path}/rows"},
    }


def summary(stored: Mapping[str, Any], language: Language) -> dict[str, Any]:
    """Return what a receipt says of the body itself; all that a dry run has."""
    return {
        "batch_no": stored["batch_no"],
        "lab_code": stored["lab_code"],
        "received_at": stored["received_at"].astimezone(SHANGHAI).isoformat(),
        "sha256": bytes(stored["sha256"]).hex(),
        "status": "received",
        "rows": stored["rows"],
        "accepted": stored["accepted"],
        "rejected": stored["rejected"],
        "duplicates": stored["duplicates"],
        "errors": error_items(_read(stored["errors"]), language),
        "errors_total": stored["errors_total"],
        "warnings": error_items(_read(stored["warnings"]), language),
        "warnings_total": stored["warnings_total"],
    }


def problems_of(stored: Mapping[str, Any]) -> tuple[list[RowError], list[RowError]]:
    """Return the errors and the warnings of a stored batch."""
    return _read(stored["errors"]), _read(stored["warnings"])


def _assumed(draft: Draft, bound: frozenset[str]) -> Iterable[RowError]:
    for one in draft.accepted:
        if one.row.collected_at is None and one.row.values.get("tube_code") not in bound:
            row_ref = one.row.values.get("row_ref")
            yield RowError(one.number, "collected_at", "collected_at_assumed", row_ref)


def _stored(found: Iterable[RowError]) -> str:
    return json.dumps([[one.row, one.field, one.code, one.row_ref] for one in found])


def _read(stored: object) -> list[RowError]:
    return [RowError(*item) for item in json_of(stored)]
