"""Receipts and refusals in the standard of the body: ACK for HL7 v2, OperationOutcome for FHIR.

Who prefers the project's own receipt asks for it by `Accept: application/json`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from fastapi import Request, Response
from starlette.responses import JSONResponse

from results_ingest.batches.receipts import problems_of
from results_ingest.forms import fhir_outcome, hl7_ack
from results_ingest.forms.fhir_rows import Carried
from results_ingest.forms.hl7_ack import Answering
from results_ingest.forms.hl7_rows import Heard
from results_ingest.forms.service import FHIR, FORMS, HL7
from shared.errors import Problem
from shared.sheets.decoding import GB18030

_OWN: Final = ("application/json", "application/problem+json")
_TAKEN: Final = "已持久保存 durable"
_REHEARSED: Final = "仅校验,未保存 checked only, nothing kept"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was stored of a body, or would be; `path` is None for the latter."""

    stored: Mapping[str, Any]
    origin: object
    path: str | None


def wanted(request: Request, media_type: str) -> bool:
    """Say whether a body is answered in its own standard."""
    accepted = request.headers.get("accept", "").lower()
    return media_type in FORMS and (media_type in accepted or not any(own in accepted for own in _OWN))


def taken(request: Request, said: Receipt, status: int) -> Response:
    """Answer a body that was taken in or only checked."""
    faults, warnings = problems_of(said.stored)
    counts = ", ".join(f"{name} {said.stored[name]}" for name in ("accepted", "rejected", "duplicates"))
    text = f"{_TAKEN}: {counts}; {said.path}" if said.path else f"{_REHEARSED}: {counts}"
    headers = {} if said.path is None else {"Location": said.path}
    if isinstance(said.origin, Carried):
        return _fhir(fhir_outcome.outcome(text, faults, warnings, said.origin), status, headers)
    answering = Answering(said.stored["received_at"], request.state.request_id, text, faults, warnings)
    if not isinstance(said.origin, Heard):
        raise TypeError
    return _hl7(*hl7_ack.acknowledged(said.origin, answering), status, headers)


def refused(
    request: Request, media_type: str, problem: Problem, origin: object | None, now: datetime
) -> Response:
    """Answer a body that was refused whole."""
    message = problem.message
    text = f"{message.text('zh', problem.parameters)} / {message.text('en', problem.parameters)}"
    if media_type == FHIR:
        carried = origin if isinstance(origin, Carried) else None
        answer = fhir_outcome.refusal(message, text, problem.errors, carried)
        return _fhir(answer, message.status, problem.headers)
    answering = Answering(now, request.state.request_id, message.code, problem.errors)
    heard = origin if isinstance(origin, Heard) else None
    raw, charset = hl7_ack.refused(heard, message, answering, text=text)
    return _hl7(raw, charset, message.status, problem.headers)


def _fhir(answer: dict[str, Any], status: int, headers: Mapping[str, str]) -> Response:
    return JSONResponse(answer, status, dict(headers), media_type=FHIR)


def _hl7(raw: bytes, charset: str, status: int, headers: Mapping[str, str]) -> Response:
    named = "gb18030" if charset == GB18030 else "utf-8"
    return Response(raw, status, dict(headers), media_type=f"{HL7}; charset={named}")
