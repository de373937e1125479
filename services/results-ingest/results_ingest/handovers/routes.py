"""HTTP surface of a packet's steps: couriers and sites hand over, laboratories receive, refuse and close."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Response

from results_ingest.handovers import service
from results_ingest.handovers.schemas import (
    CLOSING,
    HANDOVER,
    RECEIPT,
    REFUSAL,
    ClosingIn,
    HandoverIn,
    ReceiptIn,
    RefusalIn,
)
from results_ingest.packets.schemas import SHOWN
from shared.audit.recording import record
from shared.security.access import Principal, needs
from shared.web.bodies import body, documents
from shared.web.deps import ContextDep, NowDep, SessionDep
from shared.web.openapi import known

router = APIRouter(prefix="/v1/packets/{packet_code}", tags=["封包与交接 Packets"])
Sampler = Annotated[Principal, needs("samples:write")]
Lab = Annotated[Principal, needs("results:write")]
Both = Annotated[Principal, needs("samples:write", "results:write")]

ANSWER: Final[dict[str, Any]] = {"content": {"application/json": {"example": SHOWN}}}


@router.post(
    "/handovers",
    status_code=201,
    responses={**known(), 201: ANSWER},
    summary="交接给转运人员 Hand over to a courier",
    description="实际交接时间不得早于封包、晚于签收;可事后补传。再次转手再登记一次。"
    "相同内容再次提交得 200。\n\n"
    "Not before the seal and not after the receipt; may be told later. Each courier is a step. "
    "The same again: 200.",
    **documents(HandoverIn, example=HANDOVER),
)
async def hand_over_packet(
    who: Sampler,
    packet_code: str,
    payload: Annotated[HandoverIn, body(HandoverIn)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Hand a packet over."""
    answer = await service.hand_over(session, context, who, packet_code, payload, now=now)
    await record(session, context, who=who, action="packet.hand", now=now, subject=packet_code)
    return _answered(response, answer)


@router.post(
    "/receipt",
    status_code=201,
    responses={**known(), 201: ANSWER},
    summary="检测机构签收 Receive a packet",
    description="清点样本数和纸质登记数,与清单和电子登记三数比对;一致即办结(`closed`),"
    "不一致则保留为 `received` 并列出差异。`missing` 为清单有而实物无的管,`extra` 为清单无而实物有的管。\n\n"
    "Samples and paper forms are counted and compared with the list and the electronic form: equal, the "
    "packet is closed; else it stays `received` and its differences are listed.",
    **documents(ReceiptIn, example=RECEIPT),
)
async def receive_packet(
    who: Lab,
    packet_code: str,
    payload: Annotated[ReceiptIn, body(ReceiptIn)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Receive a packet."""
    answer = await service.receive(session, context, who, packet_code, payload, now=now)
    await record(session, context, who=who, action="packet.receive", now=now, subject=packet_code)
    return _answered(response, answer)


@router.post(
    "/refusal",
    status_code=201,
    responses={**known(), 201: ANSWER},
    summary="检测机构拒收 Refuse a packet",
    description="须给出原因;拒收后其中的管可重新封包。已办结的封包不能拒收(409 `packet_state`)。\n\n"
    "With a reason; its tubes may be sealed again. A closed packet cannot be refused.",
    **documents(RefusalIn, example=REFUSAL),
)
async def refuse_packet(
    who: Lab,
    packet_code: str,
    payload: Annotated[RefusalIn, body(RefusalIn)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Refuse a packet."""
    answer = await service.turn_away(session, context, who, packet_code, payload, now=now)
    await record(session, context, who=who, action="packet.refuse", now=now, subject=packet_code)
    return _answered(response, answer)


@router.post(
    "/closing",
    status_code=201,
    responses={**known(), 201: ANSWER},
    summary="办结有差异的封包 Close a packet whose counts differed",
    description="重新清点或说明后办结;仍不一致得 409 `packet_counts_differ`,不改动任何内容。"
    "有缺管或多管须写明 `note`。\n\n"
    "Closed once counted again or explained; while they differ: 409, and nothing is changed. Missing or "
    "extra tubes need a `note`.",
    **documents(ClosingIn, example=CLOSING),
)
async def close_packet(
    who: Both,
    packet_code: str,
    payload: Annotated[ClosingIn, body(ClosingIn)],
    session: SessionDep,
    context: ContextDep,
    now: NowDep,
    response: Response,
) -> dict[str, Any]:
    """Close a packet."""
    answer = await service.close(session, context, who, packet_code, payload, now=now)
    await record(session, context, who=who, action="packet.close", now=now, subject=packet_code)
    return _answered(response, answer)


def _answered(response: Response, answer: service.Answer) -> dict[str, Any]:
    packet, new = answer
    response.status_code = 201 if new else 200
    return packet
