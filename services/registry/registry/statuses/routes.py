"""HTTP surface of statuses. Answers are encoded at once: these are the most asked of all."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Request, Response

from registry.statuses import reading
from registry.statuses.schemas import MAX_CODES, STATUS_EXAMPLE, StatusesOut, StatusOut, StatusQuery
from shared.audit.recording import record_pull
from shared.errors import NOT_FOUND, TOO_MANY_ROWS, Problem
from shared.identifiers import check_health_code_id
from shared.security.access import Principal, needs
from shared.web.bodies import answers, body, documents
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.limits import charge

router = APIRouter(prefix="/v1/statuses", tags=["状态 Statuses"])

QUERY_BYTES = 2_000_000


def answer(content: object) -> Response:
    """Return a JSON response of plain values; dates and times become RFC 3339 strings."""
    return Response(msgspec.json.encode(content), media_type="application/json")


@router.get(
    "/{health_code_id}",
    response_model=StatusOut,
    summary="查询一人状态 Get a status",
    description="按健康码标识查询当前状态:显示、最近结果、到期日和上岗资格。\n\n"
    "The status behind a health code now: display, last result, due date and clearance.",
    **answers(STATUS_EXAMPLE),
)
async def get_status(
    health_code_id: Annotated[str, Path(description="健康码标识 Health-code id")],
    who: Annotated[Principal, needs("status:read")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> Any:  # noqa: ANN401 - a ready answer or a model
    """Return one status; 404 for a code that nobody inside the caller's area holds."""
    status = None
    if check_health_code_id(health_code_id) is None:
        status = await reading.by_code(session, context, code=health_code_id, now=now)
    if status is None or await reading.outside(session, codes=[health_code_id], who=who, now=now):
        raise Problem(NOT_FOUND)
    await record_pull(session, context, who=who, action="status.read", now=now, rows=1, merged=True)
    return answer(status)


@router.post(
    "/query",
    response_model=StatusesOut,
    summary="批量查询状态 Query statuses",
    description="一次最多 10,000 个健康码标识;未知的列在 `not_found`。\n\n"
    "At most 10,000 health codes at once; unknown ones are listed in `not_found`.",
    **documents(StatusQuery, example={"health_code_ids": ["HC-7f3a91", "HC-000000"]}),
    **answers({"statuses": [STATUS_EXAMPLE], "not_found": ["HC-000000"]}),
)
async def query_statuses(
    request: Request,
    who: Annotated[Principal, needs("status:read")],
    wanted: Annotated[StatusQuery, body(StatusQuery, max_bytes=QUERY_BYTES)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> Any:  # noqa: ANN401 - a ready answer or a model
    """Return the statuses of many codes."""
    codes = wanted.health_code_ids
    if len(codes) > MAX_CODES:
        raise Problem(TOO_MANY_ROWS, limit=MAX_CODES)
    hidden = await reading.outside(session, codes=codes, who=who, now=now)
    seen = [code for code in codes if code not in hidden] if hidden else codes
    statuses, not_found = await reading.by_codes(session, context, codes=seen, now=now)
    not_found += dict.fromkeys(code for code in codes if code in hidden)
    charge(request.scope, "unknown", len(not_found))
    await record_pull(session, context, who=who, action="statuses.query", now=now, rows=len(statuses))
    return answer({"statuses": statuses, "not_found": not_found})
