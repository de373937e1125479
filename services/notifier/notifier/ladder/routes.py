"""GET /v1/cases and the steps on one case (contract §6)."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from notifier.ladder import extensions, reading, steps
from notifier.ladder.rules import Stage
from notifier.ladder.schemas import (
    CaseExtensionDecisionIn,
    CaseExtensionIn,
    CaseHandoverIn,
    CaseOut,
    CasePage,
    CaseStepIn,
)
from shared.audit.recording import record
from shared.security.access import Principal, needs
from shared.web.bodies import body, documents
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit

router = APIRouter(prefix="/v1/cases", tags=["督办案件 Cases"])

CodeFilter = Annotated[str | None, Query(pattern=r"^[A-Za-z0-9._-]{1,64}$")]
Reader = Annotated[Principal, needs("cases:respond", "records:read")]
Actor = Annotated[Principal, needs("cases:respond")]
Admin = Annotated[Principal, needs("admin")]
MOST_BYTES = 100_000
STEP = {
    "kind": "written_report",
    "by": "市场监管局办公室",
    "at": "2026-11-25T16:00:00+08:00",
    "note": "已督促该单位完成补检,附整改报告",
}


@router.get(
    "",
    response_model=CasePage,
    summary="案件列表 List cases",
    description="新的在前;部门只见本部门的案件,镇街只见本辖区单位的案件。含通报、待办、全部步骤和依据。\n\n"
    "Newest first; a department sees its own, a township those of its units; with bulletins, what is owed, "
    "and every step with its basis. Recorded.",
)
async def list_cases(
    who: Reader,
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    unit_code: CodeFilter = None,
    department_code: CodeFilter = None,
    stage: Stage | None = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List cases by any of the filters."""
    filters = {"unit_code": unit_code, "department_code": department_code, "stage": stage}
    page = await reading.page(session, context, who=who, filters=filters, cursor=cursor, limit=limit, now=now)
    await record(session, context, who=who, action="cases.list", now=now, rows=len(page["cases"]))
    return page


@router.get(
    "/{case_id}",
    response_model=CaseOut,
    summary="案件详情 Get a case",
    description="一个单位在一个主管部门的案件。\n\nThe case of one unit with one department. Recorded.",
)
async def get_case(
    case_id: UUID, who: Reader, context: ContextDep, session: SessionDep, now: NowDep
) -> dict[str, Any]:
    """Return a case."""
    await record(session, context, who=who, action="case.read", subject=str(case_id), now=now)
    return await reading.detail(session, context, case_id=case_id, who=who, now=now)


@router.post(
    "/{case_id}/steps",
    response_model=CaseOut,
    summary="登记步骤 Record a step",
    description="书面报告、约谈、整改、办结。不按顺序的拒绝;办结须由登记整改之外的另一账号,且没有待办事项;"
    "同一步骤重复提交结果不变。\n\n"
    "A written report, an interview, the rectification, the closing. Refused out of order; closing is for "
    "another client than the one that recorded the rectification, when nothing is owed; again: no change.",
    **documents(CaseStepIn, example=STEP),
)
async def add_step(
    case_id: UUID,
    who: Actor,
    wanted: Annotated[CaseStepIn, body(CaseStepIn, max_bytes=MOST_BYTES)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Record a step."""
    await steps.take(session, context, wanted, case_id=case_id, who=who, now=now)
    await record(session, context, who=who, action="case.step", subject=str(case_id), now=now)
    return await reading.detail(session, context, case_id=case_id, who=who, now=now)


@router.post(
    "/{case_id}/handover",
    response_model=CaseOut,
    summary="登记移交 Record a handover",
    description="启动问责、移交纪检部门的登记;仅作记录,每轮一次。\n\n"
    "That the case went to the discipline body: a record only, once for each count of the case.",
    **documents(
        CaseHandoverIn,
        example={
            "by": "指挥部",
            "at": "2026-11-25T16:00:00+08:00",
            "to": "区纪委监委",
            "note": "屡整不改,移交调查",
        },
    ),
)
async def hand_over(
    case_id: UUID,
    who: Admin,
    wanted: Annotated[CaseHandoverIn, body(CaseHandoverIn, max_bytes=MOST_BYTES)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Record a handover to the discipline body."""
    await steps.hand_over(session, context, wanted, case_id=case_id, who=who, now=now)
    await record(session, context, who=who, action="case.handover", subject=str(case_id), now=now)
    return await reading.detail(session, context, case_id=case_id, who=who, now=now)


@router.post(
    "/{case_id}/extensions",
    response_model=CaseOut,
    summary="申请延期 Ask for an extension",
    description="为最近一项待办申请新的期限;须由另一账号批准后生效。\n\n"
    "Asks for a later day for the newest thing owed; it holds once another client has granted it.",
    **documents(
        CaseExtensionIn, example={"by": "市场监管局", "due_on": "2026-12-10", "reason": "复查尚在进行"}
    ),
)
async def ask_extension(
    case_id: UUID,
    who: Actor,
    wanted: Annotated[CaseExtensionIn, body(CaseExtensionIn, max_bytes=MOST_BYTES)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Ask for an extension."""
    await extensions.ask(session, context, wanted, case_id=case_id, who=who, now=now)
    await record(session, context, who=who, action="case.extension", subject=str(case_id), now=now)
    return await reading.detail(session, context, case_id=case_id, who=who, now=now)


@router.post(
    "/{case_id}/extensions/{extension_id}/decision",
    response_model=CaseOut,
    summary="决定延期 Decide an extension",
    description="由全区范围的账号、且不是申请账号作出;重复同一决定结果不变。\n\n"
    "By a client of the whole district that did not ask for it; the same decision again changes nothing.",
    **documents(CaseExtensionDecisionIn, example={"verdict": "granted", "by": "指挥部", "note": "同意"}),
)
async def decide_extension(
    case_id: UUID,
    extension_id: UUID,
    who: Actor,
    wanted: Annotated[CaseExtensionDecisionIn, body(CaseExtensionDecisionIn, max_bytes=MOST_BYTES)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Grant or refuse an extension."""
    await extensions.decide(
        session, context, wanted, case_id=case_id, extension_id=extension_id, who=who, now=now
    )
    await record(session, context, who=who, action="case.extension.decide", subject=str(case_id), now=now)
    return await reading.detail(session, context, case_id=case_id, who=who, now=now)
