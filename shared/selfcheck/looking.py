"""Looks at settings, files and the server, before a process listens or works."""

import asyncio
import json
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import asyncpg
from alembic.config import Config
from alembic.script import ScriptDirectory
from starlette.types import ASGIApp, Receive, Scope, Send

import migrations
from shared.security.sealing import BlindIndex
from shared.selfcheck.rules import Finding, of_file, of_index, of_schema, of_server, of_settings
from shared.settings import Settings, service_database_url

SCHEMAS: Final = {"registry": "registry", "results-ingest": "ingest", "notifier": "notifier"}
SECRET_FILES: Final = ("secrets.json", "client-secrets.json", "credentials.json", "environment.json")
WAIT_SECONDS: Final = 60.0
REFUSED: Final = 78  # EX_CONFIG of sysexits.h
NO_SCHEMA: Final = (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError)
FACTS: Final = """
    SELECT current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes,
        current_setting('synchronous_commit') AS synchronous_commit,
        current_setting('data_checksums') AS data_checksums,
        CAST(rolsuper AS text) AS superuser, CAST(rolbypassrls AS text) AS bypassrls
    FROM pg_roles WHERE rolname = current_user
"""
CLOCK: Final = "SELECT CAST(ahead <> interval '0' AS text) FROM bus.business_clock"
INDEX: Final = "SELECT value FROM bus.index_check"
REVISION: Final = "SELECT version_num FROM public.alembic_version"
UNREACHABLE: Final = Finding(
    "database_unreachable",
    "无法连接数据库,不能检查其设置",
    "The database cannot be reached or checked",
)


async def findings(settings: Settings, *, service: str, wait: float = WAIT_SECONDS) -> list[Finding]:
    """Return everything that is unsafe; nothing in demo and test, which are unsafe on purpose."""
    if settings.environment != "production":
        return []
    found = [*of_settings(settings.model_dump(), demo_secrets=_demo_secrets(settings.data_dir))]
    found += _of_files(settings.data_dir / name for name in SECRET_FILES)
    url = service_database_url(settings, SCHEMAS[service])
    return found + await of_database(url, index=_index_of(settings), wait=wait)


def _index_of(settings: Settings) -> bytes | None:
    try:
        return index_mark(settings)
    except ValueError:  # no key at all: found among the settings
        return None


def index_mark(settings: Settings) -> bytes:
    """Return what marks an index key and algorithm; `migrate` keeps it in the database that it begins."""
    return BlindIndex(settings.index_key, algorithm=settings.index_algorithm).of("check", "index")


def _of_files(paths: Iterable[Path]) -> list[Finding]:
    found = []
    for path in paths:
        if path.is_file():
            said = path.stat()
            found += of_file(path.name, mode=said.st_mode, owner=said.st_uid, us=os.geteuid())
    return found


def _demo_secrets(data_dir: Path) -> dict[str, Any]:
    try:
        made = json.loads((data_dir / "secrets.json").read_bytes())
        made["DATA_KEYS"] = json.loads(made["DATA_KEYS"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return {name: made.get(name) for name in ("DATA_KEYS", "INDEX_KEY", "ROLE_SECRET")}


async def of_database(url: str, *, index: bytes | None = None, wait: float = 0.0) -> list[Finding]:
    """Return what is unsafe about a server and its schema; wait so many seconds for one that is away.

    `index` marks the index key of the settings: with another than the database's nobody is found again.
    """
    deadline = asyncio.get_running_loop().time() + wait
    while True:
        try:
            connection = await asyncpg.connect(url, timeout=5)
        except (OSError, TimeoutError, asyncpg.PostgresError):
            if asyncio.get_running_loop().time() >= deadline:
                return [UNREACHABLE]
            await asyncio.sleep(1)
            continue
        try:
            return await _judged(connection, index)
        finally:
            await connection.close()


async def _judged(connection: asyncpg.Connection, index: bytes | None) -> list[Finding]:
    facts = {**await connection.fetchrow(FACTS), "clock_moved": "false"}
    begun = None
    try:
        stored = await connection.fetchval(REVISION)
        facts["clock_moved"] = await connection.fetchval(CLOCK)
        begun = await connection.fetchval(INDEX)
    except NO_SCHEMA:
        stored = None
    config = Config()
    config.set_main_option("script_location", str(next(iter(migrations.__path__))))
    scripts = ScriptDirectory.from_config(config)
    known = [one.revision for one in scripts.walk_revisions()]
    return [
        *of_server(facts),
        *of_index(begun, index),
        *of_schema(stored, revisions=known, head=scripts.get_current_head() or ""),
    ]


def say(found: Iterable[Finding]) -> bool:
    """Print every finding on a line of its own; return whether one of them forbids to start."""
    found = list(found)
    sys.stderr.write("".join(f"{one.line()}\n" for one in found))
    sys.stderr.flush()
    return any(one.fatal for one in found)


class SafeStart:
    """ASGI middleware: a server that runs this app ends before it listens where something is unsafe."""

    def __init__(self, app: ASGIApp, *, settings: Settings, service: str) -> None:
        self.app = app
        self.settings = settings
        self.service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check at the start, pass everything else on."""
        if scope["type"] == "lifespan" and say(await findings(self.settings, service=self.service)):
            await receive()
            reason = "启动检查未通过,原因见上 the start-up check failed; the reasons are above"
            await send({"type": "lifespan.startup.failed", "message": reason})
            return
        await self.app(scope, receive, send)


async def stop_if_unsafe(settings: Settings, *, service: str) -> None:
    """End a worker where something is unsafe."""
    if say(await findings(settings, service=service)):
        raise SystemExit(REFUSED)
