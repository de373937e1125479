"""Where backups lie and how PostgreSQL's log reaches them.

Each cluster has a folder of its own under BACKUP_DIR, named by its identifier: `base/NAME` is a copy of
it, `wal` every segment of its log since the first one. Archiving begins when the first backup makes the
folder; until then a segment is let go.
"""

import json
import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from deploy.local.accounts import Account

FOLDER: Final = "backups"
# An idle minute costs little: the empty rest of a segment takes no room on the disk.
ARCHIVE_SECONDS: Final = 60
LINUX: Final = platform.system() == "Linux"


@dataclass(frozen=True)
class Base:
    """A finished backup."""

    path: Path
    finished_at: datetime

    @property
    def name(self) -> str:
        """Return how it is named."""
        return self.path.name

    @property
    def archive(self) -> "Archive":
        """Return where it belongs."""
        return Archive(self.path.parent.parent)


@dataclass(frozen=True)
class Archive:
    """The folders of one cluster."""

    root: Path

    @property
    def base(self) -> Path:
        """Return where the copies lie."""
        return self.root / "base"

    @property
    def wal(self) -> Path:
        """Return where the log is kept."""
        return self.root / "wal"

    def make(self, account: Account) -> None:
        """Make the folders, for the server's account alone."""
        for path in (self.root.parent, self.root, self.base, self.wal):
            account.own(path)

    def backups(self) -> list[Base]:
        """Return the finished backups, oldest first."""
        notes = sorted(self.root.glob("base/*.json"))
        found = [(note.with_suffix(""), json.loads(note.read_text())["finished_at"]) for note in notes]
        return [Base(path, datetime.fromisoformat(at)) for path, at in found if path.is_dir()]

    def settings(self) -> dict[str, str]:
        """Return the server's settings that fill the archive; a change of the folder needs no restart."""
        return {
            "archive_mode": "on",
            "archive_timeout": str(ARCHIVE_SECONDS),
            "archive_command": _command(self.wal),
        }

    def fetching(self, *more: Path) -> str:
        """Return the command that brings a segment back, from here or else from other folders."""
        tries = [f'cp "{_escaped(folder)}/%f" "%p" 2>/dev/null' for folder in (self.wal, *more)]
        return " || ".join(tries)


def backup_dir(home: Path, given: Mapping[str, str] = os.environ) -> Path:
    """Return BACKUP_DIR, or else the folder beside the server's data."""
    return Path(given["BACKUP_DIR"]).resolve() if given.get("BACKUP_DIR") else home / FOLDER


def archive_of(folder: Path, data: Path) -> Archive:
    """Return the archive of the cluster in `data`; its identifier is the first number of its control file."""
    control = (data / "global" / "pg_control").read_bytes()
    return Archive(folder / str(int.from_bytes(control[:8], sys.byteorder)))


def every_backup(folder: Path) -> list[Base]:
    """Return the finished backups of all clusters, oldest first."""
    found = [base for root in folder.glob("*") for base in Archive(root).backups()]
    return sorted(found, key=lambda base: base.finished_at)


def _command(folder: Path) -> str:
    """Copy a segment whole or not at all, and never over another of the same name."""
    target = f'"{_escaped(folder)}/%f'
    copy = "cp --sparse=always" if LINUX else "cp"
    flush = f'sync {target}.part" && ' if LINUX else ""
    return (
        f'test ! -d "{_escaped(folder)}" || cmp -s "%p" {target}" || '
        f'{{ test ! -e {target}" && {copy} "%p" {target}.part" && {flush}mv {target}.part" {target}"; }}'
    )


def _escaped(path: Path) -> str:
    return str(path).replace("%", "%%")
