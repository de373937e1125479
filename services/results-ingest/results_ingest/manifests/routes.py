"""HTTP surface of manifests and their differences."""

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Response

from results_ingest.labs.errors import LAB_NOT_REGISTERED
from results_ingest.manifests import service
from results_ingest.manifests.schemas import (
    DIFFERENCE,
    EXPLANATION,
    MANIFEST,
    TOTAL,
    ExplanationIn,
    Kind,
    ManifestIn,
)
from results_ingest.sight import only
from shared.audit.recording import record
from shared.errors import Problem
from shared.security.access import Principal, needs
from shared.web.bodies import BULK_BYTES, answers, body, documents
from shared.web.codes import CodeFilter
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, page_of
from shared.web.periods import FigureDays

router = APIRouter(prefix="/v1/manifests", tags=["检测清单 Manifests"])
Lab = Annotated[Principal, needs("results:write")]
Reader = Annotated[Principal, needs("results:write", "records:read", "reviews:write")]
KEPT: Final = {
    "lab_code": "LAB01",
    "manifest_no": "2026-11-21-M1",
    "day": "2026-11-21",
    "tubes": 2,
    "recorded_at": "2026-11-21T18:00:00+08:00",
}
EXPLAINED: Final = {"lab_code": "LAB01", "day": "2026-11-21", "kind": "not_uploaded", "explained": 1}


@router.post(
    "",
    status_code=201,
    responses={**known(), 201: {"content": {"application/json": {"example": KEPT}}}},
    summary="提交检测清单 Say what was tested",
    description="检测机构自报某日检测的采样管;一日多份清单相加。"
    "同一编号同样内容再次提交得 200,内容不同得 409。\n\n"
    "The tubes that the laboratory says it tested on a day; several manifests of a day add up. "
    "The same again: 200, other content: 409.",
    **documents(ManifestIn, example=MANIFEST),
)
async def keep_manifest(
    who: Lab,
    payload: Annotated[ManifestIn, body(ManifestIn, max_bytes=BULK_BYTES)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Keep a manifest."""
    answer, new = await service.keep(session, who, payload, now=now)
    response.status_code = 201 if new else 200
    await record(
        session, context, who=who, action="manifest.keep", now=now, subject=payload.manifest_no,
        rows=len(payload.tube_codes),
    )  # fmt: skip
    return answer


@router.get(
    "/totals",
    summary="清单与到达对照 Listed against arrived",
    description="各机构各检测日:清单管数、到达管数、未说明的差异数。"
    "检测机构只看到自己;镇街和部门客户端不可用。\n\n"
    "Of each day on which a laboratory has said what it tested: listed, arrived, and differences that nobody "
    "has explained. A laboratory sees itself; not for clients of an area.",
    **answers({"days": [TOTAL]}),
)
async def list_totals(
    who: Reader, context: ContextDep, session: SessionDep, days: FigureDays, lab_code: CodeFilter = None
) -> dict[str, Any]:
    """Compare manifests with what has arrived."""
    own = only(who, "records:read", "reviews:write")
    rows = await service.totals(session, context, days=days, lab=own or lab_code)
    return {"days": rows}


@router.get(
    "/differences",
    summary="清单差异 What differs",
    description="`not_uploaded` 清单有而结果未到;`not_listed` 结果已到而清单无(该机构该日有清单时);"
    "`not_registered` 清单有而采样管未登记。默认只列未说明的。检测机构只看到自己;镇街和部门客户端不可用。\n\n"
    "Listed without a result; a result without being listed; listed and not registered. By default those "
    "that nobody has explained. A laboratory sees its own; not for clients of an area.",
    **answers({"differences": [DIFFERENCE], "next_cursor": None}),
)
async def list_differences(
    who: Reader,
    context: ContextDep,
    session: SessionDep,
    days: FigureDays,
    lab_code: CodeFilter = None,
    kind: Annotated[Kind | None, Query()] = None,
    state: Annotated[Literal["open", "all"], Query()] = "open",
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List differences."""
    own = only(who, "records:read", "reviews:write")
    rows = await service.differences(
        session, context, days=days, lab=own or lab_code, kind=kind, unexplained=state == "open",
        after=service.place_after(cursor), limit=limit + 1,
    )  # fmt: skip
    found = page_of("differences", rows, limit=limit, position=lambda row: {"place": row["place"]})
    return found | {"differences": [service.difference_of(row) for row in found["differences"]]}


@router.post(
    "/explanations",
    summary="说明差异 Explain differences",
    description="检测机构说明本机构某日的差异原因;说明后不再列为未说明。\n\n"
    "The laboratory says why tubes of a day differ; then they are no longer listed as open.",
    **answers(EXPLAINED),
    **documents(ExplanationIn, example=EXPLANATION),
)
async def explain_differences(
    who: Lab,
    payload: Annotated[ExplanationIn, body(ExplanationIn)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
) -> dict[str, Any]:
    """Explain differences."""
    if who.lab_code is None:
        raise Problem(LAB_NOT_REGISTERED)
    answer = await service.explain(session, context, who, payload, lab=who.lab_code, now=now)
    await record(
        session, context, who=who, action="manifest.explain", now=now, subject=who.lab_code,
        rows=answer["explained"],
    )  # fmt: skip
    return answer
