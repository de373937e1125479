"""HTTP surface of draws."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Response, status

from registry.draws import service
from registry.draws.schemas import DrawIn, DrawOut
from shared.security.access import Principal, needs
from shared.web.bodies import body, documents
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known

router = APIRouter(prefix="/v1/draws", tags=["抽检率 Shares"])

DRAW = {
    "unit_code": "91350100M000100Y43",
    "category_code": "8A3",
    "department_in_unit": "骨科",
    "on": "2026-11-23",
    "seed": "2026-W48",
}


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=DrawOut,
    responses=known(DrawOut)
    | {404: {"description": "不存在,或不在本辖区之内 Not there, or outside the area"}},
    summary="抽取当周检测人员 Draw whom to sample",
    description="按抽检率抽取,最久未检测者优先,同等者由种子决定;同一种子可重现。每组每周一次。\n\n"
    "As many as the share asks for, those longest untested first, equals by the seed; the same seed gives "
    "the same draw. One for each group and week.",
    **documents(DrawIn, example=DRAW),
)
async def make_draw(
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[DrawIn, body(DrawIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Draw whom to sample in a week."""
    made, new = await service.draw(session, context, wanted, who=who, now=now)
    response.status_code = status.HTTP_201_CREATED if new else status.HTTP_200_OK
    return made


@router.get(
    "/{draw_id}",
    response_model=DrawOut,
    summary="查询抽取结果 Get a draw",
    description="名单,并用同一种子重新抽取核对。\n\nWho was drawn; it is drawn again by its seed to check.",
)
async def get_draw(
    draw_id: UUID,
    who: Annotated[Principal, needs("records:read")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Return a draw."""
    return await service.get(session, context, draw_id=draw_id, who=who, now=now)
