"""Writes the audit trail, in the transaction of what it records. Knows nothing of people but their ids."""

from datetime import datetime
from uuid import UUID

from registry.audit import queries
from shared.db import Session, execute
from shared.security.access import Principal


async def record(
    session: Session,
    *,
    who: Principal,
    action: str,
    now: datetime,
    person_id: UUID | None = None,
    subject: str | None = None,
    purpose: str | None = None,
    rows: int = 1,
) -> None:
    """Add one row: `action` like `person.read`; lists name their `subject` and count their `rows`."""
    await execute(
        session,
        queries.INSERT,
        at=now,
        client_id=who.client_id,
        action=action,
        person_id=person_id,
        subject=subject,
        purpose=purpose,
        rows=rows,
    )
