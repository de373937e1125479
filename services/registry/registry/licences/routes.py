"""HTTP surface of trades and licences."""

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response, status

from registry.licences import queries, service
from registry.licences.schemas import LicenceList, LicencesIn, TradeIn, TradeList, TradeOut
from registry.people.schemas import BulkVerdict
from shared.audit.recording import record
from shared.db import LONG_SECONDS, fetch_all
from shared.security.access import Principal, needs, require_whole_district
from shared.web.bodies import BULK_BYTES, body, documents
from shared.web.codes import CodePath, CodeQuery
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, code_after, page_of, uuid_after
from shared.web.problems import worded

router = APIRouter(prefix="/v1", tags=["许可 Licences"])

TRADE = {
    "name_zh": "餐饮",
    "name_en": "Catering",
    "industry_code": "6210",
    "industry_prefixes": ["62"],
}
LICENCE = {
    "licence_no": "JY24201020001234",
    "credit_code": "91350100M000100Y43",
    "name": "海棠餐厅",
    "address": "长城路1号",
    "trade_code": "CATERING",
    "township_code": "TOWN-01",
    "issued_on": "2021-03-01",
}


@router.put(
    "/trades/{code}",
    status_code=status.HTTP_201_CREATED,
    response_model=TradeOut,
    responses=known(TradeOut),
    summary="设定行业类别 Set a trade",
    description="清单和摸排按行业类别比对;首批为餐饮(CATERING)和洗浴美容(BATH-BEAUTY)。"
    "`industry_code` 用于未写明行业的行;`industry_prefixes` 内的单位属于该类别。\n\n"
    "Lists and surveys are compared by trade; catering and bath and beauty are shipped. `industry_code` "
    "routes rows that name none; units of the prefixes belong to the trade.",
    **documents(TradeIn, example=TRADE),
)
async def put_trade(
    code: CodePath,
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[TradeIn, body(TradeIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Add or replace a trade."""
    require_whole_district(who)
    await record(session, context, who=who, action="trade.set", now=now, subject=code)
    trade = await service.put_trade(session, wanted, trade_code=code, who=who, now=now)
    response.status_code = status.HTTP_201_CREATED if trade["new"] else status.HTTP_200_OK
    return dict(trade)


@router.get(
    "/trades",
    response_model=TradeList,
    summary="行业类别列表 List trades",
    description="按代码排序。\n\nBy code.",
)
async def list_trades(
    _: Annotated[Principal, needs("records:read", "cases:respond")],
    session: SessionDep,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List trades."""
    after = code_after(cursor, "trade_code")
    rows = await fetch_all(session, queries.TRADE_PAGE, after=after, limit=limit + 1)
    return page_of("trades", rows, limit=limit, position=lambda row: {"trade_code": row["trade_code"]})


@router.post(
    "/licences/bulk",
    response_model=BulkVerdict,
    summary="导入审批清单 Import the bureau's list",
    description="行政审批部门截至 `as_of` 的许可清单,最多 10,000 行,逐行判定;同一许可证号再次出现即更新,"
    "较旧的清单不覆盖较新的。统一社会信用代码校验;清单内重复的行不采用并说明。\n\n"
    "The approvals bureau's list as of a day, judged row by row. The same licence number again updates; an "
    "older list never overwrites a newer one. Credit codes are checked; rows that repeat inside the list "
    "are refused, all of them where their contents differ.",
    **documents(LicencesIn, example={"as_of": "2026-11-01", "licences": [LICENCE]}),
)
async def import_licences(
    request: Request,
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[LicencesIn, body(LicencesIn, max_bytes=BULK_BYTES)],
    context: ContextDep,
) -> dict[str, Any]:
    """Take in a list of licences."""
    require_whole_district(who)
    async with context.db.transaction(seconds=LONG_SECONDS, limits=who.limits) as session:
        now = await context.clock.now(session)
        found = await service.take(session, context, wanted, who=who, now=now)
    return worded(found, request)


@router.get(
    "/licences",
    response_model=LicenceList,
    summary="许可列表 List licences",
    description="可按镇街、行业类别、信用代码筛选;只列出本辖区内的。\n\n"
    "By township, trade or credit code, inside the caller's area.",
)
async def list_licences(
    who: Annotated[Principal, needs("records:read", "cases:respond")],
    session: SessionDep,
    township_code: CodeQuery = None,
    trade_code: CodeQuery = None,
    credit_code: CodeQuery = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List licences."""
    rows = await fetch_all(
        session,
        queries.PAGE,
        after=uuid_after(cursor, "licence_id"),
        limit=limit + 1,
        area_township=who.township,
        area_department=who.department,
        township_code=township_code,
        trade_code=trade_code,
        credit_code=credit_code,
    )
    shown = [service.with_days(row, "issued_on", "cancelled_on", "listed_on") for row in rows]
    return page_of(
        "licences", shown, limit=limit, position=lambda row: {"licence_id": str(row["licence_id"])}
    )
