"""HTTP surface of the catalogue of problems and of check lists."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Response, status

from notifier.checklists import queries, service
from notifier.checklists.schemas import (
    ChecklistIn,
    ChecklistList,
    ChecklistOut,
    ProblemKindIn,
    ProblemKindList,
    ProblemKindOut,
)
from shared.audit.recording import record
from shared.clock import day_of
from shared.db import fetch_all
from shared.security.access import Principal, needs
from shared.web.bodies import body, documents
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known

router = APIRouter(prefix="/v1", tags=["检查与整改 Inspections"])
Reader = Annotated[Principal, needs("records:read", "cases:respond", "reviews:write")]
KindCode = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,64}$", description="问题种类 Kind of problem")]
KIND: Final = {"name_zh": "未按频次检测", "name_en": "Not tested in time", "severity": "ordinary", "days": 3}
CHECKLIST: Final = {
    "checklist_code": "COLD-CHAIN",
    "effective_from": "2030-01-01",
    "name_zh": "冷链检查表",
    "name_en": "Cold chain",
    "items": [
        {
            "item": "CC-1",
            "section": "人员",
            "text_zh": "从业人员按频次检测",
            "text_en": "Staff are tested in time",
            "kind_code": "TEST-FREQUENCY",
        }
    ],
}


@router.get(
    "/problem-kinds",
    response_model=ProblemKindList,
    summary="问题目录 List kinds of problems",
    description="检查可能发现的问题种类、程度和整改天数(天数为本项目所定)。\n\n"
    "What an inspection may find, how grave it is, and within how many days it is put right (days are ours).",
)
async def list_problem_kinds(who: Reader, session: SessionDep) -> dict[str, Any]:
    """List the catalogue."""
    del who
    return {"kinds": await fetch_all(session, queries.KINDS)}


@router.put(
    "/problem-kinds/{kind_code}",
    response_model=ProblemKindOut,
    summary="设置问题种类 Set a kind of problem",
    description="新增或修改;已下发的整改单不变。\n\nAdded or changed; orders that are out stay as they are.",
    **documents(ProblemKindIn, example=KIND),
)
async def set_problem_kind(
    kind_code: KindCode,
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[ProblemKindIn, body(ProblemKindIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Set a kind of problem."""
    await record(session, context, who=who, action="problem-kind.set", subject=kind_code, now=now)
    return await service.set_kind(session, wanted, kind_code=kind_code, who=who, now=now)


@router.get(
    "/checklists",
    response_model=ChecklistList,
    summary="检查表 List check lists",
    description="今日生效的检查表;`all=true` 列出全部版本。八不未见全文,可按此格式录入。\n\n"
    "The check lists in force today; `all=true` lists every version.",
)
async def list_checklists(
    who: Reader,
    session: SessionDep,
    now: NowDep,
    *,
    every: Annotated[bool, Query(alias="all", description="全部版本 Every version")] = False,
) -> dict[str, Any]:
    """List check lists."""
    del who
    if every:
        return {"checklists": [service.shown(row) for row in await fetch_all(session, queries.ALL)]}
    return {"checklists": await service.in_force(session, code=None, day=day_of(now))}


@router.post(
    "/checklists",
    status_code=status.HTTP_201_CREATED,
    response_model=ChecklistOut,
    responses=known(ChecklistOut),
    summary="新增检查表版本 Add a version of a check list",
    description="自某日起生效,不得早于今天;已有版本不可修改。每项对应一个问题种类,答“否”即成为问题。\n\n"
    "In force from a day on, not before today; a version is never changed. An item answered `no` becomes a "
    "problem of its kind.",
    **documents(ChecklistIn, example=CHECKLIST),
)
async def add_checklist(
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[ChecklistIn, body(ChecklistIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Add a version."""
    await record(session, context, who=who, action="checklist.add", subject=wanted.checklist_code, now=now)
    made, new = await service.add(session, wanted, who=who, now=now)
    response.status_code = status.HTTP_201_CREATED if new else status.HTTP_200_OK
    return made
