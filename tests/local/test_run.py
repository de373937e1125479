"""`make run` itself: everything comes up, one run at a time, and nothing is left when it stops."""

import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from deploy.local import processes
from deploy.local.accounts import fallback_home
from deploy.local.ports import free_ports
from tests.support.servers import Address, Clones

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
START_SECONDS = 300
READY = "Ctrl-C stops everything"


class Run:
    """A `make run` in a directory of its own."""

    def __init__(self, root: Path, **environment: str) -> None:
        self.data_dir = root / "run"
        self.output = root / "output"
        self.base = free_ports(3) - 1
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.endswith("_URL")},
            "DATA_DIR": str(self.data_dir),
            "PORT_BASE": str(self.base),
            "DATABASE_PATIENCE_SECONDS": "30",  # a busy machine is no outage
            **environment,
        }

    def start(self) -> subprocess.Popen[bytes]:
        with self.output.open("wb") as output:
            return subprocess.Popen(
                [sys.executable, "-m", "deploy.local", "run"],
                env=self.environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @contextmanager
    def running(self) -> Iterator[subprocess.Popen[bytes]]:
        process = self.start()
        try:
            self.wait_for(self.is_ready, process)
            yield process
        finally:
            processes.stop(process, first=signal.SIGTERM, grace=60)

    def wait_for(self, ready: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not ready():
            assert process.poll() is None, self.text()
            assert time.monotonic() < deadline, self.text()
            time.sleep(0.1)

    def is_ready(self) -> bool:
        """Tell whether the credentials stand and the command that wrote them is gone."""
        return (self.data_dir / "credentials.json").exists() and READY in self.text()

    def text(self) -> str:
        return self.output.read_text()[-20000:]

    def children(self) -> list[dict[str, Any]]:
        children: list[dict[str, Any]] = json.loads((self.data_dir / "children.json").read_text())
        return children

    def left(self, children: list[dict[str, Any]]) -> list[int]:
        return [each["pid"] for each in children if processes.start_time(each["pid"]) == each["mark"]]

    def reset(self) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in self.environment.items() if name != "DATABASE_URL"}
        return self.command("reset", environment)

    def command(self, name: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "deploy.local", name]
        return subprocess.run(command, env=environment, check=False, capture_output=True, text=True)


@pytest.fixture
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    path = tmp_path_factory.mktemp("run")
    yield path
    shutil.rmtree(fallback_home(path / "run"), ignore_errors=True)


def check_it_works(run: Run) -> None:
    path = run.data_dir / "credentials.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    credentials = json.loads(path.read_text())
    assert len(credentials["labs"]) >= 2
    with httpx.Client(timeout=60, trust_env=False) as client:
        for number, url in enumerate(credentials["urls"].values(), start=1):
            assert url == f"http://127.0.0.1:{run.base + number}"
            assert client.get(f"{url}/readyz").json()["degraded"] == []
    assert "curl -s" in run.text()
    for line in run.text().splitlines():
        if line.strip().startswith("curl -s"):
            answer = subprocess.run(
                ["bash", "-c", line + " --fail-with-body"],
                env=run.environment,
                check=False,
                capture_output=True,
                text=True,
            )
            assert answer.returncode == 0, (line, answer)
            assert json.loads(answer.stdout)


def test_a_run_serves_refuses_a_second_one_and_leaves_nothing(home: Path) -> None:
    run = Run(home)
    with run.running() as process:
        children = run.children()
        assert len(children) == 8
        check_it_works(run)
        second = run.command("run", run.environment)
        assert second.returncode == 1
        assert "already running" in second.stdout
        assert run.reset().returncode == 1
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    assert run.left(children) == []
    assert not (run.data_dir / "credentials.json").exists()
    stops = run.text().partition("stopping …")[2]
    assert "killed" not in stops

    with run.running() as process:  # a killed supervisor: the next start ends what is left
        children = run.children()
        process.kill()
        process.wait(60)
    with run.running():
        assert run.left(children) == []
        check_it_works(run)

    assert run.reset().returncode == 0
    assert not run.data_dir.exists()


async def test_servers_of_the_users_own_are_used(home: Path, servers: Address, clones: Clones) -> None:
    name = await clones.make()
    try:
        url, redis_url = servers.database_url(name), servers.redis_url
        owner = await asyncpg.connect(url)
        await owner.execute("DELETE FROM bus.index_check")  # a new database has not begun with any key
        await owner.close()
        run = Run(home, DATABASE_URL=url, REDIS_URL=redis_url, QUEUE_PREFIX=f"{name}:")
        with run.running():
            assert len(run.children()) == 6
            assert not (run.data_dir / "postgres").exists()
            check_it_works(run)
    finally:
        await clones.drop(name)
