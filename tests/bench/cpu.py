"""Processor time of everything under one process: services, PostgreSQL's backends, Redis, ended children.

Read from /proc before and after, so that measuring costs nothing while it runs. The backends of the
database's owner are the benchmark's own and are told apart.
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

TICKS: Final = os.sysconf("SC_CLK_TCK")
OWN: Final = "bench's own connections"
_APP: Final = re.compile(r"(\w+)\.(app|worker)\b")
_BACKEND: Final = re.compile(r"postgres: (\S+) \S+ \S+\(\d+\)")


@dataclass(frozen=True, slots=True)
class Process:
    """One line of /proc: seconds used by itself and by children it has seen end."""

    pid: int
    parent: int
    command: str
    seconds: float
    ended: float


def parse_stat(stat: str, command: str) -> Process:
    """Return what /proc/PID/stat says; the name in parentheses may itself hold some."""
    head, _, rest = stat.rpartition(")")
    fields = rest.split()
    user, system, ended_user, ended_system = (int(field) for field in fields[11:15])
    return Process(
        pid=int(head.split(" ", 1)[0]),
        parent=int(fields[1]),
        command=command,
        seconds=(user + system) / TICKS,
        ended=(ended_user + ended_system) / TICKS,
    )


def label_of(command: str, *, owner: str) -> str:
    """Return the name that a process is reported under."""
    if found := _BACKEND.match(command):
        return OWN if found[1] == owner else f"postgres for {found[1]}"
    if is_postgres(command):
        return "postgres itself"
    if "redis-server" in command or "valkey-server" in command:
        return "redis"
    if found := _APP.search(command):
        return f"{found[1]} {'api' if found[2] == 'app' else 'worker'}"
    return "supervisor"


def is_postgres(command: str) -> bool:
    """Say whether a process is PostgreSQL's server or one of its backends."""
    return command.startswith("postgres:") or "/postgres " in command


def is_service(command: str) -> bool:
    """Say whether a process is an API or a worker of ours."""
    return not command.startswith("postgres:") and _APP.search(command) is not None


def under(root: int, processes: Iterable[Process]) -> list[Process]:
    """Return a process and everything below it."""
    known = {each.pid: each for each in processes}
    children: dict[int, list[int]] = {}
    for each in known.values():
        children.setdefault(each.parent, []).append(each.pid)
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        if pid in known:
            found.append(known[pid])
        waiting.extend(children.get(pid, ()))
    return found


def used(processes: Iterable[Process], *, owner: str) -> dict[str, float]:
    """Return the seconds used so far, by label; ended children stand under `ended`."""
    seconds: defaultdict[str, float] = defaultdict(float)
    for each in processes:
        seconds[label_of(each.command, owner=owner)] += each.seconds
        seconds["ended"] += each.ended
    return seconds


def difference(before: Mapping[str, float], after: Mapping[str, float]) -> dict[str, float]:
    """Return what was used between two readings, by label."""
    return {name: after.get(name, 0.0) - before.get(name, 0.0) for name in {*before, *after}}


def of_the_system(seconds: Mapping[str, float]) -> float:
    """Return what everything but the benchmark's own connections used."""
    return sum(value for name, value in seconds.items() if name != OWN)


def read_processes() -> list[Process]:
    """Return every process of this machine that can be read."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                found.append(parse_stat((folder / "stat").read_text(), command))
            except OSError:  # it has just ended
                continue
    return found


def read(root: int, *, owner: str) -> dict[str, float]:
    """Return the seconds used so far by a process and everything below it, by label."""
    return used(under(root, read_processes()), owner=owner)


def postgres_of(processes: Iterable[Process]) -> float:
    """Return the seconds that PostgreSQL has used so far, its ended backends with it."""
    return sum(each.seconds + each.ended for each in processes if is_postgres(each.command))


def memory_of(root: int) -> tuple[int, int]:
    """Return the bytes of our own processes under `root` with Redis, and of PostgreSQL's.

    Shared pages count by their part (PSS). How much PostgreSQL keeps of its files is the operator's choice.
    """
    ours, postgres = 0, 0
    for process in under(root, read_processes()):
        try:
            lines = Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()
        except OSError:  # it has just ended, or is a zombie
            continue
        used = sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
        if is_postgres(process.command):
            postgres += used
        else:
            ours += used
    return ours, postgres
