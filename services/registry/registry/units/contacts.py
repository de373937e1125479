"""Who stands at a unit's posts: sealed, shown masked, and kept when they leave."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import RowMapping

from registry.departments.service import masked_contact
from registry.units import queries
from registry.units.schemas import UnitContact
from shared.context import Context
from shared.db import Session, execute
from shared.security.access import Principal

SEALED_AS: Final = "contact.unit"


def titled(context: Context[Any], sealed: bytes | None) -> dict[str, Any] | None:
    """Return a sealed contact of a unit, masked, with their title."""
    if sealed is None:
        return None
    title = context.sealer.open_json(sealed, context=SEALED_AS).get("title")
    return {**masked_contact(context, sealed, sealed_as=SEALED_AS), "title": title}


def dumped(contact: UnitContact | None) -> dict[str, str] | None:
    """Return what of a contact is kept."""
    return None if contact is None else contact.model_dump(exclude_none=True)


def sealed_of(context: Context[Any], contact: dict[str, str] | None) -> bytes | None:
    """Return a contact sealed."""
    return None if contact is None else context.sealer.seal_json(contact, context=SEALED_AS)


def named_of(context: Context[Any], stored: RowMapping) -> dict[str, dict[str, str] | None]:
    """Return who stands at each post."""
    sealed = {"responsible": stored["sealed_contact"], "data_entry": stored["sealed_data_entry"]}
    return {
        post: None if value is None else context.sealer.open_json(value, context=SEALED_AS)
        for post, value in sealed.items()
    }


async def keep_history(
    session: Session,
    context: Context[Any],
    stored: RowMapping,
    named: dict[str, dict[str, str] | None],
    contacts: dict[str, dict[str, str] | None],
    *,
    who: Principal,
    now: datetime,
) -> None:
    """Keep whoever leaves a post."""
    for post, contact in named.items():
        if contact is not None and contact != contacts[post]:
            await execute(
                session,
                queries.KEEP_CONTACT,
                unit_code=stored["unit_code"],
                post=post,
                sealed_contact=sealed_of(context, contact),
                changed_by=who.client_id,
                now=now,
            )
