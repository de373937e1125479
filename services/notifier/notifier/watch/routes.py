"""GET /v1/channels: how each way out is."""

from typing import Annotated, Any

from fastapi import APIRouter

from notifier.watch import service
from notifier.watch.schemas import ChannelsOut
from shared.security.access import Principal, needs, require_whole_district
from shared.web.deps import ContextDep, NowDep, SessionDep

router = APIRouter(prefix="/v1/channels", tags=["通道 Channels"])


@router.get(
    "",
    summary="通道状态 How each channel is",
    description="每个启用的通道:最近一次成功、连续失败、排队数量(紧急、普通、超出每日上限而待汇总)、"
    "最早一条已等待的秒数,以及自检消息(canary)。`failing` 连续失败,`silent` 自检消息久未送达。"
    "镇街和部门客户端不可用。\n\n"
    "Of each channel in use its last success, failures in a row, what waits and for how long, and its "
    "canary. Not for clients of a township or department.",
    response_model=ChannelsOut,
)
async def list_channels(
    who: Annotated[Principal, needs("records:read", "reviews:write")],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
) -> dict[str, Any]:
    """List the channels."""
    require_whole_district(who)
    return {"channels": await service.channels(session, context, now=now)}
