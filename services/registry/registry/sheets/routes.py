"""HTTP surface of imports, of the kinds of sheets and of saved column mappings."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response, status

from registry.sheets import annotating, mapping, service, taking
from registry.sheets.kinds import KINDS
from registry.sheets.schemas import (
    AbsentList,
    ImportErrors,
    ImportList,
    ImportOut,
    KindList,
    SheetMappingIn,
    SheetMappingList,
    SheetMappingOut,
)
from shared.errors import NOT_FOUND, Problem
from shared.identifiers import CODE_PATTERN
from shared.security.access import Principal, needs
from shared.sheets.kinds import Existing, Kind
from shared.sheets.reading import charset_of, limits_of
from shared.sheets.rows import Format
from shared.sheets.templates import template
from shared.web.bodies import body, documents, raw_body
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.files import FILE, FILE_BODY, file_response
from shared.web.limits import charge
from shared.web.paging import (
    DEFAULT_LIMIT,
    LAST,
    Cursor,
    Limit,
    encode_cursor,
    number_after,
    page_of,
    uuid_after,
)
from shared.web.problems import error_items, language_of

router = APIRouter(prefix="/v1/imports", tags=["表格导入 Imports"])
kinds_router = APIRouter(prefix="/v1/sheets", tags=["表格导入 Imports"])

KindName = Annotated[str, Path(pattern=CODE_PATTERN, description="表格种类 Kind of sheet")]
MappingName = Annotated[str, Path(pattern=CODE_PATTERN, description="列映射名称 Name of a mapping")]
ForAllRows = Annotated[str | None, Query(max_length=64, description="全表相同 The same for every row")]
MAPPING = {"columns": {"员工姓名": "name", "工号": ""}, "constants": {"unit_code": "91350100M000100Y43"}}


@router.post(
    "",
    status_code=status.HTTP_202_ACCEPTED,
    response_model=ImportOut,
    summary="导入表格 Import a sheet",
    description="请求体就是文件:XLSX,或 CSV(UTF-8、GBK、GB18030;非 UTF-8 请在 Content-Type 写明 charset)。"
    "表头中英文均可,或用已保存的列映射。先检查整个表头,再在后台逐行导入:逐行判定,好行保留;"
    "`dry_run=true` 只判定不保存。代码已有而内容不同的部门、单位默认拒绝(与逐条登记相同),"
    "`existing=update` 则更新。`as_of`、`round_code`、`unit_code` 为全表统一填入该列(行内另有填写的除外)。"
    "进度见 `GET /v1/imports/{import_id}`。\n\n"
    "The body is the file: XLSX, or CSV in UTF-8, GBK or GB18030 (say which in Content-Type if it is not "
    "UTF-8), with Chinese or English headers or a saved mapping. The header is checked at once, the rows one "
    "by one by a job whose progress can be polled; a dry run keeps nothing. A department or unit that stands "
    "with other content is refused as by its own route, or changed with `existing=update`. `as_of`, "
    "`round_code` and `unit_code` fill that column of every row that leaves it blank.",
    openapi_extra=FILE_BODY,
)
async def import_sheet(
    request: Request,
    who: Annotated[Principal, needs("admin")],
    context: ContextDep,
    response: Response,
    *,
    kind: Annotated[str, Query(pattern=CODE_PATTERN, description="表格种类 Kind of sheet")],
    mapping_name: Annotated[str | None, Query(alias="mapping", pattern=CODE_PATTERN)] = None,
    dry_run: Annotated[bool, Query()] = False,
    existing: Annotated[Existing | None, Query(description="已有而内容不同 What stands otherwise")] = None,
    as_of: ForAllRows = None,
    round_code: ForAllRows = None,
    unit_code: ForAllRows = None,
) -> dict[str, Any]:
    """Take in a sheet."""
    taking.kind_of(kind)
    content_type = request.headers.get("content-type", "")
    charset_of(content_type)
    raw = await raw_body(request, max_bytes=limits_of(context.settings).bytes)
    given = {"as_of": as_of, "round_code": round_code, "unit_code": unit_code}
    constants = {name: value for name, value in given.items() if value is not None}
    sent = taking.Sent(kind, raw, content_type, mapping_name, dry_run, existing, constants)
    import_id = await taking.take(context, sent, who=who)
    response.headers["Location"] = f"/v1/imports/{import_id}"
    async with context.db.transaction(limits=who.limits) as session:
        made = await service.get(session, import_id=import_id, who=who)
    charge(request.scope, "rows", made["rows"])
    return made


@router.get(
    "",
    response_model=ImportList,
    summary="导入列表 List imports",
    description="最新的在前,只含本辖区账号的导入。\n\nNewest first, those of the own area's clients.",
)
async def list_imports(
    who: Annotated[Principal, needs("admin")],
    session: SessionDep,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List imports."""
    before = uuid_after(cursor, "import_id", start=LAST)
    rows = await service.page(session, before=before, limit=limit + 1, who=who)
    return page_of("imports", rows, limit=limit, position=lambda row: {"import_id": str(row["import_id"])})


@router.get(
    "/{import_id}",
    response_model=ImportOut,
    summary="查询导入进度 Get an import",
    description="`processed` 为已判定的行数;accepted(新增)+ updated(已有)+ rejected = processed。\n\n"
    "`processed` rows are judged: accepted (new) + updated (known) + rejected.",
)
async def get_import(
    import_id: UUID, who: Annotated[Principal, needs("admin")], session: SessionDep
) -> dict[str, Any]:
    """Return an import."""
    return await service.get(session, import_id=import_id, who=who)


@router.get(
    "/{import_id}/errors",
    response_model=ImportErrors,
    summary="导入中的问题 List what is wrong with the rows",
    description="按行排列;行号即表格中看到的行号,不含单元格内容。\n\n"
    "By row, numbered as in the sheet; never a cell's content.",
)
async def list_import_errors(
    request: Request,
    import_id: UUID,
    who: Annotated[Principal, needs("admin")],
    session: SessionDep,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List what is wrong."""
    after = (number_after(cursor, "row"), number_after(cursor, "error"))
    found = await service.errors_of(session, import_id=import_id, after=after, limit=limit + 1, who=who)
    shown, more = found[:limit], len(found) > limit
    last = {"row": shown[-1][0].row, "error": shown[-1][1]} if more else None
    return {
        "errors": error_items([error for error, _ in shown], language_of(request)),
        "next_cursor": None if last is None else encode_cursor(last),
    }


@router.get(
    "/{import_id}/sheet",
    response_class=Response,
    responses=FILE,
    summary="下载批注后的表格 Get the annotated sheet",
    description="原表加“校验结果”“问题”两列,有误的单元格标红;改好后可直接再次导入。仅限上传者本人,完成后可取。\n\n"
    "The sheet with its verdicts and problems beside each row; corrected, it may be sent again as it is. "
    "For the client who sent it, once the import has ended.",
)
async def get_annotated_sheet(
    request: Request, import_id: UUID, who: Annotated[Principal, needs("admin")], context: ContextDep
) -> Response:
    """Return the annotated copy."""
    raw, form = await annotating.annotated(
        context, import_id=import_id, who=who, language=language_of(request)
    )
    return file_response(raw, form, name=f"import-{import_id}")


@router.get(
    "/{import_id}/absent",
    response_model=AbsentList,
    summary="不在表中的人员 Who stands with us and not on the sheet",
    description="花名册导入完成后,列出该表各单位已纳入而不在表中的人员(脱敏);仅限上传者本人。其他表格为空。\n\n"
    "After a roster: people enrolled in its units who do not stand on it, masked; for the client who sent "
    "it. Empty for other kinds.",
)
async def list_absent(
    import_id: UUID, who: Annotated[Principal, needs("admin")], context: ContextDep
) -> dict[str, Any]:
    """List who is not on the sheet."""
    return {"people": await annotating.absent(context, import_id=import_id, who=who)}


@kinds_router.get(
    "",
    response_model=KindList,
    summary="可导入的表格 List the kinds of sheets",
    description="每种表格的列:字段、中英文列名、可填内容。\n\nThe columns of each kind, with their headers.",
)
async def list_kinds(_: Annotated[Principal, needs("admin")]) -> dict[str, Any]:
    """List the kinds of sheets."""
    return {"kinds": [_kind(kind) for kind in KINDS.values()]}


@kinds_router.get(
    "/{kind}/template",
    response_class=Response,
    responses=FILE,
    summary="下载模板 Get a template",
    description="列已设为文本,带下拉选项和说明页;`Accept-Language: en` 得到英文列名。\n\n"
    "Text columns with choices and a page of notes; Chinese, or English by `Accept-Language`.",
)
async def get_template(
    request: Request,
    kind: KindName,
    _: Annotated[Principal, needs("admin")],
    form: Annotated[Format, Query(alias="format")] = "xlsx",
) -> Response:
    """Return a template."""
    if kind not in KINDS:
        raise Problem(NOT_FOUND)
    known, language = KINDS[kind], language_of(request)
    raw = template(known.columns, form, language, title=known.zh if language == "zh" else known.en)
    return file_response(raw, form, name=f"{kind}-template")


@kinds_router.get(
    "/{kind}/mappings",
    response_model=SheetMappingList,
    summary="列映射列表 List the column mappings",
    description="本辖区保存的列映射。\n\nThose of the own area.",
)
async def list_sheet_mappings(
    kind: KindName, who: Annotated[Principal, needs("admin")], session: SessionDep
) -> dict[str, Any]:
    """List the mappings of a kind."""
    return {"mappings": await mapping.listed(session, kind=kind, who=who)}


@kinds_router.put(
    "/{kind}/mappings/{name}",
    response_model=SheetMappingOut,
    summary="保存列映射 Save a column mapping",
    description="自有列名对应到字段,空字符串表示忽略该列;`constants` 给出全表相同的值(不含个人信息)。\n\n"
    "Headers of one's own to fields, '' to leave a column out; constants hold for every row and are never "
    "personal.",
    **documents(SheetMappingIn, example=MAPPING),
)
async def put_sheet_mapping(
    kind: KindName,
    name: MappingName,
    who: Annotated[Principal, needs("admin")],
    wanted: Annotated[SheetMappingIn, body(SheetMappingIn)],
    session: SessionDep,
    now: NowDep,
) -> dict[str, Any]:
    """Save a mapping."""
    return await mapping.put(session, wanted, kind=kind, name=name, who=who, now=now)


@kinds_router.delete(
    "/{kind}/mappings/{name}",
    status_code=status.HTTP_204_NO_CONTENT,
    summary="删除列映射 Delete a column mapping",
    description="删除本辖区的一个列映射。\n\nOne of the own area's.",
)
async def delete_sheet_mapping(
    kind: KindName, name: MappingName, who: Annotated[Principal, needs("admin")], session: SessionDep
) -> None:
    """Delete a mapping."""
    await mapping.delete(session, kind=kind, name=name, who=who)


def _kind(kind: Kind) -> dict[str, Any]:
    shown = ("field", "zh", "en", "type", "required", "example")
    columns = [
        {
            **{name: getattr(column, name) for name in shown},
            "aliases": list(column.aliases),
            "choices": list(column.choices),
        }
        for column in kind.columns
    ]
    return {"kind": kind.name, "zh": kind.zh, "en": kind.en, "columns": columns}
