"""Keeps a provider's receipts and brings deliveries and notices to what they say.

In whatever order they come: a message that was read was delivered, and what was delivered did not fail.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from notifier.caps.service import bring_along
from notifier.notices.service import Notifier
from notifier.receipts import queries
from notifier.receipts.errors import NOT_SIGNED, RECEIPT_CHANGED
from notifier.receipts.schemas import DeliveryReceiptIn
from notifier.sending.queries import HANDED
from notifier.sending.recording import go_on
from shared.clock import SHANGHAI
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value
from shared.errors import NOT_FOUND, TIME_IN_FUTURE, Problem, body_refusal
from shared.webhooks.rules import secret_bytes, signed_id

AHEAD: Final = timedelta(minutes=10)


def require_signed(context: Notifier, channel: str, headers: Mapping[str, str], raw: bytes) -> str:
    """Return the receipt's own id; Problem 401 for whoever is not the channel's provider, just now."""
    secret = context.settings.receipt_secrets.get(channel)
    window = context.settings.receipt_window_seconds
    event_id = None
    if secret:
        key = secret_bytes(secret)
        event_id = signed_id(headers, raw, secret=key, now=context.db.seconds(), window=window)
    if event_id is None:
        raise Problem(NOT_SIGNED)
    return event_id


async def keep(
    session: Session,
    context: Notifier,
    channel: str,
    event_id: str,
    receipt: DeliveryReceiptIn,
    *,
    digest: str,
    now: datetime,
) -> dict[str, Any]:
    """Keep a receipt once; again it gets the same answer. Problem 404 for another's message, 409, 422."""
    which = {"channel": channel, "event_id": event_id}
    kept = await fetch_one(session, queries.KEPT, **which)
    if kept is None:
        if receipt.at > now + AHEAD:
            raise body_refusal(TIME_IN_FUTURE, "at")
        delivery_id = await _apply(session, context, channel, receipt, now=now)
        new = {"delivery_id": delivery_id, "status": receipt.status, "at": receipt.at, "digest": digest}
        kept = await fetch_one(session, queries.KEEP, **which, **new)
        kept = kept or await fetch_one(session, queries.KEPT, **which)  # it came twice at the same moment
    if kept is None or kept["digest"] != digest:
        raise Problem(RECEIPT_CHANGED)
    return {
        "receipt_id": event_id,
        "delivery_id": kept["delivery_id"],
        "status": kept["status"],
        "at": kept["at"].astimezone(SHANGHAI),
    }


async def _apply(
    session: Session, context: Notifier, channel: str, receipt: DeliveryReceiptIn, *, now: datetime
) -> Any:  # noqa: ANN401 - an id
    """Bring a delivery to what its receipt says; return its id. Problem 404."""
    named = {"channel": channel, "delivery_id": receipt.delivery_id, "message_id": receipt.message_id}
    said = {"status": receipt.status, "at": receipt.at}
    await execute(session, queries.NOTICE, **named)
    delivery = await fetch_one(session, queries.DELIVERY, **named)
    if delivery is None:
        canary = {"channel": channel, "delivery_id": receipt.delivery_id}
        found = await fetch_value(session, queries.CANARY, **canary, **said)
        if found is None:
            raise Problem(NOT_FOUND)
        return found
    which = delivery["delivery_id"]
    if receipt.status == "failed":
        changed = await fetch_all(session, queries.FAILED, delivery_id=which)
        gone_on = await go_on(session, context, changed, now=now)
        told = [*changed, *await bring_along(session, changed, gone_on)]
        await execute(session, queries.NOBODY_GOT_IT, notice_ids=[row["notice_id"] for row in told])
        return which
    changed = await fetch_all(session, queries.DELIVERED, delivery_id=which, **said)
    told = [*changed, *await bring_along(session, changed, {})]
    await execute(session, HANDED, notice_ids=[row["notice_id"] for row in told], status="delivered")
    return which
