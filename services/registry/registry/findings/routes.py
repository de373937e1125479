"""HTTP surface of findings."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from registry.findings import reading
from registry.findings.schemas import FindingList, FindingPeople, Kind, Source, State
from shared.security.access import Principal, needs
from shared.web.codes import CodeQuery
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.paging import DEFAULT_LIMIT, LAST, Cursor, Limit, page_of, uuid_after

router = APIRouter(prefix="/v1/findings", tags=["问题清单 Findings"])


async def _wanted(
    unit_code: CodeQuery = None,
    township_code: CodeQuery = None,
    department_code: CodeQuery = None,
    kind: Annotated[Kind | None, Query()] = None,
    source: Annotated[Source | None, Query()] = None,
    state: Annotated[State | None, Query()] = None,
) -> reading.Filter:
    return reading.Filter(unit_code, township_code, department_code, kind, source, state)


Wanted = Annotated[reading.Filter, Depends(_wanted)]


@router.get(
    "",
    response_model=FindingList,
    summary="问题清单 List findings",
    description="单位存在的问题:不按频次(frequency)、不全员(coverage),来自现场抽查或每日评估;新的在前,只含本辖区。"
    "每日评估为有人逾期的单位各立一项任务,补检、离开或免检后自动销号。\n\n"
    "What is wrong at units: frequency missed or not everybody covered, from spot checks or the daily "
    "evaluation; newest first, inside the area. The evaluation opens a task for each unit with anybody "
    "overdue; it closes by itself when everybody was tested, left or is exempt.",
)
async def list_findings(
    who: Annotated[Principal, needs("records:read", "cases:respond")],
    session: SessionDep,
    now: NowDep,
    wanted: Wanted,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List findings."""
    before = uuid_after(cursor, "before", start=LAST)
    rows = await reading.page(session, who=who, wanted=wanted, before=before, limit=limit + 1, now=now)
    return page_of("findings", rows, limit=limit, position=lambda row: {"before": str(row["finding_id"])})


@router.get(
    "/{finding_id}",
    response_model=FindingPeople,
    summary="问题详情 Get a finding",
    description="种类、期间和涉及人员(姓名已脱敏),以及各人现状和销号结果。查询留痕。\n\n"
    "Kind, period and the people it names, masked, with how they stand now and how each ended. Recorded.",
)
async def get_finding(
    finding_id: UUID,
    who: Annotated[Principal, needs("records:read")],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """Return a finding with a page of its people."""
    finding = await reading.visible(session, finding_id=finding_id, who=who, now=now)
    rows = await reading.people(
        session,
        context,
        finding_id=finding_id,
        who=who,
        after=uuid_after(cursor, "entry_id"),
        limit=limit + 1,
        now=now,
    )
    page = page_of("people", rows, limit=limit, position=lambda row: {"entry_id": str(row["entry_id"])})
    return {"finding": finding, **page}
