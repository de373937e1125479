"""Keeps child processes running, merges their logs and stops them in order.

Knows programs only as command lines; what they are for is said in `plan.py`.
"""

import asyncio
import json
import re
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from deploy.local import processes
from deploy.local.accounts import Account
from deploy.local.console import Console
from deploy.local.logfile import LogFile

FIRST_DELAY: Final = 0.5
LONGEST_DELAY: Final = 5.0
STEADY_SECONDS: Final = 10.0
LINE_LIMIT: Final = 1024 * 1024
TROUBLE: Final = re.compile(rb"\b(ERROR|FATAL|PANIC)\b|^\d+:[A-Z] .* # .*(rror|atal|OOM)")


@dataclass(frozen=True, kw_only=True)
class Program:
    """A child: what to run, how to end it, and in which turn (lower turns stop first).

    Of a `quiet` child the console shows troubles only; its log holds everything.
    """

    name: str
    command: list[str]
    log: Path
    turn: int = 0
    cwd: Path | None = None
    environment: Mapping[str, str] | None = None
    account: Account = field(default_factory=Account)
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 10.0
    quiet: bool = False


def next_delay(delay: float, *, lived: float) -> float:
    """Return how long to wait before the next start: twice as long each time, short again after a while."""
    return FIRST_DELAY if lived >= STEADY_SECONDS else min(delay * 2, LONGEST_DELAY)


class Supervisor:
    """The parent of all children. `roster` is the file by which the next start finds orphans."""

    def __init__(self, console: Console, roster: Path) -> None:
        self._console = console
        self._roster = roster
        self._programs: dict[str, Program] = {}
        self._children: dict[str, asyncio.subprocess.Process] = {}
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._stopping = False

    async def start(self, program: Program) -> None:
        """Start a program and start it again whenever it ends by itself."""
        self._programs[program.name] = program
        child = await self._spawn(program)
        self._keepers[program.name] = asyncio.create_task(self._keep(program, child))

    async def run_to_end(self, program: Program) -> int:
        """Run a program once and return its exit code."""
        self._programs[program.name] = program
        child = await self._spawn(program)
        try:
            return await self._follow(program, child)
        finally:
            await self._end(program)

    async def stop(self) -> None:
        """Stop every child, turn by turn; children of one turn together."""
        self._stopping = True
        for keeper in self._keepers.values():
            keeper.cancel()
        await asyncio.gather(*self._keepers.values(), return_exceptions=True)
        for turn in sorted({program.turn for program in self._programs.values()}):
            await asyncio.gather(*map(self._end, [p for p in self._programs.values() if p.turn == turn]))
        self._roster.unlink(missing_ok=True)

    def kill(self) -> None:
        """End everything at once, for somebody who does not want to wait."""
        for child in self._children.values():
            processes.signal_group(child.pid, signal.SIGKILL)

    async def _spawn(self, program: Program) -> asyncio.subprocess.Process:
        child = await asyncio.create_subprocess_exec(
            *program.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            limit=LINE_LIMIT,
            cwd=program.cwd,
            env=program.environment,
            start_new_session=True,
            preexec_fn=processes.die_with_parent,
            **program.account.identity,
        )
        self._children[program.name] = child
        self._write_roster()
        return child

    async def _keep(self, program: Program, child: asyncio.subprocess.Process) -> None:
        delay = FIRST_DELAY / 2
        while True:
            began = time.monotonic()
            code = await self._follow(program, child)
            delay = next_delay(delay, lived=time.monotonic() - began)
            self._console.say(f"{program.name} ended with {code}; starting it again in {delay:g} s")
            await asyncio.sleep(delay)
            child = await self._spawn_in_the_end(program)

    async def _spawn_in_the_end(self, program: Program) -> asyncio.subprocess.Process:
        """Start a program, however long the machine has no process, memory or disk left for it."""
        while True:
            try:
                return await self._spawn(program)
            except OSError as problem:
                self._console.say(f"{program.name} could not be started: {problem.strerror}")
                await asyncio.sleep(LONGEST_DELAY)

    async def _follow(self, program: Program, child: asyncio.subprocess.Process) -> int:
        """Copy a child's output to the console and its log until it ends."""
        pump = asyncio.create_task(self._pump(program, child))
        try:
            code = await child.wait()
            with suppress(TimeoutError):  # a grandchild may hold the pipe open
                await asyncio.wait_for(asyncio.shield(pump), 1)
            return code
        finally:
            pump.cancel()

    async def _pump(self, program: Program, child: asyncio.subprocess.Process) -> None:
        assert child.stdout is not None
        log = LogFile(program.log)
        while True:
            try:
                line = await child.stdout.readline()
            except ValueError:  # longer than the limit: what was read so far is dropped
                continue
            if not line:
                return
            log.write(line)
            if not program.quiet or TROUBLE.search(line):
                self._console.show(program.name, line)

    async def _end(self, program: Program) -> None:
        child = self._children.pop(program.name, None)
        if child is None:
            return
        if child.returncode is None:
            drain = asyncio.create_task(self._follow(program, child))
            processes.signal_group(child.pid, program.stop_signal)
            done, _ = await asyncio.wait([drain], timeout=program.grace)
            if not done:
                self._console.say(f"{program.name} did not end in {program.grace:g} s: killed")
                processes.signal_group(child.pid, signal.SIGKILL)
                await drain
        self._write_roster()

    def _write_roster(self) -> None:
        entries = [
            {"pid": child.pid, "mark": mark, "signal": self._programs[name].stop_signal.value}
            for name, child in self._children.items()
            if (mark := processes.start_time(child.pid)) is not None
        ]
        partial = self._roster.with_suffix(".partial")
        with suppress(OSError):  # on a full disk the next start knows less; a running child stays ours
            partial.write_text(json.dumps(entries))
            partial.replace(self._roster)


def end_orphans(roster: Path, console: Console) -> None:
    """End what a killed supervisor has left, servers last; a pid that was reused is left alone."""
    if not roster.exists():
        return
    with suppress(ValueError):
        for entry in reversed(json.loads(roster.read_text())):
            if processes.start_time(entry["pid"]) == entry["mark"]:
                console.say(f"ending process {entry['pid']}, left over from a killed run")
                first = signal.Signals(entry["signal"])
                processes.end(entry["pid"], entry["mark"], first=first, grace=10)
    roster.unlink()
