"""The outermost layer: a request id, one log line a request, and figures for Prometheus."""

import re
import time
from functools import lru_cache
from itertools import count
from typing import Any, Final
from uuid import uuid4

import structlog
from prometheus_client import Counter, Histogram
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.errors import OVERLOADED, Problem
from shared.web.limits import headers_of, leave
from shared.web.overload import Load
from shared.web.problems import problem_response

_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_LONG_DIGITS = re.compile(rb"[0-9]{11,}")
_QUIET: Final = frozenset({"/healthz", "/readyz", "/metrics", "/version"})

REQUESTS: Final = Counter("yingjian_requests", "Requests", ["service", "method", "route", "status"])
SHED: Final = Counter("yingjian_requests_shed", "Requests turned away under overload", ["service"])
SECONDS: Final = Histogram("yingjian_request_seconds", "Time to answer", ["service", "method", "route"])

_log = structlog.get_logger()


class RequestLayer:
    """ASGI middleware; it names a request by its declared path, never by the one that was sent."""

    def __init__(self, app: ASGIApp, *, service: str, load: Load, body_grace: float) -> None:
        """`body_grace`: seconds that a sender has for the first byte of a body."""
        self.app = app
        self.service = service
        self.load = load
        self.body_grace = body_grace
        self._ids = uuid4().hex[:20]  # this process's; asking the system for each id costs more than it tells
        self._numbers = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _given_id(scope) or f"{self._ids}{next(self._numbers):012x}"
        if scope["method"] == "GET":
            scope["query_string"] = _given(scope["query_string"])
        scope.setdefault("state", {}).update(request_id=request_id, body_grace=self.body_grace)
        status = 500
        began = time.perf_counter()

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [
                    *message["headers"],
                    (b"x-request-id", request_id.encode()),
                    *headers_of(scope),
                ]
            await send(message)

        # Never unbound: a request has a context of its own, which ends with it.
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self._handle(scope, receive, answer)
        finally:
            leave(scope, status)
            self._record(scope, status, time.perf_counter() - began)

    async def _handle(self, scope: Scope, receive: Receive, answer: Send) -> None:
        """Pass a request on, or turn it away at once while there are more than can be served."""
        if scope["path"] in _QUIET:
            await self.app(scope, receive, answer)
            return
        if self.load.full():
            SHED.labels(self.service).inc()
            problem = Problem(OVERLOADED, headers={"Retry-After": "2"})
            await problem_response(Request(scope), problem)(scope, receive, answer)
            return
        with self.load.one():
            await self.app(scope, receive, answer)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        route: Any = scope.get("route")
        path: str = getattr(route, "path", "unknown")
        method: str = scope["method"]
        counter, times = _counters(self.service, method, path, status)
        counter.inc()
        times.observe(seconds)
        if path not in _QUIET:
            _log.info("request", method=method, route=path, status=status, seconds=round(seconds, 4))


@lru_cache(maxsize=4096)
def _counters(service: str, method: str, path: str, status: int) -> tuple[Counter, Histogram]:
    """Return the figures of a route; its children are looked up once."""
    return REQUESTS.labels(service, method, path, str(status)), SECONDS.labels(service, method, path)


def _given(query: bytes) -> bytes:
    """Leave out parameters without a value: clients send `cursor=` for a cursor that they do not have."""
    return b"&".join(each for each in query.split(b"&") if each.partition(b"=")[2])


def _given_id(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and _ID.fullmatch(value) and not _LONG_DIGITS.search(value):
            return str(value, "ascii")
    return None
