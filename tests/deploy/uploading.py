"""A laboratory whose system only drops files, and a gate before results-ingest that turns its posts away."""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

from deploy.uploader import uploader
from tests.support.listening import Listening

HEADER: Final = ("样本条形码", "采样时间", "检测时间", "检测结果")
TIMES: Final = ("2026-01-14 08:00:00", "2026-01-14 11:05:00")
Hook = Callable[[], Awaitable[int]]


async def nothing() -> int:
    """Let a request through."""
    return 0


@dataclass
class Gate:
    """Stands before results-ingest: turns posts away, and acts when one has been taken."""

    turned_away: list[tuple[int, str]] = field(default_factory=list)
    posts: list[float] = field(default_factory=list)
    receipts_away: int = 0
    taken: Hook = nothing
    app: Any = None

    def before(self, service: str, app: Any) -> Any:
        """Take the place of the app."""
        if service != "results-ingest":
            return app
        self.app = app
        return self

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Pass a request on, or not."""
        path = scope["path"] if scope["type"] == "http" else ""
        if path.startswith("/v1/batches/") and self.receipts_away:
            self.receipts_away -= 1
            await _turn_away(send, 503, "0")
            return
        if path != "/v1/batches" or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        self.posts.append(time.monotonic())
        if self.turned_away:
            await _turn_away(send, *self.turned_away.pop(0))
            return
        answer: list[Any] = []

        async def keep(message: Any) -> None:
            answer.append(message)

        await self.app(scope, receive, keep)
        await self.taken()
        for message in answer:
            await send(message)


async def _turn_away(send: Any, status: int, wait: str) -> None:
    headers = [(b"retry-after", wait.encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"{}"})


@dataclass
class Lab:
    """A laboratory's machine: a folder, a configuration, and what the service holds of it."""

    home: Path
    listening: Listening
    gate: Gate
    token: str

    @property
    def folder(self) -> Path:
        """Return where its system drops files."""
        return self.home / "out"

    def drop(self, name: str, raw: bytes) -> bytes:
        """Drop a file."""
        (self.folder / name).write_bytes(raw)
        return raw

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        """Start the uploader as a process of its own."""
        return await asyncio.create_subprocess_exec(
            sys.executable, uploader.__file__, str(self.home / "uploader.ini"), *arguments,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip

    async def once(self, expected: int = 0) -> str:
        """Sweep once; return what was said."""
        process = await self.start("--once")
        said, _ = await process.communicate()
        assert process.returncode == expected, said.decode()
        return said.decode()

    async def batches(self) -> list[dict[str, Any]]:
        """Return the batches of the laboratory, oldest first."""
        async with httpx.AsyncClient(base_url=self.listening.urls["results-ingest"]) as http:
            answer = await http.get("/v1/batches", headers={"Authorization": f"Bearer {self.token}"})
        found: list[dict[str, Any]] = answer.json()["batches"]
        return found[::-1]

    def names(self, place: str = ".") -> set[str]:
        """Return the names of the files in a place."""
        return {
            path.name
            for path in (self.folder / place).iterdir()
            if path.is_file() and not path.name.startswith(".")
        }


async def token_of(listening: Listening, client_id: str, secret: str) -> str:
    """Return a token."""
    async with httpx.AsyncClient(auth=(client_id, secret)) as http:
        answer = await http.post(
            listening.urls["registry"] + "/v1/oauth/token", data={"grant_type": "client_credentials"}
        )
    return str(answer.json()["access_token"])


def rows(*tubes: str, outcome: str = "阴性") -> list[tuple[str, ...]]:
    """Return a sheet of tubes."""
    return [HEADER, *((tube, *TIMES, outcome) for tube in tubes)]


def ndjson(*tubes: str, first: dict[str, Any] | None = None) -> bytes:
    """Return lines of tubes."""
    made = [
        {"tube_code": tube, "outcome": "negative", "tested_at": "2026-01-14T11:05:00+08:00"} for tube in tubes
    ]
    return "".join(json.dumps(line) + "\n" for line in ([first] if first else []) + made).encode()
