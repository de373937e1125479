"""Backup, restore to an earlier moment, and what follows: a new epoch, and the receipts to send again."""

import asyncio
import json
import signal
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx
import pytest

from deploy.local import postgres, processes
from deploy.local.archive import archive_of, backup_dir
from deploy.local.backup import BackupError, backup
from deploy.local.plan import DATABASE, Plan, make_plan
from deploy.local.restore import drill, restore
from deploy.local.state import open_state, write_private
from migrations.migrate import migrate
from shared.settings import Settings
from tests.support.servers import Address, new_home
from tests.support.system import running_system
from tests.system.people import UNIT, District, ok, person, row

NOW: Final = datetime.fromisoformat("2030-03-05T12:00:00+08:00")
pytestmark = pytest.mark.timeout(600)


class Installation:
    """A data directory as `make run` has it, with its own PostgreSQL; the services run in the test."""

    def __init__(self, home: Path, redis_url: str) -> None:
        self.state = open_state(home / "run")
        self.redis_url = redis_url
        self.plan: Plan = make_plan(self.state, {"REDIS_URL": redis_url})
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def server(self) -> postgres.Postgres:
        assert self.plan.postgres is not None
        return self.plan.postgres

    def start(self) -> None:
        """Start the server as the supervisor does."""
        archive = archive_of(backup_dir(self.server.data.parents[1], {}), self.server.data)
        settings = archive.settings() | {"fsync": "off", "shared_buffers": "64MB"}
        self._process = postgres.start(self.server, self.state.logs / "postgres.log", **settings)
        write_private(self.state.environment, self.plan.environment)

    def stop(self) -> None:
        """Stop it, in order."""
        self.state.environment.unlink(missing_ok=True)
        if self._process is not None:
            processes.stop(self._process, first=signal.SIGINT, grace=20)
            self._process = None

    async def create(self) -> None:
        """Make the database."""
        maintenance = await asyncpg.connect(self.server.url("postgres"))
        await maintenance.execute(f"CREATE DATABASE {DATABASE}")
        await maintenance.close()
        await migrate(Settings(**self.values()))

    def values(self) -> dict[str, Any]:
        given = self.plan.environment
        return {
            "environment": "test",
            "database_url": self.server.url(DATABASE),
            "redis_url": self.redis_url,
            "role_prefix": DATABASE,
            "role_secret": given["ROLE_SECRET"],
            "data_keys": json.loads(given["DATA_KEYS"]),
            "index_key": given["INDEX_KEY"],
        }

    @asynccontextmanager
    async def district(self, *, build: bool) -> AsyncIterator[District]:
        """Run the services; `build` makes the district first."""
        address = Address(self.server.url("").rstrip("/"), self.redis_url, "")
        async with running_system(
            address, DATABASE, **{**self.values(), "data_dir": self.state.root}
        ) as system:
            district = District(system)
            if build:
                await district.build()
                await system.set_clock(NOW)
                await district.register(*(person(n, unit_code=UNIT, category_code="8A1") for n in range(9)))
            else:
                await district.meet()
            await system.settle()
            yield district


@pytest.fixture
def installation(own_redis: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    for name in ("DATABASE_URL", "BACKUP_DIR", "BACKUPS_KEPT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("REDIS_URL", own_redis)
    with ExitStack() as stack:
        made = Installation(stack.enter_context(new_home()), own_redis)
        stack.callback(made.stop)
        yield made


async def post(district: District, number: int, **fields: Any) -> httpx.Response:
    rows = [row(NOW - timedelta(hours=1), health_code_id=f"HC-{number:06}", **fields)]
    return await district.labs["LAB01"].post(
        "/v1/batches", json={"batch_no": f"BATCH-{number}", "results": rows}
    )


async def server_now(district: District) -> datetime:
    moment: datetime = await district.system.owner.fetchval("SELECT clock_timestamp()")
    return moment


def listed(report: Path) -> list[str]:
    return [one["batch_no"] for one in json.loads(report.read_text())["send_again"]]


async def test_a_restore_to_an_earlier_moment_says_what_to_send_again_and_goes_on(
    installation: Installation,
) -> None:
    installation.start()
    await installation.create()
    async with installation.district(build=True) as district:
        assert (await post(district, 1, outcome="positive")).status_code == httpx.codes.ACCEPTED
        await district.system.settle()
        base = await asyncio.to_thread(backup, installation.state)
        assert (await post(district, 2)).status_code == httpx.codes.ACCEPTED
        await district.system.settle()
        cursor = (await ok(district.platform.get("/v1/status-changes")))["next_cursor"]
        assert (await district.platform.get("/v1/status-changes", params={"cursor": cursor})).is_success
        moment = await server_now(district)
        assert (await post(district, 3)).status_code == httpx.codes.ACCEPTED
        assert (await post(district, 3)).status_code == httpx.codes.OK
        await district.system.settle()
        # Beside the running system, and without a trace in it.
        await district.system.owner.execute("SELECT pg_switch_wal()")
        rehearsed = await asyncio.to_thread(drill, installation.state, to=base.finished_at)
        assert "BATCH-3" in rehearsed
        assert listed(installation.state.root / "restore-drill.json") == ["BATCH-2", "BATCH-3"]
        assert (await district.platform.get("/v1/status-changes", params={"cursor": cursor})).is_success
    installation.stop()

    said = await asyncio.to_thread(restore, installation.state, to=moment)

    [report] = installation.state.root.glob("restored-*.json")
    assert listed(report) == ["BATCH-3"]
    assert "BATCH-3" in said
    assert list(installation.server.data.parent.glob("data.before-*"))
    installation.start()
    async with installation.district(build=False) as district:
        gone = await district.platform.get("/v1/status-changes", params={"cursor": cursor})
        assert (gone.status_code, gone.json()["code"]) == (httpx.codes.GONE, "cursor_expired")
        assert (await district.status("HC-000002"))["display"] == "negative"
        assert (await district.status("HC-000003"))["display"] == "none"
        # The same numbers again: what was lost is new, what was kept is its first receipt.
        assert (await post(district, 2)).status_code == httpx.codes.OK
        assert (await post(district, 3)).status_code == httpx.codes.ACCEPTED
        await district.system.settle()
        assert (await district.status("HC-000003"))["display"] == "negative"
        alerts = await district.notices(kind="alert.positive")
        assert len({one["notice_id"] for one in alerts}) == len(alerts) == 3
        anew = await ok(district.platform.get("/v1/status-changes"))
        assert {one["health_code_id"] for one in anew["changes"]} >= {"HC-000002", "HC-000003"}


async def test_without_a_moment_nothing_is_lost_although_the_log_was_not_archived(
    installation: Installation,
) -> None:
    installation.start()
    await installation.create()
    async with installation.district(build=True) as district:
        await asyncio.to_thread(backup, installation.state)
        assert (await post(district, 4)).status_code == httpx.codes.ACCEPTED
        await district.system.settle()
    installation.stop()

    await asyncio.to_thread(restore, installation.state, to=None)

    [report] = installation.state.root.glob("restored-*.json")
    assert listed(report) == []


def test_a_moment_before_every_backup_is_refused_and_changes_nothing(installation: Installation) -> None:
    before = sorted(installation.server.data.iterdir())
    with pytest.raises(BackupError, match="no backup fits"):
        restore(installation.state, to=datetime(2020, 1, 1, tzinfo=UTC))

    assert sorted(installation.server.data.iterdir()) == before


async def test_a_moment_that_was_never_reached_puts_back_what_was_there(installation: Installation) -> None:
    installation.start()
    await installation.create()
    await asyncio.to_thread(backup, installation.state)
    installation.stop()

    with pytest.raises(BackupError, match="recovery"):
        await asyncio.to_thread(restore, installation.state, to=datetime.now(UTC) + timedelta(days=1))

    installation.start()
    connection = await asyncpg.connect(installation.server.url(DATABASE))
    assert await connection.fetchval("SELECT count(*) FROM bus.restoration") == 0
    await connection.close()


async def test_a_backup_holds_no_key_and_old_ones_are_removed(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    installation.start()
    await installation.create()
    monkeypatch.setenv("BACKUPS_KEPT", "1")
    first = await asyncio.to_thread(backup, installation.state)
    await asyncio.sleep(1.1)  # a backup is named by its second
    second = await asyncio.to_thread(backup, installation.state)

    assert not first.path.exists()
    assert second.archive.backups() == [second]
    secrets = [installation.plan.environment["INDEX_KEY"], installation.plan.environment["ROLE_SECRET"]]
    for path in second.path.rglob("*"):
        if path.is_file():
            held = path.read_bytes()
            assert not any(secret.encode() in held for secret in secrets), path
