"""Which addresses may be called, and how a call is signed. Pure: standard library only."""

import base64
import binascii
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urlsplit

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - how every secret begins
SECRET_BYTES: Final = 32
LONGEST_URL: Final = 500
LONGEST_ID: Final = 200
LONGEST_STAMP: Final = 12
MOST_SIGNATURES: Final = 10
_PORTS: Final = {"http": 80, "https": 443}
Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Target:
    """An address as it is called: `path` with its query."""

    scheme: str
    host: str
    port: int
    path: str


def target_of(url: str, *, plain: bool) -> Target | None:
    """Return what a URL names, None for one that is never called.

    https, or http where it is allowed (`plain`); no user, no fragment, nothing but printable ASCII.
    """
    if not url.isascii() or not url.isprintable() or " " in url or len(url) > LONGEST_URL or "\\" in url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port or _PORTS[parts.scheme]
    except (KeyError, ValueError):
        return None
    if parts.scheme == "http" and not plain:
        return None
    if not parts.hostname or "@" in parts.netloc or parts.fragment:
        return None
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, parts.hostname, port, path)


def may_be_called(addresses: Sequence[str], networks: Sequence[IPv4Network | IPv6Network]) -> bool:
    """Say whether every address that a name leads to lies in a network that the operator has listed."""
    found = [_plain(ip_address(each)) for each in addresses]
    return bool(found) and all(any(_within(each, network) for network in networks) for each in found)


def _within(address: Address, network: IPv4Network | IPv6Network) -> bool:
    return address.version == network.version and address in network


def _plain(address: Address) -> Address:
    """Return the IPv4 address inside an IPv6 one: the same machine is not called by another name."""
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


def secret_text(raw: bytes) -> str:
    """Return a secret as its owner is given it."""
    return SECRET_PREFIX + base64.b64encode(raw).decode()


def headers_of(
    *, event_id: str, at: datetime, body: bytes, secrets: Sequence[bytes], attempt: int
) -> dict[str, str]:
    """Return the headers of a call: its id, its time in seconds, a signature by each live secret.

    Signed is `id.time.body` by HMAC-SHA256 (Standard Webhooks 1.0.0); readers refuse a time far off.
    """
    stamp = str(int(at.timestamp()))
    return {
        "Content-Type": "application/json",
        "User-Agent": "yingjian-webhook/1",
        "webhook-id": event_id,
        "webhook-timestamp": stamp,
        "webhook-signature": " ".join(signature_of(event_id, stamp, body, secret) for secret in secrets),
        "webhook-attempt": str(attempt),
    }


def signature_of(event_id: str, stamp: str, body: bytes, secret: bytes) -> str:
    """Return one signature as it stands in the header."""
    made = hmac.new(secret, f"{event_id}.{stamp}.".encode() + body, sha256).digest()
    return f"v1,{base64.b64encode(made).decode()}"


def secret_bytes(text: str) -> bytes:
    """Return the key of a secret: base64 after `whsec_`, else as it stands; ValueError for bad base64."""
    if not text.startswith(SECRET_PREFIX):
        return text.encode()
    try:
        return base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error:
        message = "not base64 after whsec_"
        raise ValueError(message) from None


def signed_id(
    headers: Mapping[str, str], body: bytes, *, secret: bytes, now: float, window: float
) -> str | None:
    """Return the id of a call that was signed with this secret; None for one that was not, or not just now.

    `now` and `window` in seconds: the time that is signed may be so far off, either way.
    """
    event_id, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not 1 <= len(event_id) <= LONGEST_ID or not event_id.isascii() or not event_id.isprintable():
        return None
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) <= LONGEST_STAMP):
        return None
    if abs(now - int(stamp)) > window:
        return None
    wanted = signature_of(event_id, stamp, body, secret).encode()
    given = headers.get("webhook-signature", "").split(" ")[:MOST_SIGNATURES]
    good = [hmac.compare_digest(wanted, each.encode("utf-8", "replace")) for each in given]
    return event_id if any(good) else None
