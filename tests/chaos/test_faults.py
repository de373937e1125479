"""The hook inside the processes: what it does when armed, and that it is nowhere otherwise."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import asyncpg.protocol
import pytest
from pydantic import ValidationError

from shared import faults
from shared.settings import Settings
from tests.support.servers import Address

DIES = """
import asyncio, sys
from pathlib import Path
from shared.faults import Faults
faults = Faults(Path(sys.argv[1]), "worker")
for _ in range(3):
    faults.reach("sql COMMIT", "before")
    print("before", flush=True)
    faults.reach("sql COMMIT", "after")
    print("after", flush=True)
"""

WRONG: Final = """
import sys, time
from pathlib import Path
from time import time as taken
from shared.faults import put_off_clock
put_off_clock(Path(sys.argv[1]))
for _ in range(2):
    print(round((time.time() - time.clock_gettime(time.CLOCK_REALTIME)) / 60),
          round((taken() - time.clock_gettime(time.CLOCK_REALTIME)) / 60), flush=True)
    Path(sys.argv[1]).unlink()
    Path(sys.argv[1]).touch()
"""


def plan(folder: Path, moment: str, skip: int) -> None:
    (folder / "worker.plan").write_text(json.dumps({"point": "sql COMMIT", "moment": moment, "skip": skip}))


def die(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", DIES, str(folder)], check=False, capture_output=True, text=True
    )


@pytest.mark.parametrize(
    ("moment", "skip", "said"),
    [("before", 0, []), ("after", 0, ["before"]), ("before", 1, ["before", "after"])],
)
def test_a_process_is_killed_at_the_moment_that_the_plan_names(
    tmp_path: Path, moment: str, skip: int, said: list[str]
) -> None:
    plan(tmp_path, moment, skip)
    ended = die(tmp_path)
    assert ended.returncode == -signal.SIGKILL
    assert ended.stdout.split() == said
    assert not (tmp_path / "worker.plan").exists(), "one plan is one death"


def test_without_a_plan_boundaries_are_listed_once_each_and_nobody_dies(tmp_path: Path) -> None:
    assert die(tmp_path).returncode == 0
    listed = (tmp_path / "worker.points").read_text().splitlines()
    assert listed == ["sql COMMIT\tbefore", "sql COMMIT\tafter"]


def test_a_clock_is_wrong_by_what_its_file_says_wherever_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "clock").write_text("-3600")
    said = subprocess.run(
        [sys.executable, "-c", WRONG, str(tmp_path / "clock")], check=True, capture_output=True, text=True
    )
    assert said.stdout.splitlines() == ["-60 -60", "0 0"]


def test_production_refuses_to_arm_it(servers: Address, tmp_path: Path) -> None:
    values = servers.values("yingjian") | {"faults_dir": tmp_path}
    assert Settings(**values).faults_dir == tmp_path
    with pytest.raises(ValidationError, match="FAULTS_DIR"):
        Settings(**values | {"environment": "production"})


def test_unarmed_nothing_is_installed_and_what_is_called_is_called_itself(servers: Address) -> None:
    before = asyncpg.protocol.Protocol
    faults.arm(Settings(**servers.values("yingjian")), "registry-api")

    async def call() -> None: ...

    async def app(*_: object) -> None: ...

    assert faults.watched("channel file", call) is call
    assert faults.watched_app(app) is app
    assert asyncpg.protocol.Protocol is before
