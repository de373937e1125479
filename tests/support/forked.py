"""Real worker processes, forked from one that has loaded the services' code (tests/chaos/nursery.py).

To load the code takes a new process two seconds of a core; a test that kills workers starts dozens.
"""

import json
import os
import signal
import subprocess
import sys
from typing import Any


class Forked:
    """The nursery and the workers that it has started, by the name of their package."""

    def __init__(self) -> None:
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.nursery"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._pids: dict[str, int] = {}
        assert self._heard() == {"ready": True}

    def start(self, package: str, environment: dict[str, str]) -> None:
        """Start the worker of a package; its standard error is ours."""
        wanted = {
            "start": package,
            "environment": environment,
            "log": "/dev/stderr",
            "api": None,
            "worker": f"{package}.worker",
        }
        assert self._nursery.stdin is not None
        self._nursery.stdin.write(json.dumps(wanted).encode() + b"\n")
        self._nursery.stdin.flush()
        said = self._heard()
        assert said.get("started") == package, said
        self._pids[package] = said["pid"]

    def kill(self, package: str) -> None:
        """Kill a worker without warning and wait for its end."""
        self.send(package, signal.SIGKILL)
        said = self._heard()
        assert said["ended"] == package, said
        del self._pids[package]

    def send(self, package: str, number: signal.Signals) -> None:
        """Send a signal to a worker."""
        os.kill(self._pids[package], number)

    def kill_all(self) -> None:
        """Kill every worker that runs."""
        for package in list(self._pids):
            self.kill(package)

    def close(self) -> None:
        """End the nursery, and its workers with it."""
        assert self._nursery.stdin is not None
        assert self._nursery.stdout is not None
        self._nursery.stdin.close()
        self._nursery.wait()
        self._nursery.stdout.close()

    def _heard(self) -> dict[str, Any]:
        assert self._nursery.stdout is not None
        said: dict[str, Any] = json.loads(self._nursery.stdout.readline())
        return said
