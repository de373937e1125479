"""Whether the database answers, felt on a connection of its own.

A server that is gone says so at once; one that is stopped, cut off or stuck says nothing, and whoever
waits for it would wait for minutes. The pulse notices within two seconds (DATABASE_PATIENCE_SECONDS), so
that every request can be answered by then (503) and no process hangs. With each beat it reads
PostgreSQL's clock, so that a process whose own clock is wrong or steps still tells the right time.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

import asyncpg
import structlog

EVERY_SECONDS: Final = 0.25
PATIENCE_SECONDS: Final = 1.2  # with the pause before it and the grace after it less than two
# An answer may lie unread behind a long computation of this process: it is looked for once more.
GRACE_SECONDS: Final = 0.15
ASK: Final = "SELECT extract(epoch FROM clock_timestamp())::float8"
_ENDED: Final = (asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
_log = structlog.get_logger()


class Pulse:
    """Calls `lost` when the database stops answering and `back` when it answers again."""

    def __init__(
        self,
        address: Mapping[str, Any],
        *,
        name: str,
        lost: Callable[[], None],
        back: Callable[[], None],
        patience: float,
    ) -> None:
        """Take the address as asyncpg's arguments; `lost` and `back` are called in turns.

        Who does not answer for `patience` seconds is away.
        """
        self._address = dict(address)
        self._patience = patience
        self._name = name
        self._lost = lost
        self._back = back
        self._connection: asyncpg.Connection[Any] | None = None
        self._task: asyncio.Task[None] | None = None
        self._ahead: float | None = None

    def seconds(self) -> float:
        """Return PostgreSQL's time as far as is known, in seconds since 1970; it goes on while that is away.

        Only before the first beat it is this process's own.
        """
        return time.time() if self._ahead is None else time.monotonic() + self._ahead

    def start(self) -> None:
        """Begin to feel."""
        self._task = asyncio.create_task(self._feel_for_ever(), name="pulse")

    async def close(self) -> None:
        """Stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        self._drop()

    async def _feel_for_ever(self) -> None:
        away = False
        while True:
            answers = await self._answers_in_time()
            if answers is away:
                away = not answers
                _log.warning("database_lost" if away else "database_back")
                (self._lost if away else self._back)()
            await asyncio.sleep(EVERY_SECONDS)

    async def _answers_in_time(self) -> bool:
        beat = asyncio.create_task(self._beat())
        try:
            for patience in (self._patience, GRACE_SECONDS):
                done, _ = await asyncio.wait({beat}, timeout=patience)
                if done:
                    return beat.result()
        finally:
            if not beat.done():
                self._drop()
                beat.cancel()
        return False

    async def _beat(self) -> bool:
        """Ask once; a connection that was ended by itself says nothing of the server."""
        if self._connection is not None:
            try:
                await self._ask(self._connection)
            except (*_ENDED, asyncpg.PostgresError):
                self._drop()
            else:
                return True
        try:
            self._connection = await asyncpg.connect(
                **self._address, timeout=self._patience, server_settings={"application_name": self._name}
            )
            with suppress(*_ENDED, asyncpg.PostgresError):
                await self._ask(self._connection)
        except (asyncpg.CannotConnectNowError, *_ENDED):
            return False
        except asyncpg.PostgresError as error:
            # Such as too many connections: a server that refuses is one that answers.
            return not isinstance(error, asyncpg.PostgresConnectionError)
        return True

    async def _ask(self, connection: "asyncpg.Connection[Any]") -> None:
        before = time.monotonic()
        told = await connection.fetchval(ASK)
        uncertain = (time.monotonic() - before) / 2
        ahead = told - (before + uncertain)
        # What this answer does not prove wrong is kept: its time took half of the way, more or less.
        if self._ahead is None or abs(ahead - self._ahead) > uncertain:
            self._ahead = ahead

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.terminate()
