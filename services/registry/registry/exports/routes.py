"""HTTP surface of exports."""

from typing import Annotated, Any

from fastapi import APIRouter, FastAPI, Request, Response

from registry.exports import errors, service
from registry.exports.asking import ask_of, note_names
from registry.exports.catalogue import ListOf, catalogue
from registry.exports.schemas import ExportIn, ListsOut
from shared.errors import Problem
from shared.security.access import Principal, needs
from shared.web.bodies import body, documents
from shared.web.deps import ContextDep
from shared.web.files import FILE, file_response
from shared.web.problems import language_of

router = APIRouter(prefix="/v1/exports", tags=["表格导出 Exports"])

EXAMPLE = {"list": "survey-rounds-places", "format": "xlsx", "where": {"code": "2026-11"}}


@router.post(
    "",
    response_class=Response,
    responses=FILE | {404: {"description": "不存在,或不在本辖区之内 Not there, or outside the area"}},
    summary="导出列表 Take a list out as a sheet",
    description="凡能查询的列表都能导出,名称和条件见 `GET /v1/exports`;只含本辖区,默认脱敏,文本不会成为公式。"
    "涉及人员的列表可由实名个人账号写明事由后取明文(逐人留痕);人员列表的列与导入模板相同,可改后再导入。\n\n"
    "Every list that can be asked for, under the names and with the conditions of `GET /v1/exports`: inside "
    "the own area, masked, no text a formula. A named person who says why gets people in clear, each "
    "recorded; the list of people has the columns of the template.",
    **documents(ExportIn, example=EXAMPLE),
)
async def export_list(
    request: Request,
    who: Annotated[Principal, needs("records:read", "cases:respond", "reviews:write", "audit:read")],
    wanted: Annotated[ExportIn, body(ExportIn, max_bytes=16 * 1024)],
    context: ContextDep,
) -> Response:
    """Take a list out."""
    one = _lists(request.app).get(wanted.list)
    if one is not None:
        note_names(request.scope, one)
    elif wanted.list not in service.LISTINGS:
        raise Problem(errors.LIST_UNKNOWN)
    raw = await service.write(context, wanted, one, ask_of(request), who=who, language=language_of(request))
    return file_response(raw, wanted.format, name=wanted.list)


@router.get(
    "",
    response_model=ListsOut,
    summary="可导出的列表 Lists that can be taken out",
    description="`needed` 为必填条件,`filters` 为可选条件,都写在 `where` 里;`of_people` 可取明文。\n\n"
    "`needed` and `filters` go into `where`; lists `of_people` may be taken out in clear.",
)
async def list_exports(
    request: Request,
    _: Annotated[Principal, needs("records:read", "cases:respond", "reviews:write", "audit:read")],
) -> dict[str, Any]:
    """List what can be taken out."""
    area = ["township_code", "department_code", "unit_code"]
    own = [
        {"list": each.name, "zh": each.zh, "en": each.en, "needed": [], "filters": area, "of_people": True}
        for each in service.LISTINGS.values()
    ]
    asked = [
        {
            **{name: getattr(one, name) for name in ("zh", "en", "needed", "filters", "of_people")},
            "list": one.name,
        }
        for one in _lists(request.app).values()
    ]
    return {"lists": sorted(own + asked, key=lambda each: str(each["list"]))}


def _lists(app: FastAPI) -> dict[str, ListOf]:
    """Return the lists of the service, read once from its own document."""
    if not hasattr(app.state, "lists"):
        app.state.lists = catalogue(app.openapi())
    found: dict[str, ListOf] = app.state.lists
    return found
