"""A notice as an official paper over HTTP."""

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Response

from notifier.documents import service
from notifier.documents.schemas import DocumentIn, Format
from notifier.notices.rules import Sight, sight
from shared.security.access import Principal, needs
from shared.web.bodies import body, documents
from shared.web.deps import ContextDep, NowDep, SessionDep

router = APIRouter(prefix="/v1/notices", tags=["通知 Notices"])

Reader = Annotated[Principal, needs("cases:respond", "records:read", "reviews:write")]
DocumentBody = Annotated[DocumentIn, body(DocumentIn, max_bytes=100_000)]
_BINARY: Final = {"type": "string", "format": "binary"}
_FILES: Final[dict[str, Any]] = {
    media_type: {"schema": _BINARY} for media_type in service.MEDIA_TYPES.values()
}
_COMPARED: Final[dict[str, Any]] = {
    "X-Document-SHA256": {"schema": {"type": "string"}, "description": "文件的 SHA-256 Its digest"},
    "X-Document-State": {
        "schema": {"type": "string", "enum": ["first", "same", "changed"]},
        "description": "首次生成、与以前一致、与以前不同 First, the same as before, or not the same",
    },
}


@router.get(
    "/{notice_id}/document",
    response_class=Response,
    responses={200: {"description": "文件 The file", "content": _FILES, "headers": _COMPARED}},
    summary="通知的公文 The notice as an official paper",
    description="按公文格式生成:标题、文号、主送、正文、落款、成文日期,附证据表;姓名已脱敏。"
    "同一通知每次生成的文件逐字节相同,首次生成时记下 SHA-256,以后比对(见响应头)。\n\n"
    "In the form of official papers, with its evidence in tables; names are masked. The same notice gives "
    "the same bytes every time; their SHA-256 is kept at the first and compared later (response headers).",
)
async def read_document(
    notice_id: UUID,
    who: Reader,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    format: Format = "docx",  # noqa: A002 - the word on the wire
) -> Response:
    """Render the notice."""
    made = await service.rendered(
        session, context, notice_id=notice_id, form=format, sight=_sight(who), who=who, now=now
    )
    compared = {"X-Document-SHA256": made.sha256, "X-Document-State": made.state}
    return _file(made.raw, format, notice_id, compared)


@router.post(
    "/{notice_id}/document",
    response_class=Response,
    responses={200: {"description": "文件 The file", "content": _FILES}},
    summary="姓名不脱敏的公文 The paper with the names in clear",
    description="仅限实名个人账号,须说明理由;理由密封保存,操作留痕。 · "
    "For a named person only, with a reason, which is kept sealed; audited.",
    **documents(DocumentIn, example={"format": "docx", "reason": "约谈单位负责人时出示"}),
)
async def disclose_document(
    notice_id: UUID,
    who: Reader,
    wanted: DocumentBody,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
) -> Response:
    """Render the notice with its people named."""
    raw = await service.disclosed(
        session, context, wanted, notice_id=notice_id, sight=_sight(who), who=who, now=now
    )
    return _file(raw, wanted.format, notice_id, {})


def _sight(who: Principal) -> Sight:
    return sight(who.scopes, township=who.township, department=who.department)


def _file(raw: bytes, form: Format, notice_id: UUID, more: dict[str, str]) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="notice-{notice_id}.{form}"',
        "Cache-Control": "no-store",
        **more,
    }
    return Response(raw, media_type=service.MEDIA_TYPES[form], headers=headers)
