"""What bodies owe an answer to, and the steps on it."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from notifier.feedback import service
from notifier.feedback.rules import State
from notifier.feedback.schemas import Answer, AnswerClosing, AnswerReopening, FeedbackOut, FeedbackPage
from shared.audit.recording import record
from shared.identifiers import CODE_PATTERN
from shared.security.access import Principal, needs, require_whole_district
from shared.web.bodies import body, documents
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit
from shared.web.problems import language_of

TAGS: Final = ["反馈 Feedback"]
router = APIRouter(prefix="/v1/notices/{notice_id}", tags=[*TAGS])
list_router = APIRouter(prefix="/v1/feedback", tags=[*TAGS])

Reader = Annotated[Principal, needs("cases:respond", "records:read")]
Responder = Annotated[Principal, needs("cases:respond")]
Admin = Annotated[Principal, needs("admin")]
BodyCode = Annotated[str | None, Query(pattern=CODE_PATTERN, description="责任单位代码 Code of the body")]
Days = Annotated[int | None, Query(ge=0, le=3660, description="至少这么多天 At least so old, in days")]


async def _wanted(
    state: Annotated[State | None, Query(description="状态 State")] = None,
    department_code: BodyCode = None,
    older_than_days: Days = None,
) -> service.Wanted:
    return service.Wanted(state, department_code, older_than_days)


@list_router.get(
    "",
    response_model=FeedbackPage,
    summary="待反馈事项 List what is to be answered",
    description="发给部门、镇街要求反馈的事项,最新的在前:open(未反馈)、answered(已反馈)、closed(已办结),"
    "及自签发或退回以来的天数;只含本辖区。\n\n"
    "What was sent to departments and townships for an answer, newest first: open, answered or closed, and "
    "its age in days since it was issued or re-opened. Inside the area.",
)
async def list_feedback(
    request: Request,
    who: Reader,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    wanted: Annotated[service.Wanted, Depends(_wanted)],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List what is owed."""
    page = await service.page(
        session,
        context,
        who=who,
        wanted=wanted,
        cursor=cursor,
        limit=limit,
        now=now,
        language=language_of(request),
    )
    await record(session, context, who=who, action="feedback.list", now=now, rows=len(page["items"]))
    return page


@router.get(
    "/answers",
    response_model=FeedbackOut,
    summary="反馈情况 Get the answers to a notice",
    description="该通知的反馈、办结、退回全过程,只增不改。\n\nEvery step, as it was taken.",
)
async def get_answers(
    request: Request, notice_id: UUID, who: Reader, session: SessionDep, context: ContextDep, now: NowDep
) -> dict[str, Any]:
    """Return an item with its steps."""
    await record(session, context, who=who, action="feedback.read", now=now, subject=str(notice_id))
    return await _item(request, session, context, who, notice_id, now)


@router.post(
    "/answers",
    response_model=FeedbackOut,
    summary="反馈 Answer a notice",
    description="由收到通知的部门或镇街反馈;`state=open` 为阶段性反馈,事项仍未办;重复提交结果不变。\n\n"
    "By the body that the notice went to. `state: open` is an interim answer; the same again changes "
    "nothing.",
    **documents(Answer, example={"by": "科长", "text": "30 家已逐户核实,5 家停业"}),
)
async def answer_notice(
    request: Request,
    notice_id: UUID,
    who: Responder,
    payload: Annotated[Answer, body(Answer)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
) -> dict[str, Any]:
    """Take an answer in."""
    await service.step(
        session,
        context,
        notice_id=notice_id,
        who=who,
        kind="answered" if payload.state == "answered" else "interim",
        said={"by": payload.by, "text": payload.text},
        now=now,
    )
    await record(session, context, who=who, action="feedback.answer", now=now, subject=str(notice_id))
    return await _item(request, session, context, who, notice_id, now)


@router.post(
    "/closing",
    response_model=FeedbackOut,
    summary="办结反馈 Close an answer",
    description="由指挥部办结,须为反馈人以外的账号;重复办结结果不变。\n\n"
    "By headquarters, and another client than answered; again changes nothing.",
    **documents(AnswerClosing, example={"by": "督查员", "note": "属实"}),
)
async def close_answer(
    request: Request,
    notice_id: UUID,
    who: Admin,
    payload: Annotated[AnswerClosing, body(AnswerClosing)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
) -> dict[str, Any]:
    """Close an item."""
    require_whole_district(who)
    said = {"by": payload.by, "text": payload.note}
    await service.step(session, context, notice_id=notice_id, who=who, kind="closed", said=said, now=now)
    await record(session, context, who=who, action="feedback.close", now=now, subject=str(notice_id))
    return await _item(request, session, context, who, notice_id, now)


@router.post(
    "/reopening",
    response_model=FeedbackOut,
    summary="退回反馈 Re-open an answer",
    description="由指挥部退回并写明原因,天数重新计算。\n\n"
    "By headquarters, with the reason; its age begins anew.",
    **documents(AnswerReopening, example={"by": "督查员", "reason": "未附整改照片"}),
)
async def reopen_answer(
    request: Request,
    notice_id: UUID,
    who: Admin,
    payload: Annotated[AnswerReopening, body(AnswerReopening)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
) -> dict[str, Any]:
    """Return an item to its body."""
    require_whole_district(who)
    said = {"by": payload.by, "text": payload.reason}
    await service.step(session, context, notice_id=notice_id, who=who, kind="reopened", said=said, now=now)
    await record(session, context, who=who, action="feedback.reopen", now=now, subject=str(notice_id))
    return await _item(request, session, context, who, notice_id, now)


async def _item(
    request: Request, session: SessionDep, context: ContextDep, who: Principal, notice_id: UUID, now: NowDep
) -> dict[str, Any]:
    return await service.one(
        session, context, notice_id=notice_id, who=who, now=now, language=language_of(request)
    )
