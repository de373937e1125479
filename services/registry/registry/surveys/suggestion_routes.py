"""HTTP surface of suggested matches."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query

from registry.surveys import queries, service, suggestions
from registry.surveys.schemas import SuggestionDecision, SuggestionList, SuggestionOut
from shared.audit.recording import record
from shared.db import fetch_all
from shared.security.access import Principal, needs
from shared.web.bodies import body, documents
from shared.web.codes import CodePath
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, page_of, uuid_after

router = APIRouter(prefix="/v1", tags=["摸排 Surveys"])


@router.get(
    "/survey-rounds/{code}/suggestions",
    response_model=SuggestionList,
    summary="匹配建议列表 List suggested matches",
    description="代码相符但不能确定的,以及名称、地址相近的;只列出两边都在本辖区内的。\n\n"
    "What fits by code without deciding, and what resembles by name and address; both sides inside the area.",
)
async def list_suggestions(
    code: CodePath,
    who: Annotated[Principal, needs("records:read", "cases:respond")],
    session: SessionDep,
    *,
    state: Annotated[Literal["open", "confirmed", "rejected"] | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List suggestions."""
    await service.round_of(session, code)
    rows = await fetch_all(
        session,
        queries.SUGGESTION_PAGE,
        round_code=code,
        after=uuid_after(cursor, "suggestion_id"),
        limit=limit + 1,
        state=state,
        area_township=who.township,
        area_department=who.department,
    )
    shown = [suggestions.shown_suggestion(row) for row in rows]
    return page_of(
        "suggestions", shown, limit=limit, position=lambda row: {"suggestion_id": str(row["suggestion_id"])}
    )


@router.post(
    "/licence-suggestions/{suggestion_id}/decision",
    response_model=SuggestionOut,
    summary="确认或否定匹配 Decide a suggested match",
    description="只有实名人员可以确认;确认对以后各轮同一处同样有效。再次比对后生效。\n\n"
    "Only a named person decides; the word holds for the same place in later rounds, and takes effect with "
    "the next comparison.",
    **documents(SuggestionDecision, example={"decision": "confirm"}),
)
async def decide_suggestion(
    suggestion_id: UUID,
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[SuggestionDecision, body(SuggestionDecision)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Decide a suggestion."""
    await record(
        session,
        context,
        who=who,
        action="suggestion.decide",
        now=now,
        subject=str(suggestion_id),
        purpose=wanted.decision,
    )
    return await suggestions.decide_suggestion(
        session,
        context,
        suggestion_id=suggestion_id,
        decision=wanted.decision,
        note=wanted.note,
        who=who,
        now=now,
    )
