"""Writes the audit log, in the transaction of what it records."""

from datetime import datetime
from typing import Any
from uuid import UUID

from shared.audit.buffer import Note, write
from shared.context import Context
from shared.db import Session
from shared.security.principal import ADMIN, Principal


async def record(
    session: Session,
    context: Context[Any],
    *,
    who: Principal,
    action: str,
    now: datetime,
    person_id: UUID | None = None,
    subject: str | None = None,
    purpose: str | None = None,
    rows: int = 1,
) -> None:
    """Add one row: `action` like `person.read`; lists name their `subject` and count their `rows`.

    Nothing given here may hold a number, a name, a phone or a free text.
    """
    note = Note(now, who.client_id, action, person_id, subject, purpose, 1, rows)
    await write(session, context.audit.schema, [note])


async def record_pull(
    context: Context[Any],
    *,
    who: Principal,
    action: str,
    now: datetime,
    rows: int,
    merged: bool = False,
) -> None:
    """Record a read of statuses before it is answered: a platform's is counted in the buffer.

    A person's or administrator's is written in a transaction of its own: reads have none (shared/reads.py).

    `merged` requests of one client within a second become one row that counts them.
    """
    if who.kind == "person" or ADMIN in who.scopes:
        async with context.db.transaction() as session:
            await record(session, context, who=who, action=action, now=now, rows=rows)
    else:
        context.audit.add(Note(now, who.client_id, action, rows=rows), merged=merged)
