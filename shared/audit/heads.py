"""Signed heads: how far a chain had come and its hash there, signed with Ed25519.

A chain alone can be rewritten by whoever owns the database; a head that has left the house cannot.
"""

import base64
import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from shared.audit.chain import FORMAT, moment
from shared.settings import Settings

_SEED_BYTES: Final = 32


class Head(msgspec.Struct, frozen=True):
    """The place of a chain that a signature speaks for."""

    audit: str
    service: str
    n: int
    hash: str
    signed_at: str


class SignedHead(msgspec.Struct, frozen=True):
    """A head with its signature; keys and signatures in base64."""

    head: Head
    public_key: str
    signature: str


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(SignedHead).decode


def signing_key(settings: Settings) -> Ed25519PrivateKey:
    """Return the key that signs heads: AUDIT_SIGNING_KEY, else one derived from INDEX_KEY.

    Neither is in the database, which is all that the signature needs.
    """
    if settings.audit_signing_key:
        seed = base64.b64decode(settings.audit_signing_key, validate=True)
    else:
        secret = base64.b64decode(settings.index_key, validate=True)
        seed = HKDF(SHA256(), _SEED_BYTES, salt=None, info=b"yingjian audit heads").derive(secret)
    return Ed25519PrivateKey.from_private_bytes(seed)


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """Return the raw public key."""
    return key.public_key().public_bytes_raw()


def sign(key: Ed25519PrivateKey, *, service: str, n: int, previous: bytes, now: datetime) -> SignedHead:
    """Return the signed head of a chain whose `n`-th hash is `previous`; `now` is real time."""
    head = Head(FORMAT, service, n, previous.hex(), moment(now))
    return SignedHead(
        head,
        base64.b64encode(public_bytes(key)).decode(),
        base64.b64encode(key.sign(_encode(head))).decode(),
    )


def raw_signature(signed: SignedHead) -> bytes:
    """Return the signature as it is stored."""
    return base64.b64decode(signed.signature)


def is_signed(signed: SignedHead, *, trusted: frozenset[str] | None = None) -> bool:
    """Say whether a head's signature holds, by a trusted key if any are named."""
    if trusted is not None and signed.public_key not in trusted:
        return False
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(signed.public_key, validate=True))
        key.verify(base64.b64decode(signed.signature, validate=True), _encode(signed.head))
    except (InvalidSignature, ValueError):
        return False
    return True


def heads_file(settings: Settings, service: str) -> Path:
    """Return where the heads of a service are kept outside the database."""
    folder = settings.audit_heads_dir or settings.data_dir / "audit"
    return folder / f"heads-{service}.jsonl"


def append(path: Path, signed: SignedHead) -> None:
    """Add a head to a file, safe on disk when it returns."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(_encode(signed) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def line(signed: SignedHead) -> bytes:
    """Return a head as a line."""
    return _encode(signed)


def read(lines: Iterable[bytes]) -> list[SignedHead]:
    """Return the heads of a file; msgspec.DecodeError where a line is none."""
    return [_decode(each) for each in lines if each.strip()]
