"""A PostgreSQL of one's own, to be stopped, paused and started again, and a line that can be cut."""

import asyncio
import os
import secrets
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from deploy.local import postgres, processes
from deploy.local.accounts import server_account
from deploy.local.ports import free_port
from tests.support.servers import Address

# What was answered must outlive the server's sudden end; a power cut is not played.
SETTINGS: Final = postgres.THROW_AWAY | {"synchronous_commit": "on", "max_connections": "100"}


class OwnPostgres:
    """A server that a test may do anything to."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self.server = postgres.prepare(
            home, account=server_account(), port=free_port(), password=secrets.token_hex(16)
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, or start it again, and wait until it takes connections."""
        self._process = postgres.start(self.server, self._home / "postgres.log", **SETTINGS)

    def crash(self) -> None:
        """Stop it without a word to anybody (an immediate shutdown) and wait for its end."""
        assert self._process is not None
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait()

    def pause(self) -> None:
        """Let it and all its backends stand still; connections stay open and nothing answers."""
        self._signal_all(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        self._signal_all(signal.SIGCONT)

    def stop(self) -> None:
        """Stop it for good."""
        if self._process is not None and self._process.poll() is None:
            self.resume()
            processes.stop(self._process, first=signal.SIGQUIT, grace=10)

    def address(self, redis_url: str) -> Address:
        """Return how it is reached, with somebody's Redis."""
        return Address(self.server.url("").rstrip("/"), redis_url, secrets.token_hex(16))

    def _signal_all(self, number: signal.Signals) -> None:
        assert self._process is not None
        for pid in (self._process.pid, *_children(self._process.pid)):
            with suppress(ProcessLookupError):
                os.kill(pid, number)


def _children(parent: int) -> list[int]:
    answer = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(parent)], check=False, capture_output=True, text=True
    )
    return [int(pid) for pid in answer.stdout.split()]


class Line:
    """A TCP line to a server, which can be cut where a commit's answer should come back.

    `cut_commit_of` names a table: the next connection that speaks of it is cut when it commits.
    """

    def __init__(self) -> None:
        self.cut_commit_of: bytes | None = None
        self.cuts = 0

    @asynccontextmanager
    async def to(self, address: Address) -> AsyncIterator[Address]:
        """Yield the address of this end."""
        parts = urlsplit(address.postgres_url)

        async def pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            far_reader, far_writer = await asyncio.open_connection(parts.hostname, parts.port)
            back = asyncio.create_task(self._back(far_reader, writer))
            with suppress(ConnectionError):
                await self._forth(reader, far_writer, writer, back)
            for end in (writer, far_writer):
                end.close()
            back.cancel()

        line = await asyncio.start_server(pass_on, "127.0.0.1", 0)
        port = line.sockets[0].getsockname()[1]
        netloc = f"{parts.netloc.rpartition(':')[0]}:{port}"
        try:
            yield replace(address, postgres_url=urlunsplit(parts._replace(netloc=netloc)))
        finally:
            line.close()

    async def _forth(
        self,
        reader: asyncio.StreamReader,
        far: asyncio.StreamWriter,
        near: asyncio.StreamWriter,
        back: asyncio.Task[None],
    ) -> None:
        writes = False
        while said := await reader.read(65536):
            writes = writes or (self.cut_commit_of is not None and self.cut_commit_of in said)
            cut = writes and b"COMMIT" in said
            if cut:
                self.cut_commit_of = None
                back.cancel()  # the server hears it; its answer never comes
            far.write(said)
            await far.drain()
            if cut:
                self.cuts += 1
                await asyncio.sleep(0.2)  # the server's part is done by then
                near.transport.abort()
                return

    async def _back(self, far: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while said := await far.read(65536):
                writer.write(said)
                await writer.drain()
            writer.close()  # as the server has done: who says goodbye waits for it
