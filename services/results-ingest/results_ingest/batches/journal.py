"""The journal of receipts: what was acknowledged, kept outside the database (docs/operations/backup.md).

A restore to an earlier moment forgets batches whose laboratories hold a receipt. Every receipt is noted
here after its commit and before its answer, so this list says which are to be sent again. Codes, counts
and digests only; no person. One file a day, one line a receipt; several processes may append.
"""

import asyncio
import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

import structlog
from prometheus_client import Counter

from shared.context import Context
from shared.db import Database

FOLDER: Final = "receipts"
MODE: Final = 0o600
UNWRITTEN: Final = Counter("yingjian_receipts_not_journalled", "Receipts that the journal could not take")
_log = structlog.get_logger()


class Journal:
    """Appends lines to the day's file and flushes them to the disk, those of a moment together."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def append(self, entry: Mapping[str, Any]) -> None:
        """Return when the entry is on the disk; OSError if it cannot be."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append(((json.dumps(entry) + "\n").encode(), done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        await done

    async def _write(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting, []
            problem: OSError | None = None
            try:
                await asyncio.to_thread(self._append, b"".join(line for line, _ in taken))
            except OSError as error:
                problem = error
            for _, done in taken:
                if done.done():
                    continue
                if problem is None:
                    done.set_result(None)
                else:
                    done.set_exception(problem)

    def _append(self, lines: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{datetime.now(UTC).date().isoformat()}.jsonl"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, MODE)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            size = os.fstat(handle).st_size
            if os.write(handle, lines) < len(lines):
                os.ftruncate(handle, size)
                message = "no room for the journal"
                raise OSError(message)
            os.fdatasync(handle) if hasattr(os, "fdatasync") else os.fsync(handle)
        finally:
            os.close(handle)


_journals: WeakKeyDictionary[Database, Journal] = WeakKeyDictionary()


def folder_of(context: Context[Any]) -> Path:
    """Return where the journal lies: beside the data, or where the operator has put it."""
    chosen: Path | None = context.settings.receipt_journal_dir
    return chosen or context.settings.data_dir / FOLDER


async def note(context: Context[Any], stored: Mapping[str, Any], *, now: datetime) -> None:
    """Note a receipt, `now` by the real clock.

    One that cannot be noted is counted and never refused: the batch is durable in the database.
    """
    journal = _journals.setdefault(context.db, Journal(folder_of(context)))
    entry = {
        "at": now.isoformat(timespec="milliseconds"),
        "lab_code": stored["lab_code"],
        "batch_no": stored["batch_no"],
        "batch_id": str(stored["batch_id"]),
        "sha256": bytes(stored["sha256"]).hex(),
        "received_at": stored["received_at"].isoformat(),
        "rows": stored["rows"],
        "accepted": stored["accepted"],
    }
    try:
        await journal.append(entry)
    except OSError as error:
        UNWRITTEN.inc()
        _log.error("receipt_not_journalled", error_type=type(error).__name__)


def entries(folder: Path, *, since: date | None = None) -> Iterator[dict[str, Any]]:
    """Yield what was noted from a day (UTC) on, oldest first; half a line, of a sudden end, is left out."""
    for path in sorted(folder.glob("*.jsonl")):
        if since is not None and path.stem < since.isoformat():
            continue
        for line in path.read_bytes().splitlines(keepends=True):
            if line.endswith(b"\n"):
                try:
                    yield json.loads(line)
                except ValueError:
                    continue


def latest(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return one entry for each batch number of a laboratory: the last one."""
    return list({(one["lab_code"], one["batch_no"]): one for one in found}.values())
