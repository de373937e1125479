"""The supervisor keeps its children, tells what they say, and leaves none behind."""

import asyncio
import io
import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.local import processes
from deploy.local.console import Console
from deploy.local.logfile import LogFile
from deploy.local.supervisor import FIRST_DELAY, LONGEST_DELAY, Program, Supervisor, end_orphans, next_delay
from tests.support.waiting import until

SLEEP = "import time; print('up', flush=True); time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEP
NOTES_ITS_END = """
import signal, sys, time
def end(*_):
    open({path!r}, "a").write({name!r} + " ")
    sys.exit()
signal.signal(signal.SIGTERM, end)
print("up", flush=True)
time.sleep(60)
"""


class Screen:
    """A console whose text can be read."""

    def __init__(self) -> None:
        self.output = io.StringIO()
        self.console = Console(self.output)

    async def wait_for(self, text: str, *, times: int = 1) -> None:
        await until(lambda: self.output.getvalue().count(text) >= times)


@pytest.fixture
def screen() -> Screen:
    return Screen()


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Program]:
    def make(name: str, script: str, *, turn: int = 0, grace: float = 10.0, quiet: bool = False) -> Program:
        command = [sys.executable, "-c", script]
        log = tmp_path / f"{name}.log"
        return Program(name=name, command=command, log=log, turn=turn, grace=grace, quiet=quiet)

    return make


async def test_children_end_with_the_supervisor(
    tmp_path: Path, screen: Screen, make: Callable[..., Program]
) -> None:
    roster = tmp_path / "children.json"
    supervisor = Supervisor(screen.console, roster)
    await supervisor.start(make("one", SLEEP))
    await supervisor.start(make("two", SLEEP))
    await screen.wait_for("| up", times=2)
    children = json.loads(roster.read_text())
    assert len(children) == 2
    await supervisor.stop()
    assert [processes.start_time(child["pid"]) for child in children] == [None, None]
    assert not roster.exists()


async def test_children_stop_in_their_turns(
    tmp_path: Path, screen: Screen, make: Callable[..., Program]
) -> None:
    ends = tmp_path / "ends"
    supervisor = Supervisor(screen.console, tmp_path / "children.json")
    for turn, name in ((2, "redis"), (0, "api"), (3, "postgres"), (1, "worker")):
        await supervisor.start(make(name, NOTES_ITS_END.format(path=str(ends), name=name), turn=turn))
    await screen.wait_for("| up", times=4)
    await supervisor.stop()
    assert ends.read_text().split() == ["api", "worker", "redis", "postgres"]


async def test_a_child_that_ends_is_started_again(
    tmp_path: Path, screen: Screen, make: Callable[..., Program]
) -> None:
    supervisor = Supervisor(screen.console, tmp_path / "children.json")
    await supervisor.start(make("short", "print('lived', flush=True); raise SystemExit(3)"))
    await screen.wait_for("| lived", times=2)
    await supervisor.stop()
    assert "short ended with 3; starting it again in 0.5 s" in screen.output.getvalue()


async def test_a_child_that_will_not_end_is_killed(
    tmp_path: Path, screen: Screen, make: Callable[..., Program]
) -> None:
    supervisor = Supervisor(screen.console, tmp_path / "children.json")
    await supervisor.start(make("stubborn", STUBBORN, grace=0.2))
    await screen.wait_for("| up")
    await supervisor.stop()
    assert "stubborn did not end in 0.2 s: killed" in screen.output.getvalue()


async def test_a_command_that_runs_once_returns_its_exit_code(
    tmp_path: Path, screen: Screen, make: Callable[..., Program]
) -> None:
    supervisor = Supervisor(screen.console, tmp_path / "children.json")
    assert await supervisor.run_to_end(make("migrate", "raise SystemExit(4)")) == 4


async def test_a_quiet_child_shows_its_troubles_only(
    tmp_path: Path, screen: Screen, make: Callable[..., Program]
) -> None:
    supervisor = Supervisor(screen.console, tmp_path / "children.json")
    program = make("postgres", "print('LOG: fine'); print('FATAL: not fine', flush=True)", quiet=True)
    await supervisor.run_to_end(program)
    assert "FATAL: not fine" in screen.output.getvalue()
    assert "LOG: fine" not in screen.output.getvalue()
    assert "LOG: fine" in program.log.read_text()


def test_orphans_of_a_killed_supervisor_are_ended_and_nobody_else(tmp_path: Path, screen: Screen) -> None:
    def child() -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-c", SLEEP], start_new_session=True, stdout=subprocess.PIPE)

    orphan, stranger = child(), child()
    try:
        for process in (orphan, stranger):
            assert process.stdout is not None
            process.stdout.readline()
        number = signal.SIGTERM.value
        entries = [
            {"pid": orphan.pid, "mark": processes.start_time(orphan.pid), "signal": number},
            {"pid": stranger.pid, "mark": "another process had this pid then", "signal": number},
        ]
        roster = tmp_path / "children.json"
        roster.write_text(json.dumps(entries))
        end_orphans(roster, screen.console)
        assert orphan.wait(60) == -signal.SIGTERM
        assert stranger.poll() is None
        assert not roster.exists()
    finally:
        for process in (orphan, stranger):
            processes.stop(process, first=signal.SIGKILL, grace=5)
            assert process.stdout is not None
            process.stdout.close()


def test_the_pause_before_a_start_doubles_and_becomes_short_again() -> None:
    assert next_delay(FIRST_DELAY, lived=1) == 2 * FIRST_DELAY
    assert next_delay(LONGEST_DELAY, lived=1) == LONGEST_DELAY
    assert next_delay(LONGEST_DELAY, lived=3600) == FIRST_DELAY


def test_a_log_that_is_full_makes_room_while_its_child_goes_on(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "child.log", limit=100)
    for number in range(30):
        log.write(b"line %02d\n" % number)

    kept = (tmp_path / "child.log").read_bytes()
    before = (tmp_path / "child.log.1").read_bytes()
    assert kept.endswith(b"line 29\n")
    assert len(kept) <= 100
    assert (before + kept).endswith(b"".join(b"line %02d\n" % number for number in range(20, 30)))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
async def test_a_full_log_disk_does_not_stop_a_child(
    tmp_path: Path, screen: Screen, make: Callable[..., Program]
) -> None:
    program = make("talker", "for n in range(20000): print('x' * 100)\nprint('done', flush=True)")
    program.log.symlink_to("/dev/full")
    supervisor = Supervisor(screen.console, tmp_path / "missing" / "roster.json")

    assert await asyncio.wait_for(supervisor.run_to_end(program), 60) == 0
    assert "done" in screen.output.getvalue()
