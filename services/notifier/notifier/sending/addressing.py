"""What a channel is given of one delivery: the text without personal data, and the address it needs."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import RowMapping as Row

from notifier.channels.protocol import Hook, Outgoing
from notifier.notices.service import Notifier
from notifier.texts.render import message
from notifier.texts.text import Text
from shared.webhooks.calling import live_secrets

HOOK_CONTEXT: Final = "notifier.webhook"
_CONTACTS: Final = {
    "person": "contact.person",
    "unit": "contact.unit",
    "lab": "contact.address",
    "site": "contact.address",
}
_OPENED: Final = ("gateway", "smtp")


def outgoing_of(context: Notifier, row: Row, texts: Mapping[str, Text]) -> Outgoing:
    """Return a claimed delivery as its channel gets it; `texts`: an administrator's versions."""
    contact = _contact(context, row)
    code = f"{row['recipient_type']}:{row['recipient_code']}"
    robots = context.settings.bot_urls
    return Outgoing(
        delivery_id=row["delivery_id"],
        notice_id=row["notice_id"],
        kind=row["kind"],
        reason=row["reason"],
        sequence=row["sequence"],
        recipient_type=row["recipient_type"],
        recipient_code=row["recipient_code"],
        urgent=row["urgent"],
        text=message(row["kind"], row["reason"], versions=texts),
        at=row["at"],
        attempt=row["attempt"],
        phone=contact.get("phone"),
        email=contact.get("email"),
        hook=_hook(context, row) if row["channel"] == "webhook" else None,
        bots=robots.get(code) or robots.get(row["recipient_type"], ()) if row["channel"] == "bots" else (),
    )


def _contact(context: Notifier, row: Row) -> dict[str, Any]:
    """Return how the recipient is reached: whoever is on duty, by the body's own means what they lack."""
    if row["channel"] not in _OPENED:
        return {}
    opened: dict[str, Any] = {}
    for sealed, sealed_as in (
        (row["contact"], _CONTACTS.get(row["recipient_type"], "contact.department")),
        (row["on_duty"], "contact.department"),
    ):
        if sealed is not None:
            opened |= context.sealer.open_json(sealed, context=sealed_as)
    return opened


def _hook(context: Notifier, row: Row) -> Hook | None:
    if row["url"] is None:
        return None
    return Hook(row["url"], tuple(live_secrets(context, row, at=row["at"], sealed_as=HOOK_CONTEXT)))
