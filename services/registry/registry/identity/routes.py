"""Tokens, published keys, and the administration of clients (contract §2)."""

import base64
import binascii
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl, unquote_plus

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from registry.identity import service, signing
from registry.identity.errors import INVALID_CLIENT, INVALID_REQUEST, UNSUPPORTED_GRANT_TYPE
from registry.identity.schemas import (
    Client,
    ClientChange,
    ClientList,
    NewClient,
    NewSecret,
    TokenAnswer,
)
from shared.context import Context
from shared.db import Session
from shared.errors import CURSOR_INVALID, Problem
from shared.security.access import TOKEN_PATH, Principal, needs
from shared.web.bodies import body, documents, raw_body, require_media_type
from shared.web.deps import ContextDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, decode_cursor

router = APIRouter(tags=["身份 Identity"])

MAX_FORM: Final = 16 * 1024
MAX_CLIENT: Final = 64 * 1024
NO_STORE: Final = {"Cache-Control": "no-store", "Pragma": "no-cache"}
FORM: Final = "application/x-www-form-urlencoded"


def real_now() -> datetime:
    """Return the real time: tokens and secrets never follow the business clock."""
    return datetime.now(UTC)


RealNow = Annotated[datetime, Depends(real_now)]
Admin = Annotated[Principal, needs("admin")]
ClientId = Annotated[str, Path(pattern="^[A-Za-z0-9._-]{1,64}$")]

_TOKEN_FORM: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            FORM: {
                "schema": {
                    "type": "object",
                    "required": ["grant_type"],
                    "properties": {
                        "grant_type": {"type": "string", "enum": ["client_credentials"]},
                        "scope": {"type": "string", "description": "以空格分隔,缺省为全部 Space-separated"},
                        "client_id": {"type": "string"},
                        "client_secret": {"type": "string", "format": "password"},
                    },
                },
                "example": {"grant_type": "client_credentials", "scope": "results:write"},
            }
        },
    },
}


@router.post(
    TOKEN_PATH,
    summary="获取访问令牌 Get an access token",
    description="用客户端编号和密钥(HTTP Basic,或表单字段)换取令牌,有效期 600 秒;scope 可只要其中一部分。\n\n"
    "Exchange a client id and secret (HTTP Basic, or form fields) for a token that lives 600 seconds; "
    "`scope` may ask for a part of what the client holds.",
    openapi_extra=_TOKEN_FORM,
)
async def issue_token(
    request: Request, response: Response, session: SessionDep, context: ContextDep, now: RealNow
) -> TokenAnswer:
    """Answer RFC 6749 §4.4."""
    response.headers.update(NO_STORE)
    try:
        return await _granted(request, session, context, now=now)
    except Problem as problem:
        problem.headers.update(NO_STORE)
        if "sec-fetch-mode" in request.headers and "WWW-Authenticate" in problem.headers:
            # A browser would hold the answer back and open its own password dialogue over Swagger UI.
            problem.headers["WWW-Authenticate"] = f"x{problem.headers['WWW-Authenticate']}"
        raise


@router.get(
    "/.well-known/jwks.json",
    summary="令牌公钥 Public keys of tokens",
    description="各服务据此校验令牌,可缓存。\n\nServices check tokens with these keys; they may be cached.",
)
async def read_keys(
    session: SessionDep, context: ContextDep, response: Response, now: RealNow
) -> dict[str, Any]:
    """Answer the JWK set (RFC 7517)."""
    response.headers["Cache-Control"] = "public, max-age=60"
    return await signing.published(session, context, now=now)


@router.post(
    "/v1/clients",
    status_code=201,
    summary="新建客户端 Create a client",
    description="密钥只显示这一次,库内只存摘要。"
    "results:write 需要 lab_code,cases:respond 需要 area_code。\n\n"
    "The secret is shown this once; only its digest is stored. `results:write` needs `lab_code`, "
    "`cases:respond` needs `area_code`. An administrator with an area makes clients of that area only.",
    **documents(
        NewClient,
        example={
            "name": "第一检测机构 LIS",
            "kind": "system",
            "scopes": ["results:write"],
            "lab_code": "LAB01",
        },
    ),
)
async def create_client(
    who: Admin,
    session: SessionDep,
    context: ContextDep,
    response: Response,
    now: RealNow,
    payload: Annotated[NewClient, body(NewClient, max_bytes=MAX_CLIENT)],
) -> NewSecret:
    """Make a client."""
    response.headers.update(NO_STORE)
    client_id, secret = await service.create_client(
        session, context, **payload.model_dump(), now=now, maker=who
    )
    response.headers["Location"] = f"/v1/clients/{client_id}"
    return NewSecret(client_id=client_id, client_secret=secret)


@router.get(
    "/v1/clients",
    summary="客户端列表 List clients",
    description="含已停用的;管理员有辖区时只见本辖区。\n\n"
    "Disabled ones included; an administrator with an area sees that area only.",
)
async def list_clients(
    who: Admin,
    session: SessionDep,
    context: ContextDep,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> ClientList:
    """List clients."""
    after = _after(cursor)
    return await service.list_clients(session, context, maker=who, after=after, limit=limit)


@router.get(
    "/v1/clients/{client_id}",
    summary="查看客户端 Read a client",
    description="不含密钥。\n\nWithout its secret.",
)
async def read_client(client_id: ClientId, who: Admin, session: SessionDep, context: ContextDep) -> Client:
    """Read a client."""
    return await service.get_client(session, context, client_id=client_id, maker=who)


@router.patch(
    "/v1/clients/{client_id}",
    summary="修改客户端 Change a client",
    description="只改所给的字段;已签发的令牌在到期前(至多 600 秒)仍有效。\n\n"
    "Changes the given fields only; tokens already issued live on until they expire, 600 seconds at most.",
    **documents(ClientChange, example={"scopes": ["records:read"], "area_code": "T01"}),
)
async def change_client(
    client_id: ClientId,
    who: Admin,
    session: SessionDep,
    context: ContextDep,
    now: RealNow,
    payload: Annotated[ClientChange, body(ClientChange, max_bytes=MAX_CLIENT)],
) -> Client:
    """Change a client."""
    return await service.change_client(
        session, context, client_id=client_id, change=payload, maker=who, now=now
    )


@router.delete(
    "/v1/clients/{client_id}",
    status_code=204,
    summary="停用客户端 Disable a client",
    description="记录保留,可用 PATCH 恢复。\n\n"
    "Its record stays; `PATCH` with `disabled: false` brings it back.",
)
async def disable_client(
    client_id: ClientId, who: Admin, session: SessionDep, context: ContextDep, now: RealNow
) -> None:
    """Disable a client."""
    change = ClientChange(disabled=True)
    await service.change_client(session, context, client_id=client_id, change=change, maker=who, now=now)


@router.post(
    "/v1/clients/{client_id}/secret",
    status_code=201,
    summary="更换密钥 Rotate a secret",
    description="新密钥只显示这一次;原密钥在 overlap_seconds 内仍有效(至多两个并存)。\n\n"
    "The new secret is shown this once; the one before stays good for `overlap_seconds`, two at most.",
)
async def rotate_secret(
    client_id: ClientId,
    who: Admin,
    session: SessionDep,
    response: Response,
    now: RealNow,
    overlap_seconds: Annotated[int, Query(ge=0, le=30 * 86_400)] = 86_400,
) -> NewSecret:
    """Give a client a new secret."""
    response.headers.update(NO_STORE)
    secret, until = await service.rotate_secret(
        session, client_id=client_id, maker=who, now=now, overlap=timedelta(seconds=overlap_seconds)
    )
    return NewSecret(client_id=client_id, client_secret=secret, previous_expires_at=until)


async def _granted(
    request: Request, session: Session, context: Context[Any], *, now: datetime
) -> TokenAnswer:
    form = await _form(request)
    client_id, secret = _credentials(request, form)
    if "grant_type" not in form:
        raise Problem(INVALID_REQUEST)
    if form["grant_type"] != "client_credentials":
        raise Problem(UNSUPPORTED_GRANT_TYPE)
    return await service.grant_token(
        session, context, client_id=client_id, secret=secret, scope=form.get("scope"), now=now
    )


async def _form(request: Request) -> dict[str, str]:
    require_media_type(request, FORM)
    raw = await raw_body(request, max_bytes=MAX_FORM)
    try:
        pairs = parse_qsl(raw.decode("ascii"), keep_blank_values=True, max_num_fields=20, errors="strict")
    except ValueError:
        raise Problem(INVALID_REQUEST) from None
    form = dict(pairs)
    if len(form) != len(pairs):  # RFC 6749 §3.2: a parameter must not come twice
        raise Problem(INVALID_REQUEST)
    return form


def _credentials(request: Request, form: dict[str, str]) -> tuple[str, str]:
    header = request.headers.get("authorization")
    if header is None:
        if not form.get("client_id") or not form.get("client_secret"):
            raise Problem(INVALID_CLIENT, headers=service.CHALLENGE)
        return form["client_id"], form["client_secret"]
    scheme, _, encoded = header.partition(" ")
    if "client_secret" in form:  # RFC 6749 §2.3: one way to prove oneself in a request
        raise Problem(INVALID_REQUEST)
    try:
        pair = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        pair = ""
    client_id, colon, secret = pair.partition(":")
    if scheme.lower() != "basic" or not colon:
        raise Problem(INVALID_CLIENT, headers=service.CHALLENGE)
    return unquote_plus(client_id), unquote_plus(secret)


def _after(cursor: str | None) -> str | None:
    if cursor is None:
        return None
    after = decode_cursor(cursor).get("after")
    if not isinstance(after, str) or not service.CLIENT_ID.fullmatch(after):
        raise Problem(CURSOR_INVALID)
    return after
