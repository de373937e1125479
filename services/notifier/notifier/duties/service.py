"""Keeps the matrix and says whose a kind of notice is on a day (requirements row 155)."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import RowMapping

from notifier.duties import queries
from notifier.settings import NotifierSettings
from shared.context import Context
from shared.db import Session, execute, fetch_many, fetch_value
from shared.errors import Language
from shared.identifiers import mask_contact
from shared.messages import DutiesChanged

OWNER_CONTEXT: Final = "notice.owner"
_CONTACT: Final = "contact.department"


async def keep(session: Session, message: DutiesChanged) -> None:
    """Keep a newer matrix in the place of the one that is known."""
    if await fetch_value(session, queries.HEAR, revision=message.revision) is None:
        return
    await execute(session, queries.FORGET_DUTIES)
    await execute(session, queries.FORGET_ENTRIES)
    await execute(
        session,
        queries.KEEP_ENTRIES,
        entry_codes=[each.entry_code for each in message.entries],
        names_zh=[each.name_zh for each in message.entries],
        names_en=[each.name_en for each in message.entries],
        department_codes=[each.department_code for each in message.entries],
    )
    await execute(
        session,
        queries.KEEP_DUTIES,
        subjects=[each.subject for each in message.duties],
        days=[date.fromisoformat(each.effective_from) for each in message.duties],
        entry_codes=[each.entry_code for each in message.duties],
    )


async def owners(
    session: Session, context: Context[NotifierSettings], kinds: Iterable[str], *, today: date
) -> dict[str, bytes]:
    """Return whose each kind is on a day, sealed as it stands: entry, department and its contact."""
    wanted = sorted(set(kinds))
    fallback = context.settings.duty_default_entry
    rows = await fetch_many(session, queries.OWNERS, kinds=wanted, today=today, fallback=fallback)
    return {
        row["kind"]: context.sealer.seal_json(_owner(context, row, today=today), context=OWNER_CONTEXT)
        for row in rows
    }


def _owner(context: Context[NotifierSettings], row: RowMapping, *, today: date) -> dict[str, Any]:
    contact = row["contact"]
    return {
        **{name: row[name] for name in ("entry_code", "name_zh", "name_en", "department_code")},
        "department_name": row["department_name"],
        "contact": None if contact is None else context.sealer.open_json(contact, context=_CONTACT),
        "basis": "assigned" if row["assigned"] else "default",
        "as_of": today.isoformat(),
    }


def shown(
    context: Context[NotifierSettings], sealed: bytes | None, language: Language
) -> Mapping[str, Any] | None:
    """Return an owner for an answer, the contact masked; None for notices from before there was one."""
    if sealed is None:
        return None
    owner = context.sealer.open_json(sealed, context=OWNER_CONTEXT)
    contact, code = owner["contact"], owner["department_code"]
    return {
        "entry_code": owner["entry_code"],
        "name": owner["name_zh"] if language == "zh" else owner["name_en"],
        "department": None if code is None else {"code": code, "name": owner["department_name"]},
        "contact": None if contact is None else mask_contact(contact),
        "basis": owner["basis"],
        "as_of": owner["as_of"],
    }
