"""From a body to a batch number and rows: the envelope alone, no row looked into."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from results_ingest.batches.errors import LINE_NOT_JSON
from results_ingest.batches.texts import Fault, check_code, shown
from results_ingest.forms.said import Told
from results_ingest.sheets.reading import Copy, Saved, said_by
from shared.errors import INVALID_BODY, NOT_JSON, TOO_MANY_ROWS, Problem, RowError
from shared.result_ids import MOST_ROWS
from shared.sheets.errors import OFFSET_ASSUMED
from shared.sheets.reading import CSV, XLSX
from shared.sheets.rows import Rows
from shared.web.bodies import strict_json

MAX_BYTES: Final = 50_000_000
JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
SHEETS: Final = (CSV, XLSX)

# One C call holds the interpreter until it is done: the event loop gets its turn between chunks.
DIGEST_ROWS: Final = 500
"""Rows of a chunk of the digest: another number would give other digests than those that are stored."""
_PLAIN: Final = frozenset({str, int, bool, type(None)})


@dataclass(frozen=True, slots=True)
class Sent:
    """What a laboratory sent; `sha256` is of the bytes, `digest` of the rows as JSON values.

    Of a sheet also: the `numbers` of its rows as a person sees them, what is `unreadable` by a row's place
    from 1, what the receipt has to say (`notes`), and the sheet for its annotated `copy`. Of HL7 v2 and FHIR
    also their `origin`, by which they are answered in kind.
    """

    batch_no: str
    rows: list[Any]
    sha256: bytes
    digest: bytes
    numbers: Sequence[int] | None = None
    unreadable: Mapping[int, Sequence[Fault]] = field(default_factory=dict)
    notes: Sequence[RowError] = ()
    copy: Copy | None = None
    origin: object = None

    def numbered(self, errors: Iterable[RowError]) -> list[RowError]:
        """Return errors by the places of rows as errors by the numbers that a person sees."""
        if self.numbers is None:
            return list(errors)
        return [
            error if error.row is None else replace(error, row=self.numbers[error.row - 1])
            for error in errors
        ]


def read(raw: bytes, media_type: str) -> Sent:
    """Read a body; Problem 400, 413 or 422 where it is not this envelope."""
    head, rows = _ndjson(raw) if media_type == NDJSON else _json(raw)
    check_envelope(head, rows)
    return Sent(head["batch_no"], rows, hashlib.sha256(raw).digest(), digest_of(rows))


def read_said(raw: bytes, rows: Rows, saved: Saved, batch_no: str | None) -> Sent:
    """Return what a sheet says under a batch number; Problem 422 for its header or the number."""
    check_number(batch_no)
    said = said_by(rows, saved)
    # What could not be read is part of what was sent: a cell put right makes other rows.
    meant = [[row, said.cells[at]] if at in said.cells else row for at, row in enumerate(said.rows, start=1)]
    notes = [RowError(None, None, OFFSET_ASSUMED.code)] if said.offset_assumed else []
    return Sent(
        batch_no or "",
        said.rows,
        hashlib.sha256(raw).digest(),
        digest_of(meant),
        said.numbers,
        said.unreadable,
        notes,
        said.copy,
    )


def check_number(batch_no: str | None) -> None:
    """Refuse a sheet without a batch number beside it, or with one of the wrong form; Problem 422."""
    if batch_no is None:
        raise Problem(INVALID_BODY, errors=[RowError(None, "batch_no", "batch_no_beside")])
    check_envelope({"batch_no": batch_no}, None)


def read_told(raw: bytes, told: Told, batch_no: str | None) -> Sent:
    """Return what HL7 v2 or FHIR says, under the number beside it or else its own; Problem 422."""
    number = told.batch_no if batch_no is None else batch_no
    check_envelope({"batch_no": number}, told.rows)
    meant = [
        [row, told.source[at]] if at in told.source else row for at, row in enumerate(told.rows, start=1)
    ]
    notes = [RowError(None, None, OFFSET_ASSUMED.code)] if told.offset_assumed else []
    return Sent(
        number or "",
        told.rows,
        hashlib.sha256(raw).digest(),
        digest_of(meant),
        None,
        told.unreadable,
        [*notes, *told.notes],
        origin=told.origin,
    )


def check_envelope(head: Mapping[str, Any], rows: Sequence[Any] | None) -> None:
    """Refuse what is wrong outside the rows: Problem 413 or 422."""
    errors = _envelope(head, rows)
    if rows is not None and len(rows) > MOST_ROWS:
        raise Problem(TOO_MANY_ROWS, limit=MOST_ROWS)
    if errors:
        raise Problem(INVALID_BODY, errors=errors)


def digest_of(rows: list[Any]) -> bytes:
    """Return a digest that is equal for equal JSON values: key order, spaces and `1.0` for `1` vanish."""
    digest = hashlib.sha256()
    try:
        for start in range(0, len(rows), DIGEST_ROWS):
            chunk = [_canonical(row) for row in rows[start : start + DIGEST_ROWS]]
            text = json.dumps(chunk, sort_keys=True, separators=(",", ":"))
            digest.update(text.encode("ascii"))
    except (RecursionError, ValueError):
        raise Problem(NOT_JSON) from None
    return digest.digest()


def _canonical(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, dict):
        if all(_stays(item) for item in value.values()):
            return value
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_canonical(item) for item in value]
    return value


def _stays(item: Any) -> bool:  # noqa: ANN401 - any JSON value
    kind = type(item)
    return kind in _PLAIN or (kind is float and not item.is_integer())


def _json(raw: bytes) -> tuple[dict[str, Any], list[Any]]:
    body = strict_json(raw)
    if not isinstance(body, dict):
        raise Problem(INVALID_BODY, errors=[RowError(None, None, "wrong_type")])
    if "results" not in body:
        raise Problem(
            INVALID_BODY, errors=[*_envelope(body, None), RowError(None, "results", "field_required")]
        )
    rows = body.pop("results")
    if not isinstance(rows, list):
        raise Problem(INVALID_BODY, errors=[*_envelope(body, None), RowError(None, "results", "wrong_type")])
    return body, rows


def _ndjson(raw: bytes) -> tuple[dict[str, Any], list[Any]]:
    lines = [(number, line) for number, line in enumerate(raw.split(b"\n"), start=1) if line.strip()]
    if not lines:
        raise Problem(LINE_NOT_JSON, line=1)
    if len(lines) - 1 > MOST_ROWS:
        raise Problem(TOO_MANY_ROWS, limit=MOST_ROWS)
    values = [_line(number, line) for number, line in lines]
    head = values.pop(0)
    if not isinstance(head, dict):
        raise Problem(INVALID_BODY, errors=[RowError(None, None, "wrong_type")])
    return head, values


def _line(number: int, line: bytes) -> Any:  # noqa: ANN401 - any JSON value
    try:
        return strict_json(line)
    except Problem as problem:
        if problem.message is NOT_JSON:
            raise Problem(LINE_NOT_JSON, line=number) from None
        raise


def _envelope(head: Mapping[str, Any], rows: Sequence[Any] | None) -> list[RowError]:
    errors = [RowError(None, shown(name), "unknown_field") for name in head if name != "batch_no"]
    batch_no = head.get("batch_no")
    code = "field_required" if batch_no is None else check_code(batch_no)
    if code is not None:
        errors.append(RowError(None, "batch_no", code))
    if rows is not None and not rows:
        errors.append(RowError(None, "results", "too_short"))
    return errors
