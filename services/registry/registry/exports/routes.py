"""HTTP surface of exports."""

from typing import Annotated

from fastapi import APIRouter, Request, Response

from registry.exports import service
from registry.exports.schemas import ExportIn
from shared.security.access import Principal, needs
from shared.web.bodies import body, documents
from shared.web.deps import ContextDep
from shared.web.files import FILE, file_response
from shared.web.problems import language_of

router = APIRouter(prefix="/v1/exports", tags=["表格导出 Exports"])

EXAMPLE = {"list": "overdue", "format": "xlsx", "township_code": "TOWN-01"}


@router.post(
    "",
    response_class=Response,
    responses=FILE,
    summary="导出列表 Take a list out as a sheet",
    description="部门、单位、行业映射、人员、应检未检、台账;只含本辖区,默认脱敏,文本不会成为公式。"
    "人员列表可由实名个人账号写明事由后取明文(逐人留痕),列与导入模板相同,可改后再导入。\n\n"
    "Departments, units, the industry map, people, the overdue lists, the ledger: inside the own area, "
    "masked, no text a formula. A named person who says why gets people in clear, each recorded, in the "
    "columns of the template.",
    **documents(ExportIn, example=EXAMPLE),
)
async def export_list(
    request: Request,
    who: Annotated[Principal, needs("records:read")],
    wanted: Annotated[ExportIn, body(ExportIn, max_bytes=16 * 1024)],
    context: ContextDep,
) -> Response:
    """Take a list out."""
    raw = await service.write(context, wanted, who=who, language=language_of(request))
    return file_response(raw, wanted.format, name=wanted.list)
