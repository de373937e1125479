"""HTTP surface of transfers."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter

from registry.people import reading
from registry.people.schemas import PersonOut
from registry.transfers import service
from registry.transfers.schemas import TransferIn
from shared.audit.recording import record
from shared.security.access import Principal, needs
from shared.web.bodies import body, documents
from shared.web.deps import ContextDep, NowDep, SessionDep

router = APIRouter(prefix="/v1/people/{person_id}/transfers", tags=["人员 People"])

EXAMPLE = {
    "from": {"unit_code": "91350100M000100Y43", "category_code": "LOCAL-CATERING"},
    "to": {"unit_code": "91512081MA62K0260E", "category_code": "LOCAL-BATH-BEAUTY"},
    "on": "2026-11-21",
}


@router.post(
    "",
    response_model=PersonOut,
    summary="人员调动 Transfer a person",
    description="自 `on` 当天起离开原单位和类别、纳入新的;以前的纳入记录保留。重复提交结果不变。\n\n"
    "From the day `on` the person is enrolled in the new unit and category and no longer in the old; what "
    "stood before is kept. The same again changes nothing.",
    **documents(TransferIn, example=EXAMPLE),
)
async def transfer_person(
    person_id: UUID,
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[TransferIn, body(TransferIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Move a person to another unit or category."""
    await service.transfer(session, context, wanted, person_id=person_id, who=who, now=now)
    await record(session, context, who=who, action="person.transfer", person_id=person_id, now=now)
    return await reading.person(
        session, context, person_id=person_id, who=who, now=now, purpose="transferred"
    )
