"""Work lists over HTTP: taken in by the district, reported on by the bodies that are named in them."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response, status

from notifier.work_lists import body_names, reading, service, steps
from notifier.work_lists.rules import State
from notifier.work_lists.schemas import (
    Acceptance,
    BodyNameList,
    BodyNamesIn,
    BodyNamesVerdict,
    Extension,
    ExtensionDecision,
    ItemReopening,
    Progress,
    WorkItemDetail,
    WorkItemPage,
    WorkListPage,
    WorkListReceipt,
)
from notifier.work_lists.sending import SentList, documented
from shared.audit.recording import record
from shared.security.access import Principal, needs, require_whole_district
from shared.web.bodies import body, documents
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit
from shared.web.problems import worded

TAGS: Final = ["工作清单 Work lists"]
router = APIRouter(prefix="/v1/work-lists", tags=[*TAGS])
items_router = APIRouter(prefix="/v1/work-items", tags=[*TAGS])
names_router = APIRouter(prefix="/v1/body-names", tags=[*TAGS])

Admin = Annotated[Principal, needs("admin")]
Reader = Annotated[Principal, needs("cases:respond", "records:read")]
Responder = Annotated[Principal, needs("cases:respond")]
DryRun = Annotated[bool, Query(description="只校验,不保存 Check only, keep nothing")]


async def _wanted(
    list_id: Annotated[UUID | None, Query(description="清单 The list")] = None,
    state: Annotated[State | None, Query(description="状态 State")] = None,
) -> reading.Wanted:
    return reading.Wanted(list_id, state)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=WorkListReceipt,
    responses=known(WorkListReceipt),
    summary="导入工作清单 Import a work list",
    description="JSON,或 CSV、XLSX(标题、印发日期为查询参数)。按原顺序保存;排在第一位的单位牵头,其余配合;"
    "完成时限可照原文填写(2020年12月底、2021年1月10日、持续推进)。有一项有误则整份不导入,逐项指明行和字段;"
    "`dry_run=true` 只校验。同一标题、日期、内容再次导入返回原清单。\n\n"
    "JSON, or a sheet with its title and day as parameters. The order is kept; the first body leads, the "
    "others assist; deadlines as they are printed. One fault refuses the whole list, with every row and "
    "field; a trial shows them all. The same list again is the one that stands.",
    **documented(),
)
async def post_work_list(
    request: Request,
    who: Admin,
    sent: SentList,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    response: Response,
    *,
    dry_run: DryRun = False,
) -> dict[str, Any]:
    """Take a list in."""
    require_whole_district(who)
    receipt, new = await service.take(
        session, context, sent, client_id=who.client_id, dry_run=dry_run, now=now
    )
    if not dry_run:
        subject = str(receipt["list_id"])
        await record(session, context, who=who, action="work-list.import", now=now, subject=subject)
    response.status_code = status.HTTP_201_CREATED if new else status.HTTP_200_OK
    return worded(receipt, request)


@router.get(
    "",
    response_model=WorkListPage,
    summary="工作清单列表 List work lists",
    description="最新的在前;各部分的项数、办结数、超期数,只计本辖区。\n\n"
    "Newest first, with the items of each section, how many are done and overdue, of what the caller sees.",
)
async def list_work_lists(
    who: Reader,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List the lists."""
    page = await reading.lists(session, who=who, cursor=cursor, limit=limit, now=now)
    await record(session, context, who=who, action="work-lists.list", now=now, rows=len(page["lists"]))
    return page


@items_router.get(
    "",
    response_model=WorkItemPage,
    summary="清单事项 List items",
    description="按清单顺序,分项紧随其后;`parts` 汇总各单位分项:总数、办结数、超期数、最差状态。"
    "只含本辖区。\n\n"
    "In the order of the list, a part after its item; `parts` adds them up. Inside the area.",
)
async def list_work_items(
    who: Reader,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    wanted: Annotated[reading.Wanted, Depends(_wanted)],
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List items."""
    page = await reading.items(session, context, who=who, wanted=wanted, cursor=cursor, limit=limit, now=now)
    await record(session, context, who=who, action="work-items.list", now=now, rows=len(page["items"]))
    return page


@items_router.get(
    "/{item_id}",
    response_model=WorkItemDetail,
    summary="事项详情 Get an item",
    description="事项和全部步骤,只增不改。\n\nAn item and every step on it.",
)
async def get_work_item(
    item_id: UUID, who: Reader, session: SessionDep, context: ContextDep, now: NowDep
) -> dict[str, Any]:
    """Return an item."""
    await record(session, context, who=who, action="work-item.read", now=now, subject=str(item_id))
    return await reading.item(session, context, item_id=item_id, who=who, now=now)


@items_router.post(
    "/{item_id}/progress",
    response_model=WorkItemDetail,
    summary="报告进展 Report progress",
    description="由牵头或配合单位报告;牵头单位 `done=true` 报告完成,待另一账号验收。报告后不再催办。\n\n"
    "By the lead or an assistant; the lead reports it done, which another client accepts. It ends the "
    "chasing.",
    **documents(Progress, example={"by": "科长", "text": "预案已修订并印发", "done": True}),
)
async def report_progress(
    item_id: UUID,
    who: Responder,
    payload: Annotated[Progress, body(Progress)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
) -> dict[str, Any]:
    """Take in what a body reports."""
    await steps.progress(session, context, payload, item_id=item_id, who=who, now=now)
    await record(session, context, who=who, action="work-item.progress", now=now, subject=str(item_id))
    return await reading.item(session, context, item_id=item_id, who=who, now=now)


@items_router.post(
    "/{item_id}/acceptance",
    response_model=WorkItemDetail,
    summary="验收事项 Accept an item",
    description="由指挥部验收,须为报告人以外的账号;分项须先全部办结。\n\n"
    "By headquarters and another client than reported; parts come first.",
    **documents(Acceptance, example={"by": "督查员", "note": "现场核实"}),
)
async def accept_work_item(
    item_id: UUID,
    who: Admin,
    payload: Annotated[Acceptance, body(Acceptance)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
) -> dict[str, Any]:
    """Have an item done."""
    require_whole_district(who)
    await steps.accept(session, context, payload, item_id=item_id, who=who, now=now)
    await record(session, context, who=who, action="work-item.accept", now=now, subject=str(item_id))
    return await reading.item(session, context, item_id=item_id, who=who, now=now)


@items_router.post(
    "/{item_id}/reopening",
    response_model=WorkItemDetail,
    summary="退回事项 Re-open an item",
    description="由指挥部退回并写明原因,重新催办。\n\n"
    "By headquarters, with the reason; its lead is chased again.",
    **documents(ItemReopening, example={"by": "督查员", "reason": "未开展实操演练"}),
)
async def reopen_work_item(
    item_id: UUID,
    who: Admin,
    payload: Annotated[ItemReopening, body(ItemReopening)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
) -> dict[str, Any]:
    """Send an item back."""
    require_whole_district(who)
    await steps.reopen(session, context, payload, item_id=item_id, who=who, now=now)
    await record(session, context, who=who, action="work-item.reopen", now=now, subject=str(item_id))
    return await reading.item(session, context, item_id=item_id, who=who, now=now)


@items_router.post(
    "/{item_id}/extension",
    response_model=WorkItemDetail,
    summary="申请延期 Ask for an extension",
    description="由牵头单位申请新的时限并写明原因,由另一账号决定。\n\n"
    "By the lead, with the reason; another client decides.",
    **documents(Extension, example={"by": "科长", "due_on": "2021-01-20", "reason": "设备未到货"}),
)
async def ask_for_item_extension(
    item_id: UUID,
    who: Responder,
    payload: Annotated[Extension, body(Extension)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
) -> dict[str, Any]:
    """Ask for a later day."""
    await steps.ask_for_time(session, context, payload, item_id=item_id, who=who, now=now)
    await record(session, context, who=who, action="work-item.ask-extension", now=now, subject=str(item_id))
    return await reading.item(session, context, item_id=item_id, who=who, now=now)


@items_router.post(
    "/{item_id}/extension-decision",
    response_model=WorkItemDetail,
    summary="决定延期 Decide an extension",
    description="由指挥部决定,须为申请人以外的账号。\n\nBy headquarters and another client than asked.",
    **documents(ExtensionDecision, example={"by": "指挥部", "decision": "grant"}),
)
async def decide_item_extension(
    item_id: UUID,
    who: Admin,
    payload: Annotated[ExtensionDecision, body(ExtensionDecision)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
) -> dict[str, Any]:
    """Grant or refuse a later day."""
    require_whole_district(who)
    await steps.decide_time(session, context, payload, item_id=item_id, who=who, now=now)
    action = "work-item.decide-extension"
    await record(session, context, who=who, action=action, now=now, subject=str(item_id))
    return await reading.item(session, context, item_id=item_id, who=who, now=now)


@names_router.get(
    "",
    response_model=BodyNameList,
    summary="单位名称对照 List names of bodies",
    description="清单中的名称对应的部门、镇街代码,或全部镇街、全部部门。\n\n"
    "What printed names mean: codes, or everyone of a level.",
)
async def list_body_names(_: Reader, session: SessionDep) -> dict[str, Any]:
    """List the names."""
    return await body_names.listed(session)


@names_router.post(
    "",
    response_model=BodyNamesVerdict,
    summary="登记单位名称 Set names of bodies",
    description="逐条判定;已有的名称改为新的含义,已导入的清单不变。\n\n"
    "Judged one by one; a known name gets the new meaning, lists that stand stay as they are.",
    **documents(
        BodyNamesIn,
        example={
            "names": [
                {"name": "区指挥部办公室", "codes": ["HQ-01"]},
                {"name": "各镇人民政府(街道办事处)", "everyone": "townships"},
            ]
        },
    ),
)
async def set_body_names(
    request: Request,
    who: Admin,
    payload: Annotated[BodyNamesIn, body(BodyNamesIn)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
) -> dict[str, Any]:
    """Set names."""
    require_whole_district(who)
    verdict = await body_names.set_names(session, payload.names, client_id=who.client_id, now=now)
    action, rows = "body-names.set", len(payload.names)
    await record(session, context, who=who, action=action, now=now, rows=rows)
    return worded(verdict, request)
