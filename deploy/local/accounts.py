"""Whom PostgreSQL runs as. It refuses root, so root lends it an unprivileged account.

No permission of a directory that we did not make is ever changed: what the account cannot reach
is put where it can.
"""

import hashlib
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypedDict

NOBODY: Final = 65534
FALLBACK: Final = Path("/var/lib/yingjian")


class Identity(TypedDict, total=False):
    """The arguments of a subprocess that make it run as somebody else."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Account:
    """An account for servers; without a uid it is our own."""

    uid: int | None = None

    @property
    def identity(self) -> Identity:
        """Return what a subprocess needs in order to run as this account."""
        if self.uid is None:
            return {}
        return {"user": self.uid, "group": self.uid, "extra_groups": []}

    def reaches(self, path: Path) -> bool:
        """Tell whether the account can enter or run the path, asked as that account."""
        test = shutil.which("test") or "/usr/bin/test"
        answer = subprocess.run([test, "-x", str(path)], check=False, cwd="/", **self.identity)
        return answer.returncode == 0

    def own(self, path: Path) -> Path:
        """Make a directory that belongs to the account alone."""
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o700)
        if self.uid is not None:
            os.chown(path, self.uid, self.uid)
        return path


def server_account() -> Account:
    """Return our own account, or nobody's when we are root."""
    return Account(NOBODY) if os.geteuid() == 0 else Account()


def server_home(data_dir: Path, account: Account) -> Path:
    """Return where the servers' files go: under the data directory, if the account can get there."""
    if account.reaches(data_dir):
        return data_dir
    home = fallback_home(data_dir)
    for path in (FALLBACK, home):
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o711)
    return home


def fallback_home(data_dir: Path) -> Path:
    """Return the place for a data directory that lies in a closed home, such as /root."""
    return FALLBACK / hashlib.sha256(str(data_dir.resolve()).encode()).hexdigest()[:12]
