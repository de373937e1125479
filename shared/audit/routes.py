"""The audit log over HTTP, the same on every service: its rows, its head, and the whole as lines."""

import base64
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from sqlalchemy import RowMapping

from shared.audit import exporting, heads, queries
from shared.audit.recording import record
from shared.clock import SHANGHAI
from shared.db import fetch_all
from shared.errors import NOT_FOUND, Problem
from shared.security.access import Principal, needs, require_whole_district
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, LARGEST, Cursor, Limit, Moment, moment_of, number_after, page_of

router = APIRouter(prefix="/v1/audit", tags=["审计 Audit"])

LINES: Final = "application/jsonl"
Auditor = Annotated[Principal, needs("audit:read")]
CodeFilter = Annotated[str | None, Query(pattern=r"^[A-Za-z0-9._:-]{1,64}$")]


class AuditRow(BaseModel):
    """Who did what, when; ids, codes and counts, never what was seen."""

    audit_id: int
    at: datetime
    client_id: str
    action: str
    person_id: UUID | None
    subject: str | None
    purpose: str | None
    requests: int
    rows: int


class AuditPage(BaseModel):
    """A page of the log, newest first."""

    audit: list[AuditRow]
    next_cursor: str | None


class HeadOut(BaseModel):
    """How far the chain has come, signed with Ed25519 over the exact JSON of `head`."""

    head: dict[str, Any]
    public_key: str
    signature: str


@router.get(
    "",
    summary="审计记录 The audit log",
    description="本服务的审计记录,最新的在前;可按客户端、动作、人员、对象和时间筛选。查阅本身也留痕。\n\n"
    "This service's log, newest first, by client, action, person, subject and time. Reading it is recorded.",
)
async def list_audit(
    who: Auditor,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    client_id: CodeFilter = None,
    action: CodeFilter = None,
    person_id: UUID | None = None,
    subject: CodeFilter = None,
    since: Moment = None,
    until: Moment = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> AuditPage:
    """List rows of the log."""
    require_whole_district(who)
    rows = await fetch_all(
        session,
        queries.of(context.audit.schema).page,
        before=number_after(cursor, "a") or LARGEST,
        client_id=client_id,
        action=action,
        person_id=person_id,
        subject=subject,
        since=moment_of("since", since),
        until=moment_of("until", until),
        limit=limit + 1,
    )
    await record(session, context, who=who, action="audit.list", now=now, rows=min(len(rows), limit))
    page = page_of("audit", rows, limit=limit, position=lambda row: {"a": row["audit_id"]})
    return AuditPage(audit=[_shown(row) for row in page["audit"]], next_cursor=page["next_cursor"])


@router.get(
    "/head",
    summary="审计链头 The signed head",
    description="链的长度和末尾哈希,以 Ed25519 签名;请保存在系统之外,日后据此发现改写和截断。\n\n"
    "How long the chain is and its last hash, signed with Ed25519. Kept outside, it shows later whether "
    "the log was rewritten or cut off.",
)
async def read_head(who: Auditor, session: SessionDep, context: ContextDep) -> HeadOut:
    """Return the head, signed now."""
    require_whole_district(who)
    signed = await exporting.head(session, context, now=context.db.now())
    return HeadOut(
        head={name: getattr(signed.head, name) for name in signed.head.__struct_fields__},
        public_key=signed.public_key,
        signature=signed.signature,
    )


@router.get(
    "/key",
    summary="链头公钥 The public key of heads",
    description="校验链头签名的公钥(Ed25519,base64)。\n\nChecks the signatures of heads (Ed25519, base64).",
)
async def read_key(who: Auditor, context: ContextDep) -> dict[str, str]:
    """Return the public key."""
    require_whole_district(who)
    key = heads.public_bytes(heads.signing_key(context.settings))
    return {"algorithm": "Ed25519", "public_key": base64.b64encode(key).decode()}


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={200: {"content": {LINES: {}}}, 404: {"description": "`code`: not_found"}},
    summary="导出审计链 Export the log",
    description="逐行 JSON:起点、每条记录及其哈希、链头;可离线校验。`after` 之后的部分。\n\n"
    "Lines of JSON: the beginning, every row with its hash, the head; checked offline. What comes after "
    "the chain's `after`-th row.",
)
async def export_audit(
    who: Auditor,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    after: Annotated[int, Query(ge=0, le=LARGEST)] = 0,
) -> StreamingResponse:
    """Stream the log."""
    require_whole_district(who)
    previous = await exporting.place(session, context, after)
    if previous is None:
        raise Problem(NOT_FOUND)
    await record(session, context, who=who, action="audit.export", now=now)
    lines: AsyncIterator[bytes] = exporting.export(context, after=after, previous=previous)
    return StreamingResponse(lines, media_type=LINES)


def _shown(row: RowMapping) -> AuditRow:
    return AuditRow(**{**row, "at": row["at"].astimezone(SHANGHAI)})
