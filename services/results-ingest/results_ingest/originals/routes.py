"""What a laboratory sent, over HTTP."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Response

from results_ingest.originals import service
from shared.security.access import Principal, needs
from shared.web.bodies import answers
from shared.web.deps import ContextDep

router = APIRouter(prefix="/v1/batches", tags=["批次 Batches"])
_RAW: Final = "application/octet-stream"
_DIGEST: Final = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
SHOWN: Final = {
    "batch_id": "019aa5b3-5c00-7abc-8def-123456780000",
    "batch_no": "2026-11-21-0001",
    "lab_code": "LAB01",
    "sha256": _DIGEST,
    "kept": True,
    "kept_until": "2028-11-20",
    "held": False,
    "content_type": "application/json",
    "size": 1490030,
    "sha256_of_kept": _DIGEST,
    "intact": True,
}


@router.get(
    "/{batch_id}/original",
    summary="核验原始上报内容 Prove what was sent",
    description="解封所保存的原始请求体,重新计算摘要并与回执的 `sha256` 比较:`intact`。"
    "原件按 `ORIGINAL_RETENTION_DAYS` 保存至 `kept_until`;`held` 为因法定保全不删除。"
    "已过期删除的 `kept:false`、`intact:null`。其他机构的批次返回 404。\n\n"
    "Opens the kept body, digests it again and compares with the receipt. Kept until `kept_until`, longer "
    "under a legal hold. Another laboratory's batch is 404.",
    **answers(SHOWN),
)
async def check_original(
    who: Annotated[Principal, needs("results:write", "records:read")], context: ContextDep, batch_id: str
) -> dict[str, Any]:
    """Prove what was sent."""
    return await service.check(context, who, batch_id)


@router.get(
    "/{batch_id}/original/content",
    response_class=Response,
    responses={
        200: {
            "description": "原始请求体 The body as it was sent",
            "content": {_RAW: {"example": '{"batch_no":"2026-11-21-0001","results":[]}'}},
        },
        404: {"description": "`code`: not_found, not_kept"},
    },
    summary="取回原始上报内容 Get what was sent",
    description="仅限上传该批次的客户端;留痕。\n\nFor the client that sent it; recorded.",
)
async def get_original(
    who: Annotated[Principal, needs("results:write")], context: ContextDep, batch_id: str
) -> Response:
    """Return what was sent."""
    raw, content_type, number = await service.content(context, who, batch_id)
    headers = {
        "Content-Disposition": f'attachment; filename="{number}.original"',
        "Cache-Control": "no-store",
        "X-Original-Content-Type": content_type,
    }
    return Response(raw, media_type=_RAW, headers=headers)
