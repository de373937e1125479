"""Asking the service's own lists as the caller would: the same route, token, area, masks and records."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any, Final
from urllib.parse import quote, urlencode

from fastapi import Request
from starlette.types import Message, Scope

from registry.exports import errors
from registry.exports.catalogue import ListOf
from shared.errors import INVALID_BODY, NOT_FOUND, Problem, RowError
from shared.web.limits import look

# As many as a list gives at once.
AT_ONCE: Final = 1_000
_KEPT: Final = (b"authorization", b"accept-language")
Ask = Callable[[str, Mapping[str, str]], Awaitable[dict[str, Any]]]


def ask_of(request: Request) -> Ask:
    """Return what asks for a path of this service with the token of a request; what it raises is a Problem.

    The pages of an export belong to one request and are not counted one by one; who is named in a path is.
    """

    async def ask(path: str, query: Mapping[str, str]) -> dict[str, Any]:
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Message) -> None:
            sent.append(message)

        async with AsyncExitStack() as files:
            scope = _scope(request, path, query) | {"fastapi_middleware_astack": files}
            await request.app.router(scope, receive, send)
        answer: dict[str, Any] = json.loads(b"".join(message.get("body", b"") for message in sent))
        return answer

    return ask


async def pages(ask: Ask, one: ListOf, where: Mapping[str, str]) -> AsyncIterator[list[dict[str, Any]]]:
    """Yield the pages of a list; Problem 404 or 422 as the list itself says it."""
    path = one.path
    for name in one.needed:
        path = path.replace(f"{{{name}}}", where[name])
    query = {name: value for name, value in where.items() if name in one.filters}
    if one.paged:
        query["limit"] = str(AT_ONCE)
    while True:
        answer = await ask(path, query)
        yield answer[one.field]
        if not one.paged or answer["next_cursor"] is None:
            return
        query["cursor"] = answer["next_cursor"]


def check(one: ListOf, where: Mapping[str, str]) -> None:
    """Refuse conditions that a list does not know, and one that it needs and has not; Problem 422."""
    wrong = [
        RowError(None, name, errors.CONDITION_MISSING.code) for name in one.needed if not where.get(name)
    ]
    if not where.keys() <= {*one.needed, *one.filters}:
        wrong.append(RowError(None, "where", errors.FILTER_UNKNOWN.code))
    if wrong:
        raise Problem(INVALID_BODY, errors=wrong)
    if any("/" in where[name] for name in one.needed):
        raise Problem(NOT_FOUND)


def note_names(scope: Scope, one: ListOf) -> None:
    """Count a list that names a person as a look at them."""
    look(scope, one.needed)


def _scope(request: Request, path: str, query: Mapping[str, str]) -> dict[str, Any]:
    outer = request.scope
    return {
        **{name: outer[name] for name in ("type", "http_version", "scheme", "client", "server", "app")},
        "method": "GET",
        "path": path,
        "raw_path": quote(path).encode(),
        "root_path": "",
        "query_string": urlencode(query).encode(),
        "headers": [(name, value) for name, value in outer["headers"] if name in _KEPT],
        "state": {"account": outer["state"]["account"]},
    }
