"""HTTP surface of past clearance and of a person's history."""

import re
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic_core import PydanticCustomError

from registry.clearances import service
from registry.clearances.schemas import ClearanceAt, HistoryOut
from shared.errors import CURSOR_INVALID, Problem
from shared.security.access import Principal, needs
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, Moment, decode_cursor, moment_of, page_of
from shared.web.types import parse_time

router = APIRouter(prefix="/v1/people/{person_id}", tags=["台账 Ledger"])

WithinDays = Annotated[
    int | None,
    Query(ge=1, le=366, description="几日内核酸阴性 A negative of so many days, e.g. 7 to leave a risk area"),
]
_KEY = re.compile(r"[a-z][0-9a-f-]{1,60}", re.ASCII)


@router.get(
    "/clearance",
    response_model=ClearanceAt,
    summary="某一时刻能否上岗 Clearance at a moment",
    description="按当时生效的规则,分别依据当时已录入、已收到的情况(known_then)和现在掌握的情况(known_now)"
    "说明能否上岗及原因;`at` 缺省为现在,不得晚于现在。查询留痕。\n\n"
    "By the rules in force then: whether the person might work, by what had been entered and received until "
    "then, and by what is known now, each explained. Without `at` the present, never a time to come. Kept.",
)
async def get_clearance(
    person_id: UUID,
    who: Annotated[Principal, needs("records:read")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    at: Moment = None,
    within_days: WithinDays = None,
) -> dict[str, Any]:
    """Return a person's clearance at a moment."""
    moment = moment_of("at", at) or now
    return await service.clearance_at(
        session,
        context,
        person_id=person_id,
        at=moment,
        within_days=within_days,
        who=who,
        now=now,
    )


@router.get(
    "/history",
    response_model=HistoryOut,
    summary="登记沿革 What was entered about a person",
    description="纳入、调动、豁免、接种、健康码标识、事件的每一版:何时何人登记,何时何人更改;新的在前。查询留痕。\n\n"
    "Every version of stays, transfers, exemptions, vaccination, health codes and events: entered and "
    "changed when and by whom, newest first. The look is recorded.",
)
async def get_history(
    person_id: UUID,
    who: Annotated[Principal, needs("records:read")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """Return a page of a person's history."""
    entries = await service.history(
        session, context, person_id=person_id, who=who, before=_before(cursor), limit=limit + 1, now=now
    )
    return {"person_id": person_id, **page_of("entries", entries, limit=limit, position=_position)}


def _position(entry: dict[str, Any]) -> dict[str, Any]:
    return {"at": entry["recorded_at"].isoformat(), "key": entry["key"]}


def _before(cursor: str | None) -> service.Before | None:
    if cursor is None:
        return None
    position = decode_cursor(cursor)
    try:
        moment = parse_time(position["at"])
        key = position["key"]
    except (KeyError, PydanticCustomError):
        raise Problem(CURSOR_INVALID) from None
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise Problem(CURSOR_INVALID)
    return moment, key
