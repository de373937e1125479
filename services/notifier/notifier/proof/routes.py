"""Proof over HTTP: the export of a body and period, and its check."""

import base64
import io
from collections.abc import Iterator
from typing import IO, Annotated, Any, Final

from anyio import to_thread
from fastapi import APIRouter, Path, Request
from fastapi.responses import StreamingResponse

from notifier.notices.rules import Sight, sight
from notifier.proof import packaging, service
from notifier.proof.schemas import PackageIn, ProofChecked, ProofFinding
from notifier.routing.rules import RecipientType
from shared.audit import heads, packages
from shared.audit.proofs import Verdict, verify
from shared.audit.recording import record
from shared.clock import day_of
from shared.security.access import Principal, needs
from shared.web.bodies import body, documents, raw_body, require_media_type
from shared.web.codes import CodePath
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.periods import DayFrom, DayTo, days_of

router = APIRouter(prefix="/v1/proof", tags=["送达证明 Proof"])

LINES: Final = "application/jsonl"
ZIP: Final = "application/zip"
MOST_BYTES: Final = 100_000_000
_CHUNK: Final = 65_536
Reader = Annotated[Principal, needs("cases:respond", "records:read")]
BodyType = Annotated[RecipientType, Path(description="接收方类型 Kind of body")]


@router.get(
    "/{body_type}/{body_code}",
    response_class=StreamingResponse,
    responses={
        200: {"description": "逐行 JSON Lines of JSON", "content": {LINES: {"schema": {"type": "string"}}}},
        404: {"description": "没有这一接收方,或不在本辖区之内 No such body, or not inside the area"},
    },
    summary="送达证明 Proof of what a body was sent",
    description="一个接收方在一段时间内收到的全部通知:签发、每次投递的每次尝试、查阅、签收、答复(含报送和书面报告)、撤销;姓名已脱敏。"
    "逐行 JSON:首行说明对象和时间,其后每条与上一条哈希相连,末行为 Ed25519 签名(与审计链头同一把密钥)。"
    "此后任何改动、删除、插入、换序都能查出。省略时间时为最近十四天。\n\n"
    "Everything that a body was sent in a period: when issued, each attempt of each delivery, who has seen, "
    "acknowledged, answered or revoked it; names are masked. Lines of JSON: the first says about whom and "
    "when, each entry is chained to the one before, the last line is signed with the key that signs heads of "
    "the audit log. Whatever is edited, taken out, put in or moved later is found. Without days, the last "
    "fourteen.",
)
async def export_proof(
    who: Reader,
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    body_type: BodyType,
    body_code: CodePath,
    first: DayFrom = None,
    last: DayTo = None,
) -> StreamingResponse:
    """Stream the proof."""
    begin, end = days_of(first, last, today=day_of(now), longest=context.settings.proof_longest_days)
    wanted = service.Wanted(body_type, body_code, begin, end)
    seen = _sight(who)
    await service.check_known(session, wanted, seen)
    await record(
        session, context, who=who, action="proof.export", now=now, subject=body_code, purpose=body_type
    )
    lines = service.export(context, wanted, seen, limits=who.limits, now=now)
    return StreamingResponse(lines, media_type=LINES, headers={"Cache-Control": "no-store"})


@router.post(
    "/{body_type}/{body_code}/package",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "ZIP 文件 The file",
            "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}},
            "headers": {
                "X-Manifest-SHA256": {"schema": {"type": "string"}, "description": "清单摘要 Its digest"}
            },
        },
        404: {"description": "没有这一接收方,或不在本辖区之内 No such body, or not inside the area"},
    },
    summary="送达证明包 The proof as one file to hand over",
    description="同一内容打成一个 ZIP:通知和投递的表格(CSV、XLSX)、每条正文、公文(DOCX;曾生成过的 PDF)、"
    "逐条相连的证明,以及带 Ed25519 签名的清单;姓名已脱敏,须说明理由,操作留痕。"
    "除注明导出时刻的三个文件外,内容未变则逐字节相同。"
    "以后改动、删除、加入任何文件都能查出(`POST /v1/proof/verification` 或离线核验)。"
    "通知超过 PROOF_PACKAGE_NOTICES 条时请分段导出。\n\n"
    "The same in one ZIP: tables of notices and deliveries (CSV, XLSX), every text, the papers (DOCX, and "
    "PDF where one came out), the chained proof, and a manifest signed with Ed25519; names are masked, a "
    "reason is needed, audited. But for the three files that say when it was made, the same content is the "
    "same bytes. Whatever is edited, taken out or put in later is found (`POST /v1/proof/verification`, or "
    "offline). At most PROOF_PACKAGE_NOTICES notices.",
    **documents(PackageIn, example={"reason": "督查组调阅"}),
)
async def export_package(
    who: Reader,
    asked: Annotated[PackageIn, body(PackageIn)],
    context: ContextDep,
    now: NowDep,
    body_type: BodyType,
    body_code: CodePath,
    first: DayFrom = None,
    last: DayTo = None,
) -> StreamingResponse:
    """Make the package and send it."""
    begin, end = days_of(first, last, today=day_of(now), longest=context.settings.proof_longest_days)
    wanted = service.Wanted(body_type, body_code, begin, end)
    made = await packaging.package(context, wanted, _sight(who), who=who, reason=asked.reason, now=now)
    name = f"proof-{body_type}-{body_code}-{begin}-{end}.zip"
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Content-Length": str(made.size),
        "Cache-Control": "no-store",
        "X-Manifest-SHA256": made.sha256,
    }
    return StreamingResponse(_chunks(made.file), media_type=ZIP, headers=headers)


@router.post(
    "/verification",
    response_model=ProofChecked,
    openapi_extra={
        # Any text: the answer says what is wrong with it.
        "requestBody": {
            "required": True,
            "content": {
                LINES: {"schema": {"description": "导出的文件 The export"}},
                ZIP: {"schema": {"description": "证明包 The package"}},
            },
        },
    },
    summary="核验送达证明 Check a proof",
    description="把导出的文件或证明包原样发回:逐条、逐文件核对哈希、次序和签名,签名须出自本系统;不保存任何内容。"
    "也可离线核验:`python -m shared.audit.proofs 文件 --public-key 公钥`(公钥见 /v1/audit/key)。\n\n"
    "The export or the package as it was: hashes, order and signature are checked, which must be of this "
    "system's key; nothing is kept. Offline: `python -m shared.audit.proofs FILE --public-key KEY` "
    "(/v1/audit/key).",
)
async def verify_proof(request: Request, who: Reader, context: ContextDep) -> dict[str, Any]:
    """Check a proof that was exported earlier."""
    del who  # anybody who may export may check
    media_type = require_media_type(request, LINES, ZIP)
    raw = await raw_body(request, max_bytes=MOST_BYTES)
    key = base64.b64encode(heads.public_bytes(heads.signing_key(context.settings))).decode()
    verdict = await to_thread.run_sync(_checked, raw, media_type, frozenset({key}))
    about = verdict.about
    return {
        "intact": not verdict.findings,
        "entries": verdict.entries,
        **{name: getattr(about, name, None) for name in ("body_type", "body_code", "first_day", "last_day")},
        "findings": [
            ProofFinding(
                kind=each.kind,
                n=getattr(each, "n", None),
                file=getattr(each, "file", None),
                message=each.text(),
            )
            for each in verdict.findings
        ],
    }


def _checked(raw: bytes, media_type: str, trusted: frozenset[str]) -> Verdict | packages.Verdict:
    if media_type == ZIP:
        return packages.verify(io.BytesIO(raw), trusted=trusted)
    return verify(raw.removesuffix(b"\n").split(b"\n"), trusted=trusted)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _sight(who: Principal) -> Sight:
    return sight(who.scopes, township=who.township, department=who.department)
