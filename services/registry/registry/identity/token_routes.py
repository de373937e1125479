"""Tokens, and the keys by which they are checked (contract §2, RFC 6749, RFC 7523, RFC 7517)."""

import base64
import binascii
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qsl, unquote_plus

from fastapi import APIRouter, Request, Response

from registry.identity import service, signing
from registry.identity.errors import INVALID_CLIENT, INVALID_REQUEST, UNSUPPORTED_GRANT_TYPE
from registry.identity.parameters import NO_STORE, RealNow
from registry.identity.proofs import CHALLENGE, Assertion, Secret
from registry.identity.schemas import TokenAnswer
from shared.context import Context
from shared.db import Session
from shared.errors import Problem
from shared.security.access import TOKEN_PATH
from shared.web.bodies import raw_body, require_media_type
from shared.web.deps import ContextDep, SessionDep
from shared.web.limits import limit_tokens

router = APIRouter(tags=["身份 Identity"])

MAX_FORM: Final = 16 * 1024
FORM: Final = "application/x-www-form-urlencoded"
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_GRANT: Final = {"grant_type": "client_credentials", "scope": "results:write"}

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
                        "client_id": {
                            "type": "string",
                            "description": "不用 HTTP Basic 时必填;有断言时可省 "
                            "Needed without HTTP Basic; with an assertion it may be left out",
                        },
                        "client_secret": {"type": "string", "format": "password"},
                        "client_assertion_type": {"type": "string", "enum": [ASSERTION_TYPE]},
                        "client_assertion": {
                            "type": "string",
                            "description": "用已登记私钥签名的 JWT A JWT signed with a registered key's "
                            "private part",
                        },
                    },
                },
                "examples": {
                    "basic": {"summary": "HTTP Basic", "value": _GRANT},
                    "private_key_jwt": {
                        "summary": "签名断言 Signed assertion (RFC 7523)",
                        "value": {
                            **_GRANT,
                            "client_assertion_type": ASSERTION_TYPE,
                            "client_assertion": "eyJhbGciOiJFUzI1NiIsImtpZCI6Im…",
                        },
                    },
                },
            }
        },
    },
}


@router.post(
    TOKEN_PATH,
    summary="获取访问令牌 Get an access token",
    description="客户端证明自己后换取令牌,有效期 600 秒;scope 可只要其中一部分。证明方式二选一,不可并用:\n"
    "1. 客户端编号和密钥:HTTP Basic,或表单字段;\n"
    "2. 签名断言(private_key_jwt,RFC 7523):用已登记公钥所对应的私钥签一个 JWT,"
    "算法 ES256、RS256、PS256 或 EdDSA;"
    "iss 与 sub 均为客户端编号,aud 为本接口地址或签发者 yingjian,exp 至多在 5 分钟之后,jti 只能用一次;"
    "头部写明 kid(只登记了一个公钥时可省)。时钟误差缺省容许 5 秒。\n\n"
    "A client proves itself and gets a token that lives 600 seconds; `scope` may ask for a part of what it "
    "holds. One of two ways, never both:\n"
    "1. client id and secret, by HTTP Basic or form fields;\n"
    "2. a signed assertion (`private_key_jwt`, RFC 7523): a JWT signed with the private part of a registered "
    "key (ES256, RS256, PS256 or EdDSA), `iss` and `sub` the client id, `aud` this address or the issuer "
    "`yingjian`, `exp` at most 5 minutes ahead, `jti` good once, and `kid` in its header (not needed with a "
    "single key). Clocks may differ by 5 seconds by default.\n\n"
    "登记公钥 Keys: `POST /v1/clients/{client_id}/keys`。",
    openapi_extra=_TOKEN_FORM,
    responses={401: {"description": "`code`: invalid_client"}},
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
    description="各服务据此校验令牌,可缓存。disabled_clients 为近期停用客户端的摘要,其令牌随之失效。\n\n"
    "Services check tokens with these keys; they may be cached. `disabled_clients` names by digest the "
    "clients disabled lately, whose tokens end with it.",
)
async def read_keys(
    session: SessionDep, context: ContextDep, response: Response, now: RealNow
) -> dict[str, Any]:
    """Answer the JWK set (RFC 7517)."""
    response.headers["Cache-Control"] = "public, max-age=60"
    return await signing.published(session, context, now=now)


async def _granted(
    request: Request, session: Session, context: Context[Any], *, now: datetime
) -> TokenAnswer:
    form = await _form(request)
    proof = _proof(request, form)
    limit_tokens(request, context, proof.client_id)
    if "grant_type" not in form:
        raise Problem(INVALID_REQUEST)
    if form["grant_type"] != "client_credentials":
        raise Problem(UNSUPPORTED_GRANT_TYPE)
    return await service.grant_token(session, context, proof=proof, scope=form.get("scope"), now=now)


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


def _proof(request: Request, form: dict[str, str]) -> Secret | Assertion:
    """Return what the client proves itself with: exactly one of three ways (RFC 6749 §2.3)."""
    headers = request.headers.getlist("authorization")
    asserted = "client_assertion" in form or "client_assertion_type" in form
    if len(headers) + asserted + ("client_secret" in form) > 1:
        raise Problem(INVALID_REQUEST)
    if asserted:
        return _assertion(form)
    if headers:
        return _basic(headers[0], form)
    if not form.get("client_id") or not form.get("client_secret"):
        raise Problem(INVALID_CLIENT, headers=CHALLENGE)
    return Secret(form["client_id"], form["client_secret"])


def _assertion(form: dict[str, str]) -> Assertion:
    if not form.get("client_assertion") or not form.get("client_assertion_type"):
        raise Problem(INVALID_REQUEST)
    if form["client_assertion_type"] != ASSERTION_TYPE:
        raise Problem(INVALID_CLIENT, headers=CHALLENGE)
    return Assertion(form["client_assertion"], form.get("client_id"))


def _basic(header: str, form: dict[str, str]) -> Secret:
    scheme, _, encoded = header.partition(" ")
    try:
        pair = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        pair = ""
    client_id, colon, secret = pair.partition(":")
    if scheme.lower() != "basic" or not colon:
        raise Problem(INVALID_CLIENT, headers=CHALLENGE)
    proof = Secret(unquote_plus(client_id), unquote_plus(secret))
    if form.get("client_id", proof.client_id) != proof.client_id:
        raise Problem(INVALID_REQUEST)
    return proof
