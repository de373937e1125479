"""The feed of rows over HTTP."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Request

from results_ingest.changes import service
from results_ingest.sight import only
from shared.security.access import Principal, needs
from shared.web.codes import CodeFilter
from shared.web.deps import ContextDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit
from shared.web.problems import language_of

router = APIRouter(prefix="/v1/row-changes", tags=["批次 Batches"])
SHOWN: Final = {
    "changes": [
        {
            "lab_code": "LAB01",
            "batch_id": "019aa5b3-5c00-7abc-8def-123456780000",
            "batch_no": "2026-11-21-0001",
            "row": 1,
            "row_ref": "A1",
            "verdict": "matched",
            "tube_code": "T26112100001",
            "outcome": "negative",
            "result_id": "019aa5b3-5c00-7abc-8def-123456780001",
        }
    ],
    "next_cursor": "eyJ4IjozfQ",
    "more": False,
}


@router.get(
    "",
    summary="本机构各行去向的变更流 Follow what becomes of rows",
    description="按提交顺序给出本机构行的去向变化(匹配、挂起、裁定、更正、复核),每行给出读取时的现状;"
    "保存 `next_cursor`(永不为空)即不漏,同一行可能再次出现。不带游标时从仍保存的最早变更开始。"
    "游标和变更保存 `ROW_CHANGE_DAYS` 天;410 `cursor_expired` 时请不带游标重读,更早的用 "
    "`GET /v1/batches/{batch_id}/outcomes`。`records:read` 看到全部机构;镇街和部门客户端不可用。\n\n"
    "What becomes of the laboratory's rows (matched, held, decided, corrected, reviewed), in commit order, "
    "each row as it stands when read. Who keeps `next_cursor`, never null, misses nothing; a row may come "
    "again. Without a cursor it begins with the oldest change that is kept.",
    responses={
        200: {"content": {"application/json": {"example": SHOWN}}},
        410: {"description": "`code`: cursor_expired"},
    },
)
async def list_row_changes(
    request: Request,
    who: Annotated[Principal, needs("results:write", "records:read")],
    context: ContextDep,
    session: SessionDep,
    lab_code: CodeFilter = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """Return the changes after a cursor."""
    return await service.page(
        session,
        context,
        only=only(who, "records:read"),
        lab_code=lab_code,
        cursor=cursor,
        limit=limit,
        language=language_of(request),
    )
