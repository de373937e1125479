"""GET /v1/notices and the steps on one notice (contract §6)."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Request

from notifier.notices import reading
from notifier.notices.rules import Kind, Sight, Status, sight
from notifier.notices.schemas import Acknowledgement, NoticeOut, NoticePage
from notifier.routing.rules import RecipientType
from shared.audit.recording import record
from shared.security.access import Principal, needs
from shared.web.bodies import body, documents
from shared.web.codes import CodeFilter
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit
from shared.web.problems import language_of

router = APIRouter(prefix="/v1/notices", tags=["通知 Notices"])

Reader = Annotated[Principal, needs("cases:respond", "records:read", "reviews:write")]
Actor = Annotated[Principal, needs("cases:respond", "reviews:write")]
AcknowledgementBody = Annotated[Acknowledgement, body(Acknowledgement, max_bytes=100_000)]


@router.get(
    "",
    summary="通知列表 List notices",
    description="最新的在前;只列出调用方辖区内的通知,姓名已脱敏。 · "
    "Newest first; only what lies in the caller's area; names are masked.",
    response_model=NoticePage,
    response_model_exclude_unset=True,
)
async def list_notices(
    request: Request,
    who: Reader,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    kind: Kind | None = None,
    recipient_type: RecipientType | None = None,
    recipient_code: CodeFilter = None,
    subject_code: CodeFilter = None,
    status: Status | None = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List notices by any of the filters."""
    filters = {
        "kind": kind,
        "recipient_type": recipient_type,
        "recipient_code": recipient_code,
        "subject_code": subject_code,
        "status": status,
    }
    page = await reading.page(
        session,
        context,
        sight=_sight(who),
        filters=filters,
        cursor=cursor,
        limit=limit,
        language=language_of(request),
    )
    await reading.note_seen(session, who, [each["notice_id"] for each in page["notices"]], now=now)
    await record(session, context, who=who, action="notices.list", now=now, rows=len(page["notices"]))
    return page


@router.post(
    "/{notice_id}/acknowledgement",
    summary="签收通知 Acknowledge a notice",
    description="签收后不再重复发送;重复签收结果不变;已撤销的通知返回 409。 · "
    "Ends the repeats; again changes nothing; 409 if it was revoked.",
    response_model=NoticeOut,
    response_model_exclude_unset=True,
    **documents(Acknowledgement, example={"by": "值班员", "note": "已启动处置"}),
)
async def acknowledge_notice(
    request: Request,
    notice_id: UUID,
    who: Actor,
    payload: AcknowledgementBody,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
) -> dict[str, Any]:
    """Record who has taken note."""
    await record(session, context, who=who, action="notice.acknowledge", now=now, subject=str(notice_id))
    return await reading.acknowledge(
        session,
        context,
        notice_id=notice_id,
        sight=_sight(who, to_act=True),
        client_id=who.client_id,
        step=payload.model_dump(),
        now=now,
        language=language_of(request),
    )


def _sight(who: Principal, *, to_act: bool = False) -> Sight:
    return sight(who.scopes, township=who.township, department=who.department, to_act=to_act)
