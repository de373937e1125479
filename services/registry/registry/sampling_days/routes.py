"""HTTP surface of sampling days."""

from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from registry.lists import DayQuery
from registry.sampling_days import service
from registry.sampling_days.schemas import SamplersIn, SamplersOut, SamplingList, Workload, WorkOrder
from shared.audit.recording import record
from shared.clock import day_of
from shared.security.access import Principal, needs
from shared.web.bodies import body, documents
from shared.web.codes import CodePath, CodeQuery
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, code_after, page_of, uuid_after
from shared.web.periods import day_in

router = APIRouter(prefix="/v1", tags=["采样安排 Sampling days"])
Reader = Annotated[Principal, needs("records:read", "samples:write")]


async def _wanted(
    unit_code: CodeQuery = None,
    institution_code: CodeQuery = None,
    township_code: CodeQuery = None,
    department_code: CodeQuery = None,
) -> service.Filter:
    return service.Filter(unit_code, institution_code, township_code, department_code)


Wanted = Annotated[service.Filter, Depends(_wanted)]


def _day(on: str | None, now: datetime) -> date:
    """Return the day asked for, else tomorrow."""
    return day_in("on", on) or day_of(now) + timedelta(days=1)


@router.get(
    "/sampling-list",
    response_model=SamplingList,
    summary="次日采样名单 Who is to be sampled",
    description="按现行检测任务,某日(默认次日)应采样人员及其单位约定的采样机构、地点、时间;在检和免检的除外。"
    "姓名已脱敏,查询留痕;导出用 `POST /v1/exports` 的 `sampling-list`。\n\n"
    "By the duties as they stand, who is to be sampled by a day (tomorrow), and the institution, place and "
    "time agreed for their unit; nobody under test or excused. Masked; recorded; also as a sheet.",
)
async def list_sampling(
    who: Reader,
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    wanted: Wanted,
    on: DayQuery = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List who is to be sampled."""
    day = _day(on, now)
    after = (uuid_after(cursor, "person_id"), code_after(cursor, "unit_code"))
    rows = await service.page(
        session, context, who=who, wanted=wanted, day=day, after=after, limit=limit + 1, now=now
    )
    page = page_of(
        "people",
        rows,
        limit=limit,
        position=lambda row: {"person_id": str(row["person_id"]), "unit_code": row["unit_code"]},
    )
    return {"on": day, **page}


@router.get(
    "/sampling-workload",
    response_model=Workload,
    summary="日工作量测算 A day's workload",
    description="各采样机构某日(默认次日)应采人数与采样能力之比,及建议增加的采样人员:"
    "人数 ÷ `SAMPLES_PER_SAMPLER_DAY` 向上取整,减去现有人员。\n\n"
    "How many people each institution is to sample on a day (tomorrow) against what its samplers can, and "
    "how many more it needs: people / SAMPLES_PER_SAMPLER_DAY rounded up, less those it has.",
)
async def get_workload(
    who: Reader, context: ContextDep, session: SessionDep, now: NowDep, wanted: Wanted, on: DayQuery = None
) -> dict[str, Any]:
    """Return the workload of a day."""
    day = _day(on, now)
    sites = await service.workload(session, context, who=who, wanted=wanted, day=day, now=now)
    return {"on": day, "per_sampler": context.settings.samples_per_sampler_day, "sites": sites}


@router.get(
    "/units/{unit_code}/work-order",
    response_model=WorkOrder,
    summary="单位采样工作单 A unit's work order",
    description="某日(默认次日)由哪个机构、在何处、何时采样,及应采人数。\n\n"
    "Which institution samples the unit on a day (tomorrow), where, when, and how many of its people.",
)
async def get_work_order(
    unit_code: CodePath,
    who: Annotated[Principal, needs("records:read", "cases:respond", "samples:write")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    on: DayQuery = None,
) -> dict[str, Any]:
    """Return a unit's work order."""
    day = _day(on, now)
    return await service.work_order(session, context, unit_code=unit_code, who=who, day=day, now=now)


@router.put(
    "/units/{unit_code}/samplers",
    response_model=SamplersOut,
    summary="登记采样人员数 Say how many samplers",
    description="自某日起该机构的采样人员数。\n\nFrom a day on; the newest that has begun holds.",
    **documents(SamplersIn, example={"samplers": 4, "effective_from": "2026-12-01"}),
)
async def put_samplers(
    unit_code: CodePath,
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[SamplersIn, body(SamplersIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Keep how many samplers an institution has."""
    await record(session, context, who=who, action="samplers.set", now=now, subject=unit_code)
    return await service.put_samplers(session, wanted, unit_code=unit_code, who=who, now=now)
