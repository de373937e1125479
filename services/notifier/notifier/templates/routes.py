"""Templates over HTTP: what may be worded anew, its versions, saving one, looking at one beforehand."""

from http import HTTPStatus
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Request, Response

from notifier.templates import editing
from notifier.templates.schemas import (
    TemplateApprovalIn,
    TemplateOut,
    TemplatePage,
    TemplatePreview,
    TemplatePreviewIn,
    TemplateSaved,
    TemplateVersionIn,
)
from shared.audit.recording import record
from shared.clock import day_of
from shared.security.access import Principal, needs, require_whole_district
from shared.web.bodies import body, documents
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, code_after, page_of
from shared.web.problems import language_of

router = APIRouter(prefix="/v1/templates", tags=["文本模板 Templates"])

Admin = Annotated[Principal, needs("admin")]
Key = Annotated[str, Path(pattern=r"^[a-z0-9._]{1,64}$")]
VersionBody = Annotated[TemplateVersionIn, body(TemplateVersionIn, max_bytes=100_000)]
ApprovalBody = Annotated[TemplateApprovalIn, body(TemplateApprovalIn, max_bytes=100_000)]
PreviewBody = Annotated[TemplatePreviewIn, body(TemplatePreviewIn, max_bytes=100_000)]
EXAMPLE: Final = {
    "zh": "【今日到期】请于今日({{ due_on }})采样。",
    "en": "[Due today] Please be sampled today ({{ due_on }}).",
    "effective_from": "2030-01-15",
    "by": "办公室",
    "reason": "统一用语",
}


@router.get(
    "",
    summary="模板列表 List templates",
    description="全部文本及今日所用版本;0 为随系统发布的文本。 · "
    "Every text and the version in force today; 0 is the shipped one.",
    response_model=TemplatePage,
)
async def list_templates(
    who: Admin,
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List the texts by key."""
    require_whole_district(who)
    after = code_after(cursor, "key")
    rows = await editing.listed(session, context.settings, after=after, limit=limit, today=day_of(now))
    return page_of("templates", rows, limit=limit, position=lambda row: {"key": row["key"]})


@router.get(
    "/{key}",
    summary="一个模板 One template",
    description="可用的变量(取自随系统发布的文本)、各版本及今日所用版本。 · "
    "The variables that it may say (those of the shipped text), its versions, and which is in force.",
    response_model=TemplateOut,
)
async def read_template(
    key: Key, who: Admin, context: ContextDep, session: SessionDep, now: NowDep
) -> dict[str, Any]:
    """Return a text with everything about it."""
    require_whole_district(who)
    return await editing.one(session, context, key, today=day_of(now))


@router.post(
    "/{key}/versions",
    status_code=HTTPStatus.CREATED,
    summary="保存模板新版本 Save a version",
    description="两种语言都要;保存时按示例数据检查:循环、访问属性、缺少变量的一律退回,并指出行号与变量。"
    "自生效日起签发的通知用它,已签发的不变;内容与最新版本相同时返回 200。对外短信不得含变量、结果和数字。\n\n"
    "Both languages. Checked at once against sample facts: what loops, reaches for attributes or names no "
    "variable is refused, with line and name. Notices issued from the day on are worded with it, and say so; "
    "what is out stays as it is. The same as the newest version: 200. A message that leaves the house holds "
    "no variable, no result and no number.",
    response_model=TemplateSaved,
    responses=known(TemplateSaved),
    **documents(TemplateVersionIn, example=EXAMPLE),
)
async def save_version(
    key: Key,
    who: Admin,
    wanted: VersionBody,
    response: Response,
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Keep a version."""
    require_whole_district(who)
    saved, new = await editing.save(session, context, key, wanted, who=who, now=now)
    await record(
        session, context, who=who, action="template.version", now=now, subject=f"{key}:{saved['version']}"
    )
    if not new:
        response.status_code = HTTPStatus.OK
    return saved


@router.post(
    "/{key}/versions/{version}/approval",
    summary="批准模板版本 Approve a version",
    description="由保存者以外的客户端批准;设置 TEMPLATE_APPROVAL 后,版本经批准才生效。重复批准结果不变。 · "
    "By another client than the one that saved it; with TEMPLATE_APPROVAL a version is in force only once "
    "approved. Again changes nothing.",
    response_model=TemplateSaved,
    **documents(TemplateApprovalIn, example={"by": "分管领导"}),
)
async def approve_version(
    key: Key,
    version: Annotated[int, Path(ge=1, le=1_000_000, description="版本号 Version")],
    who: Admin,
    wanted: ApprovalBody,
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Approve a version."""
    require_whole_district(who)
    await record(session, context, who=who, action="template.approve", now=now, subject=f"{key}:{version}")
    return await editing.approve(session, context, key, version, wanted, who=who, now=now)


@router.post(
    "/{key}/preview",
    summary="预览模板 Preview a template",
    description="用示例数据或所给数据生成文字,并提示原文所述而此处未出现的变量;不保存任何内容。 · "
    "Renders sample facts, or those given, and warns of variables left out; stores nothing.",
    response_model=TemplatePreview,
    **documents(TemplatePreviewIn, example={"zh": EXAMPLE["zh"], "facts": {"due_on": "2030-01-15"}}),
)
async def preview_template(
    request: Request,
    key: Key,
    who: Admin,
    wanted: PreviewBody,
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Show what a text would read like."""
    require_whole_district(who)
    return await editing.preview(
        session, context, key, wanted, today=day_of(now), language=language_of(request)
    )
