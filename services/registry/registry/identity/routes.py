"""The administration of clients (contract §2)."""

from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query, Response

from registry.identity import service
from registry.identity.parameters import NO_STORE, Admin, Identifier, RealNow, after_of
from registry.identity.schemas import (
    Client,
    ClientChange,
    ClientList,
    NewClient,
    NewSecret,
)
from shared.audit.recording import record
from shared.web.bodies import body, documents
from shared.web.deps import ContextDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit

router = APIRouter(tags=["身份 Identity"])

MAX_CLIENT: Final = 64 * 1024


@router.post(
    "/v1/clients",
    status_code=201,
    summary="新建客户端 Create a client",
    description="密钥只显示这一次,库内只存摘要。"
    "results:write 需要 lab_code,cases:respond、venue:report 需要 area_code。\n\n"
    "The secret is shown this once; only its digest is stored. `results:write` needs `lab_code`, "
    "`cases:respond` and `venue:report` need `area_code`. An administrator with an area makes clients of "
    "that area only.",
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
    payload: Annotated[NewClient, body(NewClient, max_bytes=MAX_CLIENT)],
    session: SessionDep,
    context: ContextDep,
    response: Response,
    now: RealNow,
) -> NewSecret:
    """Make a client."""
    response.headers.update(NO_STORE)
    client_id, secret = await service.create_client(
        session, context, **payload.model_dump(), now=now, maker=who
    )
    await record(session, context, who=who, action="client.create", now=now, subject=client_id)
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
    after = after_of(cursor)
    return await service.list_clients(session, context, maker=who, after=after, limit=limit)


@router.get(
    "/v1/clients/{client_id}",
    summary="查看客户端 Read a client",
    description="不含密钥。\n\nWithout its secret.",
)
async def read_client(client_id: Identifier, who: Admin, session: SessionDep, context: ContextDep) -> Client:
    """Read a client."""
    return await service.get_client(session, context, client_id=client_id, maker=who)


@router.patch(
    "/v1/clients/{client_id}",
    summary="修改客户端 Change a client",
    description="只改所给的字段;已签发的令牌在到期前(至多 600 秒)仍有效。"
    "secret_refused:只认签名断言,不再认密钥(须已登记公钥)。\n\n"
    "Changes the given fields only; tokens already issued live on until they expire, 600 seconds at most. "
    "`secret_refused`: signed assertions only, its secret opens nothing (a key must be registered).",
    **documents(ClientChange, example={"scopes": ["records:read"], "area_code": "T01"}),
)
async def change_client(
    client_id: Identifier,
    who: Admin,
    payload: Annotated[ClientChange, body(ClientChange, max_bytes=MAX_CLIENT)],
    session: SessionDep,
    context: ContextDep,
    now: RealNow,
) -> Client:
    """Change a client."""
    await record(session, context, who=who, action="client.change", now=now, subject=client_id)
    return await service.change_client(
        session, context, client_id=client_id, change=payload, maker=who, now=now
    )


@router.delete(
    "/v1/clients/{client_id}",
    status_code=204,
    summary="停用客户端 Disable a client",
    description="记录保留,可用 PATCH 恢复;已签发的令牌在各服务下次更新公钥时失效(缺省至多 60 秒)。\n\n"
    "Its record stays; `PATCH` with `disabled: false` brings it back. Tokens already issued end when each "
    "service next renews its keys (60 seconds at most by default).",
)
async def disable_client(
    client_id: Identifier, who: Admin, session: SessionDep, context: ContextDep, now: RealNow
) -> None:
    """Disable a client."""
    await record(session, context, who=who, action="client.disable", now=now, subject=client_id)
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
    client_id: Identifier,
    who: Admin,
    session: SessionDep,
    context: ContextDep,
    response: Response,
    now: RealNow,
    overlap_seconds: Annotated[int, Query(ge=0, le=30 * 86_400)] = 86_400,
) -> NewSecret:
    """Give a client a new secret."""
    response.headers.update(NO_STORE)
    secret, until = await service.rotate_secret(
        session, client_id=client_id, maker=who, now=now, overlap=timedelta(seconds=overlap_seconds)
    )
    await record(session, context, who=who, action="client.secret", now=now, subject=client_id)
    return NewSecret(client_id=client_id, client_secret=secret, previous_expires_at=until)
