"""The chain of an audit log against somebody who owns the database."""

import asyncio
import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from migrations.urls import for_driver
from shared.audit import heads, sealing
from shared.audit.chain import genesis
from shared.audit.exporting import export
from shared.audit.heads import SignedHead, heads_file, read
from shared.audit.recording import record
from shared.audit.verifying import Finding, verify
from shared.bus.scheduling import run_once
from shared.context import Context, open_context
from shared.logging import configure_logging
from shared.security.principal import Principal
from shared.settings import Settings, service_database_url
from tests.support.servers import Address
from tests.support.system import settings_of

ROWS = 30
WHO = Principal("auditor-1", "x", "person", frozenset({"admin"}))


class Log:
    """Registry's log of thirty rows, its head kept outside, and the owner of its database."""

    def __init__(self, context: Context[Any], owner: asyncpg.Connection) -> None:
        self.context = context
        self.owner = owner

    async def write(self, count: int) -> None:
        """Record something `count` times."""
        for number in range(count):
            async with self.context.db.transaction() as session:
                now = await self.context.clock.now(session)
                await record(
                    session, self.context, who=WHO, action="person.read", subject=f"S-{number}", now=now
                )

    async def seal(self) -> None:
        """Do what the worker does each second and each minute."""
        async with self.context.db.transaction() as session:
            while await sealing.seal(session, self.context):
                pass
            await sealing.sign_head(session, self.context)

    async def exported(self) -> list[bytes]:
        """Return the lines of an export."""
        parts = [part async for part in export(self.context, after=0, previous=genesis("registry"))]
        return b"".join(parts).splitlines()

    def kept(self) -> list[SignedHead]:
        """Return the heads outside the database."""
        return read(heads_file(self.context.settings, "registry").read_bytes().splitlines())

    async def findings(self) -> list[Finding]:
        """Return what an export now shows."""
        return verify(await self.exported(), self.kept())

    async def tamper(self, *statements: str) -> None:
        """Do as the owner what no service may do; triggers are no wall against him."""
        await self.owner.execute("SET session_replication_role = replica")
        for statement in statements:
            assert not (await self.owner.execute(statement)).endswith(" 0"), statement
        await self.owner.execute("SET session_replication_role = origin")


@pytest.fixture
async def log(servers: Address, database: str, tmp_path: Path) -> AsyncIterator[Log]:
    configure_logging(
        service="registry", level="WARNING", form="json"
    )  # not to a closed file of a test before
    settings = settings_of("registry", {**servers.values(database), "data_dir": tmp_path, "pool_size": 2})
    owner = await asyncpg.connect(servers.database_url(database))
    async with open_context(settings, service="registry") as context:
        log = Log(context, owner)
        await log.write(ROWS)
        await log.seal()
        yield log
    await owner.close()


async def test_an_untouched_log_is_intact_and_grows_on(log: Log) -> None:
    assert await log.findings() == []
    await log.write(3)
    assert await log.findings() == []
    await log.seal()
    assert (await log.findings(), [kept.head.n for kept in log.kept()]) == ([], [ROWS, ROWS + 3])


EDIT = ("UPDATE registry.audit SET client_id = 'somebody' WHERE subject = 'S-11'",)
DELETE = ("DELETE FROM registry.audit WHERE subject = 'S-11'",)
DELETE_WITH_LINK = (
    "DELETE FROM registry.audit_link WHERE n = 12",
    "DELETE FROM registry.audit WHERE subject = 'S-11'",
)
INSERT = ("INSERT INTO registry.audit (at, client_id, action) VALUES (now(), 'somebody', 'person.read')",)
INSERT_WITH_LINK = (
    *INSERT,
    "UPDATE registry.audit_link SET n = n + 1000 WHERE n > 11",
    "UPDATE registry.audit_link SET n = n - 999 WHERE n > 1000",
    "INSERT INTO registry.audit_link SELECT 12, max(audit_id), sha256('x') FROM registry.audit",
)
REORDER = (
    "UPDATE registry.audit_link SET n = 1000 WHERE n = 11",
    "UPDATE registry.audit_link SET n = 11 WHERE n = 12",
    "UPDATE registry.audit_link SET n = 12 WHERE n = 1000",
)
SWAP_TIMES = (
    """UPDATE registry.audit AS a SET at = b.at, subject = b.subject FROM registry.audit AS b
       WHERE (a.subject, b.subject) IN (('S-11', 'S-12'), ('S-12', 'S-11'))""",
)
TRUNCATE = (
    "DELETE FROM registry.audit WHERE subject IN ('S-28', 'S-29')",
    "DELETE FROM registry.audit_link WHERE n > 28",
    "DELETE FROM registry.audit_head",
)


@pytest.mark.parametrize(
    ("statements", "expected"),
    [
        pytest.param(EDIT, {("changed", 12)}, id="edit"),
        pytest.param(DELETE, {("missing", 12)}, id="delete"),
        pytest.param(DELETE_WITH_LINK, {("missing", 12)}, id="delete with its link"),
        pytest.param(INSERT, {("unchained", None)}, id="insert"),
        pytest.param(INSERT_WITH_LINK, {("changed", 12), ("changed", 13)}, id="insert into the chain"),
        pytest.param(REORDER, {("changed", 11), ("changed", 12)}, id="reorder"),
        pytest.param(SWAP_TIMES, {("changed", 12), ("changed", 13)}, id="reorder what was done"),
        pytest.param(TRUNCATE, {("truncated", 30)}, id="truncation"),
    ],
)
async def test_what_the_owner_of_the_database_does_to_the_log_is_found(
    log: Log, statements: tuple[str, ...], expected: set[tuple[str, int | None]]
) -> None:
    await log.tamper(*statements)
    found = {(each.kind, each.n) for each in await log.findings()}
    assert expected <= found


async def test_a_chain_that_was_rewritten_whole_differs_from_the_head_outside(log: Log) -> None:
    await log.tamper(
        *EDIT,
        "DELETE FROM registry.audit_link",
        "DELETE FROM registry.audit_head",
        "INSERT INTO registry.audit_pending SELECT audit_id FROM registry.audit",
    )
    async with log.context.db.transaction() as session:
        await sealing.seal(session, log.context)
    assert verify(await log.exported()) == []
    assert await log.findings() == [Finding("rewritten", ROWS)]


async def test_a_log_that_was_cut_off_and_has_grown_again_is_found(log: Log) -> None:
    await log.tamper(*TRUNCATE)
    await log.write(2)
    await log.seal()
    assert Finding("rewritten", ROWS) in await log.findings()


async def test_a_head_signed_by_another_key_is_refused(log: Log) -> None:
    other = log.context.settings.model_copy(
        update={"audit_signing_key": base64.b64encode(b"k" * 32).decode()}
    )
    [kept] = log.kept()
    forged = heads.sign(
        heads.signing_key(other), service="registry", n=ROWS, previous=b"\0" * 32, now=datetime.now(UTC)
    )
    found = verify(await log.exported(), [forged], trusted=frozenset({kept.public_key}))
    assert [each.kind for each in found] == ["signature"]


async def test_a_row_that_vanishes_before_it_is_chained_is_missed(log: Log) -> None:
    await log.write(1)
    await log.tamper("DELETE FROM registry.audit WHERE audit_id = (SELECT max(audit_id) FROM registry.audit)")
    await log.seal()
    assert [(each.kind, each.n) for each in await log.findings()] == [("missing", ROWS + 1)]


async def test_a_row_that_commits_late_is_chained_all_the_same(log: Log) -> None:
    context = log.context
    async with context.db.transaction() as slow:
        now = await context.clock.now(slow)
        await record(slow, context, who=WHO, action="late", now=now)
        await log.write(1)
        await log.seal()
    await log.seal()
    assert await log.findings() == []
    assert await log.owner.fetchval("SELECT count(*) FROM registry.audit_link") == ROWS + 2


async def test_two_sealers_at_once_make_one_chain(log: Log) -> None:
    await log.write(20)
    [chain, _] = sealing.SCHEDULES
    await log.owner.execute("INSERT INTO bus.schedule (consumer, name) VALUES ('registry', $1)", chain.name)
    await asyncio.gather(*(run_once(log.context, chain) for _ in range(4)))
    assert await log.findings() == []
    assert await log.owner.fetchval("SELECT count(*) FROM registry.audit_link") == ROWS + 20


@pytest.mark.parametrize("schema", ["registry", "ingest", "notifier"])
async def test_a_service_can_add_to_its_log_and_change_nothing(
    servers: Address, database: str, schema: str
) -> None:
    url = service_database_url(Settings(**servers.values(database)), schema)
    connection = await asyncpg.connect(for_driver(url))
    for table, column in (("audit", "rows"), ("audit_link", "hash"), ("audit_head", "hash")):
        for statement in (
            f"UPDATE {schema}.{table} SET {column} = {column}",
            f"DELETE FROM {schema}.{table}",
            f"TRUNCATE {schema}.{table}",
        ):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.execute(statement)
    await connection.close()
