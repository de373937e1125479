"""The limits of single clients over HTTP."""

from typing import Annotated

from fastapi import APIRouter

from registry.allowances import service
from registry.allowances.schemas import ClientLimits, ClientLimitsOut
from registry.identity.parameters import Admin, Identifier, RealNow
from shared.audit.recording import record
from shared.web.bodies import body, documents
from shared.web.deps import ContextDep, SessionDep

router = APIRouter(prefix="/v1/clients/{client_id}/limits", tags=["身份 Identity"])

MAX_BYTES = 16 * 1024


@router.get(
    "",
    summary="查看客户端额度 Read a client's limits",
    description="请求数、行数、字节数、查询人数与未知人数的额度,以及最近的枚举告警。\n\n"
    "Allowances in requests, rows, bytes, look-ups and unknown people, and the newest alarms of enumeration.",
)
async def read_limits(
    client_id: Identifier, who: Admin, session: SessionDep, context: ContextDep
) -> ClientLimitsOut:
    """Read what a client may."""
    return await service.limits_of(session, context, client_id=client_id, maker=who)


@router.put(
    "",
    summary="设置客户端额度 Set a client's limits",
    description="整体替换该客户端自己的额度;未列出的种类用所属类别的缺省值。数秒内在所有进程生效。\n\n"
    "Replaces the client's own limits; a kind that is not named has the default of its class. "
    "Every process follows within seconds.",
    **documents(ClientLimits, example={"limits": {"rows": {"per_second": 60000, "burst": 6000000}}}),
)
async def set_limits(
    client_id: Identifier,
    who: Admin,
    payload: Annotated[ClientLimits, body(ClientLimits, max_bytes=MAX_BYTES)],
    session: SessionDep,
    context: ContextDep,
    now: RealNow,
) -> ClientLimitsOut:
    """Set what a client may."""
    await record(session, context, who=who, action="client.limits", now=now, subject=client_id)
    return await service.set_limits(
        session, context, client_id=client_id, limits=payload.limits, maker=who, now=now
    )
