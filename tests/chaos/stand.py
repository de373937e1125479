"""The system as it is broken: PostgreSQL, Redis, six processes, a proxy between each pair, a provider."""

import asyncio
import base64
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import asyncpg

from deploy.demo.client import Credentials, read_credentials
from deploy.local import postgres, redis_server
from deploy.local.accounts import server_account
from deploy.local.ports import free_port
from migrations.migrate import migrate
from shared.settings import Settings
from tests.chaos.processes import APIS, Processes
from tests.chaos.provider import Provider
from tests.chaos.proxy import Proxy
from tests.chaos.servers import PostgresServer, RedisServer

DATABASE: Final = "yingjian"
DISK: Final = "1200m"
BOOTSTRAPS: Final = 3
"""Tries: on a busy machine the first may run into a timeout of its transaction."""
# Leave room: the cluster is small, and what is written in minutes as well.
ROOM: Final = {
    "max_wal_size": "256MB",
    "min_wal_size": "80MB",
    "shared_buffers": "128MB",
    "max_connections": "120",
}


@dataclass
class Stand:
    """What the faults take hold of."""

    home: Path
    postgres: PostgresServer
    redis: RedisServer
    processes: Processes
    provider: Provider
    proxies: dict[str, Proxy]
    environment: dict[str, str]
    mounted: bool
    credentials: Credentials = field(init=False)

    @property
    def data(self) -> Path:
        """DATA_DIR of the processes."""
        return self.home / "data"

    @property
    def settings(self) -> Settings:
        """The settings that all services share, without crash points."""
        return Settings(**_values(self.environment) | {"faults_dir": None})

    @property
    def ballast(self) -> Path:
        """The file that fills the database's disk."""
        return self.home / "disk" / "ballast"

    async def mend(self) -> None:
        """Undo whatever a fault has left: everything runs, and every line carries."""
        self.ballast.unlink(missing_ok=True)
        for proxy in self.proxies.values():
            proxy.mend()
        self.provider.failing, self.provider.silent, self.provider.slow = False, 0, 0.0
        for server in (self.postgres, self.redis):
            server.send(signal.SIGCONT)
        for name in list(self.processes.pids):
            self.processes.send(name, signal.SIGCONT)
        await self.postgres.start()
        if not self.redis.running:
            await self.redis.start()

    @asynccontextmanager
    async def behind_proxies(self) -> AsyncIterator[None]:
        """Start the processes again with a proxy before each of their servers, for as long as the block.

        Only here: a proxy in Python takes more of the cores than the services do.
        """
        await self.processes.change(
            {part: _through(self.environment, self, part) for part in ("api", "worker")}
        )
        try:
            yield
        finally:
            for proxy in self.proxies.values():
                proxy.mend()
            await self.processes.change(dict.fromkeys(("api", "worker"), self.environment))

    async def owner(self) -> asyncpg.Connection:
        """Return a connection of the database's owner, around every proxy."""
        return await asyncpg.connect(self.postgres.url(DATABASE), timeout=10)


@asynccontextmanager
async def standing(*, faults: bool = True) -> AsyncIterator[Stand]:
    """Start everything in a directory of its own; end and remove it with the block."""
    async with AsyncExitStack() as stack:
        home = Path(tempfile.mkdtemp(prefix="yingjian-chaos-"))
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        home.chmod(0o711)
        mounted = _mount(home / "disk")
        if mounted:
            stack.callback(_unmount, home / "disk")
        stand = await _started(stack, home, mounted=mounted, faults=faults)
        yield stand


async def _started(stack: AsyncExitStack, home: Path, *, mounted: bool, faults: bool) -> Stand:
    server = postgres.prepare(
        home / "disk", account=server_account(), port=free_port(), password=secrets.token_hex(16)
    )
    pg = PostgresServer(server, home / "postgres.log", ROOM)
    stack.push_async_callback(pg.stop)
    await pg.start()
    prepared = redis_server.prepare(home / "redis", port=free_port(), password=secrets.token_hex(16))
    redis = RedisServer(prepared, home / "redis.log")
    stack.push_async_callback(redis.stop)
    await redis.start()
    provider = await stack.enter_async_context(Provider())
    ports = {service: free_port() for service in APIS}
    targets = {
        "api-postgres": server.port,
        "worker-postgres": server.port,
        "redis": prepared.port,
        "lab-ingest": ports["results-ingest"],
    }
    proxies = {name: await stack.enter_async_context(Proxy(target)) for name, target in targets.items()}
    (home / "faults").mkdir()
    environment = _environment(home, server, prepared, ports, provider, faults=faults)
    processes = Processes(home / "logs", ports)
    stand = Stand(home, pg, redis, processes, provider, proxies, environment, mounted)
    connection = await asyncpg.connect(server.url("postgres"))
    await connection.execute(f"CREATE DATABASE {DATABASE}")
    await connection.close()
    await migrate(Settings(**_values(environment)))
    stack.push_async_callback(processes.stop)
    await processes.open(dict.fromkeys(("api", "worker"), environment))
    stand.credentials = await _bootstrapped(stand)
    return stand


def _environment(
    home: Path,
    server: postgres.Postgres,
    redis: redis_server.Redis,
    ports: dict[str, int],
    provider: Provider,
    *,
    faults: bool,
) -> dict[str, str]:
    urls = {f"{APIS[service].upper()}_URL": f"http://127.0.0.1:{port}" for service, port in ports.items()}
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "ENVIRONMENT": "test",
        "DATABASE_URL": server.url(DATABASE),
        "REDIS_URL": redis.url,
        "DATA_KEYS": json.dumps({"k1": _key()}),
        "INDEX_KEY": _key(),
        "ROLE_SECRET": secrets.token_urlsafe(32),
        "DATA_DIR": str(home / "data"),
        "LOG_LEVEL": "INFO",
        "CHANNELS": '["file", "gateway"]',
        "GATEWAY_URL": f"http://127.0.0.1:{provider.port}/messages",
        "QUIET_FROM": "00:00",
        "QUIET_UNTIL": "00:00",
        **({"FAULTS_DIR": str(home / "faults")} if faults else {}),
        **urls,
    }


def _values(environment: dict[str, str]) -> dict[str, Any]:
    values: dict[str, Any] = {name.lower(): value for name, value in environment.items()}
    return values | {"data_keys": json.loads(environment["DATA_KEYS"])}


def _through(environment: dict[str, str], stand: Stand, part: str) -> dict[str, str]:
    """Return the environment of the APIs or the workers: their servers lie behind proxies."""
    pg, redis = stand.proxies[f"{part}-postgres"].port, stand.proxies["redis"].port
    changed = {
        "DATABASE_URL": environment["DATABASE_URL"].replace(f":{stand.postgres.port}/", f":{pg}/"),
        "REDIS_URL": environment["REDIS_URL"].replace(f":{stand.redis.port}/", f":{redis}/"),
    }
    return environment | changed


async def _bootstrapped(stand: Stand) -> Credentials:
    """Make the clients of a local system; the laboratories post through their proxy."""
    path = stand.home / "credentials.json"
    for _ in range(BOOTSTRAPS):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "registry.identity.bootstrap", "--out", str(path),
            env={**os.environ, **stand.environment}, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        if not await process.wait():
            break
    else:
        raise RuntimeError("the clients could not be made")
    found = read_credentials(path)
    through = f"http://127.0.0.1:{stand.proxies['lab-ingest'].port}"
    return Credentials({**found.urls, "lab": through}, found.accounts, found.labs)


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _mount(folder: Path) -> bool:
    """Mount a small disk for the database's files, where that is permitted."""
    folder.mkdir()
    answer = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK},mode=0711", "tmpfs", str(folder)],
        check=False,
        capture_output=True,
    )
    folder.chmod(0o711)
    return answer.returncode == 0


def _unmount(folder: Path) -> None:
    with suppress(OSError):
        subprocess.run(["umount", "-l", str(folder)], check=False, capture_output=True)
