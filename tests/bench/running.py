"""A throw-away system of real processes: `make run` in a directory of its own, with durable servers."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.demo.client import Credentials, read_credentials
from deploy.local.plan import serving
from deploy.local.ports import free_port, free_ports
from tests.bench import empty

READY_SECONDS: Final = 180.0
STOP_SECONDS: Final = 60.0
NOT_OURS: Final = ("DATABASE_URL", "REDIS_URL", "DATA_KEYS", "INDEX_KEY", "ROLE_SECRET")


@dataclass(frozen=True)
class Running:
    """How the system under measurement is reached."""

    credentials: Credentials
    environment: dict[str, str]
    log: Path
    pid: int

    @property
    def owner_url(self) -> str:
        """The URL of the database's owner."""
        return self.environment["DATABASE_URL"]


@contextmanager
def running_system(processes: int = 1, **environment: str) -> Iterator[Running]:
    """Start everything, each service's API and worker as many times as asked, and end it with the block.

    `environment` is added to that of every process.
    """
    # A terminated bench ends its servers too, and removes their directory.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with tempfile.TemporaryDirectory(prefix="yingjian-bench-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        home.chmod(0o711)
        data = home / "data"
        kept = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
        given = {**kept, "DATA_DIR": str(data), "PORT_BASE": str(free_ports(3) - 1), "LOG_LEVEL": "WARNING"}
        given |= {"APIS": str(processes), "WORKERS": str(processes), **environment}
        log = home / "run.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "deploy.local", "run"], env=given, stdout=output, stderr=output
            )
            try:
                _wait(data / "credentials.json", process, log)
                environment = json.loads((data / "environment.json").read_text())
                yield Running(read_credentials(data / "credentials.json"), environment, log, process.pid)
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(STOP_SECONDS)


@contextmanager
def empty_route(database_url: str) -> Iterator[str]:
    """Run the empty route as our own APIs run, in a process of its own; yield its base URL."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, *serving("tests.bench.empty:create", host="127.0.0.1", port=port)],
        env=os.environ | {empty.DATABASE: database_url},
    )
    try:
        until = time.monotonic() + READY_SECONDS
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > until:
                message = "the empty route did not start"
                raise RuntimeError(message)
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(STOP_SECONDS)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait(credentials: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    while not credentials.exists():
        if process.poll() is not None or time.monotonic() > until:
            tail = log.read_text(errors="replace")[-3_000:]
            message = f"the system did not start:\n{tail}"
            raise RuntimeError(message)
        time.sleep(0.2)
