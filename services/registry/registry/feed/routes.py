"""HTTP surface of the change feed, as one page or as lines."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

import msgspec
from fastapi import APIRouter, Query, Request, Response, status
from fastapi.responses import StreamingResponse

from registry.feed import service
from registry.feed.cursors import Position
from registry.feed.schemas import ChangesOut, StatusAcknowledgement
from registry.feed.service import Page
from registry.statuses.reading import AT_ONCE
from registry.statuses.schemas import STATUS_EXAMPLE
from shared.audit.recording import record_pull
from shared.clock import read_now
from shared.context import Context
from shared.reads import reading
from shared.security.access import Principal, needs
from shared.web.bodies import BULK_BYTES, body, documents
from shared.web.deps import ContextDep, FetchDep, FetchedNowDep, NowDep, SessionDep
from shared.web.paging import Cursor

router = APIRouter(prefix="/v1", tags=["状态 Statuses"])

LINES: Final = "application/jsonl"
DEFAULT_CHANGES: Final = 1000
EXAMPLE: Final = {
    "changes": [STATUS_EXAMPLE, {"health_code_id": "HC-old001", "removed": True, "replaced_by": "HC-7f3a91"}],
    "next_cursor": "eyJuIjozfQ",
    "more": False,
}


@router.get(
    "/status-changes",
    response_model=ChangesOut,
    responses={
        200: {"content": {"application/json": {"example": EXAMPLE}, LINES: {}}},
        410: {"description": "`code`: cursor_expired"},
    },
    summary="状态变更流 Follow status changes",
    description="不带游标时先给出所有人的当前状态,之后按提交顺序给出变更;"
    "`next_cursor` 永不为空,保存它即不会漏掉任何变更。"
    "`Accept: application/jsonl` 逐行输出,最后一行是 `{next_cursor,more}`。游标有效 30 天;返回 410 "
    "`cursor_expired` 时请不带游标重读并替换已有内容。\n\n"
    "Without a cursor it begins with everybody's current status, then follows changes in commit order; "
    "`next_cursor` is never null and a reader that keeps it misses nothing. `Accept: application/jsonl` "
    "streams lines, the last one `{next_cursor,more}`. Cursors live 30 days; after 410 `cursor_expired` "
    "read again without one and replace what you have.",
)
async def list_changes(
    request: Request,
    who: Annotated[Principal, needs("status:read")],
    context: ContextDep,
    fetch: FetchDep,
    now: FetchedNowDep,
    cursor: Cursor = None,
    limit: Annotated[int, Query(ge=1, le=10_000, description="最多条数 Most changes")] = DEFAULT_CHANGES,
) -> Any:  # noqa: ANN401 - a ready answer or a stream
    """Return the changes after a cursor."""
    position = await service.start(fetch, context, cursor=cursor, now=now)
    if LINES in request.headers.get("accept", ""):
        return StreamingResponse(_lines(context, position, limit, who), media_type=LINES)
    page = await service.page(fetch, context, position=position, limit=limit, who=who, now=now)
    await record_pull(context, who=who, action="status-changes.read", now=now, rows=page.count)
    changes = "\n".join(page.lines).replace("\n", ",").encode()
    return Response(b'{"changes":[%b],%b' % (changes, _end(page)[1:]), media_type="application/json")


async def _lines(
    context: Context[Any], position: Position, limit: int, who: Principal
) -> AsyncIterator[bytes]:
    """Yield the same as lines, some thousand read at a time: a slow reader holds nothing."""
    left = limit
    while True:
        async with reading(context.db, context.reads, who) as fetch:
            now = await read_now(fetch, context.clock)
            size = min(left, AT_ONCE)
            page = await service.page(fetch, context, position=position, limit=size, who=who, now=now)
        await record_pull(context, who=who, action="status-changes.read", now=now, rows=page.count)
        yield "".join(f"{lines}\n" for lines in page.lines).encode()
        left -= size
        position = page.position
        if not page.more or left <= 0:
            yield _end(page) + b"\n"
            return


def _end(page: Page) -> bytes:
    return msgspec.json.encode({"next_cursor": page.next_cursor, "more": page.more})


@router.post(
    "/status-acknowledgements",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="确认已展示 Acknowledge what was shown",
    description="健康码平台确认游标之前的状态已展示;未能展示的列在 `failed`。\n\n"
    "The platform has shown everything up to the cursor, but for what it lists in `failed`.",
    **documents(
        StatusAcknowledgement,
        example={"cursor": "eyJuIjozfQ", "failed": [{"health_code_id": "HC-7f3a91", "code": "no_account"}]},
    ),
)
async def acknowledge(
    who: Annotated[Principal, needs("status:read")],
    shown: Annotated[StatusAcknowledgement, body(StatusAcknowledgement, max_bytes=BULK_BYTES)],
    session: SessionDep,
    now: NowDep,
) -> None:
    """Keep an acknowledgement."""
    failed = [each.model_dump() for each in shown.failed]
    await service.acknowledge(session, client_id=who.client_id, cursor=shown.cursor, failed=failed, now=now)
