"""PostgreSQL and Redis as the faults need them: killed, paused, emptied, and started again."""

import asyncio
import os
import shutil
import signal
from contextlib import suppress
from pathlib import Path

import asyncpg

from deploy.local import postgres, processes, redis_server

READY_SECONDS = 120.0


class _Server:
    """A child of ours in a session of its own."""

    def __init__(self) -> None:
        self.process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self.process is not None
        return self.process.pid

    @property
    def running(self) -> bool:
        """Say whether it has not ended."""
        return self.process is not None and self.process.returncode is None

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the server and what it has started."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    async def _end(self, number: signal.Signals) -> None:
        if self.process is not None:
            self.send(signal.SIGCONT)
            if self.process.returncode is None:
                with suppress(ProcessLookupError):
                    os.kill(self.pid, number)
            await self.process.wait()


class PostgresServer(_Server):
    """A durable PostgreSQL: fsync and synchronous_commit stay on."""

    def __init__(self, server: postgres.Postgres, log: Path, settings: dict[str, str]) -> None:
        super().__init__()
        self._server, self._log, self._settings = server, log, settings

    @property
    def port(self) -> int:
        """Its port."""
        return self._server.port

    @property
    def data(self) -> Path:
        """Where its files lie."""
        return self._server.data

    def url(self, database: str) -> str:
        """Return the owner's URL of a database."""
        return self._server.url(database)

    async def start(self) -> None:
        """Start it and wait until it takes statements, however often it must be started."""
        async with asyncio.timeout(READY_SECONDS):
            while not await self.answers():
                if self.process is None or self.process.returncode is not None:
                    await self._spawn()
                await asyncio.sleep(0.05)

    async def _spawn(self) -> None:
        with self._log.open("ab") as output:
            self.process = await asyncio.create_subprocess_exec(
                *self._server.command(**self._settings), stdin=asyncio.subprocess.DEVNULL,
                stdout=output, stderr=output, cwd=self._server.data, start_new_session=True,
                preexec_fn=processes.die_with_parent, **self._server.account.identity,
            )  # fmt: skip

    async def answers(self) -> bool:
        """Say whether it takes statements."""
        try:
            connection = await asyncpg.connect(self.url("postgres"), timeout=10)
            await connection.execute("SELECT 1", timeout=10)
            await connection.close(timeout=10)
        except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
        return True

    async def stop(self, number: signal.Signals = signal.SIGQUIT) -> None:
        """End it; SIGQUIT is its immediate stop, without a checkpoint."""
        await self._end(number)


class RedisServer(_Server):
    """A durable Redis (append-only file), until it is emptied."""

    def __init__(self, server: redis_server.Redis, log: Path) -> None:
        super().__init__()
        self._server, self._log = server, log

    @property
    def port(self) -> int:
        """Its port."""
        return self._server.port

    @property
    def url(self) -> str:
        """Its URL, around every proxy."""
        return self._server.url

    async def start(self) -> None:
        """Start it and wait for it."""
        with self._log.open("ab") as output:
            self.process = await asyncio.create_subprocess_exec(
                *self._server.command, stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output,
                cwd=self._server.data, start_new_session=True, preexec_fn=processes.die_with_parent,
            )  # fmt: skip
        await asyncio.to_thread(redis_server.wait_until_ready, self._server)

    async def stop(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End it."""
        await self._end(number)

    async def lose_everything(self) -> None:
        """Kill it and start it with nothing."""
        await self.stop()
        shutil.rmtree(self._server.data / "appendonlydir", ignore_errors=True)
        await self.start()
