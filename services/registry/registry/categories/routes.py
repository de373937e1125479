"""HTTP surface of categories and rules."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response, status

from registry.categories import preview, service
from registry.categories.examples import RULES, SHAPES_EN, SHAPES_ZH
from registry.categories.schemas import Affected, CategoryIn, CategoryList, CategoryOut, RuleIn, RuleMade
from shared.audit.recording import record
from shared.security.access import SCOPES, Principal, needs
from shared.web.bodies import answers, body, documents
from shared.web.codes import CodePath
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, code_after, page_of

router = APIRouter(prefix="/v1/categories", tags=["类别与规则 Categories"])

CATEGORY = {
    "code": "LOCAL-COURIER",
    "name_zh": "快递外卖从业人员",
    "name_en": "Couriers",
    "effective_from": "2026-12-01",
    "rules": [{"effective_from": "2026-12-01", "shape": "every_n_days", "params": {"days": 3}}],
}
SHOWN: dict[str, Any] = CATEGORY | {
    "vaccinated_as": None,
    "details": {},
    "effective_to": None,
    "rules": [
        {
            "rule_id": 41,
            "version": 1,
            "effective_from": "2026-12-01",
            "effective_to": None,
            "area_code": None,
            "shape": "every_n_days",
            "params": {"days": 3},
            "source": None,
        }
    ],
}


@router.get(
    "",
    response_model=CategoryList,
    summary="类别列表 List categories",
    description="全部重点人群类别及其规则的各个版本。\n\nEvery category with all versions of its rules.",
    **answers({"categories": [SHOWN], "next_cursor": None}),
)
async def list_categories(
    _: Annotated[Principal, needs(*SCOPES)],
    session: SessionDep,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List categories."""
    rows = await service.page(session, after=code_after(cursor, "code"), limit=limit + 1)
    return page_of("categories", rows, limit=limit, position=lambda row: {"code": row["code"]})


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    response_model=CategoryOut,
    responses=known(CategoryOut),
    summary="新增类别 Add a category",
    description="类别是有起止日期的数据;同一编码同样内容返回 200,内容不同 409。\n\n"
    "A category is data with a first day; the same again answers 200, other content 409.",
    **documents(CategoryIn, example=CATEGORY),
)
async def add_category(
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[CategoryIn, body(CategoryIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Add a category."""
    category, new = await service.add(session, wanted, who=who, now=now)
    await record(session, context, who=who, action="category.add", now=now, subject=category["code"])
    response.status_code = status.HTTP_201_CREATED if new else status.HTTP_200_OK
    return category


@router.post(
    "/{code}/rules",
    status_code=status.HTTP_201_CREATED,
    response_model=RuleMade | Affected,
    responses=known(RuleMade | Affected),
    summary="新增规则版本 Add a rule version",
    description="自 `effective_from` 起生效;有 `effective_to` 的版本到期后原规则恢复;"
    "多个版本重叠时最严的生效。`dry_run=true` 只回答会影响多少人。\n\n"
    "Binds from `effective_from`; with `effective_to` the earlier duty returns after it; of overlapping "
    "versions the strictest binds. `dry_run=true` only answers who would be affected.\n\n"
    f"{SHAPES_ZH}\n\n{SHAPES_EN}",
    **documents(RuleIn, examples=RULES),
)
async def add_rule(
    code: CodePath,
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[RuleIn, body(RuleIn)],
    context: ContextDep,
    session: SessionDep,
    now: NowDep,
    response: Response,
    *,
    dry_run: Annotated[bool, Query(description="只预览 Only preview")] = False,
) -> dict[str, Any]:
    """Add a version of a category's rule, or say who it would affect."""
    if dry_run:
        response.status_code = status.HTTP_200_OK
        found = await preview.preview(session, context, wanted, code=code, who=who, now=now)
        rows = len(found["listed"])
        await record(session, context, who=who, action="rule.preview", now=now, subject=code, rows=rows)
        return found
    rule, new = await service.add_rule(session, context, wanted, code=code, who=who, now=now)
    await record(session, context, who=who, action="rule.add", now=now, subject=code)
    response.status_code = status.HTTP_201_CREATED if new else status.HTTP_200_OK
    return rule
