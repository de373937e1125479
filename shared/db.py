"""PostgreSQL: one transaction per request or job, committed here and nowhere else."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

import structlog
from sqlalchemy import RowMapping, TextClause, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

Session = AsyncSession
Hook = Callable[[], Awaitable[None]]
T = TypeVar("T")

LONG_SECONDS: Final = 30.0
# PostgreSQL 16 knows no transaction_timeout: there each statement and each pause has its own limit.
_ALLOW = text("""
    SELECT set_config(name, :limit, true) FROM pg_settings
    WHERE CASE WHEN CAST(current_setting('server_version_num') AS int) >= 170000
               THEN name = 'transaction_timeout'
               ELSE name IN ('statement_timeout', 'idle_in_transaction_session_timeout') END
""")
RETRIED_STATES: Final = frozenset({"40001", "40P01"})
_log = structlog.get_logger()


def sql(statement: str) -> TextClause:
    """Return a named statement; write `CAST(:x AS uuid[])`, since `:x::uuid[]` hides the parameter."""
    return text(statement)


def sqlstate(error: BaseException) -> str | None:
    """Return the SQLSTATE behind a driver error, if there is one."""
    original = getattr(error, "orig", error)
    state = getattr(original, "sqlstate", None)
    return state if isinstance(state, str) else None


class Database:
    """A service's pool of connections, under the service's own role."""

    def __init__(
        self, url: str, *, name: str, pool_size: int = 8, info: Mapping[str, Any] | None = None
    ) -> None:
        self._info = dict(info or {})
        self.engine = create_async_engine(
            url.replace("postgresql://", "postgresql+asyncpg://", 1),
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=5,
            pool_recycle=1800,
            hide_parameters=True,
            connect_args={
                "timeout": 5,
                "command_timeout": 2 * LONG_SECONDS,
                "server_settings": {"application_name": name, "timezone": "Asia/Shanghai"},
            },
        )
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False)

    @asynccontextmanager
    async def transaction(self, *, seconds: float | None = None) -> AsyncIterator[Session]:
        """Yield a session; commit at the end, then run what was registered with `after_commit`.

        `seconds` allows work on thousands of rows more time than the role has by default.
        """
        async with self._sessions(info=dict(self._info)) as session:
            async with session.begin():
                if seconds is not None:
                    await session.execute(_ALLOW, {"limit": f"{seconds:.0f}s"})
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
            except DBAPIError as error:
                if attempt == attempts or sqlstate(error) not in RETRIED_STATES:
                    raise
                await asyncio.sleep(random.uniform(0.01, 0.05) * attempt)  # noqa: S311 - jitter
        raise AssertionError

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def after_commit(session: Session, key: str, hook: Hook) -> None:
    """Run `hook` once after the commit; the same key again replaces it."""
    session.info.setdefault("after_commit", {})[key] = hook


async def fetch_all(session: Session, statement: TextClause, **parameters: Any) -> Sequence[RowMapping]:  # noqa: ANN401 - whatever a column holds
    """Return every row."""
    return (await session.execute(statement, parameters)).mappings().all()


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


async def copy_rows(
    session: Session, table: str, columns: Sequence[str], records: Iterable[tuple[Any, ...]]
) -> None:
    """COPY records into a temporary table on the session's own connection."""
    connection = await session.connection()
    raw = await connection.get_raw_connection()
    driver: Any = raw.driver_connection
    await driver.copy_records_to_table(table, records=records, columns=list(columns))


def json_of(value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    """Return a jsonb column, which comes as text, as Python values."""
    return json.loads(value) if isinstance(value, str | bytes) else value
