"""Statements that only read: one round trip each, prepared, on connections of their own.

A transaction with its BEGIN and COMMIT costs more than the reading of one status. What is read here sees
each statement's own moment, as it would in a transaction of READ COMMITTED, and may change nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final, Protocol

import asyncpg

from shared.db import CONNECT_SECONDS, POOL_SECONDS, Database, Session, driver_of
from shared.security.principal import Principal

STATEMENT_SECONDS: Final = 30.0


class Fetch(Protocol):
    """Runs one statement with `$1` … and returns its rows."""

    async def __call__(self, statement: str, *arguments: Any) -> Sequence[Any]:  # noqa: ANN401 - whatever a column holds
        """Return the rows."""
        ...


class Reads:
    """A pool that opens its connections when they are asked for."""

    def __init__(self, url: str, *, name: str, size: int, db: Database) -> None:
        """`db` is the same database; it notices for both when nothing answers any more."""
        self._db = db
        self._pool = asyncpg.create_pool(
            url,
            min_size=0,
            max_size=size,
            timeout=CONNECT_SECONDS,
            command_timeout=STATEMENT_SECONDS,
            max_inactive_connection_lifetime=1800,
            reset=_nothing,
            init=db.include,
            server_settings={
                "application_name": name,
                "timezone": "Asia/Shanghai",
                "default_transaction_read_only": "on",
            },
        )

    async def open(self) -> None:
        """Begin; no connection is made yet."""
        await self._pool

    async def fetch(self, statement: str, *arguments: Any) -> Sequence[Any]:  # noqa: ANN401 - as above
        """Run one statement and return its rows."""
        async with self._db.watched(), self._pool.acquire(timeout=POOL_SECONDS) as connection:
            rows: Sequence[Any] = await connection.fetch(statement, *arguments)
        return rows

    async def close(self) -> None:
        """Close every connection, within a moment."""
        try:
            async with asyncio.timeout(1):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()


async def _nothing(_: object) -> None:
    """Leave a connection as it is: single statements put nothing into it that the next could find."""


@asynccontextmanager
async def reading(db: Database, reads: Reads, who: Principal) -> AsyncIterator[Fetch]:
    """Yield how a request of this client reads: what is held to limits reads in a transaction of its own."""
    if who.limits is None:
        yield reads.fetch
        return
    async with db.transaction(limits=who.limits) as session:
        yield partial(_fetch, session)


async def _fetch(session: Session, statement: str, *arguments: Any) -> Sequence[Any]:  # noqa: ANN401 - as above
    driver = await driver_of(session)
    rows: Sequence[Any] = await driver.fetch(statement, *arguments)
    return rows
