"""The public keys that clients sign their assertions with: registered, listed, retired (RFC 7523)."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import jwt
from sqlalchemy import RowMapping

from registry.identity import queries
from registry.identity.errors import KEY_EXISTS, KEY_INVALID, TOO_MANY_KEYS
from registry.identity.rules import (
    ALGORITHMS,
    MOST_LIVE_KEYS,
    canonical_key,
    check_key,
    thumbprint,
)
from registry.identity.schemas import ClientKey, ClientKeyList, PublicKey
from registry.identity.service import locked_client, visible_client
from shared.audit.recording import record
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value
from shared.errors import INVALID_BODY, NOT_FOUND, Problem, RowError
from shared.security.principal import ADMIN, Principal
from shared.web.paging import encode_cursor

ADDED: Final = "client.key.added"
RETIRED: Final = "client.key.retired"


async def add_key(
    session: Session,
    context: Context[Any],
    *,
    client_id: str,
    key: PublicKey,
    maker: Principal,
    now: datetime,
    today: datetime,
) -> tuple[ClientKey, bool]:
    """Register a public key and say whether it is new; `now` is real time, `today` dates the audit.

    Problem 404 for a client outside the area, 422 for a key that cannot serve, 409 for an id or a key
    that is taken (also by a retired one) and where MOST_LIVE_KEYS are live.
    """
    _refuse_others(maker, client_id)
    await locked_client(session, client_id, maker)
    given = key.model_dump()
    canonical = checked(given)
    print_of = thumbprint(canonical)
    algorithms = [given["alg"]] if given["alg"] else list(ALGORITHMS[given["kty"]])
    kid: str = given["kid"] or print_of
    row: dict[str, Any] = {
        "client_id": client_id,
        "kid": kid,
        "thumbprint": print_of,
        "public_jwk": json.dumps(canonical),
        "algorithms": algorithms,
    }
    known = await fetch_one(session, queries.GET_CLIENT_KEY, client_id=client_id, kid=kid)
    if known is not None and known["retired_at"] is None and _same(known, row):
        return _shown(known), False
    if await fetch_value(session, queries.COUNT_LIVE_KEYS, client_id=client_id) >= MOST_LIVE_KEYS:
        raise Problem(TOO_MANY_KEYS, limit=MOST_LIVE_KEYS)
    if not await execute(session, queries.INSERT_CLIENT_KEY, **row, changed_by=maker.client_id, now=now):
        raise Problem(KEY_EXISTS)
    await record(session, context, who=maker, action=ADDED, now=today, subject=client_id, purpose=print_of)
    added = await fetch_one(session, queries.GET_CLIENT_KEY, client_id=client_id, kid=kid)
    if added is None:
        raise Problem(NOT_FOUND)
    return _shown(added), True


async def list_keys(
    session: Session, *, client_id: str, maker: Principal, after: str | None, limit: int
) -> ClientKeyList:
    """Return a page of a client's keys, retired ones included, in order of their ids."""
    _refuse_others(maker, client_id)
    await visible_client(session, client_id, maker)
    rows = await fetch_all(
        session, queries.LIST_CLIENT_KEYS, client_id=client_id, after=after, limit=limit + 1
    )
    page = [_shown(row) for row in rows[:limit]]
    more = len(rows) > limit
    return ClientKeyList(keys=page, next_cursor=encode_cursor({"after": page[-1].kid}) if more else None)


async def retire_key(
    session: Session,
    context: Context[Any],
    *,
    client_id: str,
    kid: str,
    maker: Principal,
    now: datetime,
    today: datetime,
) -> None:
    """Let a key sign no more from now on; again changes nothing. Problem 404 if there is none."""
    _refuse_others(maker, client_id)
    await locked_client(session, client_id, maker)
    known = await fetch_one(session, queries.GET_CLIENT_KEY, client_id=client_id, kid=kid)
    if known is None:
        raise Problem(NOT_FOUND)
    if await execute(
        session,
        queries.RETIRE_CLIENT_KEY,
        client_id=client_id,
        kid=kid,
        changed_by=maker.client_id,
        now=now,
    ):
        await record(
            session,
            context,
            who=maker,
            action=RETIRED,
            now=today,
            subject=client_id,
            purpose=known["thumbprint"],
        )


def _refuse_others(who: Principal, client_id: str) -> None:
    """Let a client that is no administrator manage its own keys and nobody else's; Problem 404."""
    if not who.holds(ADMIN) and who.client_id != client_id:
        raise Problem(NOT_FOUND)


def checked(given: Mapping[str, Any]) -> dict[str, str]:
    """Return a key's canonical members; Problem 422 that names what cannot stand."""
    found = check_key(given)
    if found:
        raise Problem(INVALID_BODY, errors=[RowError(None, each.field, each.code) for each in found])
    canonical = canonical_key(given)
    try:
        jwt.PyJWK(dict(canonical), algorithm=ALGORITHMS[canonical["kty"]][0])
    except (jwt.PyJWTError, ValueError):
        raise Problem(INVALID_BODY, errors=[RowError(None, None, KEY_INVALID.code)]) from None
    return canonical


def _same(known: RowMapping, row: Mapping[str, Any]) -> bool:
    return (known["thumbprint"], list(known["algorithms"])) == (row["thumbprint"], row["algorithms"])


def _shown(row: RowMapping) -> ClientKey:
    names = ("client_id", "kid", "thumbprint", "algorithms", "created_at", "retired_at")
    return ClientKey(**{name: row[name] for name in names})
