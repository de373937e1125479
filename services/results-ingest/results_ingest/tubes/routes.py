"""HTTP surface of tubes and of sampling sites."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response, status

from results_ingest.tubes import service, sites
from results_ingest.tubes.lookup import tube_of
from results_ingest.tubes.rules import Fault
from results_ingest.tubes.schemas import (
    MAX_MEMBERS,
    MAX_TUBES,
    MembersIn,
    SiteIn,
    TubeIn,
    TubesIn,
)
from shared.audit.recording import record
from shared.db import LONG_SECONDS, Session
from shared.errors import TOO_MANY_ROWS, Language, Problem, RowError
from shared.security.access import Principal, needs
from shared.web.bodies import BULK_BYTES, body, check_rows, documents
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit
from shared.web.problems import error_items, language_of

router = APIRouter(prefix="/v1", tags=["采样管 Tubes"])
Sampler = Annotated[Principal, needs("samples:write")]
Reader = Annotated[Principal, needs("samples:write", "records:read", "reviews:write")]

TUBE = {
    "tube_code": "T-000123",
    "mode": "mixed",
    "capacity": 10,
    "subject": "person",
    "members": [{"health_code_id": "hc-100001"}, {"health_code_id": "hc-100002", "code_color": "green"}],
    "collected_at": "2026-11-21T08:30:00+08:00",
    "site_code": "SITE-01",
    "lab_code": "LAB01",
}


@router.post(
    "/tubes",
    status_code=status.HTTP_201_CREATED,
    responses=known(),
    summary="登记一支采样管 Register a tube",
    description="登记采样管及其人员。内容相同再次提交得 200;180 天内同码不同内容得 409 `tube_code_in_use`。"
    "绑定可以晚于结果:已收到的结果随即匹配。\n\n"
    "Registers a tube with its members. The same content again is answered 200; other content within "
    "180 days 409 `tube_code_in_use`. Binding may come after the result, which is then matched.",
    **documents(TubeIn, example=TUBE),
)
async def add_tube(
    context: ContextDep, who: Sampler, payload: Annotated[TubeIn, body(TubeIn)], response: Response
) -> dict[str, Any]:
    """Register a tube."""

    async def work(session: Session) -> str | list[Fault]:
        now = await context.clock.now(session)
        return (await service.register(session, context, [payload], who=who, now=now))[0]

    verdict = await context.db.run(work)
    if not isinstance(verdict, str):
        service.refuse(verdict)
    if verdict == service.UPDATED:
        response.status_code = status.HTTP_200_OK
    return {"tube_code": payload.tube_code, "members": len(payload.members)}


@router.post(
    "/tubes/bulk",
    summary="批量登记采样管 Register tubes in bulk",
    description="至多 2,000 支、20,000 人,逐支判定;被拒的管不绑定任何人。\n\n"
    "At most 2,000 tubes with 20,000 members, each judged on its own; a refused tube binds nobody.",
    **documents(TubesIn, example={"tubes": [TUBE]}),
)
async def add_tubes(
    request: Request,
    context: ContextDep,
    who: Sampler,
    payload: Annotated[TubesIn, body(TubesIn, max_bytes=BULK_BYTES)],
) -> dict[str, Any]:
    """Register many tubes."""
    if len(payload.tubes) > MAX_TUBES:
        raise Problem(TOO_MANY_ROWS, limit=MAX_TUBES)
    if sum(_members_in(tube) for tube in payload.tubes) > MAX_MEMBERS:
        raise Problem(TOO_MANY_ROWS, limit=MAX_MEMBERS)
    good, errors = check_rows(TubeIn, payload.tubes)

    async def work(session: Session) -> list[str | list[Fault]]:
        now = await context.clock.now(session)
        return await service.register(session, context, [tube for _, tube in good], who=who, now=now)

    verdicts = await context.db.run(work, seconds=LONG_SECONDS) if good else []
    for (number, _), verdict in zip(good, verdicts, strict=True):
        if not isinstance(verdict, str):
            errors.extend(RowError(number, field, code) for field, code in verdict)
    return _summary(len(payload.tubes), verdicts, errors, language_of(request))


def _members_in(tube: object) -> int:
    members = tube.get("members") if isinstance(tube, dict) else None
    return len(members) if isinstance(members, list) else 0


def _summary(
    sent: int, verdicts: Sequence[str | list[Fault]], errors: list[RowError], language: Language
) -> dict[str, Any]:
    accepted = sum(verdict == service.ACCEPTED for verdict in verdicts)
    updated = sum(verdict == service.UPDATED for verdict in verdicts)
    errors.sort(key=lambda error: error.row or 0)
    return {
        "accepted": accepted,
        "updated": updated,
        "rejected": sent - accepted - updated,
        "errors": error_items(errors, language),
        "errors_total": len(errors),
    }


@router.post(
    "/tubes/{tube_code}/members",
    summary="向采样管加入人员 Add members to a tube",
    description="出结果之前、容量之内可加入人员;已在管中的人员不变。\n\n"
    "Up to the capacity and before the result; members who are there already stay as they are.",
    **documents(MembersIn, example={"members": [{"health_code_id": "hc-100003"}]}),
)
async def add_members(
    context: ContextDep, who: Sampler, tube_code: str, payload: Annotated[MembersIn, body(MembersIn)]
) -> dict[str, Any]:
    """Add members."""

    async def work(session: Session) -> int:
        now = await context.clock.now(session)
        return await service.add_members(
            session, context, who, tube_code=tube_code, added=payload.members, now=now
        )

    return {"tube_code": tube_code, "added": await context.db.run(work)}


@router.get(
    "/tubes/{tube_code}",
    summary="采样管的四个环节 Where a tube is",
    description="采、送、检、报四个时间,以及现在所处环节 `stands`:"
    "`not_bound|sampled|retained|delivered|tested|reported|held`;缺失或颠倒的时间列入 `faults`。\n\n"
    "The four stamps sampled, delivered, tested, reported, and where the tube stands; a missing or "
    "reversed stamp is listed in `faults`.",
)
async def get_tube(
    who: Reader, session: SessionDep, context: ContextDep, now: NowDep, tube_code: str
) -> dict[str, Any]:
    """Show a tube."""
    shown = await tube_of(session, who, tube_code)
    await record(session, context, who=who, action="tube.read", now=now, subject=shown["tube_code"])
    return shown


@router.post(
    "/sites",
    status_code=status.HTTP_201_CREATED,
    responses=known(),
    tags=["采样点 Sites"],
    summary="登记采样点 Register a sampling site",
    description="采样点类型决定出结果时限,以及红码人员是否须转送隔离点。\n\n"
    "The kind of a site decides the laboratory's limit and where a red code is sent.",
    **documents(SiteIn, example={"site_code": "SITE-01", "name": "高速东口监测点", "kind": "checkpoint"}),
)
async def add_site(
    who: Sampler, payload: Annotated[SiteIn, body(SiteIn)], session: SessionDep, response: Response
) -> dict[str, Any]:
    """Register a site."""
    if not await sites.put(session, who, payload):
        response.status_code = status.HTTP_200_OK
    return payload.model_dump()


@router.get(
    "/sites",
    tags=["采样点 Sites"],
    summary="采样点列表 Sampling sites",
    description="按编码排序。\n\nIn the order of their codes.",
)
async def list_sites(
    who: Reader, session: SessionDep, cursor: Cursor = None, limit: Limit = DEFAULT_LIMIT
) -> dict[str, Any]:
    """List sites."""
    return await sites.page(session, who, cursor=cursor, limit=limit)
