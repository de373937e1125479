"""HTTP surface of what the platform shows."""

from typing import Annotated, Any

from fastapi import APIRouter, Request

from results_ingest.display import service
from results_ingest.display.schemas import EXAMPLE, MAX_PEOPLE, ShownIn, ShownListIn
from results_ingest.tubes.rules import AHEAD
from shared.audit.recording import record
from shared.db import LONG_SECONDS
from shared.errors import TIME_IN_FUTURE, TOO_MANY_ROWS, Problem, body_refusal
from shared.security.access import Principal, needs, require_whole_district
from shared.web.bodies import BULK_BYTES, answers, body, check_rows, documents, verdict_of
from shared.web.deps import ContextDep
from shared.web.problems import worded

router = APIRouter(prefix="/v1", tags=["逐样核对 Reconciliation"])


@router.post(
    "/shown-lists",
    summary="健康码平台上报展示清单 Say what is shown",
    description="平台某一时刻实际展示的内容,至多 10,000 人,逐行判定;"
    "清单晚于结果送出的,以清单而非确认(status-acknowledgements)为准。"
    "没有展示或展示较早样本的,其较新的样本列为未展示。镇街和部门客户端不可用。\n\n"
    "What the platform shows at a moment, each row judged on its own. A list that is newer than the sending "
    "of a result decides over acknowledgements: who is shown without it, or with an older sample, is "
    "not shown.",
    **answers({"accepted": 1, "updated": 0, "rejected": 0, "errors": []}),
    **documents(ShownListIn, example=EXAMPLE),
)
async def keep_shown_list(
    request: Request,
    who: Annotated[Principal, needs("status:read")],
    payload: Annotated[ShownListIn, body(ShownListIn, max_bytes=BULK_BYTES)],
    context: ContextDep,
) -> dict[str, Any]:
    """Keep what the platform shows."""
    require_whole_district(who)
    if len(payload.people) > MAX_PEOPLE:
        raise Problem(TOO_MANY_ROWS, limit=MAX_PEOPLE)
    good, errors = check_rows(ShownIn, payload.people)
    async with context.db.transaction(seconds=LONG_SECONDS, limits=who.limits) as session:
        now = await context.clock.now(session)
        if payload.as_of > now + AHEAD:
            raise body_refusal(TIME_IN_FUTURE, "as_of")
        errors += await service.keep(session, who, good, as_of=payload.as_of)
        await record(session, context, who=who, action="shown-list.keep", now=now, rows=len(good))
    refused = len({error.row for error in errors})
    sent = len(payload.people)
    return worded(verdict_of(sent, accepted=sent - refused, updated=0, errors=errors), request)
