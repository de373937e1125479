"""One PostgreSQL URL in the forms that migrations want. Knows nothing of what lies behind it."""

from typing import Final
from urllib.parse import unquote, urlsplit, urlunsplit

from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

# A migration that waits for a lock makes everybody behind it wait too: it gives up instead.
TIMEOUTS: Final = {"lock_timeout": "5s", "statement_timeout": "15min"}


def migration_engine(url: str) -> AsyncEngine:
    """Return an engine whose connections carry the timeouts of migrations."""
    return create_async_engine(
        "postgresql+asyncpg://" + url.partition("://")[2],
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"server_settings": TIMEOUTS},
    )


def for_driver(url: str, *, database: str | None = None) -> str:
    """Return the URL for asyncpg itself, optionally pointing at another database of the same server."""
    parts = urlsplit("postgresql://" + url.partition("://")[2])
    return urlunsplit(parts._replace(path=f"/{database}") if database else parts)


def database_name(url: str) -> str:
    """Return the name of the database."""
    return unquote(urlsplit(url).path.lstrip("/"))
