"""A laboratory's own address over HTTP."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from results_ingest.sight import only
from results_ingest.webhooks import service
from results_ingest.webhooks.schemas import DELIVERY, SECRET, SHOWN, RotationIn, WebhookIn
from shared.clock import RealClock
from shared.security.access import Principal, needs
from shared.web.bodies import answers, body, documents
from shared.web.codes import CodeFilter
from shared.web.deps import ContextDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, LAST, Cursor, Limit, page_of, uuid_after
from shared.webhooks.calling import require_callable

router = APIRouter(prefix="/v1", tags=["回调 Webhooks"])
Lab = Annotated[Principal, needs("results:write")]
_WITH_SECRET = {**SHOWN, "secret": SECRET}
_REAL = RealClock()
_NONE: dict[int | str, dict[str, Any]] = {404: {"description": "`code`: not_found"}}


@router.put(
    "/webhook",
    responses={200: {"content": {"application/json": {"example": _WITH_SECRET}}}},
    summary="登记回调地址 Say where to be called",
    description="批次匹配完成(waiting 为 0)后向该地址 POST `batch.completed`,非 2xx 按加倍间隔重试。"
    "首次登记返回密钥,只此一次;再次登记只改地址。须为 https,且主机在 `WEBHOOK_NETWORKS` 之内"
    "(`WEBHOOK_PLAIN_HTTP` 时可用 http);不跟随跳转。签名按 Standard Webhooks:`webhook-id`(批次编号,"
    "重复回调不变)、`webhook-timestamp`、`webhook-signature` = `v1,` + "
    "base64(HMAC-SHA256(密钥, `id.timestamp.body`))。\n\n"
    "Once a batch is matched `batch.completed` is posted there, again and again until a 2xx. The secret "
    "comes with the first address and never again. https within `WEBHOOK_NETWORKS`; redirects are not "
    "followed.",
    **documents(WebhookIn, example={"url": SHOWN["url"]}),
)
async def put_webhook(
    who: Lab, wanted: Annotated[WebhookIn, body(WebhookIn)], context: ContextDep, response: Response
) -> dict[str, Any]:
    """Keep where a laboratory wants to be called."""
    service.lab_of(who)
    await require_callable(context, wanted.url)
    response.headers["Cache-Control"] = "no-store"
    async with context.db.transaction(limits=who.limits) as session:
        shown, _ = await service.put(session, context, who, url=wanted.url, now=await _REAL.now(session))
    return shown


@router.get(
    "/webhook",
    summary="回调地址 Where the laboratory is called",
    description="不含密钥。未登记时 404。\n\nWithout the secret; 404 where there is none.",
    responses={200: {"content": {"application/json": {"example": SHOWN}}}, **_NONE},
)
async def get_webhook(who: Lab, session: SessionDep) -> dict[str, Any]:
    """Return where a laboratory is called."""
    return await service.one(session, who, now=await _REAL.now(session))


@router.delete(
    "/webhook",
    status_code=204,
    responses=_NONE,
    summary="取消回调 Be called no more",
    description="等待中的回调作废。\n\nCalls that wait are dropped.",
)
async def delete_webhook(who: Lab, context: ContextDep, session: SessionDep) -> None:
    """Call a laboratory no more."""
    await service.delete(session, context, who, now=await _REAL.now(session))


@router.post(
    "/webhook/secret",
    responses={200: {"content": {"application/json": {"example": _WITH_SECRET}}}, **_NONE},
    summary="更换回调密钥 Replace the secret",
    description="返回新密钥,只此一次;旧密钥在 `overlap_seconds` 内与新密钥同时签名(签名之间以空格分隔),"
    "0 表示立即作废。\n\n"
    "Returns the new secret, this once; the old one signs beside it for `overlap_seconds`, 0 ends it at "
    "once.",
    **documents(RotationIn, example={"overlap_seconds": 3600}),
)
async def rotate_secret(
    who: Lab,
    wanted: Annotated[RotationIn, body(RotationIn)],
    context: ContextDep,
    session: SessionDep,
    response: Response,
) -> dict[str, Any]:
    """Replace the secret."""
    response.headers["Cache-Control"] = "no-store"
    now = await _REAL.now(session)
    return await service.rotate(session, context, who, overlap=wanted.overlap_seconds, now=now)


@router.get(
    "/webhook-deliveries",
    summary="回调记录 Calls made and to be made",
    description="按批次从新到旧;`waiting` 的 `next_at` 为下次回调时间,`failed` 为多次未成、不再自动回调,"
    "可补发。检测机构只看到自己,`records:read` 看到全部;镇街和部门客户端不可用。\n\n"
    "By batch, newest first; `failed` was given up and can be sent again.",
    **answers({"deliveries": [DELIVERY], "next_cursor": None}),
)
async def list_deliveries(
    who: Annotated[Principal, needs("results:write", "records:read")],
    session: SessionDep,
    state: Annotated[Literal["waiting", "delivered", "failed", "dropped"] | None, Query()] = None,
    lab_code: CodeFilter = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List calls."""
    own = only(who, "records:read")
    before = uuid_after(cursor, "b", start=LAST)
    found = await service.page(
        session, only=own, lab_code=lab_code, state=state, before=before, limit=limit + 1
    )
    return page_of("deliveries", found, limit=limit, position=lambda row: {"b": str(row["batch_id"])})


@router.post(
    "/webhook-deliveries/{batch_id}/resend",
    status_code=202,
    summary="补发回调 Call again",
    description="从第一次尝试重新开始,`webhook-id` 不变;登记地址之前已完成的批次也可补发。\n\n"
    "From the first attempt, under the same id; also for a batch that was complete before there was an "
    "address.",
    responses={
        202: {"content": {"application/json": {"example": {**DELIVERY, "state": "waiting"}}}},
        404: {"description": "`code`: not_found"},
        409: {"description": "`code`: no_webhook, batch_not_complete"},
    },
)
async def resend(who: Lab, context: ContextDep, session: SessionDep, batch_id: str) -> dict[str, Any]:
    """Call for a batch again."""
    return await service.resend(session, context, who, batch_id, now=await _REAL.now(session))
