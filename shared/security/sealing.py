"""Sealing of personal fields, and the keyed indexes by which they are found again.

An envelope is: a byte that names the algorithm, length and text of the key id, 12-byte nonce, ciphertext
with its 16-byte tag. The context (what kind of field it is) is authenticated, so an envelope cannot be
moved elsewhere. Both algorithms open side by side; the setting decides which one seals.
"""

import base64
import hmac
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.hashes import SM3
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SealingAlgorithm = Literal["aes-256-gcm", "sm4-gcm"]
IndexAlgorithm = Literal["hmac-sha256", "hmac-sm3"]

ALGORITHMS: Final[dict[SealingAlgorithm, int]] = {"aes-256-gcm": 1, "sm4-gcm": 2}
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
INDEX_BYTES: Final = 16
_DIGESTS: Final[dict[IndexAlgorithm, str]] = {"hmac-sha256": "sha256", "hmac-sm3": "sm3"}


class _Aead(Protocol):
    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes: ...


class SM4GCM:
    """SM4 in GCM (GB/T 32907, RFC 8998), of which the library has no one-step class."""

    def __init__(self, key: bytes) -> None:
        self._key = SM4(key)

    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes:
        """Return ciphertext and tag."""
        encryptor = Cipher(self._key, GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(associated_data or b"")
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes | None, /) -> bytes:
        """Return what was encrypted; InvalidTag before any of it is used elsewhere."""
        decryptor = Cipher(self._key, GCM(nonce, data[-TAG_BYTES:])).decryptor()
        decryptor.authenticate_additional_data(associated_data or b"")
        return decryptor.update(data[:-TAG_BYTES]) + decryptor.finalize()


@dataclass(frozen=True, slots=True)
class _Ring:
    """The keys of a moment, replaced as a whole: threads seal and open meanwhile."""

    ciphers: Mapping[bytes, _Aead]
    head: bytes
    name: str


class Sealer:
    """Seals and opens; the first key seals with `algorithm`, every key opens what either has sealed.

    `reload`, asked once when an envelope names an unknown key, returns the keys as they are now.
    """

    def __init__(
        self,
        keys: Mapping[str, str],
        *,
        algorithm: SealingAlgorithm = "aes-256-gcm",
        reload: Callable[[], Mapping[str, str]] | None = None,
    ) -> None:
        self._algorithm = algorithm
        self._reload = reload
        self._ring = self._ring_of(keys)

    @property
    def target(self) -> str:
        """Return what seals now, such as `k2 sm4-gcm`."""
        return self._ring.name

    @property
    def head(self) -> bytes:
        """Return how every envelope sealed now begins."""
        return self._ring.head

    def use(self, keys: Mapping[str, str]) -> None:
        """Replace the keys; ValueError, and the old ones stay, if one is none."""
        self._ring = self._ring_of(keys)

    def seal(self, plain: bytes, *, context: str) -> bytes:
        """Return the envelope of `plain`."""
        ring = self._ring
        nonce = os.urandom(NONCE_BYTES)
        return ring.head + nonce + ring.ciphers[ring.head].encrypt(nonce, plain, context.encode())

    def open(self, sealed: bytes, *, context: str) -> bytes:
        """Return what was sealed; ValueError, KeyError or InvalidTag if it cannot be opened."""
        sealed = bytes(sealed)
        if len(sealed) <= 1 or sealed[0] not in ALGORITHMS.values():
            message = "unknown envelope"
            raise ValueError(message)
        end = 2 + sealed[1]
        cipher = self._ring.ciphers.get(sealed[:end])
        if cipher is None and self._reload is not None:
            self.use(self._reload())  # another process has sealed with a key that came a moment ago
            cipher = self._ring.ciphers.get(sealed[:end])
        if cipher is None:
            raise KeyError(sealed[2:end].decode("ascii", "replace"))
        return cipher.decrypt(sealed[end : end + NONCE_BYTES], sealed[end + NONCE_BYTES :], context.encode())

    def renewed(self, sealed: bytes, *, context: str) -> bytes:
        """Return the envelope itself if it is sealed as one would be now, else its content sealed anew."""
        if bytes(sealed).startswith(self._ring.head):
            return bytes(sealed)
        return self.seal(self.open(sealed, context=context), context=context)

    def seal_json(self, value: object, *, context: str) -> bytes:
        """Seal a JSON value."""
        return self.seal(json.dumps(value, ensure_ascii=False).encode(), context=context)

    def open_json(self, sealed: bytes, *, context: str) -> Any:  # noqa: ANN401 - JSON may be anything
        """Open a sealed JSON value."""
        return json.loads(self.open(sealed, context=context))

    def _ring_of(self, keys: Mapping[str, str]) -> _Ring:
        if not keys:
            message = "DATA_KEYS names no key"
            raise ValueError(message)
        ciphers: dict[bytes, _Aead] = {}
        for key_id, text in keys.items():
            material = _key(text)
            ciphers[_head("aes-256-gcm", key_id)] = AESGCM(material)
            ciphers[_head("sm4-gcm", key_id)] = SM4GCM(_sm4_key(material))
        first = next(iter(keys))
        return _Ring(ciphers, _head(self._algorithm, first), f"{first} {self._algorithm}")


class BlindIndex:
    """Keyed look-up values: equal inputs give equal bytes, and nothing else can be learnt from them."""

    def __init__(self, key: str, *, algorithm: IndexAlgorithm = "hmac-sha256") -> None:
        self._key = _key(key)
        self._digest = _DIGESTS[algorithm]

    def of(self, purpose: str, value: str) -> bytes:
        """Return 16 bytes for `value` under `purpose`, such as `id:resident_id` or `name`."""
        message = f"{purpose}\x00{value}".encode()
        return hmac.digest(self._key, message, self._digest)[:INDEX_BYTES]


def _head(algorithm: SealingAlgorithm, key_id: str) -> bytes:
    encoded = key_id.encode()
    if not 0 < len(encoded) < 256:  # noqa: PLR2004 - its length is one byte of the envelope
        message = "a key id must be 1 to 255 bytes"
        raise ValueError(message)
    return bytes([ALGORITHMS[algorithm], len(encoded)]) + encoded


def _sm4_key(material: bytes) -> bytes:
    # A key of its own: no key serves two ciphers.
    return HKDF(SM3(), 16, salt=None, info=b"yingjian sm4-gcm").derive(material)


def _key(material: str) -> bytes:
    key = base64.b64decode(material, validate=True)
    if len(key) != 32:  # noqa: PLR2004 - AES-256
        message = "a key must be 32 bytes in base64"
        raise ValueError(message)
    return key
