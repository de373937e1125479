"""A body's own address over HTTP."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Response

from notifier.hooks import service
from notifier.hooks.schemas import HookIn, HookOut, HookPage, HookRotationIn
from shared.clock import RealClock
from shared.security.access import Principal, needs
from shared.web.bodies import body, documents
from shared.web.deps import ContextDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit
from shared.webhooks.calling import require_callable

router = APIRouter(prefix="/v1/webhooks", tags=["通道 Channels"])
Body = Annotated[Principal, needs("cases:respond", "reviews:write")]
BodyCode = Annotated[
    str, Path(pattern=r"^[A-Za-z0-9._-]{1,64}$", description="部门、镇街、指挥部或疾控的编码 The body's code")
]
# Secrets end on the real clock, as the receiver's does.
_REAL: Final = RealClock()
_NONE: Final[dict[int | str, dict[str, Any]]] = {404: {"description": "`code`: not_found"}}


@router.get(
    "",
    summary="回调地址 Bodies' own addresses",
    description="不含密钥;镇街和部门只看到自己的。\n\nWithout the secrets; an area sees its own.",
    response_model=HookPage,
    response_model_exclude_unset=True,
)
async def list_webhooks(
    who: Body, session: SessionDep, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> Any:  # noqa: ANN401 - a page
    """List addresses."""
    return await service.page(session, who, now=await _REAL.now(session), cursor=cursor, limit=limit)


@router.put(
    "/{code}",
    summary="登记回调地址 Say where a body is called",
    description="有通知时经通道 `webhook` 向该地址 POST `notice.issue`(`repeat`、`update`、`revocation`、"
    "`digest` 同),正文不含姓名、号码和结果。首次登记返回密钥,只此一次;再次登记只改地址。地址要求和签名同"
    "检测机构的批次回调(Standard Webhooks,`webhook-id` 为投递编号,重复投递不变)。镇街和部门只能登记自己。\n\n"
    "Called by the channel `webhook` about each notice, without names, numbers or results. The secret comes "
    "with the first address and never again. Addresses and signatures as for laboratories; `webhook-id` is "
    "the delivery's. An area may only name its own.",
    response_model=HookOut,
    response_model_exclude_unset=True,
    responses=_NONE,
    **documents(HookIn, example={"url": "https://oa.dept01.internal/yingjian"}),
)
async def put_webhook(
    who: Body,
    code: BodyCode,
    wanted: Annotated[HookIn, body(HookIn)],
    context: ContextDep,
    response: Response,
) -> dict[str, Any]:
    """Keep where a body wants to be called."""
    await require_callable(context, wanted.url)
    response.headers["Cache-Control"] = "no-store"
    async with context.db.transaction(limits=who.limits) as session:
        now = await _REAL.now(session)
        return await service.put(session, context, who, code, url=wanted.url, now=now)


@router.delete(
    "/{code}",
    status_code=204,
    responses=_NONE,
    summary="取消回调 Call a body no more",
    description="等待中的转由路由中的下一通道发送。\n\nWhat waits goes on to the next channel of its route.",
)
async def delete_webhook(who: Body, code: BodyCode, context: ContextDep, session: SessionDep) -> None:
    """Call a body no more."""
    await service.delete(session, context, who, code, now=await _REAL.now(session))


@router.post(
    "/{code}/secret",
    summary="更换回调密钥 Replace the secret",
    description="返回新密钥,只此一次;旧密钥在 `overlap_seconds` 内与新密钥同时签名,0 表示立即作废。\n\n"
    "Returns the new secret, this once; the old one signs beside it for `overlap_seconds`, 0 ends it now.",
    response_model=HookOut,
    response_model_exclude_unset=True,
    responses=_NONE,
    **documents(HookRotationIn, example={"overlap_seconds": 3600}),
)
async def rotate_webhook_secret(
    who: Body,
    code: BodyCode,
    wanted: Annotated[HookRotationIn, body(HookRotationIn)],
    context: ContextDep,
    session: SessionDep,
    response: Response,
) -> dict[str, Any]:
    """Replace the secret."""
    response.headers["Cache-Control"] = "no-store"
    now = await _REAL.now(session)
    return await service.rotate(session, context, who, code, overlap=wanted.overlap_seconds, now=now)
