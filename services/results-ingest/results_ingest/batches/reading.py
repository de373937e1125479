"""From a body to a batch number and rows: JSON or NDJSON, the envelope alone, no row looked into."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from results_ingest.batches.errors import LINE_NOT_JSON
from results_ingest.batches.texts import check_code, shown
from shared.errors import INVALID_BODY, NOT_JSON, TOO_MANY_ROWS, Problem, RowError
from shared.result_ids import MOST_ROWS
from shared.web.bodies import strict_json

MAX_BYTES: Final = 50_000_000
JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
MEDIA_TYPES: Final = (JSON, NDJSON)

# One C call holds the interpreter until it is done: the event loop gets its turn between chunks.
DIGEST_ROWS: Final = 500
"""Rows of a chunk of the digest: another number would give other digests than those that are stored."""
_PLAIN: Final = frozenset({str, int, bool, type(None)})


@dataclass(frozen=True, slots=True)
class Sent:
    """What a laboratory sent; `sha256` is of the bytes, `digest` of the rows as JSON values."""

    batch_no: str
    rows: list[Any]
    sha256: bytes
    digest: bytes


def read(raw: bytes, media_type: str) -> Sent:
    """Read a body; Problem 400, 413 or 422 where it is not this envelope."""
    head, rows = _ndjson(raw) if media_type == NDJSON else _json(raw)
    errors = _envelope(head, rows)
    if len(rows) > MOST_ROWS:
        raise Problem(TOO_MANY_ROWS, limit=MOST_ROWS)
    if errors:
        raise Problem(INVALID_BODY, errors=errors)
    return Sent(head["batch_no"], rows, hashlib.sha256(raw).digest(), digest_of(rows))


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


def _envelope(head: dict[str, Any], rows: Sequence[Any] | None) -> list[RowError]:
    errors = [RowError(None, shown(name), "unknown_field") for name in head if name != "batch_no"]
    batch_no = head.get("batch_no")
    code = "field_required" if batch_no is None else check_code(batch_no)
    if code is not None:
        errors.append(RowError(None, "batch_no", code))
    if rows is not None and not rows:
        errors.append(RowError(None, "results", "too_short"))
    return errors
