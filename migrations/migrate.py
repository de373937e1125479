"""`python -m migrations.migrate`: roles, migrations, grants and shipped data, under one lock.

Safe to run again, and by several at once: the second one waits and finds nothing to do.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import asyncpg
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from typing_extensions import override

from migrations.roles import create_roles, grant
from migrations.urls import database_name, for_driver, migration_engine
from registry.categories.load import load as load_categories
from shared.db import Database
from shared.selfcheck.looking import index_mark
from shared.settings import Settings

LOCK_KEY: Final = 0x59494E47  # "YING"
MAINTENANCE_DATABASE: Final = "postgres"
NOT_LET_IN: Final = (
    asyncpg.InvalidCatalogNameError,
    asyncpg.InsufficientPrivilegeError,
    asyncpg.InvalidAuthorizationSpecificationError,
)


def alembic_config() -> Config:
    """Return Alembic's configuration, which needs no file."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def head() -> str:
    """Return the revision that this code was written for."""
    revision = ScriptDirectory.from_config(alembic_config()).get_current_head()
    if revision is None:
        message = "there are no migrations"
        raise RuntimeError(message)
    return revision


async def migrate(settings: Settings) -> None:
    """Bring the database to this code's schema."""
    async with cluster_lock(settings.database_url):
        connection = await asyncpg.connect(for_driver(settings.database_url))
        try:
            await create_roles(connection, settings)
            await upgrade(settings.database_url)
            await grant(connection, settings, database_name(settings.database_url))
            await check_index(connection, settings)
        finally:
            await connection.close()
        await load_shipped_data(settings)


@asynccontextmanager
async def cluster_lock(url: str) -> AsyncIterator[None]:
    """Hold the lock that all databases of the cluster share: advisory locks are per database."""
    try:
        connection = await asyncpg.connect(for_driver(url, database=MAINTENANCE_DATABASE))
    except NOT_LET_IN:
        connection = await asyncpg.connect(for_driver(url))
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK_KEY)
        yield
    finally:
        await connection.close()


async def upgrade(url: str) -> None:
    """Run the migrations that are missing."""
    engine = migration_engine(url)
    try:
        async with engine.connect() as connection:
            await connection.run_sync(_upgrade)
    finally:
        await engine.dispose()


async def check_index(connection: asyncpg.Connection, settings: Settings) -> None:
    """Refuse another index key or algorithm than this database began with: nobody would be found again."""
    value = index_mark(settings)
    await connection.execute(
        "INSERT INTO bus.index_check (algorithm, value) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        settings.index_algorithm,
        value,
    )
    begun = await connection.fetchrow("SELECT algorithm, value FROM bus.index_check")
    if begun["value"] != value:
        raise OtherIndex(begun["algorithm"])


class OtherIndex(Exception):  # noqa: N818 - said to an operator
    """INDEX_KEY or INDEX_ALGORITHM differs from what this database was begun with."""

    @override
    def __str__(self) -> str:
        """Return the line that the operator sees."""
        return f"INDEX_KEY or INDEX_ALGORITHM is not the one this database began with ({self.args[0]})"


def _upgrade(connection: Connection) -> None:
    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


async def load_shipped_data(settings: Settings) -> None:
    """Load what is data and not code: the categories and their rules (requirement rows 1-16)."""
    database = Database(settings.database_url, name="migrate", pool_size=1)
    try:
        async with database.transaction() as session:
            await load_categories(session, datetime.now(UTC))
    finally:
        await database.close()


def main() -> None:
    """Migrate the database of the environment's DATABASE_URL."""
    settings = Settings()
    try:
        asyncio.run(migrate(settings))
    except (OSError, asyncpg.PostgresError, SQLAlchemyError, OtherIndex) as error:
        sys.exit(f"could not migrate {database_name(settings.database_url)}: {error}")
    sys.stdout.write(f"database {database_name(settings.database_url)} is at {head()}\n")


if __name__ == "__main__":
    main()
