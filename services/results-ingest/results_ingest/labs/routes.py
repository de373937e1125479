"""Laboratories: registered by an administrator, listed for those who work with them."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Response

from results_ingest.labs import service
from results_ingest.labs.schemas import EXAMPLE, SHOWN, TERMS_EXAMPLE, LabBody, LabPatch, TermsBody
from results_ingest.sight import own_lab
from shared.audit.recording import record
from shared.errors import NOT_FOUND, Problem
from shared.security.access import Principal, needs, require_whole_district
from shared.web.bodies import answers, body, documents
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, code_after, day_before, page_of

router = APIRouter(prefix="/v1/labs", tags=["检测机构 Laboratories"])

Admin = Annotated[Principal, needs("admin")]
BEYOND: Final = ("records:read", "samples:write", "reviews:write")
Reader = Annotated[Principal, needs("records:read", "results:write", "samples:write", "reviews:write")]
NewLab = Annotated[LabBody, body(LabBody, max_bytes=100_000)]
NewTerms = Annotated[TermsBody, body(TermsBody, max_bytes=100_000)]
ChangedLab = Annotated[LabPatch, body(LabPatch, max_bytes=100_000)]


@router.post(
    "",
    status_code=201,
    responses=known(),
    summary="登记检测机构 Register a laboratory",
    description="登记后该机构方可上传批次。相同内容重复提交返回 200,不同内容返回 409 `lab_code_in_use`。\n\n"
    "A laboratory's batches are taken once it is registered. "
    "The same content again: 200; other content: 409.",
    **documents(LabBody, example=EXAMPLE),
)
async def register_lab(
    who: Admin, lab: NewLab, session: SessionDep, context: ContextDep, now: NowDep, response: Response
) -> dict[str, Any]:
    """Register a laboratory."""
    require_whole_district(who)
    stored, new = await service.register(session, lab, client_id=who.client_id, now=now)
    await record(session, context, who=who, action="lab.register", now=now, subject=lab.lab_code)
    response.status_code = 201 if new else 200
    return stored


@router.get(
    "",
    summary="检测机构列表 List of laboratories",
    description="检测机构只看到自己,其他客户端看到全部。\n\nA laboratory sees itself; others see all.",
    **answers({"labs": [SHOWN], "next_cursor": None}),
)
async def list_labs(
    who: Reader, session: SessionDep, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> dict[str, Any]:
    """List laboratories by code."""
    after = code_after(cursor, "after")
    found = await service.page(session, only=own_lab(who, *BEYOND), after=after, limit=limit + 1)
    return page_of("labs", found, limit=limit, position=lambda lab: {"after": lab["lab_code"]})


@router.get(
    "/{lab_code}",
    summary="检测机构 One laboratory",
    description="不存在或不可见时返回 404。\n\n404 when there is none, or none that the caller may see.",
    **answers(SHOWN),
)
async def get_lab(who: Reader, session: SessionDep, lab_code: str) -> dict[str, Any]:
    """Return a laboratory."""
    if own_lab(who, *BEYOND) not in (None, lab_code):
        raise Problem(NOT_FOUND)
    return await service.one(session, lab_code)


@router.patch(
    "/{lab_code}",
    summary="修改检测机构 Change a laboratory",
    description="未给出的字段不变;`active:false` 起不再接收其批次。\n\n"
    "Absent fields stay; with `active:false` its batches are no longer taken.",
    **documents(LabPatch, example={"active": False}),
)
async def change_lab(
    who: Admin, lab_code: str, patch: ChangedLab, session: SessionDep, context: ContextDep, now: NowDep
) -> dict[str, Any]:
    """Change a laboratory."""
    require_whole_district(who)
    changed = await service.change(session, lab_code, patch, client_id=who.client_id, now=now)
    await record(session, context, who=who, action="lab.change", now=now, subject=lab_code)
    return changed


@router.put(
    "/{lab_code}/terms",
    summary="设定检测机构时段、能力与静默上限 Set hours, capacity and patience from a day on",
    description="自 `effective_from` 起生效,至下一次设定止;同一日再次设定则替换。"
    "未给 `silent_minutes` 用系统缺省。"
    "营业时间内应收而超过 `silent_minutes` 未上传,发 `alert.lab_silent`。\n\n"
    "In force from `effective_from` until the next ones; the same day again replaces them. Whoever is open, "
    "owes results and posts nothing for `silent_minutes` (without it the setting) is told of.",
    **answers(TERMS_EXAMPLE | {"changed_at": "2026-11-21T09:00:00+08:00"}),
    **documents(TermsBody, example=TERMS_EXAMPLE),
)
async def put_terms(
    who: Admin, lab_code: str, terms: NewTerms, session: SessionDep, context: ContextDep, now: NowDep
) -> dict[str, Any]:
    """Set a laboratory's terms."""
    require_whole_district(who)
    stored = await service.put_terms(session, lab_code, terms, client_id=who.client_id, now=now)
    await record(session, context, who=who, action="lab.terms", now=now, subject=lab_code)
    return stored


@router.get(
    "/{lab_code}/terms",
    summary="检测机构时段与能力的历次设定 What held, holds and will hold of a laboratory",
    description="最新的在前。\n\nThe newest first.",
    **answers({"terms": [TERMS_EXAMPLE | {"changed_at": "2026-11-21T09:00:00+08:00"}], "next_cursor": None}),
)
async def list_terms(
    who: Reader, session: SessionDep, lab_code: str, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> dict[str, Any]:
    """List a laboratory's terms."""
    if own_lab(who, *BEYOND) not in (None, lab_code):
        raise Problem(NOT_FOUND)
    before = day_before(cursor, "before")
    found = await service.terms(session, lab_code, before=before, limit=limit + 1)
    return page_of(
        "terms", found, limit=limit, position=lambda row: {"before": row["effective_from"].isoformat()}
    )
