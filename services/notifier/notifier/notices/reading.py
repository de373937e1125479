"""Reads notices for a caller and carries out what a caller may do with one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from notifier.contacts.service import masked_name
from notifier.duties import service as duties
from notifier.notices import queries
from notifier.notices.errors import NOTICE_REVOKED
from notifier.notices.rules import Sight
from notifier.notices.service import STEP_CONTEXT, TEXT_CONTEXT, Notifier, revoke
from shared.clock import SHANGHAI
from shared.db import Session, execute, fetch_all, fetch_one
from shared.errors import NOT_FOUND, Language, Problem
from shared.security.access import Principal
from shared.web.paging import LAST, page_of, uuid_after


async def page(
    session: Session,
    context: Notifier,
    *,
    sight: Sight,
    filters: dict[str, str | None],
    cursor: str | None,
    limit: int,
    language: Language,
) -> dict[str, Any]:
    """Return one page of what the caller may see, newest first."""
    rows = await fetch_all(
        session,
        queries.LIST,
        **_of(sight),
        **filters,
        before=uuid_after(cursor, "before", start=LAST),
        limit=limit + 1,
    )
    shown = [_shown(context, row, language) for row in rows]
    return page_of("notices", shown, limit=limit, position=lambda row: {"before": str(row["notice_id"])})


async def one(
    session: Session, context: Notifier, *, notice_id: UUID, sight: Sight, language: Language
) -> dict[str, Any]:
    """Return one notice as it is listed; Problem 404."""
    row = await fetch_one(session, queries.SHOWN, **_of(sight), notice_id=notice_id)
    if row is None:
        raise Problem(NOT_FOUND)
    return _shown(context, row, language)


async def some(
    session: Session, context: Notifier, *, notice_ids: Sequence[UUID], sight: Sight, language: Language
) -> list[dict[str, Any]]:
    """Return those of the notices that the caller may see, as they are listed, oldest first."""
    rows = await fetch_all(session, queries.SOME, **_of(sight), notice_ids=list(notice_ids))
    return [_shown(context, row, language) for row in rows]


async def note_seen(session: Session, who: Principal, notice_ids: Sequence[UUID], *, now: datetime) -> None:
    """Note that a client of an area was shown these notices, the first time only: part of the proof."""
    if who.limited and notice_ids:
        await execute(session, queries.SEEN, client_id=who.client_id, now=now, notice_ids=list(notice_ids))


async def acknowledge(
    session: Session,
    context: Notifier,
    *,
    notice_id: UUID,
    sight: Sight,
    client_id: str,
    step: dict[str, str | None],
    now: datetime,
    language: Language,
) -> dict[str, Any]:
    """Record that a notice was taken note of; again changes nothing; Problem 404 or 409."""
    row = await _visible(session, notice_id=notice_id, sight=sight)
    if row["status"] == "revoked":
        raise Problem(NOTICE_REVOKED)
    if row["status"] != "acknowledged":
        await execute(
            session,
            queries.ACKNOWLEDGE,
            notice_id=notice_id,
            now=now,
            client_id=client_id,
            acknowledgement=context.sealer.seal_json(step, context=STEP_CONTEXT),
        )
        await execute(session, queries.DROP_QUEUED, notice_ids=[notice_id])
        row = await _visible(session, notice_id=notice_id, sight=sight)
    return _shown(context, row, language)


async def take_back(
    session: Session,
    context: Notifier,
    *,
    notice_id: UUID,
    sight: Sight,
    client_id: str,
    step: dict[str, str],
    now: datetime,
    language: Language,
) -> dict[str, Any]:
    """Revoke a notice by hand; again changes nothing; Problem 404."""
    row = await _visible(session, notice_id=notice_id, sight=sight)
    await revoke(session, context, [row], now=now, client_id=client_id, step=step)
    row = await _visible(session, notice_id=notice_id, sight=sight)
    return _shown(context, row, language)


async def kind_of(session: Session, *, notice_id: UUID, sight: Sight) -> str:
    """Return the kind of a notice that the caller may see; Problem 404."""
    row = await _visible(session, notice_id=notice_id, sight=sight)
    return str(row["kind"])


async def _visible(session: Session, *, notice_id: UUID, sight: Sight) -> Any:  # noqa: ANN401 - a row
    row = await fetch_one(session, queries.ONE, **_of(sight), notice_id=notice_id)
    if row is None:
        raise Problem(NOT_FOUND)
    return row


def _of(sight: Sight) -> dict[str, Any]:
    return {
        "township": sight.township,
        "department": sight.department,
        "kinds": list(sight.kinds) if sight.kinds is not None else None,
        "cdc_only": sight.cdc_only,
    }


def _shown(context: Notifier, row: Any, language: Language) -> dict[str, Any]:  # noqa: ANN401 - a row
    content = context.sealer.open_json(row["sealed"], context=TEXT_CONTEXT)
    person = masked_name(context.sealer, row["person_contact"]) if row["person_contact"] else None
    shown = {
        "notice_id": row["notice_id"],
        "kind": row["kind"],
        "number": row["number"],
        "level": row["level"],
        "recipient": {
            "type": row["recipient_type"],
            "code": row["recipient_code"],
            "name": person
            if row["recipient_type"] == "person"
            else row["recipient_unit"] or row["recipient_department"] or row["recipient_address"],
        },
        "subject": {
            "type": row["subject_type"],
            "code": row["subject_code"],
            "name": person if row["subject_type"] == "person" else row["subject_unit"],
        },
        "as_of": row["as_of"].astimezone(SHANGHAI),
        "issued_at": row["issued_at"].astimezone(SHANGHAI),
        "status": row["status"],
        "ack_due_at": row["ack_due_at"].astimezone(SHANGHAI) if row["ack_due_at"] else None,
        "text": content[language],
        # Inside the evidence: the fields beside it are the contract's.
        "evidence": {
            **content["evidence"],
            "owner": duties.shown(context, row["owner"], language),
            "wording": content.get("wording"),
        },
    }
    optional = ("number", "level", "ack_due_at")
    return {key: value for key, value in shown.items() if value is not None or key not in optional}
