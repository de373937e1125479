"""HTTP surface of lots of goods."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from results_ingest.lots import service
from results_ingest.lots.rules import Goods
from results_ingest.lots.schemas import (
    DETAIL,
    KEPT,
    LOT,
    SHOWN,
    STEP,
    TUBES,
    LotIn,
    LotStepIn,
    LotTubesIn,
    StateFilter,
)
from shared.audit.recording import record
from shared.security.access import Principal, needs
from shared.web.bodies import answers, body, documents
from shared.web.codes import CodeFilter, CodePart
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, code_after, page_of

router = APIRouter(prefix="/v1/lots", tags=["货物批次 Lots of goods"])
Writer = Annotated[Principal, needs("samples:write", "reviews:write")]
Reader = Annotated[Principal, needs("records:read", "reviews:write")]
ANSWER: dict[str, Any] = {"content": {"application/json": {"example": KEPT}}}


@router.post(
    "",
    status_code=201,
    responses={**known(), 201: ANSWER},
    summary="登记一批货物 Register a lot of goods",
    description="集装箱、冷链或其他货物到货登记:单位、种类、到货时间。"
    "同样内容再次登记得 200,内容不同得 409。\n\n"
    "Goods that came to a unit: which, what kind, when. The same again: 200, other content: 409.",
    **documents(LotIn, example=LOT),
)
async def add_lot(
    who: Writer,
    lot: Annotated[LotIn, body(LotIn)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Register a lot."""
    kept, new = await service.add(session, who, lot, now=now)
    response.status_code = 201 if new else 200
    await record(session, context, who=who, action="lot.add", now=now, subject=lot.lot_code)
    return kept


@router.get(
    "",
    summary="货物批次列表 List of lots",
    description="本辖区单位的货物及其所处状态:`arrived` 已到货,`sampled` 已采样未全出结果,"
    "`negative` 全部阴性,`not_negative` 有非阴性(放行后更正的也是),`released` 已放行;"
    "`lacking` 为放行前还缺什么。\n\n"
    "Lots of the units of the caller's area and where each stands; `lacking`: what keeps it from release.",
    **answers({"lots": [SHOWN], "next_cursor": None}),
)
async def list_lots(
    who: Reader,
    session: SessionDep,
    *,
    unit_code: CodeFilter = None,
    goods: Annotated[Goods | None, Query(description="货物种类 Kind of goods")] = None,
    state: Annotated[StateFilter | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List lots."""
    filters = {"unit_code": unit_code, "goods": goods, "state": state}
    after = code_after(cursor, "lot")
    rows = await service.page(session, who, filters=filters, after=after, limit=limit + 1)
    return page_of("lots", rows, limit=limit, position=lambda row: {"lot": row["lot_code"]})


@router.get(
    "/{lot_code}",
    summary="货物批次详情 One lot",
    description="含样本、结果和全部经过。\n\nWith its samples, their results and every step.",
    **answers(DETAIL),
)
async def get_lot(who: Reader, lot_code: CodePart, session: SessionDep) -> dict[str, Any]:
    """Return a lot."""
    return await service.get(session, who, lot_code)


@router.post(
    "/{lot_code}/tubes",
    summary="登记货物的样本 Say which tubes were taken of a lot",
    description="须为该单位到货后采集的物品或环境样本管,整份判定;一支管只属于一批货物,放行后不能再加。\n\n"
    "Tubes of goods or premises of its unit, taken after the arrival; all or none. A tube is of one lot, and "
    "none is added after the release.",
    **documents(LotTubesIn, example=TUBES),
    **answers(KEPT | {"samples": 1}),
)
async def add_lot_tubes(
    who: Writer,
    lot_code: CodePart,
    payload: Annotated[LotTubesIn, body(LotTubesIn)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
) -> dict[str, Any]:
    """Keep a lot's tubes."""
    kept = await service.add_tubes(session, who, lot_code, payload.tube_codes, now=now)
    rows = len(payload.tube_codes)
    await record(session, context, who=who, action="lot.tubes", now=now, subject=lot_code, rows=rows)
    return kept


@router.post(
    "/{lot_code}/steps",
    status_code=201,
    responses={**known(), 201: ANSWER},
    summary="货物报备、消毒、放行 Report, disinfect or release a lot",
    description="`reported` 报备、`disinfected` 消毒、`released` 放行;时间为实际时间,可事后补传,"
    "相同内容再次提交得 200。放行由疾控办理,须已报备、已消毒且全部样本为阴性"
    "(作废管不计,复核否定的阳性视为阴性),"
    "否则 409 `lot_not_releasable` 列出所缺各项。\n\n"
    "May be told later with its real time; the same again: 200. The CDC releases, once the lot was reported, "
    "disinfected, sampled and every sample is negative (void tubes are left out, a refuted positive counts "
    "as negative); else 409 with everything that is lacking.",
    **documents(LotStepIn, example=STEP),
)
async def add_lot_step(
    who: Writer,
    lot_code: CodePart,
    step: Annotated[LotStepIn, body(LotStepIn)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Keep a step of a lot."""
    kept, new = await service.take(session, who, lot_code, step, now=now)
    response.status_code = 201 if new else 200
    await record(session, context, who=who, action=f"lot.{step.kind}", now=now, subject=lot_code)
    return kept
