"""HTTP surface of venues and of what they report directly."""

from typing import Annotated, Any

from fastapi import APIRouter, Response, status

from results_ingest.venues import service
from results_ingest.venues.schemas import VenueIn, VenueReportIn
from shared.audit.recording import record
from shared.clock import day_of
from shared.db import LONG_SECONDS, Session
from shared.security.access import Principal, needs
from shared.web.bodies import BULK_BYTES, answers, body, documents
from shared.web.codes import CodeFilter
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, code_after, page_of, uuid_after
from shared.web.periods import DayFrom, DayTo, day_in, day_query

router = APIRouter(prefix="/v1", tags=["场所直报 Venues"])
Binder = Annotated[Principal, needs("admin")]
Venue = Annotated[Principal, needs("venue:report")]
Reader = Annotated[Principal, needs("venue:report", "records:read", "cases:respond")]
Above = Annotated[Principal, needs("records:read", "cases:respond")]
DayQuery = Annotated[str | None, day_query("直报日,默认当天 Day of the report, today by default")]

VENUE = {"client_id": "01a1ffb6-debc-7f61-bc69-ed646bea2d55", "unit_code": "91512081MA62K0260E"}
REPORT = {
    "report_no": "2026-11-21-01",
    "day": "2026-11-21",
    "samples": [
        {
            "tube_code": "V-000123",
            "kind": "surface",
            "collected_at": "2026-11-21T08:30:00+08:00",
            "lab_code": "LAB01",
        },
        {
            "tube_code": "V-000124",
            "kind": "person",
            "members": [{"health_code_id": "hc-100001"}],
            "collected_at": "2026-11-21T08:40:00+08:00",
        },
    ],
}
FILED = {
    "report_id": "01a1ffb6-debc-7f61-bc69-ed646bea2d55",
    "report_no": "2026-11-21-01",
    "unit_code": "91512081MA62K0260E",
    "day": "2026-11-21",
    "people": 1,
    "environment": 0,
    "surfaces": 1,
    "goods": 0,
    "reported_at": "2026-11-21T09:00:00+08:00",
}
LISTED = FILED | {
    "township_code": "TOWN-01",
    "department_code": "DEPT-01",
    "results": {"surface": {"samples": 1, "resulted": 1, "not_negative": 0}},
}


@router.post(
    "/venues",
    status_code=status.HTTP_201_CREATED,
    responses=known(),
    summary="登记场所直报客户端 Bind a client to a venue",
    description="该客户端(权限 `venue:report`)此后只为这一个单位直报。同样内容再次登记得 200。\n\n"
    "The client, which holds `venue:report`, files for this one unit from now on; the same "
    "again answers 200.",
    **documents(VenueIn, example=VENUE),
)
async def add_venue(
    who: Binder,
    payload: Annotated[VenueIn, body(VenueIn)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Bind a client."""
    if not await service.bind(session, who, payload, now=now):
        response.status_code = status.HTTP_200_OK
    await record(session, context, who=who, action="venue.bind", now=now, subject=payload.unit_code)
    return payload.model_dump()


@router.get(
    "/venues",
    summary="直报客户端列表 Which client files for which venue",
    description="按客户端编码排序,只含本辖区。\n\nBy client id, inside the area.",
    **answers({"venues": [VENUE | {"bound_at": "2026-11-20T09:00:00+08:00"}], "next_cursor": None}),
)
async def list_venues(
    who: Binder, session: SessionDep, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> dict[str, Any]:
    """List bindings."""
    rows = await service.venues(session, who, after=code_after(cursor, "client"), limit=limit + 1)
    return page_of("venues", rows, limit=limit, position=lambda row: {"client": row["client_id"]})


@router.delete(
    "/venues/{client_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="解除直报绑定 End a binding",
    description="此后不能再直报;已报内容不变。\n\nIt files no more; what it has filed stays.",
)
async def remove_venue(
    who: Binder, session: SessionDep, context: ContextDep, now: NowDep, client_id: str
) -> None:
    """End a binding."""
    unit_code = await service.unbind(session, who, client_id=client_id)
    await record(session, context, who=who, action="venue.unbind", now=now, subject=unit_code)


@router.post(
    "/venue-reports",
    status_code=status.HTTP_201_CREATED,
    responses=known(),
    summary="场所直报 File a venue's report",
    description="场所自行上报当日所采人员、环境、物表(及物品)样本,样本随即登记为采样管;"
    "没有采样也须上报(`samples` 为空)。整份判定:有一支不合格则全部不登记。同样内容再次上报得 200。\n\n"
    "A venue files what it sampled on a day: people, environment, surfaces and goods; the samples become "
    "tubes. An empty list is a report too. One bad sample refuses the whole; the same again answers 200.",
    **documents(VenueReportIn, example=REPORT),
)
async def file_report(
    context: ContextDep,
    who: Venue,
    payload: Annotated[VenueReportIn, body(VenueReportIn, max_bytes=BULK_BYTES)],
    response: Response,
) -> dict[str, Any]:
    """File a report."""

    async def work(session: Session) -> tuple[dict[str, Any], bool]:
        now = await context.clock.now(session)
        filed = await service.file(session, context, payload, who=who, now=now)
        await record(
            session, context, who=who, action="venue.report", now=now, subject=filed[0]["unit_code"],
            rows=len(payload.samples),
        )  # fmt: skip
        return filed

    filed, new = await context.db.run(work, seconds=LONG_SECONDS)
    if not new:
        response.status_code = status.HTTP_200_OK
    return filed


@router.get(
    "/venue-reports",
    summary="场所直报列表 Reports of venues",
    description="各类样本数及已出结果数;主管部门和镇街看到本辖区并可见非阴性数,场所只看到自己。\n\n"
    "Samples of each kind and how many have a result. Departments and townships see their area, and how many "
    "are not negative; a venue sees its own.",
    **answers({"reports": [LISTED], "next_cursor": None}),
)
async def list_reports(
    who: Reader,
    session: SessionDep,
    unit_code: CodeFilter = None,
    first: DayFrom = None,
    last: DayTo = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List reports."""
    rows = await service.reports(
        session,
        who,
        unit_code=unit_code,
        first=day_in("from", first),
        last=day_in("to", last),
        after=uuid_after(cursor, "report"),
        limit=limit + 1,
    )
    return page_of("reports", rows, limit=limit, position=lambda row: {"report": str(row["report_id"])})


@router.get(
    "/silent-venues",
    summary="当日未直报的场所 Venues that have not filed",
    description="某日没有任何直报(零报告也算已报)的场所,以及上次直报日。\n\n"
    "Venues without any report for a day, an empty one included, and the day they last filed for.",
    **answers({
        "day": "2026-11-21",
        "venues": [{"unit_code": "91512081MA62K0260E", "township_code": "TOWN-01",
                    "department_code": "DEPT-01", "last_day": "2026-11-20"}],
        "next_cursor": None,
    }),
)  # fmt: skip
async def list_silent(
    who: Above,
    session: SessionDep,
    now: NowDep,
    day: DayQuery = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List who is silent."""
    asked = day_in("day", day) or day_of(now)
    rows = await service.silent(session, who, day=asked, after=code_after(cursor, "unit"), limit=limit + 1)
    page = page_of("venues", rows, limit=limit, position=lambda row: {"unit": row["unit_code"]})
    return {"day": asked, **page}
