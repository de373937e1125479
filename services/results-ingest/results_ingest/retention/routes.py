"""Keeping and dropping over HTTP, for an administrator of the whole district."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from results_ingest.retention import queries, service
from results_ingest.retention.rules import Name
from results_ingest.retention.schemas import DROP, HOLD, REPORT, HoldReleaseIn, LegalHoldIn
from shared.db import LONG_SECONDS, fetch_all
from shared.errors import CURSOR_INVALID, Problem
from shared.security.access import Principal, needs, require_whole_district
from shared.web.bodies import answers, body, documents
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, code_after, decode_cursor, page_of
from shared.web.problems import language_of

router = APIRouter(prefix="/v1/retention", tags=["保存与删除 Retention"])
Admin = Annotated[Principal, needs("admin")]
Days = Annotated[
    int | None, Query(ge=1, le=36_500, description="如保存期改为此天数 If so many days were set")
]


@router.get(
    "",
    summary="保存期试算 What is kept and what would go",
    description="按类别和月份列出现存数量、到期将删除的(`due`)和因法定保全不删的(`held`);只计算,不删除。"
    "`days` 试算另一个保存期。`partitions` 为检测结果已预建分区的最后月份。仅限全区管理员。\n\n"
    "By class and month: what stands, what is due to go, what a hold keeps. Nothing goes. `days` asks about "
    "another term. `partitions`: the last month made ahead, and whether rows fell beside all of them.",
    **answers(REPORT),
)
async def report_retention(
    request: Request,
    who: Admin,
    context: ContextDep,
    only: Annotated[Name | None, Query(alias="class", description="只看该类别 One class")] = None,
    days: Days = None,
) -> dict[str, Any]:
    """Say what is kept and what would go."""
    require_whole_district(who)
    async with context.db.transaction(seconds=LONG_SECONDS, limits=who.limits) as session:
        return await service.report(session, context, only=only, days=days, language=language_of(request))


@router.get(
    "/drops",
    summary="已删除的数量 What went",
    description="按删除日、类别和所属月份,新的在前。仅限全区管理员。\n\n"
    "By day, class and month; newest first.",
    **answers({"drops": [DROP], "next_cursor": None}),
)
async def list_drops(
    who: Admin, session: SessionDep, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> dict[str, Any]:
    """Say what went."""
    require_whole_district(who)
    found = await fetch_all(session, queries.DROPPED, **_after(cursor), limit=limit + 1)
    return page_of(
        "drops",
        [dict(row) for row in found],
        limit=limit,
        position=lambda row: {"on": str(row["dropped_on"]), "class": row["class"], "month": row["month"]},
    )


@router.post(
    "/holds",
    status_code=201,
    responses={**known(), 409: {"description": "`code`: hold_in_use"}},
    summary="法定保全 Place a legal hold",
    description="所指机构(不填为全部)在所指时间内收到的批次,其原件和回调记录不再删除,直到解除。"
    "相同内容再次提交返回 200。仅限全区管理员;留痕。\n\n"
    "Batches of that laboratory (all without one) received within that time keep their originals and calls "
    "until the hold is released. The same again: 200.",
    **documents(
        LegalHoldIn,
        example={name: HOLD[name] for name in ("hold_code", "lab_code", "received_from", "reason")},
    ),
)
async def place_hold(
    who: Admin,
    wanted: Annotated[LegalHoldIn, body(LegalHoldIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Place a hold."""
    require_whole_district(who)
    shown, new = await service.hold(session, context, who, wanted, now=now)
    response.status_code = 201 if new else 200
    return shown


@router.get(
    "/holds",
    summary="法定保全列表 List legal holds",
    description="`standing=true` 只列未解除的。仅限全区管理员。\n\n`standing=true`: only those not released.",
    **answers({"holds": [HOLD], "next_cursor": None}),
)
async def list_holds(
    who: Admin,
    session: SessionDep,
    context: ContextDep,
    standing: Annotated[bool | None, Query(description="未解除 Not released")] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List holds."""
    require_whole_district(who)
    after = code_after(cursor, "after")
    found = await service.holds(session, context, standing=standing, after=after, limit=limit + 1)
    return page_of("holds", found, limit=limit, position=lambda row: {"after": row["hold_code"]})


@router.post(
    "/holds/{hold_code}/release",
    responses={404: {"description": "`code`: not_found"}, 409: {"description": "`code`: hold_released"}},
    summary="解除保全 Release a legal hold",
    description="此后按保存期删除。仅限全区管理员;留痕。\n\nWhat it kept goes by its term from then on.",
    **documents(HoldReleaseIn, example={"reason": "调查已结束"}),
)
async def release_hold(
    who: Admin,
    wanted: Annotated[HoldReleaseIn, body(HoldReleaseIn)],
    hold_code: str,
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Release a hold."""
    require_whole_district(who)
    return await service.release(session, context, who, hold_code=hold_code, reason=wanted.reason, now=now)


def _after(cursor: str | None) -> dict[str, Any]:
    if cursor is None:
        return {"on": date.max, "class": "", "month": ""}
    said = decode_cursor(cursor)
    try:
        on = date.fromisoformat(str(said.get("on")))
    except ValueError:
        raise Problem(CURSOR_INVALID) from None
    return {"on": on, "class": code_after(cursor, "class"), "month": code_after(cursor, "month")}
