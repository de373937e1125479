"""HL7 v2 ORU^R01 (2.1 to 2.9): the results of messages as rows, each with the segments that it stood in."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from results_ingest.forms import errors, said, terms
from results_ingest.forms.hl7_fields import Cut, Fields
from results_ingest.forms.hl7_text import Envelope, Marks, Message, messages_of
from results_ingest.forms.limits import FormLimits
from results_ingest.forms.said import Row, Told, Words
from results_ingest.sheets.reading import Fault, Saved
from shared.errors import BAD_FORMAT, Problem, RowError
from shared.sheets.errors import MOMENT_WITHOUT_TIME
from shared.sheets.moments import bears_offset, compact_moment

_ONLY_DAY: Final = re.compile(r"[0-9]{4,10}", re.ASCII)
_LATER: Final = ("2.5", "2.6", "2.7", "2.8", "2.9")
_TIMES: Final = ("collected_at", "received_at", "tested_at", "released_at")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stood: its message, and the numbers of its segments within it; 0 for none."""

    message: int
    pid: int = 0
    obr: int = 0
    obx: int = 0
    spm: int = 0


@dataclass(frozen=True, slots=True)
class Head:
    """What an answer needs of a message, raw; `refusal` is why none of it is taken."""

    control_id: str
    sender: tuple[str, str]
    receiver: tuple[str, str]
    version: str
    charset: str
    marks: Marks
    refusal: str | None


@dataclass(slots=True)
class Heard:
    """A body's messages, and where each row stood."""

    heads: list[Head] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)


@dataclass(slots=True)
class _Group:
    """An order with its results and specimens; numbers of segments from 1 within the message."""

    pid: Fields
    obr: Fields
    place: Place
    obx: list[tuple[Fields, int, list[str]]] = field(default_factory=list)
    spm: list[tuple[Fields, int]] = field(default_factory=list)
    source: list[str] = field(default_factory=list)


def read_hl7(raw: bytes, limits: FormLimits, saved: Saved, *, charset: str | None) -> Told:
    """Return what a body says; Problem 400, 413, 415 or 422 where nothing of it can be read."""
    words, envelope, heard = said.words_of(saved), Envelope(), Heard()
    told = Told(None, heard)
    for message in messages_of(raw, limits, charset=charset, envelope=envelope):
        _hear(message, told, heard, words)
    if all(head.refusal == errors.MESSAGE_TYPE.code for head in heard.heads):
        raise Problem(errors.MESSAGE_TYPE)
    control_id = heard.heads[0].control_id if len(heard.heads) == 1 else ""
    told.batch_no = envelope.batch_no or control_id or None
    if any(count != str(envelope.messages) for count in envelope.counts[:1] if len(envelope.counts) == 1):
        told.notes.append(RowError(None, None, errors.COUNT_DIFFERS.code))
    return told


def _hear(message: Message, told: Told, heard: Heard, words: Words) -> None:
    cut = Cut(message)
    refusal = _refusal(cut)
    heard.heads.append(
        Head(
            cut.head(10),
            (cut.raw(message.header, 3), cut.raw(message.header, 4)),
            (cut.raw(message.header, 5), cut.raw(message.header, 6)),
            cut.head(12),
            message.charset,
            message.marks,
            refusal,
        )
    )
    if refusal is not None:
        told.add({}, [(None, refusal)], "\r".join(message.segments))
        heard.places.append(Place(message.number))
        return
    before = len(told.rows)
    for group in _groups(message):
        for row, wrong, place in _rows(group, cut, words):
            told.add(row, wrong, "\r".join(group.source))
            heard.places.append(place)
            for name in cut.assumed:
                told.notes.append(RowError(len(told.rows), name, errors.TESTED_AT_ASSUMED.code))
            cut.assumed.clear()
    if len(told.rows) == before:
        told.add({}, [(None, errors.NO_RESULT.code)], "\r".join(message.segments))
        heard.places.append(Place(message.number))
    told.offset_assumed |= cut.offset_assumed


def _refusal(cut: Cut) -> str | None:
    kind = cut.raw(cut.message.header, 9)
    if (cut.marks.part(kind, 1), cut.marks.part(kind, 2)) != ("ORU", "R01"):
        return errors.MESSAGE_TYPE.code
    if not cut.head(12).startswith("2."):
        return errors.VERSION_UNSUPPORTED.code
    return errors.NOT_PRODUCTION.code if cut.head(11) != "P" else None


def _groups(message: Message) -> Iterator[_Group]:
    group: _Group | None = None
    pid: Fields = []
    numbers = dict.fromkeys(("PID", "OBR", "OBX", "SPM", "NTE"), 0)
    for segment in message.segments:
        name = segment[:3]
        if name in numbers:
            numbers[name] += 1
        if name == "PID":
            pid = segment.split(message.marks.field)
        if name in ("PID", "OBR") and group is not None:
            yield group
            group = None
        if name == "OBR":
            place = Place(message.number, numbers["PID"], numbers["OBR"])
            group = _Group(pid, segment.split(message.marks.field), place, source=["\r".join(pid)])
        if group is not None:
            group.source.append(segment)
            _gather(group, name, segment, message.marks, numbers)
    if group is not None:
        yield group


def _gather(group: _Group, name: str, segment: str, marks: Marks, numbers: dict[str, int]) -> None:
    if name == "OBX":
        group.obx.append((segment.split(marks.field), numbers["OBX"], []))
    elif name == "SPM":
        group.spm.append((segment.split(marks.field), numbers["SPM"]))
    elif name == "NTE" and group.obx:
        group.obx[-1][2].append(segment)


def _rows(group: _Group, cut: Cut, words: Words) -> Iterator[tuple[Row, list[Fault], Place]]:
    specimen, spm = group.spm[0] if group.spm else ([], 0)
    shared, faults = _shared(group, cut, specimen)
    _person(shared, faults, group.pid, cut, words)
    _specimen(shared, faults, group, cut, specimen)
    _cycles(shared, faults, group, cut, words)
    taken = False
    for fields, number, notes in group.obx:
        kind = words.kind_of(cut.names(cut.raw(fields, 3)))
        if kind is None:
            continue
        taken = True
        row, wrong = {**shared, "test_kind": kind}, [*faults]
        _result(row, wrong, fields, notes, cut, words)
        said.put_constants(row, words)
        place = Place(group.place.message, group.place.pid, group.place.obr, number, spm)
        yield row, wrong, place
    if not taken:
        wrong = [(None, errors.TEST_NOT_COVERED.code)] if group.obx else [(None, errors.NO_RESULT.code)]
        number = group.obx[0][1] if group.obx else 0
        yield shared, wrong, Place(group.place.message, group.place.pid, group.place.obr, number, spm)


def _shared(group: _Group, cut: Cut, specimen: Fields) -> tuple[Row, list[Fault]]:
    """Return what the rows of an order have in common, but for whom and what they are of."""
    row: Row = {}
    wrong: list[Fault] = []
    ref = said.code_or_none(cut.head(10))
    if ref is not None:
        row["row_ref"] = ref
    obr = group.obr
    taken = cut.raw(specimen, 17) or cut.raw(obr, 7)
    for name, raw in (
        ("collected_at", taken),
        ("received_at", cut.raw(specimen, 18) or cut.raw(obr, 14)),
        ("released_at", cut.raw(obr, 22)),
    ):
        _put_moment(row, wrong, name, raw, cut)
    _put_text(row, wrong, "reviewer_code", cut.text(cut.raw(obr, 32)))
    return row, wrong


def _person(row: Row, wrong: list[Fault], pid: Fields, cut: Cut, words: Words) -> None:
    found = []
    for each in cut.repetitions(cut.raw(pid, 3)):
        authority = (cut.marks.part(each, 4, 2), cut.marks.part(each, 4, 1))
        kinds = (words.identifiers.get(name.lower()) for name in (cut.marks.part(each, 5), *authority))
        kind = next((kind for kind in kinds if kind), None)
        number = cut.text(each)
        if kind and number is None:
            wrong.append((kind if kind == terms.HEALTH_CODE else "id_no", errors.ESCAPE_UNKNOWN.code))
        elif kind and number:
            found.append((kind, number))
    raw = cut.raw(pid, 5)
    parts = [cut.text(raw, component) for component in (1, 2, 3)] if found else []
    if None in parts:
        wrong.append(("name", errors.ESCAPE_UNKNOWN.code))
    said.put_identity(row, wrong, found, said.written_name([part for part in parts if part]))


def _specimen(row: Row, wrong: list[Fault], group: _Group, cut: Cut, specimen: Fields) -> None:
    if len({cut.raw(fields, 2) for fields, _ in group.spm}) > 1:
        wrong.append((None, errors.SEVERAL_SPECIMENS.code))
    given = cut.raw(specimen, 2)
    tube = cut.first(given, 1, 2)
    if tube == "" and not row.keys() & {"health_code_id", "id_no"}:
        tube = cut.first(cut.raw(group.obr, 2), 1) or cut.first(cut.raw(group.obr, 3), 1)
    _put_text(row, wrong, "tube_code", tube)
    role = cut.marks.part(cut.raw(specimen, 11), 1)
    if role in terms.CONTROL_ROLES:
        wrong.append((None, errors.NOT_A_PATIENTS.code))
    if role in terms.MIXED_ROLES or len(cut.repetitions(cut.raw(specimen, 3))) > 1:
        row["mode"] = "mixed"
    elif role == "P":
        row["mode"] = "single"
    kind = cut.raw(specimen, 4)
    _put_text(row, wrong, "specimen_type", cut.first(kind, 2, 9, 1))


def _cycles(row: Row, wrong: list[Fault], group: _Group, cut: Cut, words: Words) -> None:
    for fields, _, _ in group.obx:
        name = words.value_of(cut.names(cut.raw(fields, 3)))
        text = cut.text(cut.raw(fields, 5))
        if name is not None and text:
            said.put_number(row, wrong, name, text)


def _result(
    row: Row, wrong: list[Fault], fields: Fields, notes: Sequence[str], cut: Cut, words: Words
) -> None:
    value = cut.raw(fields, 5)
    outcome = words.outcome_of(cut.names(value))
    if len(cut.repetitions(value)) > 1:
        wrong.append(("outcome", BAD_FORMAT.code))
    elif isinstance(outcome, tuple):
        wrong.append(outcome)
    elif outcome is not None:
        row["outcome"] = outcome
    method = cut.raw(fields, 17)
    _put_text(row, wrong, "kit", cut.first(method, 2, 1))
    _tested(row, wrong, fields, cut)
    status = cut.text(cut.raw(fields, 11))
    if status == "C":
        reason = " ".join(filter(None, (_note(note, cut) for note in notes)))
        named = cut.raw(fields, 21)
        said.put_correction(row, wrong, (cut.text(named) or "", cut.text(named, 2) or ""), reason)
    elif status != "F":
        wrong.append((None, errors.NOT_FINAL.code))


def _note(segment: str, cut: Cut) -> str | None:
    return cut.text(cut.raw(segment.split(cut.marks.field), 3))


def _tested(row: Row, wrong: list[Fault], fields: Fields, cut: Cut) -> None:
    analysed = cut.raw(fields, 19)
    if not analysed and not cut.head(12).startswith(_LATER):
        analysed = cut.raw(fields, 14)
    _put_moment(row, wrong, "tested_at", analysed, cut)
    if not analysed and "released_at" in row:
        row["tested_at"] = row["released_at"]
        cut.assumed.append("tested_at")


def _put_text(row: Row, wrong: list[Fault], name: str, text: str | None) -> None:
    if text is None:
        wrong.append((name, errors.ESCAPE_UNKNOWN.code))
    elif text:
        row[name] = text


def _put_moment(row: Row, wrong: list[Fault], name: str, raw: str, cut: Cut) -> None:
    """Put a time into a row: with its own offset, else that of MSH-7, else Beijing's."""
    text = cut.marks.part(raw, 1).strip()
    if not text or text == '""':
        return
    if _ONLY_DAY.fullmatch(text):
        wrong.append((name, MOMENT_WITHOUT_TIME.code))
        return
    if not bears_offset(text) and cut.zone is not None:
        text += cut.zone
    moment = compact_moment(text)
    cut.offset_assumed |= moment is not None and not bears_offset(text)
    row[name] = moment or text
