"""GET /v1/unreachable: whom no channel can address."""

from typing import Annotated, Any

from fastapi import APIRouter

from notifier.notices.rules import sight
from notifier.reach import service
from notifier.reach.schemas import UnreachablePage
from shared.audit.recording import record
from shared.security.access import Principal, needs
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit

router = APIRouter(prefix="/v1/unreachable", tags=["通道 Channels"])


@router.get(
    "",
    summary="无法送达的对象 Whom no channel can address",
    description="最近 UNREACHABLE_DAYS 天内,其通知按路由的各通道均无地址(`lacking`:"
    "缺电话、邮箱、回调地址、机器人或通道已停用)的接收对象;补齐联系方式并送达一条后即不再列出。"
    "只列出调用方辖区内的对象。\n\n"
    "Recipients whose newest messages found no address by any channel of their route, in the caller's area; "
    "off the list once something was handed over.",
    response_model=UnreachablePage,
)
async def list_unreachable(
    who: Annotated[Principal, needs("cases:respond", "records:read", "reviews:write")],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List recipients without an address."""
    area = sight(who.scopes, township=who.township, department=who.department)
    page = await service.page(session, context, sight=area, cursor=cursor, limit=limit)
    await record(session, context, who=who, action="unreachable.list", now=now, rows=len(page["recipients"]))
    return page
