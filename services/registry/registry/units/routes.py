"""HTTP surface of units and of the industry map."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response, status

from registry.lists import NumberPath, SlugPath
from registry.units import mapping, queries, reading, service
from registry.units.schemas import (
    AttributeIn,
    AttributeList,
    AttributeOut,
    Defect,
    MapDefects,
    MappingIn,
    MappingList,
    MappingMade,
    MappingPatch,
    UnitIn,
    UnitList,
    UnitMade,
    UnitOut,
    UnitPatch,
)
from shared.audit.recording import record
from shared.clock import day_of
from shared.db import fetch_all, fetch_one
from shared.security.access import Principal, needs, require_whole_district
from shared.web.bodies import body, documents
from shared.web.codes import CodePath, CodeQuery
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, code_after, number_after, page_of

router = APIRouter(prefix="/v1/units", tags=["单位 Units"])
attribute_router = APIRouter(prefix="/v1/attributes", tags=["行业映射 Industry map"])
defect_router = APIRouter(prefix="/v1/industry-map-defects", tags=["行业映射 Industry map"])
map_router = APIRouter(prefix="/v1/industry-map", tags=["行业映射 Industry map"])

UNIT = {
    "unit_code": "91350100M000100Y43",
    "name": "海棠餐厅",
    "industry_code": "6210",
    "township_code": "TOWN-01",
    "contact": {"name": "李明", "phone": "13800138000"},
}
MAPPING = {
    "industry_prefix": "62",
    "department_code": "MARKET",
    "basis": "工作清单(七):区市场监管局负责酒吧、餐饮行业",
    "effective_from": "2022-01-01",
}


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=UnitMade,
    responses=known(UnitMade),
    summary="登记单位 Add a unit",
    description="统一社会信用代码校验;没有代码的用许可证号(`unit_code_type: licence`)。"
    "不给主管部门时由行业映射决定,没有或多于一个时为 null 并列为缺陷。\n\n"
    "The credit code is checked; without one give the licence number. Without `department_code` the "
    "industry map decides; none or two answer null and a defect.",
    **documents(UnitIn, example=UNIT),
)
async def add_unit(
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[UnitIn, body(UnitIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Add a unit."""
    unit, new = await service.add(session, context, wanted, who=who, now=now)
    await record(session, context, who=who, action="unit.add", now=now, subject=wanted.unit_code)
    response.status_code = status.HTTP_201_CREATED if new else status.HTTP_200_OK
    return {name: unit[name] for name in ("unit_id", "department_code", "defects")}


@router.get(
    "",
    response_model=UnitList,
    summary="单位列表 List units",
    description="按代码排序,可按镇街、主管部门、缺陷筛选;只列出本辖区内的单位。\n\n"
    "By code, inside the caller's area; by township, department or defect.",
)
async def list_units(
    who: Annotated[Principal, needs("records:read", "cases:respond")],
    context: ContextDep,
    session: SessionDep,
    township_code: CodeQuery = None,
    department_code: CodeQuery = None,
    defect: Annotated[Defect | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List units."""
    rows = await reading.page(
        session,
        context,
        who=who,
        after=code_after(cursor, "unit_code"),
        limit=limit + 1,
        township_code=township_code,
        department_code=department_code,
        defect=defect,
    )
    return page_of("units", rows, limit=limit, position=lambda row: {"unit_code": row["unit_code"]})


@router.get(
    "/{unit_code}",
    response_model=UnitOut,
    summary="查询单位 Get a unit",
    description="含主管部门的依据和缺陷。\n\nWith the basis of its department and its defects.",
)
async def get_unit(
    unit_code: CodePath,
    who: Annotated[Principal, needs("records:read", "cases:respond")],
    context: ContextDep,
    session: SessionDep,
) -> dict[str, Any]:
    """Return one unit."""
    return await reading.get(session, context, unit_code=unit_code, who=who)


@router.patch(
    "/{unit_code}",
    response_model=UnitOut,
    summary="修改单位 Change a unit",
    description="`department_code: null` 交还行业映射决定。\n\n"
    "`department_code: null` gives the decision back to the industry map.",
    **documents(UnitPatch, example={"department_code": "MARKET"}),
)
async def change_unit(
    unit_code: CodePath,
    who: Annotated[Principal, needs("admin")],
    patch: Annotated[UnitPatch, body(UnitPatch)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Change a unit."""
    await record(session, context, who=who, action="unit.change", now=now, subject=unit_code)
    return await service.change(session, context, patch, unit_code=unit_code, who=who, now=now)


@map_router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=MappingMade,
    responses=known(MappingMade),
    summary="新增行业映射 Add a row of the industry map",
    description="前缀可以是门类字母或 2-4 位代码;最长前缀优先;写明依据。受影响的单位随即更新。\n\n"
    "A section letter or 2-4 digits; the longest prefix decides; state the basis. Units follow at once. "
    "`dimension` and `value` (such as `hotel_class`, `star`) narrow a row to units with that attribute; "
    "`conflicts_with` names rows that give the same industry to another department.",
    **documents(MappingIn, example=MAPPING),
)
async def add_mapping(
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[MappingIn, body(MappingIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Add a row of the map."""
    require_whole_district(who)
    row, new = await mapping.add(session, wanted, who=who, now=now)
    await record(session, context, who=who, action="map.add", now=now, subject=str(row["map_id"]))
    response.status_code = status.HTTP_201_CREATED if new else status.HTTP_200_OK
    return await _made(session, row, now=now)


async def _made(session: SessionDep, row: dict[str, Any], *, now: datetime) -> dict[str, Any]:
    conflicts = await mapping.conflicts(session, map_id=row["map_id"])
    return {**row, "units_changed": await service.settle(session, now=now), "conflicts_with": conflicts}


@defect_router.get(
    "",
    response_model=MapDefects,
    summary="行业映射的缺陷 What is wrong with the industry map",
    description="今天被映射到两个以上部门的行业,以及辖区内没有主管部门的单位所属行业、原因和单位数。\n\n"
    "Industries mapped to several departments today, and those of units for which nobody answers, with the "
    "reason and how many units; inside the caller's area.",
)
async def list_map_defects(
    who: Annotated[Principal, needs("records:read")],
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """List what is wrong with the map."""
    today = day_of(now)
    area = {"area_township": who.township, "area_department": who.department}
    industries = await fetch_all(session, queries.UNSETTLED_INDUSTRIES, today=today, **area)
    return {"doubled": await fetch_all(session, queries.DOUBLED, today=today), "industries": industries}


@map_router.get(
    "",
    response_model=MappingList,
    summary="行业映射列表 List the industry map",
    description="全部映射,含已结束的。\n\nEvery row, also those that ended.",
)
async def list_mappings(
    _: Annotated[Principal, needs("records:read")],
    session: SessionDep,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List the map."""
    rows = await mapping.page(session, after=number_after(cursor, "map_id"), limit=limit + 1)
    return page_of("mappings", rows, limit=limit, position=lambda row: {"map_id": row["map_id"]})


@map_router.patch(
    "/{map_id}",
    response_model=MappingMade,
    summary="结束行业映射 End a row of the industry map",
    description="给出最后一天(含)。\n\nGives its last day, included.",
    **documents(MappingPatch, example={"effective_to": "2022-12-31"}),
)
async def end_mapping(
    map_id: NumberPath,
    who: Annotated[Principal, needs("admin")],
    patch: Annotated[MappingPatch, body(MappingPatch)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """End a row of the map."""
    require_whole_district(who)
    last = "open" if patch.effective_to is None else patch.effective_to.isoformat()
    await record(session, context, who=who, action="map.end", now=now, subject=str(map_id), purpose=last)
    row = await mapping.end(session, map_id=map_id, effective_to=patch.effective_to)
    return await _made(session, row, now=now)


@attribute_router.put(
    "/{dimension}/{value}",
    status_code=status.HTTP_201_CREATED,
    response_model=AttributeOut,
    responses=known(AttributeOut),
    summary="设定单位属性 Set an attribute of units",
    description="一个行业代码不足以确定主管部门时使用,如酒店星级、企业规模、医疗机构类型。\n\n"
    "For where one industry code does not decide: a hotel's class, an enterprise's size.",
    **documents(AttributeIn, example={"name_zh": "星级酒店", "name_en": "Star hotel"}),
)
async def put_attribute(
    dimension: SlugPath,
    value: SlugPath,
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[AttributeIn, body(AttributeIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Add or rename an attribute."""
    require_whole_district(who)
    subject = f"{dimension}={value}"
    await record(session, context, who=who, action="attribute.set", now=now, subject=subject)
    row = await fetch_one(
        session,
        queries.PUT_ATTRIBUTE,
        dimension=dimension,
        value=value,
        **wanted.model_dump(),
        created_by=who.client_id,
        now=now,
    )
    stored = dict(row or {})
    response.status_code = status.HTTP_201_CREATED if stored["new"] else status.HTTP_200_OK
    return stored


@attribute_router.get(
    "",
    response_model=AttributeList,
    summary="单位属性列表 List attributes of units",
    description="全部属性及取值。\n\nEvery dimension and value.",
)
async def list_attributes(
    _: Annotated[Principal, needs("records:read", "cases:respond")], session: SessionDep
) -> dict[str, Any]:
    """List attributes."""
    return {"attributes": await fetch_all(session, queries.ATTRIBUTES)}
