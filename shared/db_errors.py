"""What errors of the database mean: whether it is away, or what was asked of it cannot be."""

from typing import Final

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

UNIQUE_VIOLATION: Final = "23505"
RETRIED_STATES: Final = frozenset({"40001", "40P01"})
# Connections, sign-in, a database that is not there, one that is read-only, a time limit, no resources
# (disk, memory, connections), a lock that was not to be had, an operator's hand, input and output.
_UNAVAILABLE: Final = ("08", "28", "3D", "25", "53", "55", "57", "58")
_OUTAGES: Final = ("08", "28", "3D", "25006", "53100", "53300", "57P01", "57P03", "58")
# The driver's own come from where it is used without SQLAlchemy: reads, COPY, and opening a connection.
# InternalClientError: just after the server has ended a connection, its next user confuses the driver.
OF_DATABASE: Final = (
    DBAPIError, PoolTimeoutError, OSError,
    asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError,
)  # fmt: skip


def sqlstate(error: BaseException) -> str | None:
    """Return the SQLSTATE behind a driver error, if there is one."""
    original = getattr(error, "orig", error)
    state = getattr(original, "sqlstate", None)
    return state if isinstance(state, str) else None


class DatabaseAway(ConnectionError):  # noqa: N818 - says what happened
    """The database does not answer; as far as is known, nothing of this transaction was committed."""


def is_unavailable(error: BaseException) -> bool:
    """Say whether the database, and not what was asked of it, is the reason: later it may work."""
    if not isinstance(error, OF_DATABASE) or is_ours(error):
        return False
    state = sqlstate(error)
    return state is None or state.startswith(_UNAVAILABLE) or state in RETRIED_STATES


def is_outage(error: BaseException) -> bool:
    """Say whether the database is away or full, which nothing that was asked of it can have caused."""
    if isinstance(error, OSError):
        return isinstance(error, ConnectionError | TimeoutError)
    if not isinstance(error, OF_DATABASE) or is_ours(error):
        return False
    state = sqlstate(error)
    return state is None or state.startswith(_OUTAGES)


def is_ours(error: BaseException) -> bool:
    """Say whether the driver has refused a value, such as NUL in a text, before anything was sent."""
    original = getattr(error, "orig", error)
    return isinstance(original, ValueError) or isinstance(original.__cause__, ValueError)
