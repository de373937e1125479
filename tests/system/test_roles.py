"""Each service's database role can use its own schema and the bus, and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import permutations

import asyncpg
import pytest

from migrations.migrate import migrate
from migrations.roles import SCHEMAS, role_settings, scram_verifier
from migrations.urls import for_driver
from shared.settings import Settings, service_database_url
from tests.support.servers import Address

Connect = Callable[[str], Awaitable[asyncpg.Connection]]


@pytest.fixture
async def connect(servers: Address, database: str) -> AsyncIterator[Connect]:
    """Log in to a fresh database as a schema's role."""
    settings = Settings(**servers.values(database))
    opened: list[asyncpg.Connection] = []

    async def connect(schema: str) -> asyncpg.Connection:
        opened.append(await asyncpg.connect(for_driver(service_database_url(settings, schema))))
        return opened[-1]

    yield connect
    for connection in opened:
        await connection.close()


async def tables_of(connection: asyncpg.Connection, schema: str) -> list[str]:
    rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = $1", schema)
    return [row["tablename"] for row in rows]


@pytest.mark.parametrize(("role", "other"), list(permutations(SCHEMAS, 2)))
async def test_a_role_is_refused_in_another_services_schema(connect: Connect, role: str, other: str) -> None:
    connection = await connect(role)
    tables = await tables_of(connection, other)
    assert tables
    for table in tables:
        for statement in (f"SELECT * FROM {other}.{table}", f"DELETE FROM {other}.{table}"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)


@pytest.mark.parametrize("role", SCHEMAS)
async def test_a_role_reads_its_own_schema_and_the_bus(connect: Connect, role: str) -> None:
    connection = await connect(role)
    for schema in (role, "bus"):
        for table in await tables_of(connection, schema):
            await connection.execute(f"SELECT * FROM {schema}.{table} LIMIT 0")


@pytest.mark.parametrize("role", SCHEMAS)
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE {role}.mine (a int)",
        "CREATE TABLE public.mine (a int)",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine",
        "UPDATE public.alembic_version SET version_num = 'x'",
        "TRUNCATE bus.delivery",
    ],
)
async def test_a_role_changes_no_structure(connect: Connect, role: str, statement: str) -> None:
    connection = await connect(role)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute(statement.format(role=role))


@pytest.mark.parametrize("role", SCHEMAS)
async def test_a_role_may_use_temporary_tables(connect: Connect, role: str) -> None:
    connection = await connect(role)
    await connection.execute("CREATE TEMPORARY TABLE mine (a int)")


@pytest.mark.parametrize("role", SCHEMAS)
async def test_a_roles_transactions_end_after_five_seconds(connect: Connect, role: str) -> None:
    connection = await connect(role)
    for name, value in await role_settings(connection):
        assert await connection.fetchval(f"SHOW {name}") == value
    assert await connection.fetchval("SHOW transaction_timeout") == "5s"
    assert await connection.fetchval("SHOW idle_in_transaction_session_timeout") == "10s"
    assert await connection.fetchval("SHOW log_parameter_max_length_on_error") == "0"


async def test_a_wrong_password_is_refused(servers: Address, database: str) -> None:
    settings = Settings(**servers.values(database) | {"role_secret": "another secret of ours"})
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(for_driver(service_database_url(settings, "registry")))


async def test_migrating_again_and_at_the_same_time_changes_nothing(servers: Address, database: str) -> None:
    settings = Settings(**servers.values(database))
    await asyncio.gather(migrate(settings), migrate(settings))
    connection = await asyncpg.connect(for_driver(service_database_url(settings, "registry")))
    await connection.close()


async def test_the_public_has_no_access_after_migration(servers: Address, database: str) -> None:
    settings = Settings(**servers.values(database))
    await migrate(settings)
    owner = await asyncpg.connect(for_driver(settings.database_url))
    await owner.execute("DROP ROLE IF EXISTS stranger; CREATE ROLE stranger LOGIN PASSWORD 'stranger'")
    await owner.close()
    url = settings.database_url.partition("@")[2]
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await asyncpg.connect(f"postgresql://stranger:stranger@{url}")


async def test_a_role_that_the_operator_made_is_granted_to_and_not_changed(
    servers: Address, database: str
) -> None:
    owner = await asyncpg.connect(for_driver(servers.database_url(database)))
    await owner.execute("CREATE ROLE county_notices LOGIN PASSWORD 'theirs'")
    url = servers.database_url(database).replace(
        servers.database_url("").split("@")[0], "postgresql://county_notices:theirs"
    )
    await migrate(Settings(**servers.values(database) | {"notifier_database_url": url}))
    connection = await asyncpg.connect(url)
    assert await connection.fetchval("SELECT count(*) FROM notifier.notice") == 0
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("SELECT * FROM registry.person")
    await connection.close()
    await owner.execute("DROP OWNED BY county_notices; DROP ROLE county_notices")
    await owner.close()


def test_a_verifier_holds_no_password() -> None:
    verifier = scram_verifier("secret", randomness=lambda n: b"s" * n)
    assert verifier.startswith("SCRAM-SHA-256$4096:")
    assert "secret" not in verifier
