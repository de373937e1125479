"""Pure: what the answers of the other side mean, and how a mail is named."""

from http import HTTPStatus
from typing import Final, Literal

# Why a channel could not even try: it knows no way to this recipient.
UNADDRESSED: Final = ("no_phone", "no_email", "no_webhook", "no_bot", "no_channel")
AGAIN: Final = frozenset(
    {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
)
# `unknown`: it may have been taken. It is handed over again under the same key.
Result = Literal["sent", "delivered", "unknown", "failed", "refused"]


def result_of(status: int) -> Result:
    """Return what an HTTP status says of a message: taken, perhaps taken, later perhaps, or never."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return "sent"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return "unknown"
    return "failed" if status in AGAIN else "refused"


def result_of_mail(code: int) -> Result:
    """Return what a reply of a mail server says of a message (RFC 5321 §4.2.1)."""
    return "refused" if code >= HTTPStatus.INTERNAL_SERVER_ERROR else "failed"


def message_id(delivery_id: object, sender: str) -> str:
    """Return the Message-ID of a delivery: the same however often it is handed over."""
    return f"<{delivery_id}@{sender.rpartition('@')[2] or 'localhost'}>"
