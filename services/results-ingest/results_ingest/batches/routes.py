"""Batches over HTTP: parse, call, answer."""

from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import JSONResponse

from results_ingest.batches import copies, in_kind, journal, openapi, reads, service
from results_ingest.batches.keeping import About, Answer
from results_ingest.batches.reading import JSON, MAX_BYTES, NDJSON, SHEETS
from results_ingest.batches.receipts import path_of, receipt, summary
from results_ingest.batches.schemas import BatchPage, BatchState, RowPage
from results_ingest.forms.service import FHIR, FORMS, HL7, require
from shared.context import Context
from shared.errors import Problem
from shared.identifiers import CODE_PATTERN
from shared.security.access import Principal, needs
from shared.sheets.reading import charset_of
from shared.web.bodies import raw_body, require_media_type
from shared.web.codes import CodeFilter
from shared.web.deps import ContextDep, SessionDep
from shared.web.files import file_response
from shared.web.limits import charge, refuse_unless
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit, Moment
from shared.web.problems import language_of

router = APIRouter(prefix="/v1/batches", tags=["批次 Batches"])

Lab = Annotated[Principal, needs("results:write")]
Reader = Annotated[Principal, needs("results:write", "records:read")]
DryRun = Annotated[bool, Query(description="只校验,不保存 Check only, keep nothing")]
Mode = Annotated[
    Literal["accept_valid", "all_or_nothing"],
    Query(description="`all_or_nothing`:有一行不合格则整批拒收 one bad row refuses the whole batch"),
]
Verdict = Annotated[
    Literal["matched", "unmatched", "held", "rejected", "duplicate"] | None,
    Query(description="只看该状态的行 Only rows with this verdict"),
]
SheetNumber = Annotated[
    str | None,
    Query(
        pattern=CODE_PATTERN,
        description="CSV、XLSX 的批次号;HL7、FHIR 以此代替自带编号 Of sheets; else instead of its own",
    ),
]
SheetMapping = Annotated[
    str | None,
    Query(
        pattern=CODE_PATTERN,
        description="CSV、XLSX、HL7、FHIR 的映射 Of all but JSON: a saved mapping",
    ),
]


@router.post("", status_code=202, **openapi.POST)
async def post_batch(
    request: Request,
    who: Lab,
    context: ContextDep,
    *,
    dry_run: DryRun = False,
    mode: Mode = "accept_valid",
    batch_no: SheetNumber = None,
    mapping: SheetMapping = None,
) -> Response:
    """Take in a batch."""
    media_type, content_type = _format_of(request, context)
    lab_code = await service.lab_of(context, who)
    raw = await raw_body(request, max_bytes=MAX_BYTES)
    strict = mode == "all_or_nothing"
    about = About(media_type, lab_code, who.client_id, strict, content_type, batch_no, mapping)
    try:
        await refuse_unless(request, partial(service.holds_alarm, context, raw, about))
        take = service.rehearse if dry_run else service.receive
        answer = await take(context, raw, about)
    except Problem as problem:
        if not in_kind.wanted(request, media_type):
            raise
        origin = await service.origin_of(context, raw, about)
        return in_kind.refused(request, media_type, problem, origin, context.db.now())
    charge(request.scope, "rows", answer.stored["rows"])
    if not dry_run:
        await journal.note(context, answer.stored, now=context.db.now())
    return _receipt(request, media_type, answer, dry_run=dry_run)


@router.get("", response_model=BatchPage, response_model_exclude_unset=True, **openapi.LIST)
async def list_batches(
    who: Reader,
    session: SessionDep,
    *,
    batch_no: CodeFilter = None,
    lab_code: CodeFilter = None,
    received_from: Moment = None,
    received_to: Moment = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List batches, newest first."""
    wanted = reads.Wanted(batch_no, lab_code, received_from, received_to)
    return await reads.page(session, who, wanted, cursor=cursor, limit=limit)


@router.get("/{batch_id}", response_model=BatchState, **openapi.ONE)
async def get_batch(request: Request, who: Reader, session: SessionDep, batch_id: str) -> JSONResponse:
    """Return a receipt and where its rows stand."""
    return JSONResponse(await reads.one(session, who, batch_id, language_of(request)))


@router.get("/{batch_id}/rows", response_model=RowPage, response_model_exclude_unset=True, **openapi.ROWS)
async def list_rows(
    who: Reader,
    session: SessionDep,
    batch_id: str,
    *,
    verdict: Verdict = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> JSONResponse:
    """List verdicts by row."""
    return JSONResponse(await reads.rows(session, who, batch_id, verdict=verdict, cursor=cursor, limit=limit))


@router.get("/{batch_id}/sheet", response_class=Response, **openapi.SHEET)
async def get_batch_sheet(request: Request, who: Lab, context: ContextDep, batch_id: str) -> Response:
    """Return a batch that came as a sheet, annotated."""
    raw, form, number = await copies.annotated(context, who, batch_id, language=language_of(request))
    return file_response(raw, form, name=number)


def _receipt(request: Request, media_type: str, answer: Answer, *, dry_run: bool) -> Response:
    stored, language = answer.stored, language_of(request)
    status = 202 if answer.created else 200
    path = None if dry_run else path_of(stored)
    if in_kind.wanted(request, media_type):
        said = in_kind.Receipt(stored, answer.origin, path)
        return in_kind.taken(request, said, status)
    if path is None:
        return JSONResponse(summary(stored, language))
    return JSONResponse(receipt(stored, language), status, {"Location": path})


def _format_of(request: Request, context: Context[Any]) -> tuple[str, str]:
    """Return the media type of a batch, and its whole header; Problem 415."""
    header = request.headers.get("content-type", "")
    media_type = header.partition(";")[0].strip().lower()
    if media_type in FORMS:
        require(context.settings, media_type)
    if media_type in SHEETS or media_type == HL7:
        charset_of(header, (*SHEETS, HL7))
        return media_type, header
    return require_media_type(request, JSON, NDJSON, FHIR), header
