"""One PostgreSQL URL in the forms that the drivers want. Knows nothing of what lies behind it."""

from urllib.parse import unquote, urlsplit, urlunsplit


def for_sqlalchemy(url: str) -> str:
    """Return the URL with SQLAlchemy's asyncpg driver."""
    return "postgresql+asyncpg://" + url.partition("://")[2]


def for_driver(url: str, *, database: str | None = None) -> str:
    """Return the URL for asyncpg itself, optionally pointing at another database of the same server."""
    parts = urlsplit("postgresql://" + url.partition("://")[2])
    return urlunsplit(parts._replace(path=f"/{database}") if database else parts)


def database_name(url: str) -> str:
    """Return the name of the database."""
    return unquote(urlsplit(url).path.lstrip("/"))
