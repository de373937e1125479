"""The CDC's work list and its verdicts."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query

from results_ingest.reviews import service
from results_ingest.reviews.schemas import ReviewIn
from results_ingest.shown import shown_of
from shared.audit.recording import record
from shared.security.access import Principal, needs
from shared.web.bodies import body, documents
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, page_of, uuid_after

router = APIRouter(prefix="/v1/reviews", tags=["复核 Reviews"])
Reviewer = Annotated[Principal, needs("reviews:write")]
EXAMPLE = {"verdict": "confirmed", "reviewer": "王医生", "note": "复采双试剂阳性"}


@router.get(
    "",
    summary="待复核的结果 Results to be reviewed",
    description="疾控中心的复核工作单,按结果编号排序;不含姓名和证件号码。\n\n"
    "The CDC's work list in the order of result ids; no names and no document numbers.",
)
async def list_reviews(
    who: Reviewer,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    state: Annotated[Literal["open", "closed"] | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List reviews."""
    rows = await service.listed(session, who, state=state, after=uuid_after(cursor, "r"), limit=limit + 1)
    await record(session, context, who=who, action="reviews.list", now=now, rows=min(len(rows), limit))
    shown = [shown_of(row) for row in rows]
    return page_of("reviews", shown, limit=limit, position=lambda row: {"r": str(row["result_id"])})


@router.post(
    "/{result_id}",
    summary="复核一个结果 Review a result",
    description="`confirmed` 确认阳性;`refuted` 排除,该样本按阴性计,原结果保留;"
    "`released` 解除,仅可在确认之后。同一结论重复提交得到同样的回答。\n\n"
    "`confirmed` makes it positive; `refuted` lets the sample count as negative and keeps the original; "
    "`released`, only after `confirmed`, lets later samples count again. The same verdict again is "
    "answered alike.",
    **documents(ReviewIn, example=EXAMPLE),
)
async def review_result(
    who: Reviewer,
    payload: Annotated[ReviewIn, body(ReviewIn)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    result_id: UUID,
) -> dict[str, Any]:
    """Record a verdict."""
    decided = await service.decide(
        session,
        context,
        who,
        result_id=result_id,
        verdict=payload.verdict,
        reviewer=payload.reviewer,
        note=payload.note,
        now=now,
    )
    await record(session, context, who=who, action="review.decide", now=now, subject=str(result_id))
    return shown_of(decided)
