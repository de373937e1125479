"""HL7 v2: from bytes to messages of segments, within limits. The charset is what was declared, never guessed.

Bytes of MLLP frames, line feeds for carriage returns, and the envelopes FHS/BHS … BTS/FTS are let pass.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from results_ingest.forms import errors
from results_ingest.forms.limits import FormLimits
from shared.errors import Problem
from shared.sheets.decoding import CHARSETS, GB18030, UTF_8
from shared.sheets.errors import ENCODING_WRONG

_BOM: Final = b"\xef\xbb\xbf"
_FRAME: Final = bytes.maketrans(b"\x0b\x1c\n", b"\r\r\r")
_ENVELOPE: Final = (b"FHS", b"BHS", b"BTS", b"FTS")
_NAMED: Final = {
    **CHARSETS,
    "ascii": UTF_8,
    "unicode utf-8": UTF_8,
    "gb 18030-2000": GB18030,
    "gb 18030": GB18030,
}
_HEX: Final = re.compile(r"X((?:[0-9A-Fa-f]{2})+)", re.ASCII)
_BLANK: Final = frozenset({".br", ".sp", "H", "N"})
_MARKS: Final = 4
_BATCH_NO: Final = 10
_CHARSET: Final = 18


@dataclass(frozen=True, slots=True)
class Marks:
    """The separators of a message."""

    field: str
    component: str
    repetition: str
    escape: str
    subcomponent: str

    def parts(self, text: str) -> list[str]:
        """Return the components of the first repetition of a field, raw."""
        return text.partition(self.repetition)[0].split(self.component)

    def part(self, text: str, component: int, subcomponent: int = 1) -> str:
        """Return a part of a component, raw; '' if it is not there."""
        if not text:
            return ""
        parts = self.parts(text)
        if component > len(parts):
            return ""
        below = parts[component - 1].split(self.subcomponent)
        return below[subcomponent - 1] if subcomponent <= len(below) else ""


@dataclass(slots=True)
class Message:
    """One message: `header[n]` is MSH-n, `segments` what follows it."""

    number: int
    header: list[str]
    marks: Marks
    charset: str
    segments: list[str]


@dataclass(slots=True)
class Envelope:
    """What stands round the messages of a file."""

    batch_no: str = ""
    counts: list[str] = field(default_factory=list)
    messages: int = 0


def messages_of(
    raw: bytes, limits: FormLimits, *, charset: str | None, envelope: Envelope
) -> Iterator[Message]:
    """Yield the messages of a body and fill its envelope; Problem 400, 413, 415 or 422 for the whole."""
    lines: list[bytes] = []
    for number, line in enumerate(_lines(raw, limits), start=1):
        if len(line) > limits.segment_bytes:
            raise Problem(errors.SEGMENT_TOO_LONG, segment=number, limit=limits.segment_bytes)
        if line.startswith(_ENVELOPE):
            _wrap(line, envelope)
        elif line.startswith(b"MSH"):
            if lines:
                yield _message(lines, charset, envelope)
            lines = [line]
        elif lines:
            lines.append(line)
        elif line.strip():
            raise Problem(errors.NOT_HL7)
    if lines:
        yield _message(lines, charset, envelope)
    if not envelope.messages:
        raise Problem(errors.NOT_HL7)


def _lines(raw: bytes, limits: FormLimits) -> Sequence[bytes]:
    # None of the bytes exchanged here can be the second one of a character of GB18030.
    text = raw.removeprefix(_BOM).replace(b"\r\n", b"\r").translate(_FRAME)
    if text.count(b"\r") > limits.segments:
        raise Problem(errors.TOO_MANY_SEGMENTS, limit=limits.segments)
    return [line for line in text.split(b"\r") if line]


def _wrap(line: bytes, envelope: Envelope) -> None:
    fields = line.decode("latin-1").split(chr(line[3]) if len(line) > len("BHS") else "|")
    if line.startswith(b"BHS") and len(fields) > _BATCH_NO and not envelope.batch_no:
        envelope.batch_no = fields[_BATCH_NO].strip()
    if line.startswith(b"BTS") and len(fields) > 1:
        envelope.counts.append(fields[1].strip())


def _message(lines: list[bytes], charset: str | None, envelope: Envelope) -> Message:
    envelope.messages += 1
    text, used = _decoded(lines, charset)
    segments = text.split("\r")
    header = segments.pop(0)
    marks = _marks(header, envelope.messages)
    return Message(
        envelope.messages, ["MSH", marks.field, *header.split(marks.field)[1:]], marks, used, segments
    )


def _decoded(lines: list[bytes], declared: str | None) -> tuple[str, str]:
    """Return a message and its charset, which is MSH-18's, else the request's, else UTF-8."""
    raw = b"\r".join(lines)
    for charset in (UTF_8, GB18030):
        try:
            said = _charset_said(lines[0].decode(charset))
        except UnicodeDecodeError:
            continue
        if said and declared and said != declared:
            raise Problem(errors.CHARSETS_DIFFER)
        if (said or declared or UTF_8) != charset:
            continue
        try:
            return raw.decode(charset), charset
        except UnicodeDecodeError:
            raise Problem(ENCODING_WRONG if said or declared else errors.HL7_UNDECLARED) from None
    raise Problem(ENCODING_WRONG if declared else errors.HL7_UNDECLARED)


def _charset_said(header: str) -> str | None:
    fields = header.split(header[3:4] or "|")
    said = fields[_CHARSET - 1].partition("~")[0].strip().lower() if len(fields) >= _CHARSET else ""
    if said and said not in _NAMED:
        raise Problem(errors.CHARSET_UNSUPPORTED)
    return _NAMED.get(said)


def _marks(header: str, message: int) -> Marks:
    separator = header[3:4]
    given = header[4:].partition(separator)[0] if separator else ""
    found = [separator, *given[:_MARKS]]
    odd = any(not mark.isascii() or not mark.isprintable() or mark.isalnum() for mark in found)
    if len(found) <= _MARKS or odd or len(set(found)) != len(found):
        raise Problem(errors.HEADER_MALFORMED, number=message)
    return Marks(*found)


def unescaped(text: str, marks: Marks, charset: str) -> str | None:
    """Return what a text means (HL7 v2.5.1 §2.7), None for an escape sequence that is not known here."""
    if marks.escape not in text:
        return text
    known = {
        "F": marks.field, "S": marks.component, "R": marks.repetition, "T": marks.subcomponent,
        "E": marks.escape, **dict.fromkeys(_BLANK, " "),
    }  # fmt: skip
    pieces = text.split(marks.escape)
    if len(pieces) % 2 == 0:
        return None
    for place in range(1, len(pieces), 2):
        hexed = _HEX.fullmatch(pieces[place])
        try:
            pieces[place] = bytes.fromhex(hexed[1]).decode(charset) if hexed else known[pieces[place]]
        except (KeyError, UnicodeDecodeError):
            return None
    return "".join(pieces)
