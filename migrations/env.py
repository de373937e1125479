"""How Alembic runs here: one transaction per migration, with lock and statement timeouts.

Knows no table: the migrations are plain SQL, and there is nothing to compare them with.
"""

import asyncio
from typing import Any, Final

from alembic import context
from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from migrations.urls import for_sqlalchemy
from shared.settings import Settings

# A migration that waits for a lock makes everybody behind it wait too: it gives up instead.
TIMEOUTS: Final = ("SET lock_timeout = '5s'", "SET statement_timeout = '15min'")


def run_script(cursor: Any, statement: str, parameters: Any, execution: Any) -> bool:  # noqa: ANN401 - the event's shape
    """Let `op.execute` take several statements at once, which a prepared statement cannot be."""
    if parameters or ";" not in statement:
        return False
    cursor.execute("SELECT")  # the driver begins its transaction with the first ordinary statement
    dbapi = execution.root_connection.connection.dbapi_connection
    dbapi.run_async(lambda driver: driver.execute(statement))
    return True


def run(connection: Connection) -> None:
    """Run the migrations on this connection."""
    event.listen(connection.engine, "do_execute", run_script)
    try:
        for timeout in TIMEOUTS:
            connection.exec_driver_sql(timeout)
        connection.commit()
        context.configure(connection=connection, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
    finally:
        event.remove(connection.engine, "do_execute", run_script)


async def run_alone() -> None:
    """Run the migrations on a connection of their own, for Alembic's command line."""
    engine = create_async_engine(
        for_sqlalchemy(Settings().database_url), poolclass=NullPool, hide_parameters=True
    )
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()


if (given := context.config.attributes.get("connection")) is not None:
    run(given)
else:
    asyncio.run(run_alone())
