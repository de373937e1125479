"""Access tokens: ES256 JWTs issued by registry, checked by each service with its published keys.

Token times are real times, never the business clock.
"""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

from shared.security.keys import (
    ALGORITHM,
    REFRESH_AFTER,
    Fetch,
    KeptKeys,
    KeysUnavailable,
    client_mark,
    fetch_over_http,
)
from shared.security.principal import Principal
from shared.settings import Settings

__all__ = ["KeysUnavailable"]

TOKEN_TYPE: Final = "at+jwt"  # noqa: S105 - RFC 9068's media type
AUDIENCE: Final = "yingjian"
LIFETIME: Final = 600
LEEWAY: Final = 5
LONGEST_TOKEN: Final = 4_096
MOST_CACHED: Final = 10_000


class TokenRefused(Exception):  # noqa: N818 - an expected outcome, not a fault
    """The token is not one of ours."""


class TokenExpired(TokenRefused):
    """It was one of ours."""


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


@dataclass(frozen=True, slots=True)
class Verified:
    """A token that has passed every check, as it is remembered until it expires."""

    expires_at: float
    kid: str
    who: Principal


class TokenVerifier:
    """Checks tokens and remembers the verified ones until they expire.

    Whenever registry publishes something new, what was signed by a key that is gone, or belongs to a
    client that is disabled, is forgotten and refused.
    """

    def __init__(
        self,
        *,
        issuer: str,
        fetch: Fetch,
        cache_file: Path | None = None,
        clock: Callable[[], float] = time.time,
        refresh_after: float = REFRESH_AFTER,
    ) -> None:
        """Keep `cache_file` (public keys only) across restarts; `clock` is real time in seconds."""
        self.keys = KeptKeys(
            issuer=issuer, fetch=fetch, cache_file=cache_file, clock=clock, refresh_after=refresh_after
        )
        self._issuer = issuer
        self._clock = clock
        self._checked_with = self.keys.current
        self._verified: dict[bytes, Verified] = {}

    async def verify(self, token: str) -> Principal:
        """Return the client of a valid token, else raise TokenRefused or KeysUnavailable."""
        digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
        if self._checked_with is not self.keys.current:
            self._forget_ended()
        known = self._verified.get(digest)
        if known is not None:
            if self._clock() < known.expires_at:
                return known.who
            del self._verified[digest]
            raise TokenExpired
        kid = _key_id(token)
        key = await self.keys.get(kid)
        if key is None:
            raise TokenRefused
        claims = _claims(token, key=key, issuer=self._issuer, now=self._clock())
        who = principal_of(claims)
        if client_mark(who.client_id) in self.keys.current.disabled:
            raise TokenRefused
        self._remember(digest, Verified(float(claims["exp"]), kid, who))
        return who

    def _forget_ended(self) -> None:
        now = self._checked_with = self.keys.current
        self._verified = {
            digest: each
            for digest, each in self._verified.items()
            if each.kid in now.keys and client_mark(each.who.client_id) not in now.disabled
        }

    def _remember(self, digest: bytes, verified: Verified) -> None:
        if len(self._verified) >= MOST_CACHED:
            now = self._clock()
            self._verified = {d: each for d, each in self._verified.items() if each.expires_at > now}
            if len(self._verified) >= MOST_CACHED:
                self._verified.clear()
        self._verified[digest] = verified


def verifier_of(
    settings: Settings, http: httpx.AsyncClient, *, service: str, clock: Callable[[], float] = time.time
) -> TokenVerifier:
    """Return the verifier that every service uses: registry's keys, kept under the data directory."""
    return TokenVerifier(
        issuer=settings.token_issuer,
        fetch=fetch_over_http(http, settings.registry_url),
        cache_file=settings.data_dir / f"jwks-{service}.json",
        clock=clock,
        refresh_after=settings.jwks_refresh_seconds,
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


def _claims(token: str, *, key: jwt.PyJWK, issuer: str, now: float) -> dict[str, Any]:
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=issuer,
            options={
                "require": ["exp", "iat", "iss", "aud", "sub"],
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except (jwt.InvalidTokenError, ValueError) as problem:
        raise TokenRefused from problem
    _check_times(claims, now=now)
    return claims


def _check_times(claims: dict[str, Any], *, now: float) -> None:
    """Refuse what has expired or is not yet good (RFC 7519 §4.1.4-6); the library would ask its own clock."""
    times = [claims[name] for name in ("exp", "iat", "nbf") if name in claims]
    if not all(isinstance(each, int) and not isinstance(each, bool) for each in times):
        raise TokenRefused
    if max(times[1:]) > now + LEEWAY:
        raise TokenRefused
    if claims["exp"] <= now - LEEWAY:
        raise TokenExpired
