"""POST /v1/notices/{notice_id}/revocation (contract §6)."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request

from notifier.notices.schemas import NoticeOut, Revocation
from notifier.revocations import service
from shared.audit.recording import record
from shared.security.access import Principal, needs
from shared.web.bodies import body, documents
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.problems import language_of

router = APIRouter(prefix="/v1/notices", tags=["通知 Notices"])

Admin = Annotated[Principal, needs("admin")]
RevocationBody = Annotated[Revocation, body(Revocation, max_bytes=100_000)]


@router.post(
    "/{notice_id}/revocation",
    summary="撤销通知 Revoke a notice",
    description="尚未发送的不再发送,已发送的另行告知;重复撤销结果不变。撤销通报时各份一并撤销,不再计数,"
    "其后续事项按新的次数重新计算,文号不再使用;须由全区范围的账号办理。 · "
    "What is queued is not sent; whoever was told is told of it; again changes nothing. Of a bulletin every "
    "copy goes, it counts no more, what followed is brought to the new count, its number is not used again; "
    "that takes a client of the whole district.",
    response_model=NoticeOut,
    response_model_exclude_unset=True,
    **documents(Revocation, example={"by": "指挥部", "reason": "误发"}),
)
async def revoke_notice(
    request: Request,
    notice_id: UUID,
    who: Admin,
    payload: RevocationBody,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
) -> dict[str, Any]:
    """Take a notice back."""
    await record(session, context, who=who, action="notice.revoke", now=now, subject=str(notice_id))
    return await service.take_back(
        session,
        context,
        notice_id=notice_id,
        who=who,
        said=payload.model_dump(),
        now=now,
        language=language_of(request),
    )
