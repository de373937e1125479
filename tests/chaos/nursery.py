"""The parent of the services' processes: it has loaded their code once and forks them.

To load the code takes a new process two seconds of a core; a run kills hundreds. What is forked runs
exactly what `uvicorn` and `python -m PACKAGE.worker` run, in a session of its own.

Speaks JSON lines: in, `{"start": name, "environment", "log", "api": {"app","host","port"} | null,
"worker": module | null}`; out, `{"started": name, "pid"}` and `{"ended": name, "pid", "code"}`.
"""

import contextlib
import ctypes
import gc
import importlib
import json
import os
import select
import signal
import sys
from typing import Any, Final

MODULES: Final = (
    "registry.app", "registry.worker", "results_ingest.app", "results_ingest.worker",
    "notifier.app", "notifier.worker", "uvicorn", "uvicorn.loops.uvloop", "uvicorn.protocols.http.httptools_impl",
)  # fmt: skip
LOOK_SECONDS: Final = 0.02
PR_SET_PDEATHSIG: Final = 1


def main() -> None:
    """Serve until standard input is closed."""
    for module in MODULES:
        importlib.import_module(module)
    # What is loaded is no child's garbage: none has to look through it when it starts.
    gc.collect()
    gc.freeze()
    children: dict[int, str] = {}
    _say({"ready": True})
    unread = b""
    while True:
        readable, _, _ = select.select([sys.stdin.fileno()], [], [], LOOK_SECONDS)
        if readable:
            got = os.read(sys.stdin.fileno(), 65536)
            if not got:
                return _end_all(children)
            *lines, unread = (unread + got).split(b"\n")
            for line in lines:
                wanted = json.loads(line)
                pid = _start(wanted)
                children[pid] = wanted["start"]
                _say({"started": wanted["start"], "pid": pid})
        _reap(children)


def _start(wanted: dict[str, Any]) -> int:
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        _become(wanted)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdout.flush()
        os._exit(code)


def _become(wanted: dict[str, Any]) -> None:
    os.setsid()
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    log = os.open(wanted["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.environ.clear()
    os.environ.update(wanted["environment"])
    if wanted["worker"]:
        importlib.import_module(wanted["worker"]).main()
        return
    uvicorn = importlib.import_module("uvicorn")
    api = wanted["api"]
    uvicorn.run(
        api["app"], factory=True, host=api["host"], port=api["port"], access_log=False,
        log_level="warning", timeout_graceful_shutdown=5,
    )  # fmt: skip


def _reap(children: dict[int, str]) -> None:
    for pid, name in list(children.items()):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            del children[pid]
            _say({"ended": name, "pid": pid, "code": os.waitstatus_to_exitcode(status)})


def _end_all(children: dict[int, str]) -> None:
    for pid in children:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
