"""application/problem+json (RFC 9457) in Chinese or English; nothing submitted is ever repeated."""

import re
from collections.abc import Mapping
from typing import Any, Final, cast

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.routing import Match

from shared.db_errors import OF_DATABASE, is_ours, is_unavailable, sqlstate
from shared.errors import (
    BAD_REQUEST,
    CATALOGUE,
    INTERNAL,
    INVALID_PARAMETER,
    METHOD_NOT_ALLOWED,
    NOT_FOUND,
    UNAVAILABLE,
    Language,
    Message,
    Problem,
    RowError,
)
from shared.web.bodies import field_name

MOST_ERRORS: Final = 1000
RETRY_AFTER: Final = {"Retry-After": "2"}
_METHODS: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")
_NOT_PERMITTED: Final = "42501"
_log = structlog.get_logger()

_UNSTORABLE: Final = ("22021", "22P05", "22003")


def language_of(request: Request) -> Language:
    """Return the language of the answer: Chinese unless English is preferred."""
    weights = {"zh": 0.0, "en": 0.0}
    for wanted in request.headers.get("accept-language", "").lower().split(","):
        name, _, weight = wanted.partition(";q=")
        language = name.strip().partition("-")[0]
        if language in weights:
            weights[language] = max(weights[language], _weight(weight))
    return "en" if weights["en"] > weights["zh"] else "zh"


def _weight(text: str) -> float:
    """Return a quality value (RFC 9110 §12.4.2); nothing or nonsense counts as 1."""
    return float(text) if re.fullmatch(r"[01](\.[0-9]{0,3})?", text.strip()) else 1.0


def error_items(errors: list[RowError], language: Language) -> list[dict[str, Any]]:
    """Return the first 1,000 errors as they are sent."""
    return [_item(error, language) for error in errors[:MOST_ERRORS]]


def worded(found: dict[str, Any], request: Request) -> dict[str, Any]:
    """Return a verdict of rows with its errors in the language of the request."""
    return {**found, "errors": error_items(found["errors"], language_of(request))}


def _item(error: RowError, language: Language) -> dict[str, Any]:
    item: dict[str, Any] = {
        "row": error.row,
        "field": error.field,
        "code": error.code,
        "message": CATALOGUE[error.code].text(language),
    }
    if error.row_ref is not None:
        item["row_ref"] = error.row_ref
    return item


def problem_response(request: Request, problem: Problem) -> Response:
    """Render a problem."""
    language = language_of(request)
    message = problem.message
    text = message.text(language, problem.parameters)
    body = {
        "type": f"/errors/{message.code}",
        "title": text,
        "status": message.status,
        "detail": text,
        "instance": _instance(request),
        "code": message.code,
        "request_id": getattr(request.state, "request_id", None),
        "errors": error_items(list(problem.errors), language),
        "errors_total": problem.errors_total,
    }
    headers = {**problem.headers, "Content-Language": "zh-CN" if language == "zh" else "en"}
    return JSONResponse(body, message.status, headers, media_type="application/problem+json")


def _instance(request: Request) -> str:
    # The path as declared: what a client put into it may be a number that must not come back.
    route = request.scope.get("route")
    return getattr(route, "path", "/")


def add_problem_handlers(app: FastAPI) -> None:
    """Render every refusal and every failure of `app` as a problem."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(ClientDisconnect, _on_disconnect)
    for database in OF_DATABASE:
        app.add_exception_handler(database, _on_database)
    app.add_exception_handler(Exception, _on_failure)


async def _on_problem(request: Request, error: Exception) -> Response:
    return problem_response(request, cast("Problem", error))


async def _on_validation(request: Request, error: Exception) -> Response:
    found = cast("RequestValidationError", error).errors()
    errors = [
        RowError(None, field_name([p for p in item["loc"][1:] if isinstance(p, str | int)]), "bad_format")
        for item in found
    ]
    return problem_response(request, Problem(INVALID_PARAMETER, errors=errors))


async def _on_http(request: Request, error: Exception) -> Response:
    raised = cast("HTTPException", error)
    known: Mapping[int, Message] = {404: NOT_FOUND, 405: METHOD_NOT_ALLOWED}
    message = known.get(raised.status_code, BAD_REQUEST)
    headers = {"Allow": ", ".join(_allowed(request))} if message is METHOD_NOT_ALLOWED else raised.headers
    return problem_response(request, Problem(message, headers=headers))


def _allowed(request: Request) -> list[str]:
    """Return every method of a path (RFC 9110 §15.5.6); the framework names one route's alone."""
    scope = request.scope
    return [
        method
        for method in _METHODS
        if any(route.matches({**scope, "method": method})[0] is Match.FULL for route in request.app.routes)
    ]


async def _on_disconnect(request: Request, _: Exception) -> Response:
    """Answer a client that gave up while its body was read: nobody reads it, and nothing has failed."""
    return problem_response(request, Problem(BAD_REQUEST))


async def _on_database(request: Request, error: Exception) -> Response:
    state = sqlstate(error)
    if state in _UNSTORABLE or is_ours(error):
        # A parameter that no column can hold, such as NUL in a path.
        return problem_response(request, Problem(INVALID_PARAMETER))
    if state == _NOT_PERMITTED and getattr(getattr(request.state, "principal", None), "limits", None):
        # Outside its laboratory or area; that the query did not say so first is worth a look.
        _log.error("refused_by_row_security", exc_info=error)
        return problem_response(request, Problem(NOT_FOUND))
    if not is_unavailable(error):
        return await _on_failure(request, error)
    _log.warning("database_unavailable", exc_info=error)
    return problem_response(request, Problem(UNAVAILABLE, headers=RETRY_AFTER))


async def _on_failure(request: Request, error: Exception) -> Response:
    _log.error("request_failed", exc_info=error)
    return problem_response(request, Problem(INTERNAL))
