"""HTTP surface of people."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response, status

from registry.lists import HealthCodePath
from registry.people import changing, reading, roster, service
from registry.people.schemas import (
    BulkVerdict,
    HealthCodesIn,
    PeopleIn,
    PersonIn,
    PersonOut,
    PersonPatch,
    RosterCompared,
    RosterIn,
    UnitPeople,
)
from shared.security.access import Principal, needs
from shared.web.bodies import BULK_BYTES, body, documents
from shared.web.codes import CodePath
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, page_of, uuid_after
from shared.web.problems import worded

router = APIRouter(prefix="/v1", tags=["人员 People"])

PERSON = {
    "health_code_id": "HC-000001",
    "id_type": "resident_id",
    "id_no": "11010519491231002X",
    "name": "张伟",
    "phone": "13800138000",
    "unit_code": "91350100M000100Y43",
    "category_code": "LOCAL-CATERING",
    "enrolled_on": "2026-11-01",
}


@router.post(
    "/people",
    status_code=status.HTTP_201_CREATED,
    response_model=PersonOut,
    responses=known(PersonOut),
    summary="登记人员 Register a person",
    description="人员由证件类型和号码确定;新登记 201,已有的更新并返回 200。\n\n"
    "A person is `(id_type, id_no)`: 201 when new, 200 when known and brought up to date.",
    **documents(PersonIn, example=PERSON),
)
async def add_person(
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[PersonIn, body(PersonIn)],
    context: ContextDep,
    response: Response,
) -> dict[str, Any]:
    """Register one person."""
    stored, new = await service.register_one(context, wanted, who=who)
    response.status_code = status.HTTP_201_CREATED if new else status.HTTP_200_OK
    async with context.db.transaction(limits=who.limits) as session:
        now = await context.clock.now(session)
        return await reading.person(
            session, context, person_id=stored.person_id, who=who, now=now, purpose="registered"
        )


@router.post(
    "/people/bulk",
    response_model=BulkVerdict,
    summary="批量登记人员 Register people in bulk",
    description="最多 10,000 行,逐行判定:accepted(新增)+ updated(已有)+ rejected = 行数。"
    "给出单位或类别即纳入;`left_on` 结束纳入;没有类别的人没有检测任务。\n\n"
    "At most 10,000 rows, judged one by one: accepted (new) + updated (known) + rejected = sent. A unit or "
    "a category enrols, `left_on` ends it; without a category there is no duty.",
    **documents(PeopleIn, example={"people": [PERSON]}),
)
async def add_people(
    request: Request,
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[PeopleIn, body(PeopleIn, max_bytes=BULK_BYTES)],
    context: ContextDep,
) -> dict[str, Any]:
    """Register up to 10,000 people."""
    return worded(await service.register(context, wanted.people, who=who), request)


@router.post(
    "/health-code-ids/bulk",
    response_model=BulkVerdict,
    summary="批量登记健康码标识 Assign health-code ids in bulk",
    description="为已登记人员写入或更换健康码标识;他人持有的标识该行拒绝 `health_code_taken`。\n\n"
    "Gives known people their ids, or new ones; one held by another person rejects the row.",
    **documents(
        HealthCodesIn,
        example={
            "codes": [
                {"id_type": "resident_id", "id_no": "11010519491231002X", "health_code_id": "HC-000002"}
            ]
        },
    ),
)
async def assign_health_codes(
    request: Request,
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[HealthCodesIn, body(HealthCodesIn, max_bytes=BULK_BYTES)],
    context: ContextDep,
) -> dict[str, Any]:
    """Assign up to 10,000 health-code ids."""
    return worded(await service.assign(context, wanted.codes, who=who), request)


@router.get(
    "/people/by-health-code/{health_code_id}",
    response_model=PersonOut,
    summary="按健康码标识查询人员 Get a person by health-code id",
    description="已脱敏;换码后旧标识仍能查到本人。查询留痕。\n\n"
    "Masked; a replaced id still leads to its person. The look is recorded.",
)
async def get_person_by_code(
    health_code_id: HealthCodePath,
    who: Annotated[Principal, needs("records:read")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Return a person by health code."""
    return await reading.person_by_code(session, context, health_code_id=health_code_id, who=who, now=now)


@router.get(
    "/people/{person_id:uuid}",
    response_model=PersonOut,
    summary="查询人员 Get a person",
    description="已脱敏,含纳入和豁免;查询留痕。\n\nMasked, with enrolments and exemptions; recorded.",
)
async def get_person(
    person_id: UUID,
    who: Annotated[Principal, needs("records:read")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Return a person."""
    return await reading.person(session, context, person_id=person_id, who=who, now=now)


@router.patch(
    "/people/{person_id:uuid}",
    response_model=PersonOut,
    summary="修改人员 Change a person",
    description="姓名、电话、健康码标识、接种完成日期;除姓名外 null 表示清除。\n\n"
    "Name, phone, health-code id, vaccination date; null clears all but the name.",
    **documents(PersonPatch, example={"vaccination_completed_on": "2026-10-01"}),
)
async def change_person(
    person_id: UUID,
    who: Annotated[Principal, needs("admin")],
    patch: Annotated[PersonPatch, body(PersonPatch)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Change a person."""
    await changing.change(session, context, patch, person_id=person_id, who=who, now=now)
    return await reading.person(session, context, person_id=person_id, who=who, now=now, purpose="changed")


@router.get(
    "/units/{unit_code}/people",
    response_model=UnitPeople,
    summary="单位人员列表 List a unit's people",
    description="姓名已脱敏;默认不含已离开的人。查询留痕。\n\n"
    "Names masked; those who left only with `former=true`. The look is recorded.",
)
async def list_people_of_unit(
    unit_code: CodePath,
    who: Annotated[Principal, needs("records:read")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    *,
    former: Annotated[bool, Query()] = False,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List a unit's people."""
    rows = await reading.people_of_unit(
        session,
        context,
        unit_code=unit_code,
        who=who,
        now=now,
        after=(uuid_after(cursor, "person_id"), uuid_after(cursor, "enrolment_id")),
        limit=limit + 1,
        former=former,
    )
    return page_of(
        "people",
        rows,
        limit=limit,
        position=lambda row: {
            "person_id": str(row["person_id"]),
            "enrolment_id": str(row["enrolment_id"]),
        },
    )


@router.post(
    "/units/{unit_code}/roster",
    response_model=RosterCompared,
    summary="花名册比对 Compare a roster",
    description="单位花名册与已纳入人员比对,列出未纳入的行和不在册的人;不保存任何内容。\n\n"
    "The unit's roster against who is enrolled: rows not enrolled, and people not on it. Nothing is kept.",
    **documents(RosterIn, example={"people": [{"id_type": "resident_id", "id_no": "11010519491231002X"}]}),
)
async def compare_roster(
    request: Request,
    unit_code: CodePath,
    who: Annotated[Principal, needs("records:read")],
    wanted: Annotated[RosterIn, body(RosterIn, max_bytes=BULK_BYTES)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Compare a unit's roster with who is enrolled."""
    found = await roster.compare(session, context, wanted.people, unit_code=unit_code, who=who, now=now)
    return worded(found, request)
