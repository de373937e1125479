"""The keys that sign tokens, and the signing. Times here are real times, never the business clock."""

import json
from datetime import datetime, timedelta
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from jwt.algorithms import ECAlgorithm

from registry.identity import queries
from registry.identity.rules import thumbprint
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one, json_of
from shared.errors import CONFLICT, Problem
from shared.ids import new_id
from shared.security.keys import ALGORITHM, client_mark
from shared.security.principal import Principal
from shared.security.tokens import LEEWAY, LIFETIME, SigningKey, issue

SEALED_AS: Final = "registry.signing_key"
# Twice the longest that JWKS_REFRESH_SECONDS allows: by then each service knows the next key.
HEAD_START: Final = timedelta(seconds=600)
OWN_REFRESH: Final = 5.0
OUTLIVES: Final = timedelta(seconds=LIFETIME + LEEWAY + 60)


async def sign(session: Session, context: Context[Any], who: Principal, *, now: datetime) -> str:
    """Return a token for the client, signed with the current key, which is made if there is none."""
    key = await current_key(session, context, now=now)
    return issue(
        who,
        key=key,
        issuer=context.settings.token_issuer,
        now=int(now.timestamp()),
        token_id=str(new_id(now)),
    )


async def published(session: Session, context: Context[Any], *, now: datetime) -> dict[str, Any]:
    """Return the JWK set: the current key, the next one, and old ones whose tokens may still live.

    `disabled_clients`, a member of our own (RFC 7517 §5), ends the tokens of clients disabled lately.
    """
    await current_key(session, context, now=now)
    rows = await fetch_all(session, queries.PUBLISHED_KEYS, now=now)
    disabled = await fetch_all(session, queries.DISABLED_LATELY, since=now - OUTLIVES)
    return {
        "keys": [json_of(row["public_jwk"]) for row in rows],
        "disabled_clients": [client_mark(row["client_id"]) for row in disabled],
    }


async def check_with_own_keys(context: Context[Any]) -> None:
    """Let registry check tokens with the keys in its database instead of calling itself over HTTP."""

    async def fetch() -> dict[str, Any]:
        now = context.db.now()
        return await context.db.run(lambda session: published(session, context, now=now))

    context.tokens.keys.fetch_with(fetch, refresh_after=OWN_REFRESH)


async def current_key(session: Session, context: Context[Any], *, now: datetime) -> SigningKey:
    """Return the key that signs now; two processes that find none make one between them."""
    row = await fetch_one(session, queries.CURRENT_KEY, now=now)
    if row is None:
        # Dated back: whoever lost the race asks with a `now` before the winner's.
        await _add_key(session, context, signs_from=now - HEAD_START, now=now, only_if_none=True)
        row = await fetch_one(session, queries.CURRENT_KEY, now=now)
    if row is None:
        message = "no signing key"
        raise LookupError(message)
    private = load_der_private_key(context.sealer.open(row["sealed_private"], context=SEALED_AS), None)
    if not isinstance(private, ec.EllipticCurvePrivateKey):
        message = "not an EC key"
        raise TypeError(message)
    return SigningKey(row["kid"], private)


async def rotate(session: Session, context: Context[Any], *, now: datetime, at_once: bool = False) -> str:
    """Add a key and return its id; the old one stays published until its last token has expired.

    The new key signs once every service knows it. `at_once`, after a leak: the old key ends now, and
    with it every token it has signed.
    """
    signs_from = now - HEAD_START if at_once else now + HEAD_START
    kid, added = await _add_key(session, context, signs_from=signs_from, now=now)
    if not added:  # another rotation was faster; retiring "the others" would retire its key
        raise Problem(CONFLICT)
    retires_at = now if at_once else signs_from + OUTLIVES
    await execute(session, queries.RETIRE_OTHER_KEYS, kid=kid, retires_at=retires_at)
    return kid


async def _add_key(
    session: Session,
    context: Context[Any],
    *,
    signs_from: datetime,
    now: datetime,
    only_if_none: bool = False,
) -> tuple[str, bool]:
    private = ec.generate_private_key(ec.SECP256R1())
    public: dict[str, Any] = ECAlgorithm.to_jwk(private.public_key(), as_dict=True)
    kid = thumbprint(public)
    plain = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    added = await execute(
        session,
        queries.INSERT_KEY,
        kid=kid,
        public_jwk=json.dumps(public | {"kid": kid, "use": "sig", "alg": ALGORITHM}),
        sealed_private=context.sealer.seal(plain, context=SEALED_AS),
        signs_from=signs_from,
        now=now,
        only_if_none=only_if_none,
    )
    return kid, bool(added)
