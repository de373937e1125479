"""The file channel: one JSON line a delivery under DATA_DIR/outbox, for a system that reads it there.

A line names notice and recipient by code and says nothing of anybody's name, phone or result.
"""

import asyncio
import errno
import fcntl
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from notifier.channels.protocol import CANARY, Outcome, Outgoing

MODE: Final = 0o600
SECONDS: Final = 3.0


class OutboxChannel:
    """Appends to `notices.jsonl`; whole lines, whatever other processes append. A canary goes beside it."""

    seconds = SECONDS

    def __init__(self, folder: Path) -> None:
        self._path = folder / "notices.jsonl"
        self._canary = folder / "canary.json"

    async def send(self, outgoing: Outgoing) -> Outcome:
        """Append one line."""
        line = json.dumps(_line(outgoing), ensure_ascii=False) + "\n"
        try:
            await asyncio.to_thread(self._append, line.encode(), alone=outgoing.kind == CANARY)
        except OSError as error:
            return Outcome("failed", error=f"os_error_{error.errno}")
        return Outcome("sent")

    def _append(self, line: bytes, *, alone: bool) -> None:
        """Write a line to the end; `alone`: in place of what the file of canaries held."""
        path, more = (self._canary, os.O_TRUNC) if alone else (self._path, os.O_APPEND)
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | more, MODE)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            size = os.fstat(handle).st_size
            if os.write(handle, line) < len(line):  # the disk became full in the middle
                os.ftruncate(handle, size)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finally:
            os.close(handle)


def _line(outgoing: Outgoing) -> dict[str, object]:
    return {
        "handed_at": datetime.now(UTC).isoformat(),
        "delivery_id": str(outgoing.delivery_id),
        "notice_id": str(outgoing.notice_id),
        "channel": "file",
        "reason": outgoing.reason,
        "sequence": outgoing.sequence,
        "urgent": outgoing.urgent,
        "recipient_type": outgoing.recipient_type,
        "recipient_code": outgoing.recipient_code,
        "text": outgoing.text,
    }
