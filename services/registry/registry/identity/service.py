"""Clients: made, changed, disabled, given secrets and tokens."""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import RowMapping

from registry.identity import queries, signing
from registry.identity.errors import CLIENT_EXISTS, INVALID_SCOPE, KEY_REQUIRED, RELEASE_NEEDED
from registry.identity.proofs import Assertion, Secret, digest_of, prove
from registry.identity.rules import (
    LIMITED_LEVELS,
    Finding,
    Terms,
    check_maker,
    check_terms,
    granted_scopes,
)
from registry.identity.schemas import Client, ClientChange, ClientList, TokenAnswer
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value
from shared.errors import INVALID_BODY, NOT_FOUND, Problem, RowError, body_refusal
from shared.ids import new_id
from shared.security.principal import ONBOARDING, SCOPES, Principal
from shared.security.tokens import LIFETIME
from shared.web.paging import encode_cursor

SEALED_AS: Final = "registry.client"
SECRET_BYTES: Final = 32


async def create_client(
    session: Session,
    context: Context[Any],
    *,
    name: str,
    kind: str,
    scopes: Collection[str],
    lab_code: str | None = None,
    area_code: str | None = None,
    now: datetime,
    maker: Principal | None = None,
    client_id: str | None = None,
) -> tuple[str, str]:
    """Make a client and return its id and secret, which is stored only as a digest.

    Without a `maker` it is the system's own doing. Problem 422 for what may not be, 409 for a
    `client_id` that is taken.
    """
    terms = await _checked(session, scopes=scopes, lab_code=lab_code, area_code=area_code, maker=maker)
    chosen = client_id or str(new_id(now))
    made = await execute(
        session,
        queries.INSERT_CLIENT,
        client_id=chosen,
        sealed_name=context.sealer.seal(name.encode(), context=SEALED_AS),
        kind=kind,
        **_columns(terms),
        changed_by=maker.client_id if maker else "system",
        now=now,
    )
    if not made:
        raise Problem(CLIENT_EXISTS)
    return chosen, await _add_secret(session, chosen, now=now)


async def change_client(
    session: Session,
    context: Context[Any],
    *,
    client_id: str,
    change: ClientChange,
    maker: Principal,
    now: datetime,
) -> Client:
    """Change what is given, check the whole again, and return the client."""
    row = await locked_client(session, client_id, maker)
    given = change.model_dump(exclude_unset=True)
    if ONBOARDING in row["scopes"] and given.get("scopes") not in (None, [ONBOARDING]):
        raise body_refusal(RELEASE_NEEDED, "scopes")
    terms = await _checked(
        session,
        scopes=given.get("scopes") or row["scopes"],
        lab_code=given.get("lab_code", row["lab_code"]),
        area_code=given.get("area_code", row["area_code"]),
        maker=maker,
    )
    disabled = given.get("disabled")
    disabled_at = row["disabled_at"] if disabled is None else (now if disabled else None)
    name = given.get("name")
    sealed = row["sealed_name"] if name is None else context.sealer.seal(name.encode(), context=SEALED_AS)
    await execute(
        session,
        queries.UPDATE_CLIENT,
        client_id=client_id,
        sealed_name=sealed,
        **_columns(terms),
        secret_refused=await _refuses_secret(session, row, given.get("secret_refused")),
        disabled_at=disabled_at,
        changed_by=maker.client_id,
        now=now,
    )
    return await get_client(session, context, client_id=client_id, maker=maker)


async def get_client(session: Session, context: Context[Any], *, client_id: str, maker: Principal) -> Client:
    """Return a client; Problem 404 if it is unknown or outside the administrator's area."""
    return _client(await visible_client(session, client_id, maker), context)


async def list_clients(
    session: Session, context: Context[Any], *, maker: Principal, after: str | None, limit: int
) -> ClientList:
    """Return a page of the clients that the administrator may see, in order of their ids."""
    rows = await fetch_all(session, queries.LIST_CLIENTS, area=_limit_of(maker), after=after, limit=limit + 1)
    page = [_client(row, context) for row in rows[:limit]]
    more = len(rows) > limit
    return ClientList(
        clients=page, next_cursor=encode_cursor({"after": page[-1].client_id}) if more else None
    )


async def rotate_secret(
    session: Session, *, client_id: str, maker: Principal | None, now: datetime, overlap: timedelta
) -> tuple[str, datetime]:
    """Return a new secret, and until when the one before it is still good; older ones end at once."""
    await locked_client(session, client_id, maker)
    previous_expires_at = now + overlap
    await execute(session, queries.DELETE_OLD_SECRETS, client_id=client_id)
    await execute(session, queries.EXPIRE_SECRETS, client_id=client_id, expires_at=previous_expires_at)
    return await _add_secret(session, client_id, now=now), previous_expires_at


async def grant_token(
    session: Session,
    context: Context[Any],
    *,
    proof: Secret | Assertion,
    scope: str | None,
    now: datetime,
) -> TokenAnswer:
    """Return a token for a client that proves itself; Problem `invalid_client` or `invalid_scope`."""
    row = await prove(session, context, proof, now=now)
    scopes = granted_scopes(row["scopes"], requested=scope)
    if scopes is None or not scopes <= SCOPES.keys():
        raise Problem(INVALID_SCOPE)
    who = Principal(
        client_id=row["client_id"],
        name=context.sealer.open(row["sealed_name"], context=SEALED_AS).decode(),
        kind=row["kind"],
        scopes=scopes,
        lab_code=row["lab_code"],
        area_code=row["area_code"],
        area_level=row["area_level"],
    )
    token = await signing.sign(session, context, who, now=now)
    return TokenAnswer(access_token=token, expires_in=LIFETIME, scope=" ".join(sorted(scopes)))


async def _refuses_secret(session: Session, row: RowMapping, wanted: bool | None) -> bool:  # noqa: FBT001 - as stored
    """Return what will hold; without a key the client could not get in any more."""
    if not wanted:
        return bool(row["secret_refused"]) if wanted is None else False
    if not await fetch_value(session, queries.COUNT_LIVE_KEYS, client_id=row["client_id"]):
        raise body_refusal(KEY_REQUIRED, "secret_refused")
    return True


async def _add_secret(session: Session, client_id: str, *, now: datetime) -> str:
    secret = secrets.token_urlsafe(SECRET_BYTES)
    await execute(session, queries.INSERT_SECRET, digest=digest_of(secret), client_id=client_id, now=now)
    return secret


async def _checked(
    session: Session,
    *,
    scopes: Collection[str],
    lab_code: str | None,
    area_code: str | None,
    maker: Principal | None,
) -> Terms:
    level = None
    if area_code is not None:
        level = await fetch_value(session, queries.AREA_LEVEL, code=area_code)
    terms = Terms(frozenset(scopes), lab_code, area_code, level)
    found: list[Finding] = check_terms(terms, known_scopes=SCOPES)
    if maker is not None:
        found += check_maker(terms, maker_area=maker.area_code, maker_level=maker.area_level)
    if found:
        raise Problem(INVALID_BODY, errors=[RowError(None, each.field, each.code) for each in found])
    return terms


async def locked_client(session: Session, client_id: str, maker: Principal | None) -> RowMapping:
    """Return a client's row, held; Problem 404 if it is unknown or outside the maker's area."""
    return _found(await fetch_one(session, queries.LOCK_CLIENT, client_id=client_id, area=_limit_of(maker)))


async def visible_client(session: Session, client_id: str, maker: Principal) -> RowMapping:
    """Return a client's row; Problem 404 if it is unknown or outside the maker's area."""
    return _found(await fetch_one(session, queries.GET_CLIENT, client_id=client_id, area=_limit_of(maker)))


def _found(row: RowMapping | None) -> RowMapping:
    if row is None:
        raise Problem(NOT_FOUND)
    return row


def _columns(terms: Terms) -> dict[str, Any]:
    return {
        "scopes": sorted(terms.scopes),
        "lab_code": terms.lab_code,
        "area_code": terms.area_code,
        "area_level": terms.area_level,
    }


def _limit_of(maker: Principal | None) -> str | None:
    return maker.area_code if maker is not None and maker.area_level in LIMITED_LEVELS else None


def _client(row: RowMapping, context: Context[Any]) -> Client:
    return Client(
        client_id=row["client_id"],
        name=context.sealer.open(row["sealed_name"], context=SEALED_AS).decode(),
        kind=row["kind"],
        scopes=row["scopes"],
        lab_code=row["lab_code"],
        area_code=row["area_code"],
        area_level=row["area_level"],
        created_at=row["created_at"],
        disabled=row["disabled_at"] is not None,
        secret_refused=row["secret_refused"],
    )
