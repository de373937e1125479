"""The six processes of the services: started by the nursery, and again whenever they end."""

import asyncio
import json
import os
import signal
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx

APIS: Final = {"registry": "registry", "results-ingest": "results_ingest", "notifier": "notifier"}
NAMES: Final = tuple(f"{service}-{part}" for part in ("api", "worker") for service in APIS)
READY_SECONDS: Final = 120.0
AGAIN_SECONDS: Final = 60.0


@dataclass
class Processes:
    """`kills` counts deaths by SIGKILL, `ended` every end; a process that ends is started again."""

    logs: Path
    ports: dict[str, int]
    pids: dict[str, int] = field(default_factory=dict)
    kills: Counter[str] = field(default_factory=Counter)
    ended: Counter[str] = field(default_factory=Counter)
    codes: Counter[int] = field(default_factory=Counter)
    _environments: dict[str, dict[str, str]] = field(default_factory=dict)
    _nursery: asyncio.subprocess.Process | None = None
    _listening: asyncio.Task[None] | None = None
    _ready: asyncio.Event = field(default_factory=asyncio.Event)
    _stopping: bool = False
    _leaving: set[str] = field(default_factory=set)

    async def open(self, environments: dict[str, dict[str, str]]) -> None:
        """Start the nursery and the six; wait until the APIs answer."""
        self.logs.mkdir()
        self._environments = environments
        self._nursery = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.chaos.nursery",
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            env={**os.environ, **environments["api"]},
        )  # fmt: skip
        self._listening = asyncio.create_task(self._listen())
        async with asyncio.timeout(READY_SECONDS):
            await self._ready.wait()
            for name in NAMES:
                self._start(name)
            await self.ready()

    async def change(self, environments: dict[str, dict[str, str]]) -> None:
        """Start all six again with other environments."""
        self._environments = environments
        await self.restart()

    async def restart(self) -> None:
        """End all six at once, in good order, and wait until they stand again."""
        pids = dict(self.pids)
        for name in pids:
            self.send(name, signal.SIGTERM)
        await asyncio.gather(*(self.replaced(name, pid) for name, pid in pids.items()))
        await self.ready()

    def add(self, name: str) -> None:
        """Start another process of a kind: its name is the kind's with a `+`."""
        self._start(name)

    def remove(self, name: str) -> None:
        """End such a process in good order; it is not started again."""
        self._leaving.add(name)
        self.send(name, signal.SIGTERM)

    def _start(self, name: str) -> None:
        service, _, part = name.rstrip("+").rpartition("-")
        package = APIS[service]
        api = {"app": f"{package}.app:create", "host": "127.0.0.1", "port": self.ports[service]}
        wanted = {
            "start": name,
            "environment": self._environments[part],
            "log": str(self.logs / f"{name}.log"),
            "api": api if part == "api" else None,
            "worker": f"{package}.worker" if part == "worker" else None,
        }
        assert self._nursery is not None
        assert self._nursery.stdin is not None
        self._nursery.stdin.write(json.dumps(wanted).encode() + b"\n")

    async def _listen(self) -> None:
        assert self._nursery is not None
        assert self._nursery.stdout is not None
        while line := await self._nursery.stdout.readline():
            self._hear(json.loads(line))

    def _hear(self, said: dict[str, Any]) -> None:
        if "ready" in said:
            self._ready.set()
        elif "started" in said:
            self.pids[said["started"]] = said["pid"]
        elif not self._stopping:
            name, code = said["ended"], said["code"]
            self.ended[name] += 1
            self.codes[code] += 1
            self.kills[name] += code == -signal.SIGKILL
            if name in self._leaving:
                self._leaving.discard(name)
                self.pids.pop(name, None)
            else:
                self._start(name)

    async def ready(self) -> None:
        """Wait until all three APIs answer; TimeoutError when they do not come back."""
        async with asyncio.timeout(AGAIN_SECONDS), httpx.AsyncClient(timeout=2, trust_env=False) as http:
            for port in self.ports.values():
                while not await _answers(http, port):
                    await asyncio.sleep(0.05)

    def send(self, name: str, number: signal.Signals) -> None:
        """Send a signal to a process."""
        with suppress(ProcessLookupError, KeyError):
            os.kill(self.pids[name], number)

    async def replaced(self, name: str, pid: int, *, seconds: float = 30.0) -> None:
        """Wait until another process stands in place of this one."""
        until = time.monotonic() + seconds
        while self.pids.get(name) == pid and time.monotonic() < until:
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """End all of them with their nursery."""
        self._stopping = True
        if self._nursery is not None and self._nursery.stdin is not None:
            self._nursery.stdin.close()
            try:
                async with asyncio.timeout(AGAIN_SECONDS):
                    await self._nursery.wait()
            except TimeoutError:
                self._nursery.kill()  # and its children with it
        if self._listening is not None:
            await self._listening


async def _answers(http: httpx.AsyncClient, port: int) -> bool:
    try:
        return (await http.get(f"http://127.0.0.1:{port}/healthz")).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
