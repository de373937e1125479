"""HTTP surface of exemptions."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response, status

from registry.people import exempting
from registry.people.reading import visible_person
from registry.people.schemas import ExemptionIn, ExemptionList, ExemptionOut, ExemptionPatch
from shared.audit.recording import record
from shared.clock import day_of
from shared.security.access import Principal, needs
from shared.web.bodies import body, documents
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known

router = APIRouter(prefix="/v1/people/{person_id}/exemptions", tags=["人员 People"])

LEAVE = {"kind": "leave", "from": "2026-11-21", "to": "2026-11-30", "reason": "产假"}


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=ExemptionOut,
    responses=known(ExemptionOut),
    summary="登记豁免、休假或停岗 Grant an exemption",
    description="起止两天都算在内。exempt、leave:期间无检测任务;suspended:任务照旧但不得上岗。\n\n"
    "Both days included. `exempt`, `leave`: no duty; `suspended`: the duty goes on, not cleared.",
    **documents(ExemptionIn, example=LEAVE),
)
async def grant_exemption(
    person_id: UUID,
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[ExemptionIn, body(ExemptionIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Grant an exemption."""
    await visible_person(session, person_id=person_id, who=who, today=day_of(now))
    granted, new = await exempting.grant(session, context, wanted, person_id=person_id, who=who, now=now)
    await record(session, context, who=who, action="exemption.grant", person_id=person_id, now=now)
    response.status_code = status.HTTP_201_CREATED if new else status.HTTP_200_OK
    return granted


@router.get(
    "",
    response_model=ExemptionList,
    summary="豁免列表 List exemptions",
    description="按起始日期排序;查询留痕。\n\nBy first day; the look is recorded.",
)
async def list_exemptions(
    person_id: UUID,
    who: Annotated[Principal, needs("records:read")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """List a person's exemptions."""
    await visible_person(session, person_id=person_id, who=who, today=day_of(now))
    await record(session, context, who=who, action="exemptions.read", person_id=person_id, now=now)
    return {"exemptions": await exempting.exemptions_of(session, context, person_id=person_id)}


@router.patch(
    "/{exemption_id}",
    response_model=ExemptionOut,
    summary="修改豁免 Change an exemption",
    description="可改起止日期和事由,原内容留存。\n\nDays and reason may change; what stood before is kept.",
    **documents(ExemptionPatch, example={"to": "2026-11-25"}),
)
async def change_exemption(
    person_id: UUID,
    exemption_id: UUID,
    who: Annotated[Principal, needs("admin")],
    patch: Annotated[ExemptionPatch, body(ExemptionPatch)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Change an exemption."""
    await visible_person(session, person_id=person_id, who=who, today=day_of(now))
    await record(session, context, who=who, action="exemption.change", person_id=person_id, now=now)
    return await exempting.change(
        session, context, patch, person_id=person_id, exemption_id=exemption_id, who=who, now=now
    )


@router.delete(
    "/{exemption_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="取消豁免 Cancel an exemption",
    description="从今天起不再有效;已过去的日子不变。\n\nIt ends with yesterday; days that have passed stay.",
)
async def cancel_exemption(
    person_id: UUID,
    exemption_id: UUID,
    who: Annotated[Principal, needs("admin")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> None:
    """Cancel an exemption."""
    await visible_person(session, person_id=person_id, who=who, today=day_of(now))
    await record(session, context, who=who, action="exemption.cancel", person_id=person_id, now=now)
    await exempting.cancel(session, context, person_id=person_id, exemption_id=exemption_id, who=who, now=now)
