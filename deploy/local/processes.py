"""Child processes that end with us: started in a session of their own, stopped as a group.

In a session of its own a child does not see the terminal's Ctrl-C, so the order of stopping is ours.
"""

import ctypes
import os
import platform
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

PR_SET_PDEATHSIG: Final = 1
LINUX: Final = platform.system() == "Linux"
_libc = ctypes.CDLL(None) if LINUX else None


def die_with_parent() -> None:
    """Ask Linux to end this child when its parent is killed; elsewhere the next start finds it."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGINT)


def start_time(pid: int) -> str | None:
    """Return a mark of when this process began, so that a reused pid is never taken for it."""
    if LINUX:
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
            return None if fields[0] == "Z" else f"{boot}:{fields[19]}"
        return None
    command = ["ps", "-o", "lstart=", "-p", str(pid)]
    answer = subprocess.run(command, check=False, capture_output=True, text=True)
    return answer.stdout.strip() or None


def signal_group(pid: int, number: signal.Signals) -> None:
    """Send a signal to a child and everything it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def end(pid: int, mark: str, *, first: signal.Signals, grace: float) -> None:
    """End a process that is not our child: politely, then by force."""
    for number, patience in ((first, grace), (signal.SIGKILL, 5.0)):
        signal_group(pid, number)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if start_time(pid) != mark:
                return
            time.sleep(0.05)


def stop(process: subprocess.Popen[bytes], *, first: signal.Signals, grace: float) -> None:
    """Stop a child of ours and wait for it."""
    signal_group(process.pid, first)
    try:
        process.wait(grace)
    except subprocess.TimeoutExpired:
        signal_group(process.pid, signal.SIGKILL)
        process.wait()
