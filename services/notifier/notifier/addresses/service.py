"""Keeps how laboratories and sampling sites are reached; what lay for want of an address is sent then."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import RowMapping

from notifier.addresses import errors, queries
from notifier.addresses.schemas import AddressedType, AddressIn
from notifier.channels.rules import UNADDRESSED
from notifier.notices.service import Notifier, queue
from shared.clock import SHANGHAI
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value, full_sight
from shared.errors import NOT_FOUND, Problem, refusal_of
from shared.identifiers import mask_contact
from shared.security.access import Principal, own_lab
from shared.web.paging import code_after, page_of

ADDRESS_CONTEXT: Final = "contact.address"
_READERS: Final = ("records:read", "cases:respond")


async def page(
    session: Session,
    context: Notifier,
    who: Principal,
    *,
    body_type: AddressedType | None,
    cursor: str | None,
    limit: int,
) -> dict[str, Any]:
    """Return a page of the addresses that the caller may see, by type and code."""
    rows = await fetch_all(
        session,
        queries.PAGE,
        **_mine(who),
        body_type=body_type,
        after_type=code_after(cursor, "body_type"),
        after_code=code_after(cursor, "body_code"),
        limit=limit + 1,
    )

    def position(row: dict[str, Any]) -> dict[str, Any]:
        return {name: row[name] for name in ("body_type", "body_code")}

    return page_of("addresses", [_shown(context, row) for row in rows], limit=limit, position=position)


async def one(
    session: Session, context: Notifier, who: Principal, *, body_type: str, code: str
) -> dict[str, Any]:
    """Return an address; Problem 404 without one, or where it is not the caller's to see."""
    row = await fetch_one(session, queries.ONE, **_mine(who), body_type=body_type, code=code)
    if row is None:
        raise Problem(NOT_FOUND)
    return _shown(context, row)


async def put(
    session: Session,
    context: Notifier,
    who: Principal,
    wanted: AddressIn,
    *,
    body_type: AddressedType,
    code: str,
    now: datetime,
) -> dict[str, Any]:
    """Keep an address, and send what reached nobody without it; again changes nothing.

    A laboratory keeps its own; a township's administrator those of sites that were entered as its own, and
    cannot give them away. Problem 404 for any other, 422 for a township that is none.
    """
    stored = await _standing(session, who, wanted, body_type=body_type, code=code)
    contact = wanted.contact.model_dump(exclude_none=True)
    if stored is not None and _opened(context, stored) == contact and _same(stored, wanted):
        return _shown(context, stored)
    await _check_township(session, wanted, body_type=body_type)
    kept = await fetch_one(
        session,
        queries.PUT,
        body_type=body_type,
        code=code,
        name=wanted.name,
        township_code=wanted.township_code,
        contact=context.sealer.seal_json(contact, context=ADDRESS_CONTEXT),
        client_id=who.client_id,
        now=now,
    )
    if kept is None:
        raise Problem(NOT_FOUND)
    async with full_sight(session):
        lying = await fetch_all(
            session,
            queries.LEFT_LYING,
            body_type=body_type,
            code=code,
            errors=list(UNADDRESSED),
            days=context.settings.unreachable_days,
        )
        await queue(session, context, lying, now=now, reason="repeat")
    return _shown(context, kept)


async def delete(session: Session, who: Principal, *, body_type: str, code: str) -> None:
    """Forget an address; Problem 404 without one, or outside the area."""
    if not await execute(session, queries.DELETE, **_mine(who), body_type=body_type, code=code):
        raise Problem(NOT_FOUND)


async def _standing(
    session: Session, who: Principal, wanted: AddressIn, *, body_type: str, code: str
) -> RowMapping | None:
    """Return the address as it stands, if any; Problem 404 where the caller may not keep it."""
    mine = _mine(who)
    stored = await fetch_one(session, queries.LOCK, **mine, body_type=body_type, code=code)
    own = mine["lab"] is None or (body_type, code) == ("lab", mine["lab"])
    if not own or (who.limited and (stored is None or wanted.township_code != who.township)):
        raise Problem(NOT_FOUND)
    return stored


async def _check_township(session: Session, wanted: AddressIn, *, body_type: str) -> None:
    if wanted.township_code is None:
        return
    if body_type == "lab":
        raise refusal_of(errors.TOWNSHIP_OF_LAB, "township_code")
    async with full_sight(session):
        known = await fetch_value(session, queries.TOWNSHIP, code=wanted.township_code)
    if not known:
        raise refusal_of(errors.NOT_A_TOWNSHIP, "township_code")


def _mine(who: Principal) -> dict[str, str | None]:
    return {"lab": own_lab(who, *_READERS), "township": who.township, "department": who.department}


def _same(stored: RowMapping, wanted: AddressIn) -> bool:
    return (stored["name"], stored["township_code"]) == (wanted.name, wanted.township_code)


def _opened(context: Notifier, row: RowMapping) -> dict[str, Any]:
    opened: dict[str, Any] = context.sealer.open_json(row["contact"], context=ADDRESS_CONTEXT)
    return opened


def _shown(context: Notifier, row: RowMapping) -> dict[str, Any]:
    contact = _opened(context, row)
    return {
        "body_type": row["body_type"],
        "body_code": row["code"],
        "name": row["name"],
        "township_code": row["township_code"],
        "contact": mask_contact(contact) | {"has_email": "email" in contact},
        "changed_by": row["changed_by"],
        "changed_at": row["changed_at"].astimezone(SHANGHAI),
    }
