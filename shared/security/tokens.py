"""Access tokens: ES256 JWTs issued by registry, checked by each service with its published keys.

The keys are kept in memory and in a file, so that a registry that is down stops no lab (contract §2).
Token times are real times, never the business clock.
"""

import asyncio
import hashlib
import json
import os
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import jwt
import structlog
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from shared.security.principal import Principal
from shared.settings import Settings

ALGORITHM: Final = "ES256"
TOKEN_TYPE: Final = "at+jwt"  # noqa: S105 - RFC 9068's media type
AUDIENCE: Final = "yingjian"
LIFETIME: Final = 600
LEEWAY: Final = 5
LONGEST_TOKEN: Final = 4_096
REFRESH_AFTER: Final = 300.0
RETRY_AFTER: Final = 5.0
MOST_CACHED: Final = 10_000

_log = structlog.get_logger()

Fetch = Callable[[], Awaitable[dict[str, Any]]]


class TokenRefused(Exception):  # noqa: N818 - an expected outcome, not a fault
    """The token is not one of ours."""


class TokenExpired(TokenRefused):
    """It was one of ours."""


class KeysUnavailable(Exception):  # noqa: N818 - as above
    """No key is known and registry does not answer: nothing can be checked."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The private key that signs, and its id."""

    kid: str
    private: EllipticCurvePrivateKey


def issue(
    who: Principal, *, key: SigningKey, issuer: str, now: int, token_id: str, lifetime: int = LIFETIME
) -> str:
    """Return a signed token for the client; `now` is real time in seconds."""
    claims: dict[str, Any] = {
        "iss": issuer,
        "aud": AUDIENCE,
        "sub": who.client_id,
        "client_id": who.client_id,
        "iat": now,
        "exp": now + lifetime,
        "jti": token_id,
        "scope": " ".join(sorted(who.scopes)),
        "name": who.name,
        "kind": who.kind,
        "lab": who.lab_code,
        "area": who.area_code,
        "area_level": who.area_level,
    }
    present = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(present, key.private, algorithm=ALGORITHM, headers={"kid": key.kid, "typ": TOKEN_TYPE})


def fetch_over_http(http: httpx.AsyncClient, registry_url: str) -> Fetch:
    """Return a way to fetch the published keys from registry."""
    url = f"{registry_url.rstrip('/')}/.well-known/jwks.json"

    async def fetch() -> dict[str, Any]:
        answer = await http.get(url, timeout=3.0)
        answer.raise_for_status()
        document: dict[str, Any] = answer.json()
        return document

    return fetch


class TokenVerifier:
    """Checks tokens and remembers the verified ones until they expire."""

    def __init__(
        self,
        *,
        issuer: str,
        fetch: Fetch,
        cache_file: Path | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Keep `cache_file` (public keys only) across restarts; `clock` is real time in seconds."""
        self._issuer = issuer
        self._fetch = fetch
        self._cache_file = cache_file
        self._clock = clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = self._tried_at = float("-inf")
        self._file_read = False
        self._lock = asyncio.Lock()
        self._refreshing: asyncio.Task[None] | None = None
        self._verified: dict[bytes, tuple[float, Principal]] = {}

    def fetch_with(self, fetch: Fetch) -> None:
        """Fetch the keys in another way: registry reads its own from its database."""
        self._fetch = fetch

    async def verify(self, token: str) -> Principal:
        """Return the client of a valid token, else raise TokenRefused or KeysUnavailable."""
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        known = self._verified.get(digest)
        if known is not None:
            expires_at, who = known
            if self._clock() < expires_at:
                return who
            del self._verified[digest]
            raise TokenExpired
        key = await self._key_of(_key_id(token))
        claims = _claims(token, key=key, issuer=self._issuer)
        who = principal_of(claims)
        self._remember(digest, float(claims["exp"]), who)
        return who

    async def _key_of(self, kid: str) -> jwt.PyJWK:
        if not self._file_read:
            self._file_read = True
            self._keys = _parse(_read_file(self._cache_file, self._issuer))
        if kid not in self._keys:
            await self._refetch(kid)
        elif self._clock() - self._fetched_at > REFRESH_AFTER and self._may_try():
            # In the background: a slow registry must not slow down whoever's key is known.
            self._refreshing = asyncio.create_task(self._refetch(None))
        if not self._keys:
            raise KeysUnavailable
        if kid not in self._keys:
            raise TokenRefused
        return self._keys[kid]

    def _may_try(self) -> bool:
        return not self._lock.locked() and self._clock() - self._tried_at >= RETRY_AFTER

    async def _refetch(self, wanted: str | None) -> None:
        async with self._lock:
            if wanted in self._keys or self._clock() - self._tried_at < RETRY_AFTER:
                return
            self._tried_at = self._clock()
            try:
                document = await self._fetch()
                keys = _parse(document)
            except Exception:  # noqa: BLE001 - whatever it is, the keys that are known go on serving
                _log.warning("signing_keys_not_refreshed", exc_info=True)
                return
            if keys:
                self._keys, self._fetched_at = keys, self._clock()
                _write_file(self._cache_file, self._issuer, document)

    def _remember(self, digest: bytes, expires_at: float, who: Principal) -> None:
        if len(self._verified) >= MOST_CACHED:
            now = self._clock()
            self._verified = {d: entry for d, entry in self._verified.items() if entry[0] > now}
            if len(self._verified) >= MOST_CACHED:
                self._verified.clear()
        self._verified[digest] = (expires_at, who)


def verifier_of(settings: Settings, http: httpx.AsyncClient, *, service: str) -> TokenVerifier:
    """Return the verifier that every service uses: registry's keys, kept under the data directory."""
    return TokenVerifier(
        issuer=settings.token_issuer,
        fetch=fetch_over_http(http, settings.registry_url),
        cache_file=settings.data_dir / f"jwks-{service}.json",
    )


def principal_of(claims: dict[str, Any]) -> Principal:
    """Return the client that verified claims name."""
    optional = [claims.get(name) for name in ("lab", "area", "area_level")]
    required = [claims.get(name) for name in ("sub", "name", "kind", "scope")]
    if not all(isinstance(value, str) for value in required):
        raise TokenRefused
    if not all(value is None or isinstance(value, str) for value in optional):
        raise TokenRefused
    client_id, name, kind, scope = (str(value) for value in required)
    lab_code, area_code, area_level = optional
    return Principal(
        client_id=client_id,
        name=name,
        kind=kind,
        scopes=frozenset(scope.split()),
        lab_code=lab_code,
        area_code=area_code,
        area_level=area_level,
    )


def _key_id(token: str) -> str:
    if len(token) > LONGEST_TOKEN:
        raise TokenRefused
    try:
        header = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError as problem:
        raise TokenRefused from problem
    if header.get("alg") != ALGORITHM or header.get("typ") != TOKEN_TYPE:
        raise TokenRefused
    kid = header.get("kid")
    if not isinstance(kid, str):
        raise TokenRefused
    return kid


def _claims(token: str, *, key: jwt.PyJWK, issuer: str) -> dict[str, Any]:
    try:
        return jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=issuer,
            leeway=LEEWAY,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
    except jwt.ExpiredSignatureError as problem:
        raise TokenExpired from problem
    except (jwt.InvalidTokenError, ValueError) as problem:
        raise TokenRefused from problem


def _parse(document: dict[str, Any]) -> dict[str, jwt.PyJWK]:
    keys: dict[str, jwt.PyJWK] = {}
    for entry in document.get("keys", []):
        if _is_ours(entry):
            with suppress(jwt.PyJWTError):
                keys[entry["kid"]] = jwt.PyJWK(entry, algorithm=ALGORITHM)
    return keys


def _is_ours(entry: object) -> bool:
    if not isinstance(entry, dict):
        return False
    return entry.get("kty") == "EC" and entry.get("crv") == "P-256" and isinstance(entry.get("kid"), str)


def _read_file(path: Path | None, issuer: str) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        kept = json.loads(path.read_bytes())
        same = isinstance(kept, dict) and kept.get("issuer") == issuer
        return {"keys": list(kept["keys"])} if same else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _write_file(path: Path | None, issuer: str, document: dict[str, Any]) -> None:
    if path is None:
        return
    new = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(json.dumps({"issuer": issuer, "keys": document["keys"]}))
        new.replace(path)
    except OSError as problem:
        _log.warning("signing_keys_not_kept", error_type=type(problem).__name__)
