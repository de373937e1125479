"""HL7 v2 answers: one ACK for each message, with an ERR for each fault; no value of a row is repeated."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from results_ingest.forms import errors
from results_ingest.forms.hl7_rows import Head, Heard, Place
from shared.clock import SHANGHAI
from shared.errors import CATALOGUE, Message, RowError
from shared.sheets.decoding import GB18030, UTF_8

_HARMLESS: Final = re.compile(r"[A-Za-z0-9 .,:_^&/-]{1,199}", re.ASCII)
_CHARSETS: Final = {UTF_8: "UNICODE UTF-8", GB18030: "GB 18030-2000"}
_HEADER_CODES: Final[Mapping[str, str]] = {
    errors.MESSAGE_TYPE.code: "200",
    errors.VERSION_UNSUPPORTED.code: "203",
    errors.NOT_PRODUCTION.code: "202",
}
# HL7 table 0357; what is not named here is a value that is not known (103) or not right (102).
_CODES: Final[Mapping[str, str]] = {
    **_HEADER_CODES,
    "field_required": "101",
    "identifier_missing": "101",
    "correction_unnamed": "101",
    "message_without_result": "100",
    "not_allowed": "103",
    "test_not_covered": "103",
    "duplicate_row": "205",
    "batch_conflict": "205",
    "corrects_not_found": "204",
}
_FIELDS: Final[Mapping[str, tuple[tuple[str, int], ...]]] = {
    "row_ref": (("MSH", 10),),
    "tube_code": (("SPM", 2), ("OBR", 2)),
    "health_code_id": (("PID", 3),),
    "id_type": (("PID", 3),),
    "id_no": (("PID", 3),),
    "name": (("PID", 5),),
    "outcome": (("OBX", 5),),
    "mode": (("SPM", 11),),
    "collected_at": (("SPM", 17), ("OBR", 7)),
    "received_at": (("SPM", 18), ("OBR", 14)),
    "tested_at": (("OBX", 19),),
    "released_at": (("OBR", 22),),
    "reviewer_code": (("OBR", 32),),
    "ct_orf1ab": (("OBX", 5),),
    "ct_n": (("OBX", 5),),
    "test_kind": (("OBX", 3),),
    "specimen_type": (("SPM", 4), ("OBR", 15)),
    "kit": (("OBX", 17),),
    "corrects": (("OBX", 21),),
}
_BY_CODE: Final[Mapping[str, tuple[tuple[str, int], ...]]] = {
    errors.MESSAGE_TYPE.code: (("MSH", 9),),
    errors.VERSION_UNSUPPORTED.code: (("MSH", 12),),
    errors.NOT_PRODUCTION.code: (("MSH", 11),),
    errors.TEST_NOT_COVERED.code: (("OBX", 3),),
    errors.NOT_FINAL.code: (("OBX", 11),),
    errors.NOT_A_PATIENTS.code: (("SPM", 11),),
    errors.SEVERAL_SPECIMENS.code: (("SPM", 2),),
    "identifier_missing": (("SPM", 2), ("PID", 3), ("OBR", 2)),
}


@dataclass(frozen=True, slots=True)
class Answering:
    """Whom an answer is from, when, and under what number; `text` goes into each MSA-3."""

    now: datetime
    number: str
    text: str = ""
    faults: Sequence[RowError] = field(default_factory=tuple)
    warnings: Sequence[RowError] = field(default_factory=tuple)


def acknowledged(heard: Heard, answering: Answering) -> tuple[bytes, str]:
    """Return the ACKs of a body that was taken in, and their charset."""
    faults = _by_message(answering.faults, heard.places)
    warnings = _by_message(answering.warnings, heard.places)
    messages = []
    for number, head in enumerate(heard.heads, start=1):
        wrong = faults.get(number, [])
        code = "AR" if head.refusal in _HEADER_CODES else "AE" if wrong else "AA"
        said = [_err(one, heard.places, "E") for one in wrong]
        said += [_err(one, heard.places, "W") for one in warnings.get(number, [])]
        messages.append(_ack(head, code, said, answering, number))
    beside = [_err(one, heard.places, "W") for one in warnings.get(0, [])]
    return _file(heard, messages, beside, answering)


def refused(heard: Heard | None, message: Message, answering: Answering, *, text: str) -> tuple[bytes, str]:
    """Return the ACK of a body that was refused whole: AR, for nothing of it was taken."""
    head = heard.heads[0] if heard and len(heard.heads) == 1 else None
    places = heard.places if heard else []
    said = [f"ERR||{_location(None, message.code, [])}|{_hl7_code(message.code)}|E|{_coded(message, text)}"]
    said += [_err(one, places, "E") for one in answering.faults]
    return _encoded("\r".join(_ack(head, "AR", said, answering, 1)) + "\r", head.charset if head else UTF_8)


def _by_message(found: Iterable[RowError], places: Sequence[Place]) -> dict[int, list[RowError]]:
    by: dict[int, list[RowError]] = {}
    for one in found:
        message = places[one.row - 1].message if one.row and one.row <= len(places) else 0
        by.setdefault(message, []).append(one)
    return by


def _file(
    heard: Heard, messages: list[list[str]], beside: list[str], answering: Answering
) -> tuple[bytes, str]:
    charset = heard.heads[0].charset
    if len(messages) == 1:
        return _encoded("\r".join([*messages[0], *beside]) + "\r", charset)
    at = _time(answering.now)
    lines = [f"BHS|^~\\&|YINGJIAN||||{at}||||{_safe(answering.number)}"]
    for each in messages:
        lines += each
    lines += [*beside, f"BTS|{len(messages)}"]
    return _encoded("\r".join(lines) + "\r", charset)


def _encoded(text: str, charset: str) -> tuple[bytes, str]:
    return text.encode(charset), charset


def _ack(head: Head | None, code: str, said: Sequence[str], answering: Answering, number: int) -> list[str]:
    def part(raw: str) -> str:
        # Routing names are the sender's own; they come back only where they can hold nothing else.
        plain = head is not None and (head.marks.component, head.marks.subcomponent) == ("^", "&")
        return raw if plain and _HARMLESS.fullmatch(raw) else ""

    receiver, sender = (head.receiver, head.sender) if head else (("", ""), ("", ""))
    charset = _CHARSETS[head.charset if head else UTF_8]
    fields = [
        "MSH", "^~\\&", part(receiver[0]) or "YINGJIAN", part(receiver[1]), part(sender[0]), part(sender[1]),
        _time(answering.now), "", "ACK^R01^ACK", f"{_safe(answering.number)[:14]}-{number}", "P",
        head.version if head and head.refusal != errors.VERSION_UNSUPPORTED.code else "2.5.1",
        "", "", "", "", "", charset,
    ]  # fmt: skip
    control_id = head.control_id if head and _HARMLESS.fullmatch(head.control_id) else ""
    return ["|".join(fields), f"MSA|{code}|{_safe(control_id)}|{_safe(answering.text)}", *said]


def _err(one: RowError, places: Sequence[Place], severity: str) -> str:
    place = places[one.row - 1] if one.row and one.row <= len(places) else None
    message = CATALOGUE[one.code]
    where = _location(one.field, one.code, [place] if place else [])
    hl7 = "0" if severity == "W" else _hl7_code(one.code)
    return f"ERR||{where}|{hl7}|{severity}|{_coded(message, f'{message.zh} / {message.en}')}"


def _coded(message: Message, text: str) -> str:
    return f"{message.code}^{message.code}^L|||{_safe(text)}"


def _hl7_code(code: str) -> str:
    number = _CODES.get(code, "103" if code in ("escape_unknown", "outcome_contradicts") else "102")
    return f"{number}^^HL70357"


def _location(name: str | None, code: str, places: Sequence[Place]) -> str:
    """Return where a fault is (ERL): segment, its number in the message, field."""
    outer = (name or "").partition(".")[0]
    wanted = _BY_CODE.get(code) or _FIELDS.get(outer, ())
    for segment, number in wanted:
        at = 1 if segment == "MSH" else getattr(places[0], segment.lower()) if places else 0
        if at:
            return f"{segment}^{at}^{number}"
    if wanted:
        return f"{wanted[0][0]}^1^{wanted[0][1]}"
    return f"OBR^{places[0].obr}" if places and places[0].obr else "MSH^1"


def _safe(text: str) -> str:
    for mark, escaped in (("\\", "\\E\\"), ("|", "\\F\\"), ("^", "\\S\\"), ("~", "\\R\\"), ("&", "\\T\\")):
        text = text.replace(mark, escaped)
    return text


def _time(now: datetime) -> str:
    return now.astimezone(SHANGHAI).strftime("%Y%m%d%H%M%S%z")
