"""HTTP surface of the reconciliation and of void tubes."""

from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Response

from results_ingest.reconciliation import service
from results_ingest.reconciliation.errors import DAY_OR_ROUND
from results_ingest.reconciliation.rules import BodyType, By, Cause, Standing
from results_ingest.reconciliation.schemas import COUNTS, SAMPLE, VOID, VoidIn
from results_ingest.reconciliation.service import Scope
from results_ingest.shown import shown_of
from shared.audit.recording import record
from shared.clock import day_of
from shared.errors import CURSOR_INVALID, Problem
from shared.security.access import Principal, needs
from shared.web.bodies import answers, body, documents
from shared.web.codes import CodeFilter
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, FIRST, Cursor, Limit, decode_cursor, page_of, uuid_after
from shared.web.periods import SAMPLED, day_in, day_query, refused

router = APIRouter(prefix="/v1", tags=["逐样核对 Reconciliation"])
Reader = Annotated[Principal, needs("samples:write", "records:read", "reviews:write")]
MOST: Final = 2**31 - 1


async def _scope(
    now: NowDep, day: Annotated[str | None, day_query(SAMPLED)] = None, round_code: CodeFilter = None
) -> Scope:
    """Return the day or round asked for; Problem 422 for both."""
    given: date | None = day_in("day", day)
    if given is not None and round_code is not None:
        raise refused("day", DAY_OR_ROUND)
    return Scope(None if round_code else given or day_of(now), round_code)


Asked = Annotated[Scope, Depends(_scope)]


@router.get(
    "/reconciliation",
    summary="逐样核对汇总 Samples by cause",
    description="某日采样(或某轮次)的每一份样本按原因计数:未绑定、未接收、未检测、未上传、未匹配、无效待重采、"
    "展示时限内、未展示、已展示、物品环境已报告、留存、作废;各数相加等于 `samples`。"
    "`standings` 为应出结果的时限:未到期、超期、按时、迟到、丢失。"
    "`by` 为责任方(默认)、检测机构、采样点、单位、轮次或原因。\n\n"
    "Every sample of a day or a round by cause; the causes add up. `standings` says how many are in time. "
    "Grouped by the body whose turn it is, or by laboratory, site, unit, round or cause.",
    **answers(COUNTS),
)
async def count_samples(
    who: Reader,
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    asked: Asked,
    by: By = "body",
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """Count samples by cause."""
    counted = await service.counts(session, context, who, scope=asked, by=by, limit=limit, now=now)
    return {**shown_of({"as_of": now}), "day": asked.day, "round_code": asked.round_code, **counted}


@router.get(
    "/reconciliation/samples",
    summary="逐样核对明细 The samples behind the counts",
    description="每份样本的原因、时限状态和责任方(`body`),可按原因、责任方、检测机构、采样点、单位筛选。"
    "`row` 为只有结果行、没有采样管的样本。不含姓名和证件号。\n\n"
    "Each sample with its cause, its standing and the body whose turn it is. `row` names the result of a "
    "sample that was sent without a tube. Nobody is named.",
    **answers({"samples": [SAMPLE], "next_cursor": None}),
)
async def list_samples(
    who: Reader,
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    asked: Asked,
    cause: Annotated[Cause | None, Query()] = None,
    standing: Annotated[Standing | None, Query()] = None,
    body_type: Annotated[BodyType | None, Query()] = None,
    body_code: CodeFilter = None,
    lab_code: CodeFilter = None,
    site_code: CodeFilter = None,
    unit_code: CodeFilter = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List samples with their causes."""
    filters = {
        "cause": cause, "standing": standing, "body_type": body_type, "body_code": body_code,
        "lab_code": lab_code, "site_code": site_code, "unit_code": unit_code,
    }  # fmt: skip
    rows = await service.listed(
        session, context, who, scope=asked, filters=filters, after=_after(cursor), limit=limit + 1, now=now
    )
    found = page_of(
        "samples", rows, limit=limit, position=lambda row: {"id": str(row["id"]), "n": row["position"]}
    )
    return found | {"samples": [service.sample_of(row) for row in found["samples"]]}


def _after(cursor: str | None) -> tuple[Any, int]:
    if cursor is None:
        return FIRST, -1
    position = decode_cursor(cursor).get("n")
    if type(position) is not int or not 0 <= position <= MOST:
        raise Problem(CURSOR_INVALID)
    return uuid_after(cursor, "id"), position


@router.post(
    "/tubes/{tube_code}/voiding",
    status_code=201,
    responses=known() | {200: {"description": "已作废,内容相同 The same was told before"}},
    summary="采样管作废 Declare a tube void",
    description="破损、渗漏、污染等不再出结果的管;其人员须重新采样。已有结果的管得 409 `tube_resulted`。"
    "同样内容再次提交得 200。\n\n"
    "A tube that will have no result; its people are to be sampled again. 409 once it has one.",
    **documents(VoidIn, example=VOID),
)
async def void_tube(
    who: Annotated[Principal, needs("samples:write")],
    tube_code: str,
    payload: Annotated[VoidIn, body(VoidIn)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Declare a tube void."""
    answer, new = await service.void(session, who, tube_code=tube_code, wanted=payload, now=now)
    response.status_code = 201 if new else 200
    await record(session, context, who=who, action="tube.void", now=now, subject=tube_code)
    return answer
