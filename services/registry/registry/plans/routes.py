"""HTTP surface of plans for goods and premises."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response, status

from registry.plans import service
from registry.plans.schemas import PlanIn, PlanList, PlanOut, SamplingIn, ScheduleState
from shared.security.access import Principal, needs
from shared.web.bodies import body, documents
from shared.web.codes import CodePath, CodeQuery
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, page_of, uuid_after

router = APIRouter(prefix="/v1/unit-plans", tags=["物品与环境 Goods and premises"])
unit_router = APIRouter(prefix="/v1/units/{unit_code}", tags=["物品与环境 Goods and premises"])

PLAN = {"category_code": "LOCAL-COLD", "effective_from": "2026-11-21"}
SAMPLING = {"subject": "environment", "what": "sample", "at": "2026-11-21T09:00:00+08:00"}
StateQuery = Annotated[ScheduleState | None, Query(description="状态 State")]


@unit_router.post(
    "/plans",
    status_code=status.HTTP_201_CREATED,
    response_model=PlanOut,
    responses=known(PlanOut),
    summary="物品环境检测计划 Plan sampling of goods and premises",
    description="单位的物品和环境按某类别的规则定期检测,与从业人员并行;同样内容再次登记返回 200。\n\n"
    "A unit's goods and premises are sampled by the rules of a category, beside its people; the same again "
    "answers 200.",
    **documents(PlanIn, example=PLAN),
)
async def add_plan(
    unit_code: CodePath,
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[PlanIn, body(PlanIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Put a unit under the thing rules of a category."""
    plan, new = await service.add(session, context, wanted, unit_code=unit_code, who=who, now=now)
    response.status_code = status.HTTP_201_CREATED if new else status.HTTP_200_OK
    return plan


@unit_router.post(
    "/samplings",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="登记物品环境采样或到货 Note a sample or an arrival of goods",
    description="重复登记无影响。\n\nTold twice it counts once.",
    **documents(SamplingIn, example=SAMPLING),
)
async def note_sampling(
    unit_code: CodePath,
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[SamplingIn, body(SamplingIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> None:
    """Note a sample or an arrival."""
    await service.note(session, context, wanted, unit_code=unit_code, who=who, now=now)


@router.get(
    "",
    response_model=PlanList,
    summary="物品环境检测计划列表 List plans",
    description="每个计划下次应检日期;可按单位和状态筛选,只含本辖区。\n\n"
    "When each is next due; by unit and state, inside the area.",
)
async def list_plans(
    who: Annotated[Principal, needs("records:read", "cases:respond")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    unit_code: CodeQuery = None,
    state: StateQuery = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List plans."""
    rows = await service.page(
        session,
        context,
        who=who,
        unit_code=unit_code,
        state=state,
        after=uuid_after(cursor, "plan_id"),
        limit=limit + 1,
        now=now,
    )
    return page_of("plans", rows, limit=limit, position=lambda row: {"plan_id": str(row["plan_id"])})
