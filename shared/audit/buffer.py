"""What is audited outside a transaction: counts, written together a second later.

A stop writes what is left; a process that is killed loses at most the last second of counts, never a
read of one person by an administrator, which is in its own transaction.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from shared.audit import queries
from shared.db import Database, Session, execute

FLUSH_SECONDS: Final = 1.0
MOST_KEPT: Final = 50_000
AT_ONCE: Final = 5_000

_log = structlog.get_logger()


@dataclass(slots=True)
class Note:
    """A row to be written."""

    at: datetime
    client_id: str
    action: str
    person_id: UUID | None = None
    subject: str | None = None
    purpose: str | None = None
    requests: int = 1
    rows: int = 1


async def write(session: Session, schema: str, notes: Sequence[Note]) -> None:
    """Add rows to a schema's log."""
    await execute(
        session,
        queries.of(schema).insert,
        ats=[note.at for note in notes],
        client_ids=[note.client_id for note in notes],
        actions=[note.action for note in notes],
        person_ids=[note.person_id for note in notes],
        subjects=[note.subject for note in notes],
        purposes=[note.purpose for note in notes],
        requests=[note.requests for note in notes],
        rows=[note.rows for note in notes],
    )


class AuditBuffer:
    """The counts of one process that are not yet written."""

    def __init__(self, db: Database, schema: str) -> None:
        self.schema = schema
        self._db = db
        self._notes: list[Note] = []
        self._merged: dict[tuple[str, str], Note] = {}
        self._task: asyncio.Task[None] | None = None
        self._writing = asyncio.Lock()

    def start(self) -> None:
        """Begin to write every second."""
        self._task = asyncio.create_task(self._flush_for_ever(), name="audit")

    def add(self, note: Note, *, merged: bool = False) -> None:
        """Keep a note; never waits, never fails.

        `merged`, or while the database is long away: added to the client's other ones of the same action.
        """
        if not merged and len(self._notes) < MOST_KEPT:
            self._notes.append(note)
            return
        key = (note.client_id, note.action)
        kept = self._merged.get(key)
        if kept is None:
            self._merged[key] = note
            return
        kept.requests += note.requests
        kept.rows += note.rows

    async def flush(self) -> None:
        """Write everything that is kept, after what another flush has taken; what cannot be written stays."""
        async with self._writing:
            notes, self._notes = [*self._notes, *self._merged.values()], []
            self._merged = {}
            for start in range(0, len(notes), AT_ONCE):
                try:
                    async with self._db.transaction() as session:
                        await write(session, self.schema, notes[start : start + AT_ONCE])
                except BaseException:
                    for note in notes[start:]:
                        self.add(note)
                    raise

    async def close(self) -> None:
        """Write what is left and stop."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        try:
            await self.flush()
        except Exception:  # noqa: BLE001 - the process ends: all that is left to do is to say so
            _log.exception("audit_counts_lost", count=len(self._notes) + len(self._merged))

    async def _flush_for_ever(self) -> None:
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            if not self._notes and not self._merged:
                continue
            try:
                await self.flush()
            except Exception:  # noqa: BLE001 - kept, and written when the database is back
                _log.warning("audit_counts_waiting", count=len(self._notes) + len(self._merged))
