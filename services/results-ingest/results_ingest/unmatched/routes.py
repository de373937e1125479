"""HTTP surface of the desk: no names, no document numbers."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy import RowMapping

from results_ingest.shown import shown_of
from results_ingest.unmatched import service
from results_ingest.unmatched.schemas import ResolutionIn
from shared.audit.recording import record
from shared.db import Session
from shared.errors import NOT_FOUND, Problem
from shared.result_ids import result_id
from shared.security.access import Principal, needs
from shared.web.bodies import body, documents
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, page_of, uuid_after

router = APIRouter(prefix="/v1/unmatched", tags=["未匹配 Unmatched"])
Desk = Annotated[Principal, needs("reviews:write")]
EXAMPLE = {"decision": "accept", "health_code_id": "hc-100001", "reason": "经电话核实,证件号码录入有误"}


@router.get(
    "",
    summary="未匹配与待裁定的结果 What waits",
    description="`row`:人员或采样管尚未登记;`pool_member`:管内尚不认识的人员;`held`:内容矛盾,待人裁定。"
    "人员或绑定到达后自动匹配。需要疾控中心(reviews:write)或管理权限。\n\n"
    "`row`: its person or tube is not there yet; `pool_member`: a member nobody knows yet; `held`: "
    "contradictory, a person decides. Everything unmatched matches by itself when its partner arrives. "
    "For the CDC (`reviews:write`) and administrators.",
)
async def list_unmatched(
    who: Desk,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    state: Annotated[Literal["open", "resolved", "closed"] | None, Query()] = "open",
    kind: Annotated[Literal["row", "pool_member", "held"] | None, Query()] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List entries."""
    if who.limited:
        return {"unmatched": [], "next_cursor": None}  # nobody knows yet where these belong
    after = uuid_after(cursor, "u")
    rows = await service.listed(session, state=state, kind=kind, after=after, limit=limit + 1)
    await record(session, context, who=who, action="unmatched.list", now=now, rows=min(len(rows), limit))
    shown = [_shown(row) for row in rows]
    return page_of("unmatched", shown, limit=limit, position=lambda row: {"u": str(row["id"])})


def _shown(row: RowMapping) -> dict[str, Any]:
    hidden = ("position", "member_health_code_id", "member_id_type")
    shown = {name: value for name, value in shown_of(row).items() if name not in hidden}
    if row["kind"] == "pool_member":
        shown |= {"health_code_id": row["member_health_code_id"], "id_type": row["member_id_type"]}
    return shown | {"result_id": result_id(row["batch_id"], row["row"])}


@router.post(
    "/{entry_id}/resolution",
    summary="裁定一个条目 Decide on an entry",
    description="`accept`:按 `health_code_id` 归属该人;内容矛盾但归属明确的可不填。"
    "`reject`:不生效,仍计为 held。\n\n"
    "`accept` gives it to the person of `health_code_id`, which a held row whose person is clear does not "
    "need. `reject`: it has no effect and stays counted as held.",
    **documents(ResolutionIn, example=EXAMPLE),
)
async def resolve(
    context: ContextDep, who: Desk, entry_id: UUID, payload: Annotated[ResolutionIn, body(ResolutionIn)]
) -> dict[str, Any]:
    """Decide on an entry."""
    if who.limited:
        raise Problem(NOT_FOUND)

    async def work(session: Session) -> dict[str, Any]:
        now = await context.clock.now(session)
        await record(session, context, who=who, action="unmatched.resolve", now=now, subject=str(entry_id))
        return await service.decide(session, context, who, entry_id=entry_id, wanted=payload, now=now)

    return await context.db.run(work)
