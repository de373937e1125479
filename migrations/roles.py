"""The database roles of the services and what each may touch: its own schema and `bus`, nothing else.

Beside each stands a narrow one, for requests of one laboratory or area (decision 0016).
Roles belong to the whole cluster, databases come and go: the caller holds the lock.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Callable
from typing import Final
from urllib.parse import unquote, urlsplit

import asyncpg

from migrations.row_security import protect
from shared.db import narrow_role
from shared.settings import Settings, role_name, role_password

SCHEMAS: Final = ("registry", "ingest", "notifier")
BUS: Final = "bus"
PG_17: Final = 170000
ITERATIONS: Final = 4096

# Everything inside a schema, present and future. The owner of the future objects is who migrates.
SCHEMA_GRANTS: Final = """
    GRANT USAGE ON SCHEMA %1$I TO %2$I;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %1$I TO %2$I;
    GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA %1$I TO %2$I;
    GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA %1$I TO %2$I;
    ALTER DEFAULT PRIVILEGES IN SCHEMA %1$I GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO %2$I;
    ALTER DEFAULT PRIVILEGES IN SCHEMA %1$I GRANT USAGE, SELECT ON SEQUENCES TO %2$I;
    ALTER DEFAULT PRIVILEGES IN SCHEMA %1$I GRANT EXECUTE ON FUNCTIONS TO %2$I;
"""
# Not even the service that writes its audit log may change it.
APPEND_ONLY: Final = """
    REVOKE UPDATE, DELETE ON %1$I.audit, %1$I.audit_link, %1$I.audit_head FROM %2$I;
"""
# /readyz compares the schema's revision with the code's, so the version table may be read.
DATABASE_GRANTS: Final = """
    GRANT CONNECT, TEMPORARY ON DATABASE %1$I TO %2$I;
    GRANT USAGE ON SCHEMA public TO %2$I;
    GRANT SELECT ON public.alembic_version TO %2$I;
"""
CLOSE_TO_PUBLIC: Final = """
    REVOKE ALL ON DATABASE %1$I FROM PUBLIC;
    REVOKE ALL ON SCHEMA public FROM PUBLIC;
"""
CREATE_ROLE: Final = "CREATE ROLE %1$I LOGIN NOCREATEDB NOCREATEROLE NOINHERIT"
CREATE_NARROW_ROLE: Final = "CREATE ROLE %1$I NOLOGIN NOCREATEDB NOCREATEROLE NOINHERIT"
# The service may become it, and has none of its rights and none of its policies otherwise.
GRANT_NARROW_ROLE: Final = "GRANT %1$I TO %2$I WITH INHERIT FALSE, SET TRUE"
SET_PASSWORD: Final = "ALTER ROLE %1$I PASSWORD %2$L"  # noqa: S105 - a statement, not a password
SET_SETTING: Final = "ALTER ROLE %1$I SET %2$I = %3$L"


async def format_and_run(connection: asyncpg.Connection, template: str, *names: str) -> None:
    """Run DDL whose names and literals the server itself has quoted (`%I`, `%L` of format())."""
    statement = await connection.fetchval("SELECT format($1, VARIADIC $2::text[])", template, list(names))
    await connection.execute(statement)


def given_role(settings: Settings, schema: str) -> str | None:
    """Return the role of a URL that the operator has set: made by the operator, only granted to here."""
    url: str | None = getattr(settings, f"{schema}_database_url")
    return unquote(urlsplit(url).username or "") if url else None


async def create_roles(connection: asyncpg.Connection, settings: Settings) -> None:
    """Create the service roles where they are missing; set passwords and limits again."""
    for schema in SCHEMAS:
        if given := given_role(settings, schema):
            await create_narrow_role(connection, given)
            continue
        role = role_name(settings, schema)
        if not await exists(connection, role):
            await format_and_run(connection, CREATE_ROLE, role)
        await create_narrow_role(connection, role)
        verifier = scram_verifier(role_password(settings, role))
        await format_and_run(connection, SET_PASSWORD, role, verifier)
        for name, value in await role_settings(connection):
            await format_and_run(connection, SET_SETTING, role, name, value)


async def create_narrow_role(connection: asyncpg.Connection, role: str) -> None:
    """Create the narrow role of a service's role, and let the one become the other."""
    narrow = narrow_role(role)
    if not await exists(connection, narrow):
        await format_and_run(connection, CREATE_NARROW_ROLE, narrow)
    if not await connection.fetchval("SELECT pg_has_role($1::name, $2::name, 'SET')", role, narrow):
        await format_and_run(connection, GRANT_NARROW_ROLE, narrow, role)


async def exists(connection: asyncpg.Connection, role: str) -> bool:
    """Say whether the cluster has a role."""
    return bool(await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", role))


async def role_settings(connection: asyncpg.Connection) -> list[tuple[str, str]]:
    """Return the limits of a service role on this server: no transaction is longer than 5 s.

    A handler asks for longer ones, up to 30 s; but what a process holds that has stopped in its midst
    (suspended, swapped out) is free again after 10 s.
    """
    version = int(await connection.fetchval("SHOW server_version_num"))
    if version >= PG_17:
        limits = [("transaction_timeout", "5s"), ("idle_in_transaction_session_timeout", "10s")]
    else:
        limits = [("statement_timeout", "5s"), ("idle_in_transaction_session_timeout", "5s")]
    # Only a superuser may set this one; elsewhere the server's default, which is 0 too, holds.
    if await connection.fetchval("SELECT rolsuper FROM pg_roles WHERE rolname = current_user"):
        limits.append(("log_parameter_max_length_on_error", "0"))
    return limits


async def grant(connection: asyncpg.Connection, settings: Settings, database: str) -> None:
    """Close the database to everybody and open to each role what is its own."""
    await format_and_run(connection, CLOSE_TO_PUBLIC, database)
    for schema in SCHEMAS:
        role = given_role(settings, schema) or role_name(settings, schema)
        await format_and_run(connection, DATABASE_GRANTS, database, role)
        await format_and_run(connection, SCHEMA_GRANTS, schema, role)
        await format_and_run(connection, SCHEMA_GRANTS, BUS, role)
        await format_and_run(connection, APPEND_ONLY, schema, role)
        await protect(connection, schema, role=role, narrow=narrow_role(role))


def scram_verifier(password: str, *, randomness: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """Return what PostgreSQL stores of a password (RFC 5803), so that the server never logs it in clear."""
    salt = randomness(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, ITERATIONS)
    client_key = hmac.digest(salted, b"Client Key", "sha256")
    server_key = hmac.digest(salted, b"Server Key", "sha256")
    stored_key = hashlib.sha256(client_key).digest()
    encoded = [base64.b64encode(part).decode() for part in (salt, stored_key, server_key)]
    return f"SCRAM-SHA-256${ITERATIONS}:{encoded[0]}${encoded[1]}:{encoded[2]}"
