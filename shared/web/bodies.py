"""Bodies: read within a limit, parsed once and strictly, checked row by row.

FastAPI's own body parameter parses first and validates afterwards, lets duplicate keys and NaN
through and echoes what it refuses; none of that may happen here (contract §3).
"""

import asyncio
import json
import re
import zlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, TypeVar

from anyio import to_thread
from fastapi import Depends, Request
from pydantic import BaseModel, ValidationError
from starlette.requests import ClientDisconnect

from shared.errors import (
    BAD_ENCODING,
    BAD_GZIP,
    BODY_TOO_LARGE,
    BODY_TOO_SLOW,
    CATALOGUE,
    INVALID_BODY,
    MEDIA_TYPE,
    NOT_JSON,
    Problem,
    RowError,
)
from shared.web.limits import charge

MODELS: Final[dict[str, type[BaseModel]]] = {}
DEFAULT_BYTES: Final = 1024 * 1024
BULK_BYTES: Final = 50 * 1024 * 1024
# A sender has this long for its first byte where BODY_GRACE_SECONDS does not say otherwise, and then goes at
# least at this pace (bytes a second).
GRACE_SECONDS: Final = 30.0
SLOWEST: Final = 10_000
CLOSE: Final = {"Connection": "close"}
THREAD_FROM_BYTES: Final = 200_000
_NAME = re.compile(r"[A-Za-z][A-Za-z_]{0,39}[A-Za-z0-9_]{0,8}", re.ASCII)
_DIGITS_ALLOWED: Final = 3
# No body of ours needs ten. What is read at one depth of the stack must still be written at any other.
MOST_LEVELS: Final = 100
M = TypeVar("M", bound=BaseModel)

_PYDANTIC_CODES: Final = {
    "missing": "field_required",
    "extra_forbidden": "unknown_field",
    "string_too_long": "too_long",
    "too_long": "too_long",
    "string_too_short": "too_short",
    "too_short": "too_short",
    "string_pattern_mismatch": "bad_format",
    "literal_error": "not_allowed",
    "enum": "not_allowed",
    "greater_than": "out_of_range",
    "greater_than_equal": "out_of_range",
    "less_than": "out_of_range",
    "less_than_equal": "out_of_range",
    "finite_number": "out_of_range",
    "string_unicode": "character_forbidden",
}


async def raw_body(request: Request, *, max_bytes: int = DEFAULT_BYTES, grace: float | None = None) -> bytes:
    """Return the body, opened if gzipped.

    Problem 413 as soon as the limit is passed (unread if its length says so), 400 if damaged, 408 for a
    sender slower than `SLOWEST`, or one that is gone: nobody hears it, and it is no failure of ours. What
    is left of a refused body is not read: the connection is closed.
    """
    if _declared_length(request) > max_bytes:
        raise Problem(BODY_TOO_LARGE, headers=CLOSE)
    if grace is None:
        grace = request.scope.get("state", {}).get("body_grace", GRACE_SECONDS)
    loop = asyncio.get_running_loop()
    deadline = loop.time() + grace
    try:
        async with asyncio.timeout_at(deadline) as limit:
            return await _read(request, max_bytes, lambda size: limit.reschedule(deadline + size / SLOWEST))
    except (TimeoutError, ClientDisconnect):
        raise Problem(BODY_TOO_SLOW, headers=CLOSE) from None


async def _read(request: Request, max_bytes: int, more: Callable[[int], None]) -> bytes:
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", ""):
        raise Problem(MEDIA_TYPE)
    inflate = zlib.decompressobj(16 + zlib.MAX_WBITS) if encoding == "gzip" else None
    parts: list[bytes] = []
    size = received = 0
    async for chunk in request.stream():
        received += len(chunk)
        more(received)
        data = chunk if inflate is None else _inflated(inflate, chunk, max_bytes - size)
        size += len(data)
        charge(request.scope, "bytes", len(data))
        if size > max_bytes or (inflate is not None and inflate.unconsumed_tail):
            raise Problem(BODY_TOO_LARGE, headers=CLOSE)
        if inflate is not None and inflate.unused_data:
            raise Problem(BAD_GZIP)
        parts.append(data)
    if inflate is not None and (not inflate.eof or inflate.unused_data):
        raise Problem(BAD_GZIP)
    return b"".join(parts)


def _declared_length(request: Request) -> int:
    length = request.headers.get("content-length", "")
    return int(length) if length.isascii() and length.isdigit() else 0


def _inflated(inflate: Any, chunk: bytes, room: int) -> bytes:  # noqa: ANN401 - zlib has no public type
    try:
        data: bytes = inflate.decompress(chunk, room + 1)
    except zlib.error:
        raise Problem(BAD_GZIP) from None
    return data


def strict_json(raw: bytes) -> Any:  # noqa: ANN401 - any JSON value
    """Parse strict JSON: no duplicate key, no NaN or Infinity, UTF-8 without BOM; Problem 400."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Problem(BAD_ENCODING) from None
    try:
        return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant, parse_float=_finite)
    except (ValueError, RecursionError):
        raise Problem(NOT_JSON) from None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        message = "duplicate key"
        raise ValueError(message)
    return members


def _no_constant(_: str) -> float:
    message = "not a JSON number"
    raise ValueError(message)


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        return _no_constant(text)
    return number


def field_name(location: Sequence[int | str]) -> str | None:
    """Return the dotted name of a field, hiding any part that might be a value used as a key."""
    parts = [str(part) if isinstance(part, int) else _harmless(part) for part in location]
    return ".".join(parts) or None


def _harmless(name: str) -> str:
    if _NAME.fullmatch(name) and sum(c.isdigit() for c in name) <= _DIGITS_ALLOWED:
        return name
    return "?"


def errors_of(
    error: ValidationError, *, row: int | None = None, row_ref: str | None = None
) -> list[RowError]:
    """Return pydantic's findings as coded errors, without any value."""
    found = []
    for item in error.errors(include_url=False, include_context=False, include_input=False):
        kind = item["type"]
        code = kind if kind in CATALOGUE else _PYDANTIC_CODES.get(kind, "wrong_type")
        found.append(RowError(row, field_name(item["loc"]), code, row_ref))
    return found


def check_rows(model: type[M], rows: Sequence[object]) -> tuple[list[tuple[int, M]], list[RowError]]:
    """Check every row on its own; return the good ones with their numbers (from 1) and all errors."""
    good: list[tuple[int, M]] = []
    errors: list[RowError] = []
    for number, row in enumerate(rows, start=1):
        try:
            good.append((number, model.model_validate(row)))
        except ValidationError as error:
            errors.extend(errors_of(error, row=number))
    return good, errors


def verdict_of(sent: int, *, accepted: int, updated: int, errors: Iterable[RowError]) -> dict[str, Any]:
    """Return what became of rows: accepted (new) + updated (known) + rejected = sent; errors by row."""
    return {
        "accepted": accepted,
        "updated": updated,
        "rejected": sent - accepted - updated,
        "errors": sorted(errors, key=lambda error: error.row or 0),
    }


def parse(model: type[M], raw: bytes) -> M:
    """Parse and check a whole body; Problem 400 or 422."""
    content = strict_json(raw)
    if _is_deeper(content, MOST_LEVELS):
        raise Problem(NOT_JSON)
    try:
        return model.model_validate(content)
    except ValidationError as error:
        raise Problem(INVALID_BODY, errors=errors_of(error)) from None


def _is_deeper(content: object, levels: int) -> bool:
    """Say whether lists and objects lie in each other more than so many levels deep."""
    level = [content] if isinstance(content, dict | list) else []
    for _ in range(levels):
        if not level:
            return False
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]
    return bool(level)


def require_media_type(request: Request, *allowed: str) -> str:
    """Return the request's media type; Problem 415 if it is none of `allowed` or not UTF-8."""
    header = request.headers.get("content-type", "")
    media_type, _, parameters = header.partition(";")
    media_type = media_type.strip().lower()
    charset = parameters.lower().replace(" ", "").replace('"', "").partition("charset=")[2]
    if media_type not in allowed or charset.split(";")[0] not in ("", "utf-8", "utf8"):
        raise Problem(MEDIA_TYPE)
    return media_type


def body(model: type[M], *, max_bytes: int = DEFAULT_BYTES) -> Any:  # noqa: ANN401 - a dependency
    """Return the annotated dependency that reads `model` from the body; pair it with `documents`.

    Where no field is required, a request may come without a body.
    """
    optional = may_be_absent(model)

    async def read(request: Request) -> M:
        if optional and not _sends_a_body(request):
            return model()
        require_media_type(request, "application/json")
        raw = await raw_body(request, max_bytes=max_bytes)
        large = len(raw) >= THREAD_FROM_BYTES
        content = await to_thread.run_sync(parse, model, raw) if large else parse(model, raw)
        charge(request.scope, "rows", _rows(content))
        return content

    return Depends(read)


def _rows(content: BaseModel) -> int:
    """Return how many rows a body holds: those of its lists, 1 at least."""
    return max(1, sum(len(value) for value in vars(content).values() if isinstance(value, list)))


def may_be_absent(model: type[BaseModel]) -> bool:
    """Say whether a body of this model holds nothing that is required."""
    return not any(field.is_required() for field in model.model_fields.values())


def _sends_a_body(request: Request) -> bool:
    headers = request.headers
    return (
        "content-type" in headers
        or "transfer-encoding" in headers
        or headers.get("content-length", "0") != "0"
    )


def documents(
    model: type[BaseModel], *, example: object | None = None, examples: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return the keywords by which a route declares its JSON body: `@router.post(…, **documents(M))`."""
    if MODELS.setdefault(model.__name__, model) is not model:
        text = f"two bodies are called {model.__name__}"
        raise ValueError(text)
    content: dict[str, Any] = {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}
    if examples is not None:
        content["examples"] = examples
    elif example is not None:
        content["example"] = example
    required = not may_be_absent(model)
    return {
        "openapi_extra": {"requestBody": {"required": required, "content": {"application/json": content}}}
    }


def answers(example: object, *, status: int = 200) -> dict[str, Any]:
    """Return the keywords by which a route shows an answer: `@router.get(…, **answers({…}))`."""
    return {"responses": {status: {"content": {"application/json": {"example": example}}}}}


def body_schemas() -> dict[str, Any]:
    """Return the JSON schemas of every declared body, by name, for the OpenAPI document."""
    schemas: dict[str, Any] = {}
    for model in MODELS.values():
        schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(schema.pop("$defs", {}))
        schemas[model.__name__] = schema
    return schemas
