"""HTTP surface of the business clock; demo and test only."""

from typing import Annotated

from fastapi import APIRouter, status

from registry.clock import service
from registry.clock.schemas import ClockIn
from shared.security.access import Principal, needs, require_whole_district
from shared.web.bodies import body, documents
from shared.web.deps import ContextDep, SessionDep

router = APIRouter(prefix="/v1/clock", tags=["演示 Demo and test"])


@router.put(
    "",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="拨快业务时钟 Move the business clock",
    description="仅限演示和测试环境:三个服务的业务时间同时前移;倒退返回 409。\n\n"
    "Demo and test only: the business time of all three services moves forward; backwards is 409.",
    **documents(ClockIn, example={"now": "2026-11-22T08:00:00+08:00"}),
)
async def move_clock(
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[ClockIn, body(ClockIn)],
    context: ContextDep,
    session: SessionDep,
) -> None:
    """Move the clock."""
    require_whole_district(who)
    await service.move(session, context, now=wanted.now)
