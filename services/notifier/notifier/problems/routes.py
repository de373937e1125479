"""HTTP surface of problems."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request

from notifier.inspection_draws.rules import TargetType
from notifier.problems import reading, service
from notifier.problems.rules import Shape, State
from notifier.problems.schemas import ProblemPage, ProblemStepIn, ProblemWithSteps, RectificationReport
from shared.audit.recording import record
from shared.clock import day_of
from shared.security.access import Principal, needs
from shared.web.bodies import body, documents
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, LAST, Cursor, Limit, page_of, uuid_after
from shared.web.periods import DayFrom, DayTo, days_of
from shared.web.problems import language_of

router = APIRouter(prefix="/v1", tags=["检查与整改 Inspections"])
Reader = Annotated[Principal, needs("records:read", "cases:respond", "reviews:write")]
CodeFilter = Annotated[str | None, Query(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
STEP: Final = {
    "kind": "evidence",
    "by": "店长",
    "note": "已补检 3 人并纳入系统",
    "evidence": [{"kind": "照片", "ref": "IMG-001"}],
}


async def _wanted(
    *,
    state: Annotated[State | None, Query()] = None,
    target_type: Annotated[TargetType | None, Query()] = None,
    target_code: CodeFilter = None,
    kind_code: CodeFilter = None,
    shape: Annotated[Shape | None, Query()] = None,
    inspection_id: Annotated[UUID | None, Query()] = None,
    late: Annotated[bool, Query(description="只列逾期 Only those late")] = False,
    recheck_late: Annotated[
        bool, Query(description="只列逾期未复查或未销号 Only those whose re-check or closing is late")
    ] = False,
    listed: Annotated[bool, Query(description="只列挂牌督办 Only those listed")] = False,
    stopped: Annotated[bool, Query(description="只列停业未验收 Only those stopped")] = False,
    without_notice: Annotated[bool, Query(description="只列没有整改单 Only those without an order")] = False,
) -> reading.Filter:
    return reading.Filter(
        state, target_type, target_code, kind_code, shape, inspection_id, late=late,
        recheck_late=recheck_late, listed=listed, stopped=stopped, without_notice=without_notice,
    )  # fmt: skip


@router.get(
    "/problems",
    response_model=ProblemPage,
    summary="问题列表 List problems",
    description="检查发现的问题,新的在前,只含本辖区;可只列逾期、逾期未复查、挂牌督办、停业未验收或没有整改单的。\n\n"
    "What inspections found, newest first, inside the area; only what is late, waits too long to be checked "
    "again, is listed, stopped or without an order, if asked.",
)
async def list_problems(
    request: Request,
    who: Reader,
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    wanted: Annotated[reading.Filter, Depends(_wanted)],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List problems."""
    rows = await reading.page(
        session,
        context,
        who=who,
        wanted=wanted,
        before=uuid_after(cursor, "before", start=LAST),
        limit=limit + 1,
        now=now,
        language=language_of(request),
    )
    await record(session, context, who=who, action="problems.list", now=now, rows=len(rows))
    return page_of("problems", rows, limit=limit, position=lambda row: {"before": str(row["problem_id"])})


@router.get(
    "/problems/{problem_id}",
    response_model=ProblemWithSteps,
    summary="问题详情 Get a problem",
    description="依据、全部办理记录(只增不改)。\n\n"
    "What it rests on, and its history, which is only added to.",
)
async def get_problem(
    request: Request, problem_id: UUID, who: Reader, context: ContextDep, session: SessionDep, now: NowDep
) -> dict[str, Any]:
    """Return a problem."""
    await record(session, context, who=who, action="problem.read", subject=str(problem_id), now=now)
    return await reading.problem(
        session, context, problem_id=problem_id, who=who, now=now, language=language_of(request)
    )


@router.post(
    "/problems/{problem_id}/steps",
    response_model=ProblemWithSteps,
    summary="办理问题 Take a step on a problem",
    description="整改证明(evidence)、复查通过或不通过(recheck_passed、recheck_failed)、销号(closed)或不予销号"
    "(close_refused,重定期限)、申请延期(extension_asked)、同意或不同意延期、挂牌督办(listed)、停业整改"
    "(stopped)、验收(accepted)、处罚文号(penalty)。复查、销号、验收和准予延期须由另一账号进行;"
    "销号须先有证明并复查通过,停业的须先验收。\n\n"
    "Evidence; a re-check passed or failed; closed, or refused with a new deadline; an extension asked, "
    "granted or refused; listed supervision; stopped and accepted; a penalty's number. Whoever looks again, "
    "closes, accepts or grants is another client than gave evidence or asked. Closing needs evidence and a "
    "re-check that passed, and of what is stopped its acceptance.",
    **documents(ProblemStepIn, example=STEP),
)
async def take_problem_step(
    request: Request,
    problem_id: UUID,
    who: Annotated[Principal, needs("cases:respond", "reviews:write")],
    wanted: Annotated[ProblemStepIn, body(ProblemStepIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Take a step."""
    await record(
        session,
        context,
        who=who,
        action="problem.step",
        subject=str(problem_id),
        purpose=wanted.kind,
        now=now,
    )
    await service.take_step(session, context, wanted, problem_id=problem_id, who=who, now=now)
    return await reading.problem(
        session, context, problem_id=problem_id, who=who, now=now, language=language_of(request)
    )


@router.get(
    "/rectification-report",
    response_model=RectificationReport,
    summary="整改情况报告 Report on rectification",
    description="一段时间内录入的问题,按共性、个性分列:问题、整改措施、状态。"
    "without_notice 为没有整改单的问题数,应为 0;recheck_late 为提交证明后逾期未复查或未销号的问题数。\n\n"
    "The problems recorded in a period, common and individual ones apart: problem, measure, state; "
    "`without_notice` counts those without an order and is to be 0; `recheck_late` those with evidence "
    "that nobody has checked again, or closed, in time.",
)
async def report_rectification(
    request: Request,
    who: Reader,
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    first: DayFrom = None,
    last: DayTo = None,
) -> dict[str, Any]:
    """Report on a period."""
    begin, end = days_of(first, last, today=day_of(now), longest=context.settings.figures_longest_days)
    await record(session, context, who=who, action="rectification.report", now=now)
    return await reading.report(
        session, context, who=who, first=begin, last=end, now=now, language=language_of(request)
    )
