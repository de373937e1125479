"""HTTP surface of the ledger and the explanation."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter

from registry.ledger import service
from registry.ledger.schemas import ExplanationOut, LedgerOut
from shared.errors import CURSOR_INVALID, Problem
from shared.security.access import Principal, needs
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, decode_cursor, page_of

router = APIRouter(prefix="/v1/people", tags=["台账 Ledger"])


@router.get(
    "/{person_id}/ledger",
    response_model=LedgerOut,
    summary="核酸检测台账 Get a ledger",
    description="一人的全部采样和结果,新的在前,连同类别、周期、到期日和状态;更正和复核原样保留。\n\n"
    "Every sample and result of a person, newest first, with category, interval, due date and status; "
    "corrections and reviews are kept as they came.",
)
async def get_ledger(
    person_id: UUID,
    who: Annotated[Principal, needs("records:read")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """Return a page of a person's ledger."""
    heading, entries = await service.ledger(
        session, context, person_id=person_id, who=who, before=_before(cursor), limit=limit + 1, now=now
    )
    return {**heading, **page_of("entries", entries, limit=limit, position=_position)}


@router.get(
    "/{person_id}/explanation",
    response_model=ExplanationOut,
    summary="到期日说明 Explain a due date",
    description="为什么是这个到期日:规则、版本、采样、免检,以文字和数据说明。\n\n"
    "Why this due date: rule, version, sample and exemption, in sentences and as data.",
)
async def get_explanation(
    person_id: UUID,
    who: Annotated[Principal, needs("records:read")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Return the explanation of a person's due date."""
    return await service.explanation(session, context, person_id=person_id, who=who, now=now)


def _position(entry: dict[str, Any]) -> dict[str, Any]:
    return {"at": entry["collected_at"].isoformat(), "id": str(entry["entry_id"])}


def _before(cursor: str | None) -> service.Before | None:
    if cursor is None:
        return None
    position = decode_cursor(cursor)
    try:
        moment = datetime.fromisoformat(position["at"])
        entry_id = UUID(position["id"])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Problem(CURSOR_INVALID) from None
    if moment.tzinfo is None:
        raise Problem(CURSOR_INVALID)
    return moment, entry_id
