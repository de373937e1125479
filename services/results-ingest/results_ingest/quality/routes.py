"""HTTP surface of the quality list."""

from datetime import date, timedelta
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path

from results_ingest import nights
from results_ingest.quality import service
from results_ingest.quality.rules import Kind
from shared.audit.recording import record
from shared.clock import day_of
from shared.db import execute
from shared.errors import DAY_IN_FUTURE
from shared.security.access import ADMIN, Principal, needs, require_whole_district
from shared.web.bodies import answers
from shared.web.codes import CodeFilter
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit
from shared.web.periods import day_in, day_query, refused

router = APIRouter(prefix="/v1/quality", tags=["数据质控 Data quality"])
Reader = Annotated[Principal, needs("results:write", "records:read", "reviews:write")]
DayQuery = Annotated[str | None, day_query("收到日期,默认昨天 Day of receipt, yesterday by default")]
WORDS: Final = (
    "`bad_number` 标识错误,`duplicate_sample` 样本重复或结果冲突,`impossible_time` 时间不可能,"
    "`unknown_code` 未绑定、查无此码或取值未知,`contradiction` 前后矛盾,`malformed` 其他格式错误"
)
COUNT: Final = {
    "lab_code": "LAB01",
    "name": "县人民医院",
    "site_code": "SITE-01",
    "kind": "unknown_code",
    "faults": 3,
}
FAULT: Final = {
    "kind": "unknown_code",
    "code": "tube_not_bound",
    "lab_code": "LAB01",
    "site_code": None,
    "batch_no": "2026-11-21-0001",
    "row": 17,
    "row_ref": None,
    "tube_code": "T-000123",
}
COUNTED: Final = {"day": "2026-11-21", "as_of": "2026-11-22T01:00:05+08:00"}


async def _wanted(
    now: NowDep,
    day: DayQuery = None,
    kind: Kind | None = None,
    lab_code: CodeFilter = None,
    site_code: CodeFilter = None,
) -> service.Wanted:
    """Return what is asked for; Problem 422 for what is no day."""
    chosen = day_in("day", day) or day_of(now) - timedelta(days=1)
    return service.Wanted(chosen, kind, lab_code, site_code)


Asked = Annotated[service.Wanted, Depends(_wanted)]


@router.get(
    "",
    summary="每日数据质控清单 What was wrong in a day's data",
    description=f"按检测机构、采样点和问题类别计数:{WORDS}。每夜统计,`as_of` 为统计时间,尚未统计为空。"
    "检测机构只看到自己,镇街和部门只看到本辖区的管。\n\n"
    "Faults of a day's data by laboratory, site and kind, counted every night (`as_of`, null before). A "
    "laboratory sees itself, a township or department the tubes of its own area.",
    **answers({**COUNTED, "counts": [COUNT], "next_cursor": None}),
)
async def list_quality(
    who: Reader, session: SessionDep, wanted: Asked, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> dict[str, Any]:
    """Count faults."""
    return await service.counts(session, who, wanted, cursor=cursor, limit=limit)


@router.get(
    "/faults",
    summary="质控问题明细 The rows behind the counts",
    description="质控清单每个数字背后的各行,筛选条件相同;`code` 为原因。"
    "批次号和行号只给检测机构自己和全区客户端。\n\n"
    "The rows behind each count, under the same filters. Batch and row are for the laboratory itself and "
    "for clients of the whole district.",
    **answers({**COUNTED, "faults": [FAULT], "next_cursor": None}),
)
async def list_quality_faults(
    who: Reader, session: SessionDep, wanted: Asked, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> dict[str, Any]:
    """List faults."""
    return await service.faults(session, who, wanted, cursor=cursor, limit=limit)


@router.post(
    "/{day}/count",
    status_code=202,
    summary="重新统计某日 Count a day again",
    description="全区管理员使用,不限日期;后台随即重算质控清单和时效排名(`/v1/league`)。操作留痕。\n\n"
    "For the district's administrator, any day: the list and the league of it are counted anew. Kept.",
    **answers({"day": "2026-11-21"}, status=202),
)
async def count_quality_again(
    day: Annotated[str, Path(max_length=10, json_schema_extra={"format": "date"})],
    who: Annotated[Principal, needs(ADMIN)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, date]:
    """Let a day be counted again."""
    require_whole_district(who)
    chosen = day_in("day", day) or day_of(now)
    if chosen > day_of(now):
        raise refused("day", DAY_IN_FUTURE)
    for what in ("quality", "league"):
        await execute(session, nights.ASK, what=what, day=chosen)
    await record(session, context, who=who, action="quality.count", now=now, subject=chosen.isoformat())
    return {"day": chosen}
