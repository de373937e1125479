"""Where the limits meet a request: entered after the token, charged while it is read, left at its end.

Health, readiness, version, metrics, documentation and the published keys ask for no token and so lie
outside of all limits.
"""

from collections.abc import Awaitable, Callable, Collection
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any, Final

from fastapi import Request
from starlette.types import Scope

from shared.audit.buffer import Note
from shared.context import Context
from shared.errors import TOO_MANY_REQUESTS, Problem
from shared.limits.accounts import OF_BODIES, Account
from shared.limits.limiter import Limiter
from shared.limits.rules import Kind
from shared.limits.settling import Alarm
from shared.security.principal import Principal

UPLOAD_FROM_BYTES: Final = 256 * 1024
WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})
# What names a person in a path; and what asks for many people by their codes.
NAMES_OF_PEOPLE: Final = frozenset({"health_code_id", "person_id"})
BULK_QUERY: Final = "/v1/statuses/query"
# A batch is looked into before it is refused: one that holds a positive is never turned away here.
LOOKED_INTO: Final = frozenset({("POST", "/v1/batches")})
NOT_FOUND: Final = 404


def open_limiter(context: Context[Any], *, service: str) -> Limiter:
    """Return the limits of a process that serves `service`."""
    settings = context.settings
    return Limiter(
        service=service,
        db=context.db,
        changed=settings.limits,
        at_once=settings.requests_at_once,
        uploads_at_once=settings.uploads_at_once,
        clock=context.db.seconds,
        report=lambda alarm: context.audit.add(_noted(alarm)),
    )


def _noted(alarm: Alarm) -> Note:
    """Return the row of the audit log about an alarm."""
    at = datetime.fromtimestamp(alarm.at, UTC)
    return Note(at, alarm.client_id, "limits.alarm", purpose=alarm.kind, rows=0)


async def enter(request: Request, who: Principal) -> None:
    """Count a request of this client, or raise Problem 429. Microseconds, and no SQL.

    A large body waits here, unread, until few enough of the client's others are under way.
    """
    scope = request.scope
    state = scope.setdefault("state", {})
    if "account" in state:
        return
    limiter: Limiter = scope["app"].state.limiter
    method, path = scope["method"], scope["route"].path
    kinds = _kinds(method, path, frozenset(scope["path_params"]))
    account, state["over"] = await limiter.enter(who, kinds, spared=(method, path) in LOOKED_INTO)
    state["account"] = account
    look(scope, scope["path_params"])
    if method in WITH_BODY and _is_upload(request):
        await account.uploads.acquire()
        state["upload"] = True


@lru_cache(4096)
def _kinds(method: str, path: str, parameters: frozenset[str]) -> tuple[Kind, ...]:
    """Return the allowances that a request of this route must not have used up."""
    kinds: tuple[Kind, ...] = ("requests", *OF_BODIES) if method in WITH_BODY else ("requests",)
    if not NAMES_OF_PEOPLE.isdisjoint(parameters):
        return (*kinds, "lookups", "unknown")
    return (*kinds, "unknown") if path == BULK_QUERY else kinds


def look(scope: Scope, parameters: Collection[str]) -> None:
    """Count a look at somebody whom one of these parameters names; nobody there is counted at its end."""
    if not NAMES_OF_PEOPLE.isdisjoint(parameters):
        charge(scope, "lookups", 1)
        scope["state"]["looked"] = True


def _is_upload(request: Request) -> bool:
    """Say whether a body may be large: long, compressed, or of a length that is not said."""
    headers = request.headers
    length = headers.get("content-length", "")
    if not length.isdigit():
        return "transfer-encoding" in headers
    return int(length) >= UPLOAD_FROM_BYTES or "content-encoding" in headers


async def refuse_unless(request: Request, alarming: Callable[[], Awaitable[bool]]) -> None:
    """Raise Problem 429 if the client is over its limits and its body holds nothing alarming."""
    over: Kind | None = request.state.over
    if over is None or await alarming():
        return
    limiter: Limiter = request.app.state.limiter
    account: Account = request.state.account
    account.charge("requests", -1)  # like every other request that is refused
    raise limiter.refusal(account, over)


def charge(scope: Scope, kind: Kind, amount: float) -> None:
    """Take off what a request has cost; nothing where nobody has signed in."""
    account: Account | None = scope.get("state", {}).get("account")
    if account is not None:
        account.charge(kind, amount)


def leave(scope: Scope, status: int) -> None:
    """End a request: what it held is free again, and somebody whom nobody knows is counted."""
    state = scope["state"]
    account: Account | None = state.get("account")
    if account is None:
        return
    account.in_flight -= 1
    if state.get("upload"):
        account.uploads.release()
    if status == NOT_FOUND and state.get("looked"):
        account.charge("unknown", 1)


def headers_of(scope: Scope) -> list[tuple[bytes, bytes]]:
    """Return the rate-limit fields of an answer; none where nobody has signed in."""
    state = scope["state"]
    account: Account | None = state.get("account")
    if account is None:
        return []
    return account.headers(body=scope["method"] in WITH_BODY, looked="looked" in state)


def limit_tokens(request: Request, context: Context[Any], client_id: str | None = None) -> None:
    """Count a request for a token by its address and by client and address; raise Problem 429.

    The shared rows hold keyed digests of both, no address.
    """
    limiter: Limiter = request.app.state.limiter
    network = _network(request.client.host if request.client else "")
    caller = context.index.of("limit.address", network).hex()
    client = None if client_id is None else context.index.of("limit.client", f"{client_id}\0{network}").hex()
    seconds = limiter.token_allowed(caller, client)
    if seconds:
        raise Problem(TOO_MANY_REQUESTS, headers={"Retry-After": str(seconds)})


def _network(host: str) -> str:
    """Return what counts as one address: whoever has one of IPv6 has 2**64 of them."""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    return host if address.version == 4 else str(ip_network((address, 64), strict=False))  # noqa: PLR2004
