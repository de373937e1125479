"""HTTP surface of packets: sealing them one by one or by the thousand, and looking at them."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from results_ingest.packets import reading, service
from results_ingest.packets.schemas import EXAMPLE, MAX_LISTED, MAX_PACKETS, SHOWN, PacketIn, PacketsIn
from shared.audit.recording import record
from shared.db import LONG_SECONDS
from shared.errors import TOO_MANY_ROWS, Problem, RowError
from shared.security.access import Principal, needs
from shared.web.bodies import BULK_BYTES, answers, body, check_rows, documents, verdict_of
from shared.web.codes import CodeFilter
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known
from shared.web.paging import DEFAULT_LIMIT, Cursor, Limit
from shared.web.problems import worded

router = APIRouter(prefix="/v1", tags=["封包与交接 Packets"])
Sampler = Annotated[Principal, needs("samples:write")]
Reader = Annotated[Principal, needs("samples:write", "results:write", "records:read", "reviews:write")]
State = Annotated[Literal["sealed", "handed", "received", "closed", "refused"] | None, Query()]


@router.post(
    "/packets",
    status_code=201,
    responses=known(),
    summary="登记一个封包 Seal a packet",
    description="封包清单、封包人、封包时间,以及清点的样本数和纸质登记数。管可以尚未登记;时间为实际封包时间,"
    "离线时可事后补传。相同内容再次提交得 200。一支管不能同时在两个封包中。\n\n"
    "The list, the sealer, the time, and the counts of samples and paper forms. Tubes may be registered "
    "later; what was done offline is sent later with its original time. The same again: 200. "
    "No tube lies in two packets.",
    **documents(PacketIn, example=EXAMPLE),
)
async def seal_packet(
    who: Sampler,
    payload: Annotated[PacketIn, body(PacketIn)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Seal a packet."""
    verdict = (await service.seal(session, context, [payload], who=who, now=now))[0]
    if not isinstance(verdict, str):
        service.refuse(verdict)
    if verdict == service.UPDATED:
        response.status_code = 200
    await record(session, context, who=who, action="packet.seal", now=now, subject=payload.packet_code)
    return await reading.one(session, who, payload.packet_code)


@router.post(
    "/packet-lists",
    summary="批量登记封包 Seal packets in bulk",
    description="至多 1,000 个封包、20,000 支管,逐个判定;被拒的封包不占用任何管。\n\n"
    "At most 1,000 packets with 20,000 tubes, each judged on its own; a refused packet holds no tube.",
    **documents(PacketsIn, example={"packets": [EXAMPLE]}),
)
async def seal_packets(
    request: Request,
    who: Sampler,
    payload: Annotated[PacketsIn, body(PacketsIn, max_bytes=BULK_BYTES)],
    context: ContextDep,
) -> dict[str, Any]:
    """Seal many packets."""
    if len(payload.packets) > MAX_PACKETS:
        raise Problem(TOO_MANY_ROWS, limit=MAX_PACKETS)
    if sum(_listed_in(packet) for packet in payload.packets) > MAX_LISTED:
        raise Problem(TOO_MANY_ROWS, limit=MAX_LISTED)
    good, errors = check_rows(PacketIn, payload.packets)
    verdicts: list[service.Verdict] = []
    if good:
        async with context.db.transaction(seconds=LONG_SECONDS, limits=who.limits) as session:
            now = await context.clock.now(session)
            verdicts = await service.seal(session, context, [each for _, each in good], who=who, now=now)
            await record(session, context, who=who, action="packets.seal", now=now, rows=len(good))
    for (number, _), verdict in zip(good, verdicts, strict=True):
        if not isinstance(verdict, str):
            errors.extend(RowError(number, field, code) for field, code in verdict)
    accepted, updated = verdicts.count(service.ACCEPTED), verdicts.count(service.UPDATED)
    found = verdict_of(len(payload.packets), accepted=accepted, updated=updated, errors=errors)
    return worded(found, request)


def _listed_in(packet: object) -> int:
    listed = packet.get("tube_codes") if isinstance(packet, dict) else None
    return len(listed) if isinstance(listed, list) else 0


@router.get(
    "/packets",
    summary="封包列表 List of packets",
    description="检测机构只看到送往本机构的封包,镇街只看到本辖区采样点的封包。"
    "`state=received` 即已收到而三数不一致、尚未办结的封包。\n\n"
    "A laboratory sees what is sent to it, a township what its sites have sealed. `state=received` lists "
    "what was received and cannot be closed because its counts differ.",
    **answers({"packets": [SHOWN], "next_cursor": None}),
)
async def list_packets(
    who: Reader,
    session: SessionDep,
    state: State = None,
    site_code: CodeFilter = None,
    lab_code: CodeFilter = None,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List packets."""
    filters = {"state": state, "site_code": site_code, "lab_code": lab_code}
    return await reading.page(session, who, filters=filters, cursor=cursor, limit=limit)


@router.get(
    "/packets/{packet_code}",
    summary="封包及其各环节 One packet",
    description="三数比对、差异,以及每一环节的实际时间、补录时间和经办客户端。\n\n"
    "The three counts, what differs, and of every step its time, when it was recorded and by which client.",
    **answers({**SHOWN, "steps": [{"kind": "sealed", "sealer_code": "S-017"}]}),
)
async def get_packet(
    who: Reader, session: SessionDep, context: ContextDep, packet_code: str
) -> dict[str, Any]:
    """Show a packet."""
    return await reading.history(session, context, who, packet_code)


@router.get(
    "/packets/{packet_code}/tubes",
    summary="封包内的采样管 Tubes of a packet",
    description="按管码排序;`standing`:`listed|extra|missing|returned|past`,以及电子登记是否已到。\n\n"
    "By code, with how each stands and whether it is registered.",
    **answers(
        {
            "tubes": [{"tube_code": "T-000123", "standing": "listed", "registered": True}],
            "next_cursor": None,
        }
    ),
)
async def list_packet_tubes(
    who: Reader,
    session: SessionDep,
    packet_code: str,
    cursor: Cursor = None,
    limit: Limit = DEFAULT_LIMIT,
) -> dict[str, Any]:
    """List the tubes of a packet."""
    return await reading.tubes(session, who, packet_code, cursor=cursor, limit=limit)
