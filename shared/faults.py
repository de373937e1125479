"""Crash points for `make chaos`: a process that kills itself at a named boundary.

A boundary is one exchange with PostgreSQL (every statement, commits among them), Redis, or HTTP, or one
hand-over to a channel of notifier. Nothing here is installed, and nothing costs anything, unless
FAULTS_DIR is set; production refuses to start with it (shared/settings.py).

In FAULTS_DIR a process keeps `NAME.points`, a line for each boundary that it has passed, and obeys
`NAME.plan`, `{"point","moment","skip"}`: it removes the plan and is killed (SIGKILL) at that moment. By as
many seconds as `NAME.clock` says, its own clock is wrong.
"""

import hashlib
import json
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar

import asyncpg.protocol
import httpx
from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.settings import Settings

P = ParamSpec("P")
T = TypeVar("T")

BEFORE: Final = "before"
AFTER: Final = "after"
# Of an answer: the work is committed, and whoever asked hears nothing.
UNANSWERED: Final = "unanswered"

_NOTHING_SAID: Final = frozenset({"/healthz", "/readyz", "/metrics", "/version", "unknown"})


class Faults:
    """The boundaries of one process, and its obedience to a plan."""

    def __init__(self, folder: Path, process: str) -> None:
        self._points = folder / f"{process}.points"
        self._plan = folder / f"{process}.plan"
        self._seen: set[str] = set()
        self._asked = ""
        self._passed = 0

    def reach(self, point: str, moment: str) -> None:
        """Note a boundary, and end here if that is what the plan says."""
        line = f"{point}\t{moment}\n"
        if line not in self._seen:
            self._seen.add(line)
            with self._points.open("a") as file:
                file.write(line)
        try:
            asked = self._plan.read_text()
        except OSError:
            return
        if asked != self._asked:
            self._asked, self._passed = asked, 0
        plan = json.loads(asked)
        if (plan["point"], plan["moment"]) != (point, moment):
            return
        self._passed += 1
        if self._passed > plan["skip"]:
            self._plan.unlink(missing_ok=True)
            os.kill(os.getpid(), signal.SIGKILL)


_armed: Faults | None = None


def arm(settings: Settings, process: str) -> None:
    """Install the crash points of this process, if FAULTS_DIR asks for them."""
    global _armed  # noqa: PLW0603 - a process has one set of boundaries
    if settings.faults_dir is None or _armed is not None:
        return
    _armed = Faults(settings.faults_dir, process)
    _watch_postgres(_armed)
    _watch_redis(_armed)
    _watch(_armed, httpx.AsyncClient, "send", _outward)
    put_off_clock(settings.faults_dir / f"{process}.clock")


def put_off_clock(file: Path) -> None:
    """Let `time.time` be wrong by what the file says, also where a module has taken it by name.

    `datetime.now` cannot be replaced; services do not call it (deploy/lints.py).
    """
    right = time.time

    def wrong() -> float:
        try:
            return right() + float(file.read_text())
        except (OSError, ValueError):
            return right()

    for module in list(sys.modules.values()):
        for name, value in list(getattr(module, "__dict__", {}).items()):
            if value is right:
                setattr(module, name, wrong)


def watched(name: str, call: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Return `call` itself; where faults are armed, `call` between two crash points."""
    return call if _armed is None else _around(_armed, call, lambda *_, **__: name)


def watched_app(app: ASGIApp) -> ASGIApp:
    """Return `app` itself; where faults are armed, one with crash points around its answers."""
    return app if _armed is None else _Answers(app, _armed)


def _around(
    faults: Faults, call: Callable[P, Awaitable[T]], name: Callable[..., str]
) -> Callable[P, Awaitable[T]]:
    async def between(*arguments: P.args, **named: P.kwargs) -> T:
        point = name(*arguments, **named)
        faults.reach(point, BEFORE)
        answer = await call(*arguments, **named)
        faults.reach(point, AFTER)
        return answer

    return between


def _watch(faults: Faults, kind: type, method: str, name: Callable[..., str]) -> None:
    """Put crash points around a method of somebody else's class."""
    setattr(kind, method, _around(faults, getattr(kind, method), name))


def _outward(_: httpx.AsyncClient, request: httpx.Request, **__: object) -> str:
    return f"http out {request.method} {request.url.path}"


def _watch_postgres(faults: Faults) -> None:
    """Watch every round trip of asyncpg, whoever uses it and however."""

    class Watched(asyncpg.protocol.Protocol):  # type: ignore[misc] # asyncpg has no types
        """asyncpg's protocol between crash points; a commit is named by the statement before it."""

        last = "nothing"

        def name_of(self, statement: str) -> str:
            text = " ".join(statement.split())
            if text.startswith("COMMIT"):
                return f"sql COMMIT after {self.last}"
            if not text.startswith(("BEGIN", "ROLLBACK")):
                # Names that the driver numbers would make a new boundary of each.
                digest = hashlib.sha256(text.encode()).hexdigest()[:8]
                text = f"{' '.join(text.split()[:4])[:40]} #{digest}"
                self.last = text
            return f"sql {text}"

        async def query(self, query: str, *rest: Any, **named: Any) -> Any:  # noqa: ANN401 - asyncpg's
            call = _around(faults, super().query, lambda *_, **__: self.name_of(query))
            return await call(query, *rest, **named)

        async def bind_execute(self, state: Any, *rest: Any, **named: Any) -> Any:  # noqa: ANN401
            call = _around(faults, super().bind_execute, lambda *_, **__: self.name_of(state.query))
            return await call(state, *rest, **named)

        async def bind_execute_many(self, state: Any, *rest: Any, **named: Any) -> Any:  # noqa: ANN401
            call = _around(faults, super().bind_execute_many, lambda *_, **__: self.name_of(state.query))
            return await call(state, *rest, **named)

        async def copy_in(self, copy_stmt: str, *rest: Any, **named: Any) -> Any:  # noqa: ANN401
            call = _around(faults, super().copy_in, lambda *_, **__: self.name_of(copy_stmt))
            return await call(copy_stmt, *rest, **named)

        async def copy_out(self, copy_stmt: str, *rest: Any, **named: Any) -> Any:  # noqa: ANN401
            call = _around(faults, super().copy_out, lambda *_, **__: self.name_of(copy_stmt))
            return await call(copy_stmt, *rest, **named)

    asyncpg.protocol.Protocol = Watched


def _watch_redis(faults: Faults) -> None:
    def command(_: object, *arguments: object, **__: object) -> str:
        return f"redis {arguments[0]!s}"

    def pipeline(self: Pipeline, *_: object, **__: object) -> str:
        return "redis " + "+".join(str(queued[0][0]) for queued in self.command_stack)

    _watch(faults, Redis, "execute_command", command)
    _watch(faults, Pipeline, "immediate_execute_command", command)
    _watch(faults, Pipeline, "execute", pipeline)


class _Answers:
    """ASGI middleware: before the work, after it and before its answer, and after the answer."""

    def __init__(self, app: ASGIApp, faults: Faults) -> None:
        self.app = app
        self.faults = faults

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        # Before routing a request has no declared path: its own may hold what no file may hold.
        self.faults.reach(f"http in {scope['method']}", BEFORE)

        async def answer(message: Message) -> None:
            point = _answered(scope)
            first = message["type"] == "http.response.start"
            if point is not None and first:
                self.faults.reach(point, UNANSWERED)
            await send(message)
            if point is not None and not first and not message.get("more_body"):
                self.faults.reach(point, AFTER)

        await self.app(scope, receive, answer)


def _answered(scope: Scope) -> str | None:
    path = getattr(scope.get("route"), "path", "unknown")
    return None if path in _NOTHING_SAID else f"http in {scope['method']} {path}"
