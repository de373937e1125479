"""How a client proves who it is at the token endpoint: its secret, or an assertion that it has signed.

Whoever fails learns one thing, `invalid_client`, in one time; the log and a counter know why (RFC 6749
§5.2, RFC 7523). Times here are real times.
"""

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hmac import compare_digest
from typing import Any, Final, NoReturn

import jwt
import structlog
from prometheus_client import Counter
from sqlalchemy import RowMapping

from registry.identity import queries
from registry.identity.errors import INVALID_CLIENT
from registry.identity.rules import check_assertion
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one, json_of
from shared.errors import Problem
from shared.identifiers import is_code
from shared.security.access import TOKEN_PATH

LONGEST_ASSERTION: Final = 8_192
CHALLENGE: Final = {"WWW-Authenticate": 'Basic realm="yingjian", charset="UTF-8"'}
REFUSED: Final = Counter("yingjian_token_refusals", "Clients that did not prove themselves", ["reason"])
# Kept a little longer than it could be used: hosts do not agree on the time to the second.
KEPT_FOR: Final = timedelta(minutes=5)
_SECRET = re.compile(r"[\x21-\x7e]{1,200}", re.ASCII)
_TYPES: Final = frozenset({"jwt", "client-authentication+jwt"})
_NO_DIGEST: Final = bytes(32)
# Public keys of nobody (the curves' own base points; a number that no one can sign for): checking a
# signature of an unknown client costs what it costs for a known one.
_NOBODY: Final = {
    "ES256": {
        "kty": "EC",
        "crv": "P-256",
        "x": "axfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpY",
        "y": "T-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU",
    },
    "RS256": {"kty": "RSA", "n": "_" * 341 + "8", "e": "AQAB"},
    "PS256": {"kty": "RSA", "n": "_" * 341 + "8", "e": "AQAB"},
    "EdDSA": {"kty": "OKP", "crv": "Ed25519", "x": "WGZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmZmY"},
}

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Secret:
    """A client id and its secret."""

    client_id: str
    secret: str


@dataclass(frozen=True, slots=True)
class Assertion:
    """A signed JWT, and the client id that the form names beside it, if any."""

    text: str
    client_id: str | None


@dataclass(frozen=True, slots=True)
class Read:
    """An assertion taken apart; nothing in it is true yet."""

    client_id: str
    algorithm: str
    kid: str | None
    claims: dict[str, Any]


async def prove(
    session: Session, context: Context[Any], proof: Secret | Assertion, *, now: datetime
) -> RowMapping:
    """Return the client's row; Problem `invalid_client` for all that is not proof."""
    if isinstance(proof, Secret):
        return await _by_secret(session, proof, now=now)
    return await _by_assertion(session, context, proof, now=now)


def digest_of(secret: str) -> bytes:
    """Return what is stored of a secret: with 256 random bits a plain digest cannot be searched.

    It also means that a wrong secret costs microseconds: guessing fast gains nothing and burdens nobody.
    """
    return hashlib.sha256(secret.encode()).digest()


async def _by_secret(session: Session, proof: Secret, *, now: datetime) -> RowMapping:
    if not is_code(proof.client_id) or not _SECRET.fullmatch(proof.secret):
        _refuse("malformed")
    row = await fetch_one(session, queries.GET_CLIENT, client_id=proof.client_id, area=None)
    digests = await fetch_all(session, queries.LIVE_DIGESTS, client_id=proof.client_id, now=now)
    offered = digest_of(proof.secret)
    stored = [bytes(each["digest"]) for each in digests] or [_NO_DIGEST]
    matches = [compare_digest(each, offered) for each in stored]
    if row is None:
        _refuse("client_unknown")
    if not any(matches):
        _refuse("secret_wrong", row)
    if row["secret_refused"]:
        _refuse("secret_refused", row)
    return _enabled(row)


async def _by_assertion(
    session: Session, context: Context[Any], proof: Assertion, *, now: datetime
) -> RowMapping:
    read = _read(proof)
    skew = context.settings.assertion_skew_seconds
    reason = check_assertion(read.claims, audiences=audiences(context), now=now.timestamp(), skew=skew)
    if reason is not None:
        _refuse(reason)
    row = await fetch_one(session, queries.GET_CLIENT, client_id=read.client_id, area=None)
    keys = await fetch_all(session, queries.LIVE_KEYS, client_id=read.client_id)
    key = _chosen(keys, read)
    signed = _signed(proof.text, read.algorithm, _NOBODY[read.algorithm] if key is None else key)
    if row is None:
        _refuse("client_unknown")
    if key is None:
        _refuse("key_unknown", row)
    if not signed:
        _refuse("signature_wrong", row)
    _enabled(row)
    expires_at = datetime.fromtimestamp(float(read.claims["exp"]) + skew, UTC)
    jti = hashlib.sha256(read.claims["jti"].encode("utf-8", "surrogatepass")).digest()
    # Whoever comes with the same id meanwhile waits here for the first one's commit, and then finds it.
    if not await execute(
        session, queries.SPEND, client_id=read.client_id, jti=jti, expires_at=expires_at + KEPT_FOR
    ):
        _refuse("assertion_replayed", row)
    return row


def audiences(context: Context[Any]) -> frozenset[str]:
    """Return what an assertion may be addressed to: the issuer, or the token endpoint's addresses."""
    settings = context.settings
    bases = (settings.registry_url, settings.results_ingest_url, settings.notifier_url)
    return frozenset(
        {settings.token_issuer, *(base.rstrip("/") + TOKEN_PATH for base in bases), *settings.token_audiences}
    )


async def forget_spent(session: Session, context: Context[Any]) -> bool:
    """Delete the ids of assertions that could not be used any more, some at a time."""
    _ = context
    return await execute(session, queries.FORGET_SPENT) > 0


def _read(proof: Assertion) -> Read:
    if len(proof.text) > LONGEST_ASSERTION or not proof.text.isascii():
        _refuse("malformed")
    try:
        header = jwt.get_unverified_header(proof.text)
        body = proof.text.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (jwt.InvalidTokenError, ValueError, RecursionError, IndexError):
        _refuse("malformed")
    client_id = claims.get("iss") if isinstance(claims, dict) else None
    if not isinstance(client_id, str) or not is_code(client_id):
        _refuse("malformed")
    if proof.client_id is not None and proof.client_id != client_id:
        _refuse("assertion_issuer")
    algorithm, kind = header.get("alg"), header.get("typ", "JWT")
    if not isinstance(algorithm, str) or algorithm not in _NOBODY or "crit" in header:
        _refuse("algorithm_refused")
    if not isinstance(kind, str) or kind.lower() not in _TYPES:
        _refuse("type_refused")
    kid = header.get("kid")
    return Read(client_id, algorithm, kid if isinstance(kid, str) else None, claims)


def _chosen(keys: Any, read: Read) -> dict[str, Any] | None:  # noqa: ANN401 - rows
    """Return the key that is named, or the only one there is, if it may sign with this algorithm."""
    named = [each for each in keys if each["kid"] == read.kid] if read.kid is not None else list(keys)
    if len(named) != 1 or read.algorithm not in named[0]["algorithms"]:
        return None
    key: dict[str, Any] = json_of(named[0]["public_jwk"])
    return key


def _signed(text: str, algorithm: str, key: dict[str, Any]) -> bool:
    try:
        jwt.PyJWS(algorithms=[algorithm]).decode_complete(
            text, jwt.PyJWK(key, algorithm=algorithm), algorithms=[algorithm]
        )
    except (jwt.PyJWTError, ValueError):
        return False
    return True


def _enabled(row: RowMapping) -> RowMapping:
    if row["disabled_at"] is not None:
        _refuse("client_disabled", row)
    return row


def _refuse(reason: str, row: RowMapping | None = None) -> NoReturn:
    """Count and log a failure; an id that names no client is not repeated, it may be anything."""
    REFUSED.labels(reason).inc()
    known = {} if row is None else {"client_id": row["client_id"]}
    _log.warning("token_refused", reason_code=reason, **known)
    raise Problem(INVALID_CLIENT, headers=CHALLENGE)
