"""PostgreSQL: one transaction per request or job, committed here and nowhere else."""

import asyncio
import json
import random
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final, TypeVar
from uuid import UUID

import asyncpg
import structlog
from sqlalchemy import RowMapping, TextClause, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from shared.db_errors import RETRIED_STATES, DatabaseAway, sqlstate
from shared.errors import Problem
from shared.pulse import PATIENCE_SECONDS, Pulse

Session = AsyncSession
Hook = Callable[[], Awaitable[None]]
T = TypeVar("T")

LONG_SECONDS: Final = 30.0
CONNECT_SECONDS: Final = 1.5
# In a burst a request waits for its turn; a database that is away ends the wait by itself (`watched`).
POOL_SECONDS: Final = 10.0
# PostgreSQL 16 knows no transaction_timeout: there each statement and each pause has its own limit. Asked of
# `pg_settings`, which is made anew for every question, it took half a millisecond. A transaction_timeout
# that already runs keeps its end when the setting changes: only by 0 it is stopped and begins anew.
_ALLOW = text("""
    SELECT CASE WHEN CAST(current_setting('server_version_num') AS int) >= 170000
                THEN set_config('transaction_timeout', '0', true)
                     || set_config('transaction_timeout', :limit, true)
                ELSE set_config('statement_timeout', :limit, true)
                     || set_config('idle_in_transaction_session_timeout', :limit, true) END
""")
# One statement, so that a narrow request costs one round trip more (decision 0016).
_NARROW = text("""
    SELECT set_config('role', :role, true), set_config('yingjian.lab', :lab, true),
           set_config('yingjian.township', :township, true),
           set_config('yingjian.department', :department, true)
""")
_ROLE = text("SELECT set_config('role', :role, true)")
_DIALECT: Final = make_url("postgresql+asyncpg://").get_dialect()()
_log = structlog.get_logger()


def sql(statement: str) -> TextClause:
    """Return a named statement; write `CAST(:x AS uuid[])`, since `:x::uuid[]` hides the parameter."""
    return text(statement)


def narrow_role(role: str) -> str:
    """Return the name of the role that a service's role becomes for a request of one laboratory or area."""
    return f"{role}_narrow"


class Database:
    """A service's pool of connections, under the service's own role."""

    def __init__(
        self,
        url: str,
        *,
        name: str,
        pool_size: int = 8,
        patience: float = PATIENCE_SECONDS,
        info: Mapping[str, Any] | None = None,
    ) -> None:
        self._info = dict(info or {})
        self._away = False
        self._losses = 0
        self._drivers: weakref.WeakSet[Any] = weakref.WeakSet()
        self._under_way: set[asyncio.Timeout] = set()
        self.engine = create_async_engine(
            url.replace("postgresql://", "postgresql+asyncpg://", 1),
            # As many as a busy moment takes, kept: one that is closed takes its prepared statements with it.
            pool_size=2 * pool_size,
            max_overflow=0,
            pool_timeout=POOL_SECONDS,
            pool_recycle=1800,
            # The connections used last are used next: fewer backends, and theirs are warm.
            pool_use_lifo=True,
            hide_parameters=True,
            connect_args={
                "timeout": CONNECT_SECONDS,
                "command_timeout": 2 * LONG_SECONDS,
                "server_settings": {"application_name": name, "timezone": "Asia/Shanghai"},
            },
        )
        _, address = self.engine.dialect.create_connect_args(self.engine.url)
        self._pulse = Pulse(
            address, name=f"{name}-pulse", lost=self._lose, back=self._return, patience=patience
        )
        event.listen(self.engine.sync_engine, "connect", self._note_driver)
        event.listen(self.engine.sync_engine, "checkout", _refuse_closed)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    def start(self) -> None:
        """Watch whether the database answers."""
        self._pulse.start()

    def seconds(self) -> float:
        """Return the real time by PostgreSQL's clock, in seconds since 1970, without asking it."""
        return self._pulse.seconds()

    def now(self) -> datetime:
        """Return the same as an aware time: for tokens, limits and records, not for days."""
        return datetime.fromtimestamp(self._pulse.seconds(), UTC)

    @asynccontextmanager
    async def transaction(
        self, *, seconds: float | None = None, limits: Mapping[str, str] | None = None
    ) -> AsyncIterator[Session]:
        """Yield a session; commit at the end, then run what was registered with `after_commit`.

        `seconds` allows work on thousands of rows more time than the role has by default. With `limits`
        (`lab`, `township`, `department`; '' for none) it sees and writes only what lies inside them,
        whatever a query asks for. DatabaseAway at once while the database does not answer, and within two
        seconds of its falling silent.
        """
        async with self.watched(), self._sessions(info=dict(self._info)) as session:
            async with session.begin():
                if seconds is not None:
                    await session.execute(_ALLOW, {"limit": f"{seconds:.0f}s"})
                if limits is not None:
                    session.info["narrow"] = narrow_role(self.engine.url.username or "")
                    await session.execute(_NARROW, {"role": session.info["narrow"], **limits})
                yield session
            hooks: dict[str, Hook] = session.info.pop("after_commit", {})
        for key, hook in hooks.items():
            try:
                await hook()
            except Exception:  # noqa: BLE001 - the data is committed: a failed nudge is the relay's to make good
                _log.warning("after_commit_failed", hook=key, exc_info=True)

    async def run(
        self,
        work: Callable[[Session], Awaitable[T]],
        *,
        attempts: int = 5,
        seconds: float | None = None,
    ) -> T:
        """Run `work` in a transaction of its own; try again after a deadlock or a serialization failure."""
        for attempt in range(1, attempts + 1):
            try:
                async with self.transaction(seconds=seconds) as session:
                    return await work(session)
            except (DBAPIError, asyncpg.PostgresError) as error:
                if attempt == attempts or sqlstate(error) not in RETRIED_STATES:
                    raise
                await asyncio.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311 - jitter
        raise AssertionError

    async def at_once(self, statement: TextClause, **parameters: Any) -> Sequence[Any]:  # noqa: ANN401 - values of a statement
        """Run one statement as a transaction of its own, straight from the driver: one round trip, not four.

        Errors are the driver's own (`shared.db_errors`).
        """
        async with self.watched(), self.engine.connect() as connection:
            driver: Any = (await connection.get_raw_connection()).driver_connection
            positional, names = _positional(statement)
            rows: Sequence[Any] = await driver.fetch(positional, *(parameters[name] for name in names))
        return rows

    async def close(self) -> None:
        """Close every connection; a database that is away is not waited for."""
        await self._pulse.close()
        await self.engine.dispose(close=not self._away)

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """End what is under way when the database falls silent, whatever it is waiting for."""
        if self._away:
            raise DatabaseAway
        losses = self._losses
        try:
            async with asyncio.timeout(None) as limit:
                self._under_way.add(limit)
                try:
                    yield
                finally:
                    self._under_way.discard(limit)
        except Problem:
            raise
        except Exception as error:
            if self._losses != losses:  # whatever the ended connection made of it
                raise DatabaseAway from error
            raise

    def _lose(self) -> None:
        """Cut every connection: their waiters hear of it now, and nothing half-open is used again."""
        self._away = True
        self._losses += 1
        for driver in list(self._drivers):
            driver.terminate()
        self.engine.sync_engine.dispose(close=False)
        now = asyncio.get_running_loop().time()
        for limit in self._under_way:
            limit.reschedule(now)

    def _return(self) -> None:
        self._away = False

    def _note_driver(self, connection: Any, _record: object) -> None:  # noqa: ANN401 - SQLAlchemy's shape
        self._drivers.add(connection.driver_connection)

    async def include(self, connection: Any) -> None:  # noqa: ANN401 - asyncpg's
        """Cut this connection too when the database falls silent."""
        self._drivers.add(connection)


def _refuse_closed(connection: Any, _record: object, _proxy: object) -> None:  # noqa: ANN401 - SQLAlchemy's shape
    """Have the pool replace a connection that has ended while it lay there; this asks nobody."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


@asynccontextmanager
async def full_sight(session: Session) -> AsyncIterator[None]:
    """See everything inside: for what must be worked out from all there is, never for what is answered.

    Costs nothing in a transaction without limits.
    """
    narrow = session.info.pop("narrow", None)
    if narrow is None:
        yield
        return
    await session.execute(_ROLE, {"role": "none"})
    yield
    await session.execute(_ROLE, {"role": narrow})
    session.info["narrow"] = narrow


def after_commit(session: Session, key: str, hook: Hook) -> None:
    """Run `hook` once after the commit; the same key again replaces it."""
    session.info.setdefault("after_commit", {})[key] = hook


async def fetch_all(session: Session, statement: TextClause, **parameters: Any) -> Sequence[RowMapping]:  # noqa: ANN401 - whatever a column holds
    """Return every row."""
    return (await session.execute(statement, parameters)).mappings().all()


async def fetch_many(session: Session, statement: TextClause, **parameters: Any) -> Sequence[Any]:  # noqa: ANN401 - whatever a column holds
    """Return every row as `fetch_all` does, straight from the driver: for statements that come in floods.

    Each costs a fifth of a millisecond of processor time less (decision 0054). The transaction's first
    statement goes the usual way, which begins it; errors are the driver's own (`shared.db_errors`).
    """
    driver = await driver_of(session)
    if not driver.is_in_transaction():
        return await fetch_all(session, statement, **parameters)
    positional, names = _positional(statement)
    rows: Sequence[Any] = await driver.fetch(positional, *(parameters[name] for name in names))
    return rows


@cache
def _positional(statement: TextClause) -> tuple[str, tuple[str, ...]]:
    """Return a statement with `$1` …, and the names of its parameters in that order."""
    compiled = statement.compile(dialect=_DIALECT)
    return compiled.string, tuple(compiled.positiontup or ())


async def fetch_one(session: Session, statement: TextClause, **parameters: Any) -> RowMapping | None:  # noqa: ANN401 - whatever a column holds
    """Return the first row, or None."""
    return (await session.execute(statement, parameters)).mappings().first()


async def fetch_value(session: Session, statement: TextClause, **parameters: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    """Return the first column of the first row, or None."""
    return (await session.execute(statement, parameters)).scalar()


async def execute(session: Session, statement: TextClause, **parameters: Any) -> int:  # noqa: ANN401 - whatever a column holds
    """Run a statement and return how many rows it touched."""
    result = await session.execute(statement, parameters)
    return int(getattr(result, "rowcount", 0))


def array_text(ids: Iterable[UUID]) -> str:
    """Return an array as PostgreSQL writes it: arrays of different lengths do not go into one parameter."""
    return "{" + ",".join(map(str, ids)) + "}"


async def driver_of(session: Session) -> Any:  # noqa: ANN401 - asyncpg's connection, as SQLAlchemy hands it out
    """Return the driver's connection under a session, for what only the driver can do."""
    if "driver" not in session.info:  # a session is one transaction, on one connection
        connection = await session.connection()
        session.info["driver"] = (await connection.get_raw_connection()).driver_connection
    return session.info["driver"]


async def copy_rows(
    session: Session, table: str, columns: Sequence[str], records: Iterable[tuple[Any, ...]]
) -> None:
    """COPY records into a temporary table on the session's own connection."""
    driver = await driver_of(session)
    await driver.copy_records_to_table(table, records=records, columns=list(columns))


def json_of(value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    """Return a jsonb column, which comes as text, as Python values."""
    return json.loads(value) if isinstance(value, str | bytes) else value
