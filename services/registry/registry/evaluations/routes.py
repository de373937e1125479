"""HTTP surface of evaluations."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, status

from registry.evaluations import service
from registry.evaluations.schemas import EvaluationAsked, EvaluationIn, EvaluationOut
from shared.errors import NOT_FOUND, Problem
from shared.security.access import Principal, needs
from shared.web.bodies import body, documents
from shared.web.deps import NowDep, SessionDep

router = APIRouter(prefix="/v1/evaluations", tags=["评估 Evaluations"])


@router.post(
    "",
    status_code=status.HTTP_202_ACCEPTED,
    response_model=EvaluationAsked,
    summary="评估当日应检情况 Evaluate a day",
    description="找出即将到期、到期和逾期的人员并逐单位告知;每天零点后也会自动进行。同一天再次请求不改变任何内容,也不重复通知。\n\n"
    "Finds who is due soon, due or overdue and tells unit by unit; it also runs by itself soon after "
    "00:00. Again for the same day nothing changes and nobody is told twice.",
    **documents(EvaluationIn, example={}),
)
async def ask_evaluation(
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[EvaluationIn, body(EvaluationIn)],
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Open the evaluation of a day."""
    _whole_district(who)
    return await service.ask(session, as_of=wanted.as_of, asked_by=who.client_id, now=now)


@router.get(
    "/{evaluation_id}",
    response_model=EvaluationOut,
    summary="查询评估 Get an evaluation",
    description="进度与人数。\n\nHow it stands, and the counts.",
)
async def get_evaluation(
    evaluation_id: UUID,
    who: Annotated[Principal, needs("records:read")],
    session: SessionDep,
) -> dict[str, Any]:
    """Return an evaluation."""
    _whole_district(who)
    return await service.get(session, evaluation_id=evaluation_id)


def _whole_district(who: Principal) -> None:
    """An evaluation is of the whole district; whoever sees a part of it does not see this."""
    if who.limited:
        raise Problem(NOT_FOUND)
