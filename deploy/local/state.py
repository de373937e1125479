"""What lies under DATA_DIR: secrets, servers' data, logs, and the lock of the one run that may use it."""

import base64
import fcntl
import json
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO

from deploy.local.accounts import fallback_home

OURS: Final = ".made-by-make-run"
PARTS: Final = ("postgres", "postgres-binaries", "redis", "logs", "first-start", "receipts", "backups")
FILES: Final = (
    *("secrets.json", "credentials.json", "client-secrets.json", "environment.json"),
    *("children.json", "seeded", "lock"),
)


class AlreadyRunningError(RuntimeError):
    """Another `make run` uses this DATA_DIR."""


@dataclass(frozen=True)
class State:
    """The paths below one DATA_DIR."""

    root: Path

    @property
    def logs(self) -> Path:
        """Return where each child's log lies."""
        return self.root / "logs"

    @property
    def credentials(self) -> Path:
        """Return the file that says that everything is ready."""
        return self.root / "credentials.json"

    @property
    def environment(self) -> Path:
        """Return the file with the environment of the running processes."""
        return self.root / "environment.json"

    @property
    def roster(self) -> Path:
        """Return the list of running children."""
        return self.root / "children.json"

    @property
    def seeded(self) -> Path:
        """Return the mark of a district that has its demonstration data."""
        return self.root / "seeded"


def data_dir() -> Path:
    """Return the DATA_DIR of the environment."""
    return Path(os.environ.get("DATA_DIR") or ".run").resolve()


def open_state(root: Path) -> State:
    """Make the directory. Root's servers run as nobody, who has to pass through it."""
    if not root.exists() or not any(root.iterdir()):
        root.mkdir(parents=True, exist_ok=True)
        root.chmod(0o711 if os.geteuid() == 0 else 0o700)
        (root / OURS).touch()
    state = State(root)
    state.logs.mkdir(mode=0o700, exist_ok=True)
    return state


def lock(state: State) -> TextIO:
    """Take the directory for this process; the lock ends with it, however it ends."""
    handle = (state.root / "lock").open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.seek(0)
        message = f"already running on {state.root} as process {handle.read().strip() or 'unknown'}"
        raise AlreadyRunningError(message) from None
    handle.truncate(0)
    handle.write(str(os.getpid()))
    handle.flush()
    return handle


def secrets_of(state: State) -> dict[str, str]:
    """Return the installation's secrets, made once."""
    path = state.root / "secrets.json"
    if not path.exists():
        made = {
            "DATA_KEYS": json.dumps({"k1": _key()}),
            "INDEX_KEY": _key(),
            "ROLE_SECRET": secrets.token_urlsafe(32),
            "POSTGRES_PASSWORD": secrets.token_urlsafe(24),
            "REDIS_PASSWORD": secrets.token_urlsafe(24),
        }
        write_private(path, made)
    kept: dict[str, str] = json.loads(path.read_text())
    return kept


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def write_private(path: Path, content: object) -> None:
    """Write JSON for our own eyes, by rename: nobody ever sees half a file."""
    partial = path.with_name(path.name + ".partial")
    partial.unlink(missing_ok=True)
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        json.dump(content, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)


def clear(root: Path) -> None:
    """Remove what `make run` has put there; a directory that was not ours keeps everything else."""
    if not root.exists():
        return
    state = State(root)
    with lock(state):
        shutil.rmtree(fallback_home(root), ignore_errors=True)
        if (root / OURS).exists():
            shutil.rmtree(root)
            return
        for part in PARTS:
            shutil.rmtree(root / part, ignore_errors=True)
        for name in FILES:
            (root / name).unlink(missing_ok=True)
