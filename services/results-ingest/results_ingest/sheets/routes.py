"""HTTP surface of sheets of results: the template, and each laboratory's saved mappings."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request, Response, status

from results_ingest.labs.errors import LAB_NOT_REGISTERED
from results_ingest.sheets import service
from results_ingest.sheets.columns import COLUMNS
from results_ingest.sheets.schemas import EXAMPLE, SHOWN, ResultMappingIn, ResultMappingList, ResultMappingOut
from shared.errors import Problem
from shared.identifiers import CODE_PATTERN
from shared.security.access import Principal, needs
from shared.sheets.rows import Format
from shared.sheets.templates import template
from shared.web.bodies import answers, body, documents
from shared.web.deps import NowDep, SessionDep
from shared.web.files import FILE, file_response
from shared.web.problems import language_of

router = APIRouter(prefix="/v1/sheets/results", tags=["批次 Batches"])

_TITLES: Final = {"zh": "检测结果", "en": "Results"}
Lab = Annotated[Principal, needs("results:write")]
MappingName = Annotated[str, Path(pattern=CODE_PATTERN, description="列映射名称 Name of a mapping")]


@router.get(
    "/template",
    response_class=Response,
    responses=FILE,
    summary="下载结果表模板 Get the template of a sheet of results",
    description="列已设为文本,带下拉选项和说明页;省级导出表的列名同样可用。\n\n"
    "Text columns with choices and a page of notes; the headers of the provincial export are read as well.",
)
async def get_result_template(
    request: Request,
    _: Lab,
    form: Annotated[Format, Query(alias="format", description="文件格式 Format of the file")] = "xlsx",
) -> Response:
    """Return a template."""
    language = language_of(request)
    raw = template(COLUMNS, form, language, title=_TITLES[language])
    return file_response(raw, form, name="results-template")


@router.get(
    "/mappings",
    response_model=ResultMappingList,
    summary="本机构的列映射 List the laboratory's mappings",
    description="本机构保存的列名、固定值和用词。\n\nThe caller's own.",
    **answers({"mappings": [SHOWN]}),
)
async def list_result_mappings(who: Lab, session: SessionDep) -> dict[str, Any]:
    """List mappings."""
    return {"mappings": await service.listed(session, lab_code=_lab_of(who))}


@router.put(
    "/mappings/{name}",
    response_model=ResultMappingOut,
    summary="保存列映射 Save a mapping",
    description="自有列名对应到字段,空字符串表示忽略该列;`constants` 为每行相同的值(不含个人信息);"
    "`words` 为选项列的自有用词,例如结果 1、3。上传时以 `?mapping=` 指明。\n\n"
    "Headers of one's own to fields, '' to leave a column out; constants for every row, never personal; "
    "words of one's own for choices. A post names it by `?mapping=`.",
    **documents(ResultMappingIn, example=EXAMPLE),
    **answers(SHOWN),
)
async def put_result_mapping(
    name: MappingName,
    who: Lab,
    wanted: Annotated[ResultMappingIn, body(ResultMappingIn)],
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Save a mapping."""
    return await service.put(session, wanted, lab_code=_lab_of(who), name=name, by=who.client_id, now=now)


@router.delete(
    "/mappings/{name}",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="删除列映射 Delete a mapping",
    description="删除本机构的一个列映射。\n\nOne of the caller's own.",
)
async def delete_result_mapping(name: MappingName, who: Lab, session: SessionDep) -> None:
    """Delete a mapping."""
    await service.delete(session, lab_code=_lab_of(who), name=name)


def _lab_of(who: Principal) -> str:
    if who.lab_code is None:
        raise Problem(LAB_NOT_REGISTERED)
    return who.lab_code
