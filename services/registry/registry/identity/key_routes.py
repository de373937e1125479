"""The public keys of clients, and the turning over of registry's own keys (contract §2)."""

from typing import Annotated, Final

from fastapi import APIRouter, Response

from registry.identity import client_keys, rotation
from registry.identity.parameters import Admin, Identifier, KeyHolder, RealNow, after_of
from registry.identity.schemas import (
    ClientKey,
    ClientKeyList,
    PublicKey,
    Rotation,
    SigningKeyList,
    SigningKeyState,
)
from shared.web.bodies import answers, body, documents
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit

router = APIRouter(tags=["身份 Identity"])

MAX_KEY: Final = 16 * 1024
_JWK: Final = {
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    "kid": "lis-2026-11",
}
_KEY: Final = {
    "client_id": "lab01-lis",
    "kid": "lis-2026-11",
    "thumbprint": "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U",
    "algorithms": ["ES256"],
    "created_at": "2026-11-21T08:00:00+08:00",
    "retired_at": None,
}


@router.post(
    "/v1/clients/{client_id}/keys",
    status_code=201,
    summary="登记客户端公钥 Register a client's public key",
    description="公钥为 JWK:EC P-256(ES256)、RSA 2048 至 4096 位(RS256、PS256)或 Ed25519(EdDSA)。"
    "可同时有多个有效公钥,便于更换;相同内容再次登记返回 200。私钥永不离开检测机构。"
    "检测机构的客户端可自行登记、查看、作废自己的公钥。登记留痕。\n\n"
    "The key is a JWK: EC P-256 (ES256), RSA of 2048 to 4096 bits (RS256, PS256) or Ed25519 (EdDSA). Several "
    "may be live, so that one can take over from another; the same again answers 200. The private part never "
    "leaves the client. A laboratory's client manages its own keys by itself. Recorded in the audit trail.",
    responses=known(ClientKey) | answers(_KEY, status=201)["responses"],
    **documents(PublicKey, example=_JWK),
)
async def add_client_key(
    client_id: Identifier,
    who: KeyHolder,
    payload: Annotated[PublicKey, body(PublicKey, max_bytes=MAX_KEY)],
    session: SessionDep,
    context: ContextDep,
    response: Response,
    now: RealNow,
    today: NowDep,
) -> ClientKey:
    """Register a key."""
    key, new = await client_keys.add_key(
        session, context, client_id=client_id, key=payload, maker=who, now=now, today=today
    )
    response.status_code = 201 if new else 200
    response.headers["Location"] = f"/v1/clients/{client_id}/keys/{key.kid}"
    return key


@router.get(
    "/v1/clients/{client_id}/keys",
    summary="客户端公钥列表 List a client's public keys",
    description="含已作废的。\n\nRetired ones included.",
    **answers({"keys": [_KEY], "next_cursor": None}),
)
async def list_client_keys(
    client_id: Identifier,
    who: KeyHolder,
    session: SessionDep,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> ClientKeyList:
    """List a client's keys."""
    after = after_of(cursor)
    return await client_keys.list_keys(session, client_id=client_id, maker=who, after=after, limit=limit)


@router.delete(
    "/v1/clients/{client_id}/keys/{kid}",
    status_code=204,
    summary="作废客户端公钥 Retire a client's public key",
    description="立即生效,不可恢复,同一公钥不得再登记;"
    "已签发的令牌至多再用 600 秒,要立即失效请停用客户端。留痕。\n\n"
    "At once and for good: the same key cannot be registered again. Tokens already issued live on for 600 "
    "seconds at most; disable the client to end them. Recorded in the audit trail.",
)
async def retire_client_key(
    client_id: Identifier,
    kid: Identifier,
    who: KeyHolder,
    session: SessionDep,
    context: ContextDep,
    now: RealNow,
    today: NowDep,
) -> None:
    """Retire a key."""
    await client_keys.retire_key(
        session, context, client_id=client_id, kid=kid, maker=who, now=now, today=today
    )


@router.get(
    "/v1/signing-keys",
    summary="令牌签名密钥列表 List the keys that sign tokens",
    description="next:已公布、尚未启用;current:正在签发;retiring:不再签发,其令牌尚未全部到期。\n\n"
    "`next`: published, does not sign yet; `current`: signs; `retiring`: signs no more, its tokens live on.",
)
async def list_signing_keys(who: Admin, session: SessionDep, now: RealNow) -> SigningKeyList:
    """List registry's own keys."""
    return await rotation.list_keys(session, maker=who, now=now)


@router.post(
    "/v1/signing-keys",
    status_code=201,
    summary="轮换令牌签名密钥 Rotate the key that signs tokens",
    description="新密钥立即公布,10 分钟后启用,旧密钥公布至其令牌全部到期,期间无人受影响。"
    "at_once 用于泄露:旧密钥立即作废,其签发的令牌全部失效。辖区管理员不得操作。留痕。\n\n"
    "The new key is published now and signs 10 minutes later; the old one stays until its last "
    "token has expired, so nobody notices. `at_once`, after a leak: the old key ends now, with every token "
    "it has signed. Not for administrators with an area. Recorded in the audit trail.",
    **documents(Rotation, example={"at_once": False}),
)
async def rotate_signing_key(
    who: Admin,
    payload: Annotated[Rotation, body(Rotation, max_bytes=MAX_KEY)],
    session: SessionDep,
    context: ContextDep,
    now: RealNow,
    today: NowDep,
) -> SigningKeyState:
    """Rotate registry's key."""
    return await rotation.rotate(session, context, maker=who, at_once=payload.at_once, now=now, today=today)
