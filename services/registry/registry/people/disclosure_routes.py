"""HTTP surface of disclosures."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response

from registry.people import disclosing
from registry.people.schemas import DisclosureIn, DisclosureOut
from shared.security.access import Principal, needs
from shared.web.bodies import body, documents
from shared.web.deps import ContextDep, NowDep, SessionDep

router = APIRouter(prefix="/v1/people/{person_id}/disclosure", tags=["人员 People"])

EXAMPLE = {"reason": "流调核实密接人员身份", "fields": ["name", "phone"]}


@router.post(
    "",
    response_model=DisclosureOut,
    response_model_exclude_unset=True,
    summary="查看明文 Disclose a person's fields",
    description="证件号码、姓名、电话的明文;仅限实名个人账号,须写明事由,逐次留痕。其他接口一律脱敏。\n\n"
    "Number, name and phone in clear: for clients that are a named person, with a reason, each recorded. "
    "Everywhere else they are masked.",
    **documents(DisclosureIn, example=EXAMPLE),
)
async def disclose_person(
    person_id: UUID,
    who: Annotated[Principal, needs("records:read")],
    wanted: Annotated[DisclosureIn, body(DisclosureIn, max_bytes=16 * 1024)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Show a person's fields in clear."""
    response.headers["Cache-Control"] = "no-store"
    return await disclosing.disclose(session, context, wanted, person_id=person_id, who=who, now=now)
