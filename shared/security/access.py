"""Who may call a route: `who: Annotated[Principal, needs("records:read")]`.

Knows tokens and scopes; what lies inside a lab or an area is decided by each query.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Final

from fastapi import Request, Security
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlows
from fastapi.security import OAuth2, SecurityScopes

from shared.context import Context
from shared.errors import FORBIDDEN, TOKEN_EXPIRED, UNAUTHENTICATED, UNAVAILABLE, Problem
from shared.security.principal import ADMIN, SCOPES, Principal
from shared.security.tokens import KeysUnavailable, TokenExpired, TokenRefused
from shared.web.deps import ContextDep
from shared.web.limits import enter

__all__ = ["ADMIN", "SCOPES", "TOKEN_PATH", "Principal", "needs", "own_lab", "require_whole_district"]

# On the same origin at every service, so that Swagger UI's Authorize works without CORS: registry
# answers itself, the others pass it on (shared/web/docs.py).
TOKEN_PATH: Final = "/v1/oauth/token"  # noqa: S105 - a path

_scheme = OAuth2(
    scheme_name="OAuth2",
    description="客户端凭据换取访问令牌,有效期 600 秒;任一所列权限范围即可 · "
    "Client credentials; tokens live 600 s; any one of the listed scopes will do",
    flows=OAuthFlows(clientCredentials=OAuthFlowClientCredentials(tokenUrl=TOKEN_PATH, scopes=SCOPES)),
    auto_error=False,
)


def needs(*scopes: str) -> Any:  # noqa: ANN401 - a dependency
    """Return the annotated dependency: a principal that holds any of the scopes, or `admin`.

    No or bad token: 401; over the client's limits: 429; none of the scopes: 403.
    """
    unknown = set(scopes) - SCOPES.keys()
    if unknown or not scopes:
        text = f"not a scope: {sorted(unknown)}"
        raise ValueError(text)
    return Security(_authorised, scopes=list(scopes))


def require_whole_district(who: Principal) -> None:
    """Refuse a client of a township or department what belongs to no area; Problem 403."""
    if who.limited:
        raise Problem(FORBIDDEN)


def own_lab(who: Principal, *beyond: str) -> str | None:
    """Return the one laboratory that the caller sees, None with any scope of `beyond`; Problem 403."""
    if who.holds(*beyond):
        return None
    if who.lab_code is None:
        raise Problem(FORBIDDEN)
    return who.lab_code


async def _authorised(
    request: Request,
    scopes: SecurityScopes,
    header: Annotated[str | None, Security(_scheme)],
    context: ContextDep,
) -> Principal:
    return await authorise(request, context, header, scopes.scopes)


async def authorise(
    request: Request, context: Context[Any], header: str | None, scopes: Sequence[str]
) -> Principal:
    """Return the client of a request that holds any of the scopes; Problem 401, 403, 429 or 503."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token or _sent_twice(request):
        raise Problem(UNAUTHENTICATED, headers={"WWW-Authenticate": 'Bearer realm="yingjian"'})
    try:
        who: Principal = await context.tokens.verify(token.strip())
    except TokenExpired:
        raise Problem(TOKEN_EXPIRED, headers=_challenge()) from None
    except TokenRefused:
        raise Problem(UNAUTHENTICATED, headers=_challenge()) from None
    except KeysUnavailable:
        raise Problem(UNAVAILABLE, headers={"Retry-After": "5"}) from None
    await enter(request, who)
    if not who.holds(*scopes):
        raise Problem(FORBIDDEN, headers=_challenge("insufficient_scope", scopes))
    if getattr(request.state, "session_opened", False):
        # Its limits could not be set: the route must name who before its session.
        message = "the transaction was opened before the client was known"
        raise RuntimeError(message)
    request.state.principal = who
    return who


def _sent_twice(request: Request) -> bool:
    """Say whether two credentials came: a proxy and we might not believe the same one (RFC 9110 §5.3)."""
    return len([name for name, _ in request.scope["headers"] if name == b"authorization"]) > 1


def _challenge(error: str = "invalid_token", scopes: Sequence[str] = ()) -> dict[str, str]:
    wanted = f', scope="{" ".join(scopes)}"' if scopes else ""
    return {"WWW-Authenticate": f'Bearer realm="yingjian", error="{error}"{wanted}'}
