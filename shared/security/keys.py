"""What registry publishes for the checking of tokens, as every other process keeps it.

In memory and in a file, so that a registry that is down stops no lab (contract §2): what is known serves
until registry itself says otherwise. Times are real times, never the business clock.
"""

import asyncio
import base64
import hashlib
import json
import os
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import jwt
import structlog

ALGORITHM: Final = "ES256"
REFRESH_AFTER: Final = 60.0
RETRY_AFTER: Final = 5.0
FETCH_SECONDS: Final = 3.0
_EMPTY: Final[dict[str, Any]] = {"keys": [], "disabled_clients": []}

_log = structlog.get_logger()

Fetch = Callable[[], Awaitable[dict[str, Any]]]


class KeysUnavailable(Exception):  # noqa: N818 - an expected outcome, not a fault
    """The key is not known and registry does not answer: nothing can be said about the token."""


@dataclass(frozen=True, slots=True)
class Published:
    """One state of registry's document: its keys by id, and the clients whose tokens have ended."""

    document: dict[str, Any] = field(default_factory=lambda: _EMPTY)
    keys: dict[str, jwt.PyJWK] = field(default_factory=dict)
    disabled: frozenset[str] = frozenset()


class KeptKeys:
    """Registry's published keys: refreshed in the background, asked for again when one is unknown."""

    def __init__(
        self,
        *,
        issuer: str,
        fetch: Fetch,
        cache_file: Path | None = None,
        clock: Callable[[], float] = time.time,
        refresh_after: float = REFRESH_AFTER,
    ) -> None:
        """Keep `cache_file` (nothing secret) across restarts; `clock` is real time in seconds."""
        self.current = Published()
        self._issuer = issuer
        self._fetch = fetch
        self._cache_file = cache_file
        self._clock = clock
        self._refresh_after = refresh_after
        self._tried_at = float("-inf")
        self._failing = False
        self._file_read = False
        self._lock = asyncio.Lock()

    def fetch_with(self, fetch: Fetch, *, refresh_after: float) -> None:
        """Fetch in another way: registry reads its own database."""
        self._fetch, self._refresh_after = fetch, refresh_after

    async def get(self, kid: str) -> jwt.PyJWK | None:
        """Return a key; None if registry does not publish it.

        Whoever invents ids makes us ask registry once in RETRY_AFTER seconds, however many they are.
        """
        self._read_file_once()
        if kid not in self.current.keys:
            async with self._lock:
                if kid not in self.current.keys and self._clock() - self._tried_at >= RETRY_AFTER:
                    await self._ask()
        key = self.current.keys.get(kid)
        if key is None and (self._failing or not self.current.keys):
            raise KeysUnavailable
        return key

    async def refresh(self) -> float:
        """Ask registry now, and return after how many seconds it is worth asking again."""
        self._read_file_once()
        async with self._lock:
            await self._ask()
        return RETRY_AFTER if self._failing else self._refresh_after

    async def _ask(self) -> None:
        self._tried_at = self._clock()
        try:
            async with asyncio.timeout(FETCH_SECONDS):
                found = _parsed(await self._fetch())
        except Exception:  # noqa: BLE001 - whatever it is, the keys that are known go on serving
            _log.warning("signing_keys_not_refreshed", exc_info=True)
            self._failing = True
            return
        self._failing = not found.keys
        if found.keys and found.document != self.current.document:
            self.current = found
            _write_file(self._cache_file, self._issuer, found.document)

    def _read_file_once(self) -> None:
        if not self._file_read:
            self._file_read = True
            self.current = _parsed(_read_file(self._cache_file, self._issuer))


def fetch_over_http(http: httpx.AsyncClient, registry_url: str) -> Fetch:
    """Return a way to fetch the published keys from registry."""
    url = f"{registry_url.rstrip('/')}/.well-known/jwks.json"

    async def fetch() -> dict[str, Any]:
        answer = await http.get(url, timeout=FETCH_SECONDS)
        answer.raise_for_status()
        document: dict[str, Any] = answer.json()
        return document

    return fetch


def client_mark(client_id: str) -> str:
    """Return how a disabled client is named where everybody may read: by a digest of its id."""
    return base64.urlsafe_b64encode(hashlib.sha256(client_id.encode()).digest()[:18]).decode()


def _parsed(document: dict[str, Any]) -> Published:
    keys: dict[str, jwt.PyJWK] = {}
    for entry in document.get("keys", []):
        if _is_ours(entry):
            with suppress(jwt.PyJWTError):
                keys[entry["kid"]] = jwt.PyJWK(entry, algorithm=ALGORITHM)
    disabled = [mark for mark in document.get("disabled_clients", []) if isinstance(mark, str)]
    kept = {"keys": document.get("keys", []), "disabled_clients": disabled}
    return Published(kept, keys, frozenset(disabled))


def _is_ours(entry: object) -> bool:
    if not isinstance(entry, dict):
        return False
    return entry.get("kty") == "EC" and entry.get("crv") == "P-256" and isinstance(entry.get("kid"), str)


def _read_file(path: Path | None, issuer: str) -> dict[str, Any]:
    if path is None:
        return _EMPTY
    try:
        kept = json.loads(path.read_bytes())
        same = isinstance(kept, dict) and kept.get("issuer") == issuer
        return {name: list(kept.get(name, [])) for name in _EMPTY} if same else _EMPTY
    except (OSError, ValueError, TypeError):
        return _EMPTY


def _write_file(path: Path | None, issuer: str, document: dict[str, Any]) -> None:
    if path is None:
        return
    new = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(json.dumps({"issuer": issuer, **document}))
        new.replace(path)
    except OSError as problem:
        _log.warning("signing_keys_not_kept", error_type=type(problem).__name__)
