"""Reads a work list from a request: JSON, or a sheet whose title and day are parameters."""

from typing import Annotated, Any, Final

from fastapi import Depends, Query, Request

from notifier.work_lists import errors
from notifier.work_lists.columns import entries_in, entries_of
from notifier.work_lists.schemas import WorkListIn
from notifier.work_lists.service import Sent
from shared.errors import Problem, RowError
from shared.sheets.reading import ANY, CSV, XLSX, charset_of, limits_of, read_sheet
from shared.web.bodies import documents, parse, raw_body, require_media_type
from shared.web.deps import ContextDep
from shared.web.files import FILE_BODY
from shared.web.limits import charge
from shared.web.periods import day_in, day_query
from shared.web.types import ShortText

JSON: Final = "application/json"
MOST_BYTES: Final = 5 * 1024 * 1024
EXAMPLE: Final = {
    "title": "全区近期新冠肺炎疫情防控工作清单",
    "issued_on": "2020-12-31",
    "sections": [
        {
            "title": "常态防控方面",
            "items": [
                {
                    "text": "修订完善应急预案",
                    "bodies": ["区卫健局", "区级相关部门"],
                    "deadline": "2021年1月10日",
                }
            ],
        }
    ],
}
Title = Annotated[ShortText | None, Query(description="表格的标题 Title of a sheet")]
IssuedOn = Annotated[str | None, day_query("表格的印发日期 Day of issue of a sheet")]
Drill = Annotated[bool, Query(description="表格为演练 A sheet that is an exercise")]


def documented() -> dict[str, Any]:
    """Return what a route says of its body: JSON or a file."""
    said = documents(WorkListIn, example=EXAMPLE)
    said["openapi_extra"]["requestBody"]["content"] |= FILE_BODY["requestBody"]["content"]
    return said


async def _sent(
    request: Request,
    context: ContextDep,
    *,
    title: Title = None,
    issued_on: IssuedOn = None,
    drill: Drill = False,
) -> Sent:
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() == JSON:
        require_media_type(request, JSON)
        wanted = parse(WorkListIn, await raw_body(request, max_bytes=MOST_BYTES))
        entries = entries_in(wanted.sections)
        sent = Sent(wanted.title, wanted.issued_on, wanted.drill, tuple(entries))
    else:
        charset_of(content_type, (CSV, XLSX, ANY))
        day = day_in("issued_on", issued_on)
        missing = [name for name, value in (("title", title), ("issued_on", day)) if value is None]
        if title is None or day is None:
            named = [RowError(None, name, errors.LIST_HEAD_NEEDED.code) for name in missing]
            raise Problem(errors.LIST_HEAD_NEEDED, errors=named)
        raw = await raw_body(request, max_bytes=MOST_BYTES)
        rows = await read_sheet(raw, limits_of(context.settings), content_type=content_type)
        entries, faults = entries_of(rows)
        sent = Sent(title, day, drill, tuple(entries), tuple(faults))
    charge(request.scope, "rows", max(1, len(entries)))
    return sent


SentList = Annotated[Sent, Depends(_sent)]
