"""POST /v1/delivery-receipts/{channel}: what a provider says became of its messages."""

from hashlib import sha256
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request

from notifier.receipts import service
from notifier.receipts.schemas import DeliveryReceiptIn, DeliveryReceiptOut
from shared.clock import RealClock
from shared.web.bodies import documents, parse, raw_body, require_media_type
from shared.web.deps import ContextDep

router = APIRouter(prefix="/v1/delivery-receipts", tags=["通道 Channels"])
MOST_BYTES: Final = 16 * 1024
_REAL: Final = RealClock()
_EXAMPLE: Final = {
    "delivery_id": "019aa5b3-5c00-7abc-8def-123456780000",
    "status": "delivered",
    "at": "2030-01-15T12:00:02+08:00",
}


@router.post(
    "/{channel}",
    summary="送达回执 A delivery receipt",
    description="由通道的服务商回调,不用令牌:按 Standard Webhooks 用 `RECEIPT_SECRETS` 中该通道的密钥签名"
    "(`webhook-id` 为回执编号,`webhook-timestamp` 误差不超过 RECEIPT_WINDOW_SECONDS)。同一编号重复提交得到"
    "相同的答复;先后次序不限:已送达的不会因迟到的失败回执而改变。失败的转由路由中的下一通道发送。\n\n"
    "Called by a channel's provider, without a token but signed (Standard Webhooks) with the channel's "
    "secret. The same `webhook-id` again gets the same answer; the order does not matter. What failed goes "
    "on to the next channel of its route.",
    response_model=DeliveryReceiptOut,
    responses={
        401: {"description": "`code`: receipt_not_signed"},
        404: {"description": "`code`: not_found(不是该服务商的消息 not a message of this provider)"},
        409: {"description": "`code`: receipt_changed"},
    },
    **documents(DeliveryReceiptIn, example=_EXAMPLE),
)
async def post_delivery_receipt(
    request: Request,
    channel: Annotated[str, Path(pattern=r"^[a-z]{1,20}$", description="通道名 The channel")],
    context: ContextDep,
) -> dict[str, Any]:
    """Keep a receipt."""
    require_media_type(request, "application/json")
    raw = await raw_body(request, max_bytes=MOST_BYTES)
    event_id = service.require_signed(context, channel, request.headers, raw)
    receipt = parse(DeliveryReceiptIn, raw)
    digest = sha256(raw).hexdigest()
    async with context.db.transaction(limits=None) as session:  # of no client: the signature says whose
        now = await _REAL.now(session)
        return await service.keep(session, context, channel, event_id, receipt, digest=digest, now=now)
