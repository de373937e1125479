"""The CDC's work list and its verdicts."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy import RowMapping

from results_ingest.reviews import service
from results_ingest.reviews.schemas import ReviewIn
from results_ingest.shown import shown_of
from shared.audit.recording import record
from shared.errors import CURSOR_INVALID, Problem
from shared.security.access import Principal, needs
from shared.web.bodies import body, documents
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import (
    DEFAULT_LIMIT,
    FIRST,
    Cursor,
    Limit,
    decode_cursor,
    moment_of,
    page_of,
    uuid_after,
)

router = APIRouter(prefix="/v1/reviews", tags=["复核 Reviews"])
Reviewer = Annotated[Principal, needs("reviews:write")]
OverdueOnly = Annotated[bool, Query(description="只看超时未复核 Only those waiting too long")]
_EARLIEST: Final = datetime(2020, 1, 1, tzinfo=UTC)
EXAMPLE = {"verdict": "confirmed", "reviewer": "王医生", "note": "复采双试剂阳性"}


@router.get(
    "",
    summary="待复核的结果 Results to be reviewed",
    description="疾控中心的复核工作单,等待最久的在前,附等待分钟数和是否超时;不含姓名和证件号码。\n\n"
    "The CDC's work list, what has waited longest first, with the minutes it has waited and whether it is "
    "overdue; no names and no document numbers.",
)
async def list_reviews(
    who: Reviewer,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    state: Annotated[Literal["open", "closed"] | None, Query()] = None,
    overdue: OverdueOnly = False,  # noqa: FBT002 - a query parameter
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List reviews."""
    limit_of = timedelta(hours=context.settings.review_hours)
    rows = await service.listed(
        session,
        who,
        state="open" if overdue else state,
        after=_after(cursor),
        overdue=limit_of if overdue else None,
        limit=limit + 1,
        now=now,
    )
    await record(session, context, who=who, action="reviews.list", now=now, rows=min(len(rows), limit))
    shown = [shown_of(row) | _age(row, now=now, limit=limit_of) for row in rows]
    return page_of("reviews", shown, limit=limit, position=_position)


def _age(row: RowMapping, *, now: datetime, limit: timedelta) -> dict[str, Any]:
    """Return how long a review has waited, or had waited when it was closed."""
    waited = max((row["reviewed_at"] or now) - row["opened_at"], timedelta(0))
    return {
        "age_minutes": int(waited.total_seconds() // 60),
        "overdue": row["state"] == "open" and waited > limit,
    }


def _position(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"at": row["opened_at"].isoformat(), "r": str(row["result_id"])}


def _after(cursor: str | None) -> tuple[datetime, UUID]:
    if cursor is None:
        return _EARLIEST, FIRST
    said = decode_cursor(cursor).get("at")
    at = moment_of("cursor", said) if isinstance(said, str) else None
    if at is None:
        raise Problem(CURSOR_INVALID)
    return at, uuid_after(cursor, "r")


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
