"""Dead letters over HTTP, the same on every service: its own deliveries, never a body."""

from datetime import datetime
from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel

from shared.audit.recording import record
from shared.bus import dead_letters
from shared.errors import CURSOR_INVALID, Problem
from shared.security.access import Principal, needs, require_whole_district
from shared.web.bodies import body, documents
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, decode_cursor, encode_cursor
from shared.web.types import ShortText, WireModel

router = APIRouter(prefix="/v1/dead-letters", tags=["运行 Operation"])

MAX_REASON: Final = 16 * 1024
Admin = Annotated[Principal, needs("admin")]


class DeadLetter(BaseModel):
    """A delivery that was given up; `error` is a code or the name of an error, never its text."""

    id: UUID
    name: str
    version: int
    consumer: str
    urgent: bool
    attempt: int
    error: str | None
    created_at: datetime
    died_at: datetime | None


class DeadLetters(BaseModel):
    """A page of dead letters."""

    dead_letters: list[DeadLetter]
    next_cursor: str | None


class DropReason(WireModel):
    """Why a dead letter is given up for good."""

    reason: ShortText


@router.get(
    "",
    summary="死信列表 List dead letters",
    description="本服务多次处理失败而搁置的消息,不含正文。\n\n"
    "Messages that this service has given up after many attempts; never their bodies.",
)
async def list_dead_letters(
    who: Admin, session: SessionDep, context: ContextDep, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> DeadLetters:
    """List dead letters, oldest first."""
    require_whole_district(who)
    after = _after(cursor)
    found = await dead_letters.list_dead(session, consumer=context.service, after=after, limit=limit + 1)
    page = [DeadLetter(**each) for each in found[:limit]]
    more = len(found) > limit
    return DeadLetters(
        dead_letters=page, next_cursor=encode_cursor({"after": str(page[-1].id)}) if more else None
    )


@router.post(
    "/{message_id}/replay",
    status_code=204,
    summary="重新处理死信 Replay a dead letter",
    description="原因消除后使用;重复处理没有额外效果。\n\n"
    "For when the cause is gone; handling a message twice has no further effect.",
)
async def replay_dead_letter(
    message_id: UUID, who: Admin, session: SessionDep, context: ContextDep, now: NowDep
) -> None:
    """Make it due again."""
    require_whole_district(who)
    await record(session, context, who=who, action="dead-letter.replay", now=now, subject=str(message_id))
    await dead_letters.replay(session, context, message_id=message_id, by=who.client_id)


@router.post(
    "/{message_id}/drop",
    status_code=204,
    summary="放弃死信 Drop a dead letter",
    description="不再处理;须写明原因,并记录操作的客户端。\n\n"
    "It is never handled; the reason and the client are recorded.",
    **documents(DropReason, example={"reason": "测试数据,已由人工处理"}),
)
async def drop_dead_letter(
    message_id: UUID,
    who: Admin,
    payload: Annotated[DropReason, body(DropReason, max_bytes=MAX_REASON)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
) -> None:
    """Give it up for good."""
    require_whole_district(who)
    await record(session, context, who=who, action="dead-letter.drop", now=now, subject=str(message_id))
    await dead_letters.drop(session, context, message_id=message_id, by=who.client_id, reason=payload.reason)


def _after(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(decode_cursor(cursor)["after"])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise Problem(CURSOR_INVALID) from None
