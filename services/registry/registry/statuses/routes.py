"""HTTP surface of statuses. Answers are encoded at once: these are the most asked of all."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Request, Response

from registry.statuses import reading
from registry.statuses.schemas import MAX_CODES, STATUS_EXAMPLE, StatusesOut, StatusOut, StatusQuery
from shared.audit.recording import record_pull
from shared.errors import NOT_FOUND, TOO_MANY_ROWS, Problem
from shared.identifiers import check_health_code_id
from shared.security.access import Principal, authorise, needs
from shared.web.bodies import answers, body, documents
from shared.web.deps import ContextDep, FetchDep, FetchedNowDep, get_context
from shared.web.limits import charge
from shared.web.quick import QuickRoute, quick

router = APIRouter(prefix="/v1/statuses", tags=["状态 Statuses"], route_class=QuickRoute)

READER = "status:read"
READ_ONE = "status.read"
QUERY_BYTES = 2_000_000


def answer(content: object) -> Response:
    """Return a JSON response; what is JSON text already comes as `msgspec.Raw`."""
    return Response(msgspec.json.encode(content), media_type="application/json")


async def plain_status(request: Request) -> Response | None:
    """Answer with the status behind a code for a client that sees everybody, in one round trip."""
    context = get_context(request)
    who = await authorise(request, context, request.headers.get("authorization"), (READER,))
    code = request.path_params["health_code_id"]
    if who.limits is not None or check_health_code_id(code) is not None:
        return None
    found = await reading.at_once(context, code=code)
    if found is None:
        return None
    status, now = found
    await record_pull(context, who=who, action=READ_ONE, now=now, rows=1, merged=True)
    return Response(status, media_type="application/json")


@router.get(
    "/{health_code_id}",
    response_model=StatusOut,
    summary="查询一人状态 Get a status",
    description="按健康码标识查询当前状态:显示、最近结果、到期日和上岗资格。\n\n"
    "The status behind a health code now: display, last result, due date and clearance.",
    **answers(STATUS_EXAMPLE),
)
@quick(plain_status)
async def get_status(
    health_code_id: Annotated[str, Path(description="健康码标识 Health-code id")],
    who: Annotated[Principal, needs(READER)],
    context: ContextDep,
    fetch: FetchDep,
    now: FetchedNowDep,
) -> Any:  # noqa: ANN401 - a ready answer or a model
    """Return one status; 404 for a code that nobody inside the caller's area holds."""
    if check_health_code_id(health_code_id) is not None:
        raise Problem(NOT_FOUND)
    found, _ = await reading.by_codes(fetch, context, codes=[health_code_id], now=now)
    if not found or await reading.outside(fetch, codes=[health_code_id], who=who, now=now):
        raise Problem(NOT_FOUND)
    await record_pull(context, who=who, action=READ_ONE, now=now, rows=1, merged=True)
    return answer(msgspec.Raw(found[0]))


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
    who: Annotated[Principal, needs(READER)],
    wanted: Annotated[StatusQuery, body(StatusQuery, max_bytes=QUERY_BYTES)],
    context: ContextDep,
    fetch: FetchDep,
    now: FetchedNowDep,
) -> Any:  # noqa: ANN401 - a ready answer or a model
    """Return the statuses of many codes."""
    codes = wanted.health_code_ids
    if len(codes) > MAX_CODES:
        raise Problem(TOO_MANY_ROWS, limit=MAX_CODES)
    hidden = await reading.outside(fetch, codes=codes, who=who, now=now)
    seen = [code for code in codes if code not in hidden] if hidden else codes
    statuses, not_found = await reading.by_codes(fetch, context, codes=seen, now=now)
    not_found += dict.fromkeys(code for code in codes if code in hidden)
    charge(request.scope, "unknown", len(not_found))
    await record_pull(context, who=who, action="statuses.query", now=now, rows=len(statuses))
    return answer({"statuses": list(map(msgspec.Raw, statuses)), "not_found": not_found})
