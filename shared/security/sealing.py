"""Sealing of personal fields, and the keyed indexes by which they are found again.

An envelope is: version byte, length and text of the key id, 12-byte nonce, AES-256-GCM ciphertext.
The context (what kind of field it is) is authenticated, so an envelope cannot be moved elsewhere.
"""

import base64
import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from typing import Any, Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION: Final = 1
NONCE_BYTES: Final = 12
INDEX_BYTES: Final = 16


class Sealer:
    """Seals and opens; the first key seals, every key opens."""

    def __init__(self, keys: Mapping[str, str]) -> None:
        if not keys:
            message = "DATA_KEYS names no key"
            raise ValueError(message)
        self._ciphers = {key_id: AESGCM(_key(material)) for key_id, material in keys.items()}
        first = next(iter(keys))
        self._cipher = self._ciphers[first]
        self._head = bytes([VERSION, len(first)]) + first.encode()

    def seal(self, plain: bytes, *, context: str) -> bytes:
        """Return the envelope of `plain`."""
        nonce = os.urandom(NONCE_BYTES)
        return self._head + nonce + self._cipher.encrypt(nonce, plain, context.encode())

    def open(self, sealed: bytes, *, context: str) -> bytes:
        """Return what was sealed; ValueError, KeyError or InvalidTag if it cannot be opened."""
        if sealed[0] != VERSION:
            message = "unknown envelope"
            raise ValueError(message)
        end = 2 + sealed[1]
        cipher = self._ciphers[sealed[2:end].decode()]
        nonce = sealed[end : end + NONCE_BYTES]
        return cipher.decrypt(nonce, bytes(sealed[end + NONCE_BYTES :]), context.encode())

    def seal_json(self, value: object, *, context: str) -> bytes:
        """Seal a JSON value."""
        return self.seal(json.dumps(value, ensure_ascii=False).encode(), context=context)

    def open_json(self, sealed: bytes, *, context: str) -> Any:  # noqa: ANN401 - JSON may be anything
        """Open a sealed JSON value."""
        return json.loads(self.open(sealed, context=context))


class BlindIndex:
    """Keyed look-up values: equal inputs give equal bytes, and nothing else can be learnt from them."""

    def __init__(self, key: str) -> None:
        self._key = _key(key)

    def of(self, purpose: str, value: str) -> bytes:
        """Return 16 bytes for `value` under `purpose`, such as `id:resident_id` or `name`."""
        message = f"{purpose}\x00{value}".encode()
        return hmac.digest(self._key, message, hashlib.sha256)[:INDEX_BYTES]


def _key(material: str) -> bytes:
    key = base64.b64decode(material, validate=True)
    if len(key) != 32:  # noqa: PLR2004 - AES-256
        message = "a key must be 32 bytes in base64"
        raise ValueError(message)
    return key
