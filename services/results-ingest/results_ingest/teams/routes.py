"""HTTP surface of sampling teams at their sites."""

from datetime import date
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query

from results_ingest.reconciliation.routes import Asked
from results_ingest.shown import shown_of
from results_ingest.teams import service
from results_ingest.teams.rules import Flag
from results_ingest.teams.schemas import FIGURE, KEPT, NOBODY, POSTING, POSTINGS, PostingsIn
from shared.audit.recording import record
from shared.security.access import Principal, needs
from shared.web.bodies import BULK_BYTES, answers, body, documents
from shared.web.codes import CodeFilter
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, code_after, page_of, uuid_after
from shared.web.periods import today_or

router = APIRouter(prefix="/v1", tags=["采样队伍 Sampling teams"])
Sampler = Annotated[Principal, needs("samples:write")]
Reader = Annotated[Principal, needs("samples:write", "records:read", "reviews:write")]
OnDay = Annotated[date, today_or("值守日,默认当天 Day of the posting, today by default")]
Withdrawn = Annotated[bool, Query(description="包括已撤回和被替换的 Also those withdrawn or replaced")]
FIGURES: Final = {
    "as_of": "2026-11-21T12:00:00+08:00",
    "day": "2026-11-21",
    "round_code": None,
    "sums": {name: FIGURE[name] for name in service.COUNTED},
    "nobody": NOBODY,
    "teams": [FIGURE],
    "next_cursor": None,
}


@router.put(
    "/team-postings",
    summary="安排采样队伍值守 Post teams at sites",
    description="哪支队伍自何时至何时在哪个采样点;整份判定,同一采样点同一开始时间以最新为准,"
    "`withdrawn` 撤回该时段。同一时间一个采样点只有一支队伍,一支队伍只在一个采样点;"
    "一次至多 `POSTING_HOURS` 小时。队伍由登记服务告知。一管样本属于采样时在该采样点值守的队伍。\n\n"
    "Which team stands at which site from when to when; all or none, of a site and a beginning the newest "
    "holds, `withdrawn` takes it back. At one time a site has one team and a team one site. Teams are told "
    "by registry. A tube is the team's that stood at its site when it was taken.",
    **documents(PostingsIn, example=POSTINGS),
    **answers(KEPT),
)
async def post_teams(
    who: Sampler,
    payload: Annotated[PostingsIn, body(PostingsIn, max_bytes=BULK_BYTES)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
) -> dict[str, int]:
    """Keep postings."""
    answer = await service.post(session, context, who, payload.postings, now=now)
    await record(session, context, who=who, action="teams.post", now=now, rows=len(payload.postings))
    return answer


@router.get(
    "/team-postings",
    summary="值守安排 Which team stands where",
    description="某日的值守,只含本辖区采样点。\n\nOf a day, at the sites of the caller's area.",
    **answers({"day": "2026-11-21", "postings": [POSTING], "next_cursor": None}),
)
async def list_postings(
    who: Reader,
    session: SessionDep,
    day: OnDay,
    *,
    team_code: CodeFilter = None,
    site_code: CodeFilter = None,
    withdrawn: Withdrawn = False,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List postings."""
    filters = {"team_code": team_code, "site_code": site_code, "withdrawn": withdrawn}
    after = uuid_after(cursor, "posting")
    rows = await service.page(session, who, day=day, filters=filters, after=after, limit=limit + 1)
    found = page_of("postings", rows, limit=limit, position=lambda row: {"posting": str(row["posting_id"])})
    return {"day": day, **found}


@router.get(
    "/team-figures",
    summary="各采样队伍的采样与差错 What each team has sampled, and its errors",
    description="某日或某轮次,按采样队伍:采样点、管数、份数、首末采样时间、质控差错(`/v1/quality`,每夜统计)和"
    "每百管差错管数 `error_rate`。`flags`:`no_sample` 已值守或轮次网格指定而没有采样,"
    "`not_posted` 轮次网格指定而未安排值守,"
    "`no_members` 无成员,`inactive` 已停用;`nobody` 为不属于任何队伍的样本(`no_team`)及其采样点。"
    "作废管和留存单管不计;`sums` 为各队与 `nobody` 之和。只含本辖区。\n\n"
    "Of a day or a round, by team: sites, tubes, samples, the first and the last, faults of the quality list "
    "(counted every night) and how many of a hundred tubes have one. `nobody` is what no team stood for, "
    "with its sites. Void tubes and retained singles are left out; the sums are of all teams and `nobody`. "
    "Inside the caller's area.",
    **answers(FIGURES),
)
async def list_team_figures(
    who: Reader,
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    asked: Asked,
    *,
    flag: Annotated[Flag | None, Query(description="只列有此情况的队伍 Only teams with this flag")] = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """Count by team."""
    after = code_after(cursor, "team")
    found = await service.figures(session, context, who, scope=asked, now=now)
    behind = [each for each in found["teams"] if each["team_code"] > after]
    rows = [each for each in behind if flag is None or flag in each["flags"]]
    page = page_of("teams", rows[: limit + 1], limit=limit, position=lambda row: {"team": row["team_code"]})
    about = {**shown_of({"as_of": now}), "day": asked.day, "round_code": asked.round_code}
    return {**about, "sums": found["sums"], "nobody": found["nobody"], **page}
