"""How Alembic runs here: one transaction per migration, with lock and statement timeouts.

Knows no table: the migrations are plain SQL, and there is nothing to compare them with.
"""

import asyncio
from typing import Any

from alembic import context
from sqlalchemy import Connection, event

from migrations.urls import migration_engine
from shared.settings import Settings


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
        context.configure(connection=connection, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
    finally:
        event.remove(connection.engine, "do_execute", run_script)


async def run_alone() -> None:
    """Run the migrations on a connection of their own, for Alembic's command line."""
    engine = migration_engine(Settings().database_url)
    async with engine.connect() as connection:
        await connection.run_sync(run)
    await engine.dispose()


if (given := context.config.attributes.get("connection")) is not None:
    run(given)
else:
    asyncio.run(run_alone())
