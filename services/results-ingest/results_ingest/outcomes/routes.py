"""Outcomes over HTTP."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from results_ingest.outcomes import service
from shared.security.access import Principal, needs
from shared.sheets.reading import CSV, XLSX
from shared.web.deps import ContextDep
from shared.web.files import file_response
from shared.web.problems import language_of

router = APIRouter(prefix="/v1/batches", tags=["批次 Batches"])

LINES: Final = "application/x-ndjson"
_LINE: Final = (
    '{"row":1,"row_ref":"A1","verdict":"unmatched","code":"tube_not_bound","tube_code":"T26112100001"}\n'
    '{"rows":1,"counts":{"unmatched":1}}\n'
)
_FILE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "文件 The file",
        "content": {
            CSV: {"schema": {"type": "string"}, "example": "行号,行标识,结论\r\n1,A1,已匹配\r\n"},
            XLSX: {"schema": {"type": "string", "format": "binary"}},
            LINES: {"schema": {"type": "string"}, "example": _LINE},
        },
    },
    404: {"description": "`code`: not_found"},
}


@router.get(
    "/{batch_id}/outcomes",
    response_class=Response,
    responses=_FILE,
    summary="下载逐行去向 Take out what became of every row",
    description="本批每一行(拒收、重复、等待匹配的也在内)此刻的去向:结论、原因、结果编号、是否被更正、复核结论,行数与回执一致。"
    "`format=csv`(默认)、`xlsx` 或 `ndjson`;CSV 与 NDJSON 边读边发,NDJSON 末行为各结论的行数。"
    "不含证件号码、姓名和健康码。其他机构的批次返回 404。\n\n"
    "Every row of the batch, refused, repeated and waiting ones too, as it stands now: verdict, reason, "
    "result id, what replaced it, the review; as many as the receipt says. CSV and NDJSON are streamed; the "
    "last line of NDJSON has the counts. No number, name or health code. Another laboratory's batch is 404.",
)
async def download_outcomes(
    request: Request,
    who: Annotated[Principal, needs("results:write", "records:read")],
    context: ContextDep,
    batch_id: str,
    form: Annotated[service.Form, Query(alias="format", description="文件格式 File format")] = "csv",
) -> Response:
    """Take out what became of every row."""
    batch = await service.batch_of(context, who, batch_id)
    language = language_of(request)
    name = f"{batch['batch_no']}-outcomes"
    if form == "xlsx":
        return file_response(
            await service.workbook(context, who, batch, language=language), "xlsx", name=name
        )
    written = service.lines if form == "ndjson" else service.csv_text
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{form}"',
        "Cache-Control": "no-store",
    }
    media_type = LINES if form == "ndjson" else f"{CSV}; charset=utf-8"
    stream = written(context, who, batch, language=language)
    first = await anext(stream)  # what is away now is answered as such; later it can only cut the answer
    return StreamingResponse(_after(first, stream), media_type=media_type, headers=headers)


async def _after(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for more in rest:
        yield more
