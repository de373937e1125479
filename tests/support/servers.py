"""One PostgreSQL and one Redis per test session, made for it and thrown away with it.

Neither DATABASE_URL nor REDIS_URL is looked at, so a running system is never touched; only where no
Redis can be started does REDIS_URL serve.
"""

import asyncio
import base64
import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import asyncpg

from deploy.local import postgres, processes, redis_server
from deploy.local.accounts import server_account
from deploy.local.ports import free_port
from migrations.migrate import migrate
from shared.settings import Settings

TEMPLATE: Final = "yingjian_template"
PREFIX: Final = "yingjian-test-"
MEMORY: Final = Path("/dev/shm")  # noqa: S108 - a directory of our own is made in it
ENOUGH: Final = 3 * 1024**3
KEY: Final = base64.b64encode(bytes(range(32))).decode()


@dataclass(frozen=True)
class Address:
    """How the session's servers are reached; small enough to be handed to the workers of xdist."""

    postgres_url: str
    redis_url: str
    role_secret: str

    def database_url(self, name: str) -> str:
        """Return the owner's URL of a database."""
        return f"{self.postgres_url}/{name}"

    def values(self, database: str) -> dict[str, Any]:
        """Return the settings that every service shares on this database."""
        return {
            "environment": "test",
            "database_url": self.database_url(database),
            "registry_database_url": None,
            "ingest_database_url": None,
            "notifier_database_url": None,
            "role_prefix": TEMPLATE,
            "role_secret": self.role_secret,
            "redis_url": self.redis_url,
            "data_keys": {"k1": KEY},
            "index_key": KEY,
            "bus_schedule_seconds": 1.0,
            # A machine that runs tests stands still now and then: only what is about outages takes that for one.
            "database_patience_seconds": 30.0,
        }

    def environment(self, database: str, **more: str) -> dict[str, str]:
        """Return the same settings as the environment of a real process."""
        values = self.values(database) | more
        given = {name.upper(): value for name, value in values.items() if value is not None}
        texts = {
            name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()
        }
        return {**os.environ, **texts}


class Servers:
    """The session's servers; started once, stopped at the end of the session.

    `settings` are PostgreSQL's, in the place of those for servers that are thrown away.
    """

    def __init__(self, **settings: str) -> None:
        self._settings = settings
        self._address: Address | None = None
        self._stack = ExitStack()

    def address(self) -> Address:
        """Return where the servers are, starting them for whoever asks first."""
        if self._address is None:
            with self._stack:
                address = self._start()
                self._stack = self._stack.pop_all()
            self._address = address
        return self._address

    def stop(self) -> None:
        """Stop the servers and remove every trace of them."""
        self._stack.close()
        self._address = None

    def _start(self) -> Address:
        home = self._stack.enter_context(new_home())
        server = start_postgres(home, stack=self._stack, **self._settings)
        redis_url = start_redis(home, stack=self._stack).url if redis_server.find_binary() else _users_redis()
        address = Address(server.url("").rstrip("/"), redis_url, secrets.token_hex(16))
        asyncio.run(make_template(address))
        return address


@contextmanager
def new_home() -> Iterator[Path]:
    """Yield a new directory that the servers' account can pass through."""
    remove_left_over()
    path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=place()))
    try:
        (path / "mark").write_text(f"{os.getpid()} {processes.start_time(os.getpid())}")
        path.chmod(0o711)
        if not server_account().reaches(path):
            raise RuntimeError(f"nobody but us can reach {path}: set TMPDIR to a directory open to all")
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def place() -> Path:
    """Return where the servers' files go: in memory where that is roomy, for a database is 1,500 files."""
    if "TMPDIR" not in os.environ and MEMORY.is_dir() and os.access(MEMORY, os.W_OK | os.X_OK):
        room = os.statvfs(MEMORY)
        if room.f_bavail * room.f_frsize >= ENOUGH and not room.f_flag & os.ST_NOEXEC:
            return MEMORY
    return Path(tempfile.gettempdir())


def remove_left_over() -> None:
    """Remove what sessions that were killed could not."""
    for path in place().glob(f"{PREFIX}*"):
        with suppress(OSError, ValueError):
            pid, _, mark = (path / "mark").read_text().partition(" ")
            if processes.start_time(int(pid)) != mark:
                shutil.rmtree(path, ignore_errors=True)


def start_postgres(home: Path, *, stack: ExitStack, **settings: str) -> postgres.Postgres:
    """Start a PostgreSQL that keeps nothing safe, and is quick for it."""
    server = postgres.prepare(
        home, account=server_account(), port=free_port(), password=secrets.token_hex(16)
    )
    process = postgres.start(server, home / "postgres.log", **(postgres.THROW_AWAY | settings))
    stack.callback(processes.stop, process, first=signal.SIGINT, grace=10)
    return server


def start_redis(home: Path, *, stack: ExitStack) -> redis_server.Redis:
    """Start a Redis of its own; tests that stop, pause or empty one use theirs alone."""
    data = Path(tempfile.mkdtemp(prefix="redis-", dir=home))
    server = redis_server.prepare(data, port=free_port(), password=secrets.token_hex(16), durable=False)
    process: subprocess.Popen[bytes] = redis_server.start(server, data / "redis.log")
    stack.callback(processes.stop, process, first=signal.SIGTERM, grace=10)
    return server


def _users_redis() -> str:
    url = os.environ.get("REDIS_URL")
    if url is None:
        raise RuntimeError(redis_server.MISSING)
    return url


async def make_template(address: Address) -> None:
    """Migrate the database that every test's own is a copy of; its roles serve all copies."""
    maintenance = await asyncpg.connect(address.database_url("postgres"))
    await maintenance.execute(f"CREATE DATABASE {TEMPLATE}")
    await migrate(Settings(**address.values(TEMPLATE)))
    await maintenance.execute(f"ALTER DATABASE {TEMPLATE} ALLOW_CONNECTIONS false")
    await maintenance.close()


class Clones:
    """Databases that are copies of the template."""

    def __init__(self, address: Address, worker: str) -> None:
        self.address = address
        self._worker = worker
        self._count = 0
        self._maintenance: asyncpg.Connection | None = None

    async def __aenter__(self) -> Self:
        self._maintenance = await asyncpg.connect(self.address.database_url("postgres"))
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._maintenance is not None
        await self._maintenance.close()

    async def make(self) -> str:
        """Create a database and return its name."""
        assert self._maintenance is not None
        self._count += 1
        name = f"test_{self._worker}_{os.getpid()}_{self._count}"
        await self._maintenance.execute(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")
        return name

    async def drop(self, name: str) -> None:
        """Drop a database, whoever is still in it."""
        assert self._maintenance is not None
        await self._maintenance.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
