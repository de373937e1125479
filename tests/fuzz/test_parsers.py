"""Whatever is fed to a parser is parsed or refused by name; what was written is read back the same.

`HYPOTHESIS_PROFILE=long` draws as many examples as an hour allows.
"""

import gzip
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import PydanticCustomError
from starlette.requests import Request
from starlette.types import Message

from registry.feed.cursors import Position
from results_ingest.batches import reading, rules
from results_ingest.batches.rules import AHEAD, Row, check_row
from results_ingest.sheets.reading import Saved, faults_of, said_by
from shared import identifiers
from shared.errors import CATALOGUE, Problem
from shared.sheets.moments import bears_offset, moment_text
from shared.sheets.rows import Format, Rows
from shared.web import paging
from shared.web.bodies import raw_body, strict_json
from shared.web.types import END_OF_MOMENTS, FIRST_DAY, LAST_DAY, parse_day, parse_time
from tests.results_ingest.batches.support import NOW, row

TEXT = st.text(st.characters(exclude_categories=()))
STORABLE = st.text(st.characters(exclude_categories=["Cs"]))
NUMBER = st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)
VALUE = st.recursive(
    st.none() | st.booleans() | NUMBER | STORABLE,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(STORABLE, inner, max_size=4),
    max_leaves=12,
)
ZONE = st.integers(-1439, 1439).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENT = st.datetimes(datetime(2020, 1, 3), datetime(2199, 12, 29), timezones=ZONE)  # noqa: DTZ001 - the zone comes beside it
LIKE_TIME = st.from_regex(r"\A[0-9]{1,5}-[0-9]{1,2}-[0-9]{1,2}[Tt ][0-9:.]{0,20}([Zz]|[+-][0-9:]{0,6})?\Z")
RESIDENT = st.from_regex(r"\A[1-6][0-9]{5}(19|20)[0-9]{9}\Z", fullmatch=True)


@given(VALUE)
def test_json_that_was_written_is_read_back(value: Any) -> None:
    assert strict_json(json.dumps(value, ensure_ascii=False).encode()) == value
    assert strict_json(json.dumps(value).encode()) == value


@given(st.binary(max_size=300) | TEXT.map(lambda text: text.encode(errors="surrogatepass")))
def test_bytes_are_a_batch_or_a_problem(raw: bytes) -> None:
    for media_type in (reading.JSON, reading.NDJSON):
        with suppress(Problem):
            reading.read(raw, media_type)


@given(st.lists(VALUE, min_size=1, max_size=5), st.from_regex(r"\A[A-Za-z0-9._-]{1,64}\Z"))
def test_a_batch_is_the_same_in_both_forms_and_in_any_spelling(rows: list[Any], number: str) -> None:
    body = json.dumps({"results": rows, "batch_no": number}, indent=1).encode()
    lines = [{"batch_no": number}, *rows]
    ndjson = "\r\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode()
    whole, by_line = reading.read(body, reading.JSON), reading.read(ndjson, reading.NDJSON)
    assert (whole.batch_no, whole.rows) == (by_line.batch_no, by_line.rows) == (number, rows)
    assert whole.digest == by_line.digest


@given(st.dictionaries(st.sampled_from(sorted(row())) | TEXT, VALUE | TEXT | LIKE_TIME, max_size=8))
def test_a_row_is_good_or_every_fault_has_a_code(fields: dict[str, Any]) -> None:
    found = check_row({**row(), **fields}, NOW)
    if isinstance(found, Row):
        assert found.tested_at.tzinfo is not None
    else:
        assert all(code in CATALOGUE for _, code in found)


@given(VALUE | TEXT | LIKE_TIME)
def test_a_time_or_a_day_is_read_or_refused_by_name(value: Any) -> None:
    for parse in (parse_time, parse_day):
        assert _code_of(parse, value) in {None, *CATALOGUE}


def _code_of(parse: Callable[[object], object], value: object) -> str | None:
    try:
        parse(value)
    except PydanticCustomError as error:
        return error.type
    return None


@given(MOMENT)
def test_a_time_that_was_written_is_read_back(moment: datetime) -> None:
    assert parse_time(moment.isoformat()) == moment
    assert parse_time(moment.astimezone(UTC).isoformat().replace("+00:00", "z")) == moment


@given(LIKE_TIME | MOMENT.map(datetime.isoformat))
def test_a_time_in_a_row_is_judged_as_everywhere_else(text: str) -> None:
    # A row knows of no year in which times end: what is too late elsewhere lies ahead here.
    found = check_row(row(collected_at=..., tested_at=text), END_OF_MOMENTS - AHEAD - timedelta.resolution)
    code = _code_of(parse_time, text)
    code = "time_in_future" if code == "time_after_2199" else code
    if isinstance(found, Row):
        assert (code, found.tested_at) == (None, parse_time(text))
    else:
        assert found == [("tested_at", code)]


@given(st.dates(FIRST_DAY, LAST_DAY))
def test_a_day_that_was_written_is_read_back(day: date) -> None:
    assert parse_day(day.isoformat()) == day


@given(TEXT)
def test_an_identifier_is_good_or_its_fault_has_a_code(text: str) -> None:
    for kind in identifiers.ID_TYPES:
        number = identifiers.normalise_id_no(kind, text)
        assert identifiers.check_id_no(kind, number, NOW.date()) in {None, *CATALOGUE}
        assert identifiers.normalise_id_no(kind, number) == number
    assert identifiers.check_health_code_id(text) in {None, *CATALOGUE}
    identifiers.check_credit_code(text)
    identifiers.check_phone(text)


MARKS = st.characters(categories=["Mn"])
JOINED = st.text(st.sampled_from("aαЄ·. ·ͅΐßﬁＬ") | MARKS, max_size=8)


@given(TEXT | JOINED)
def test_the_form_of_a_name_is_its_own_form(name: str) -> None:
    form = identifiers.normalise_name(name)
    assert identifiers.normalise_name(form) == form


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5), min_size=1))
def test_an_ordinary_name_is_its_own_form(name: str) -> None:
    assert identifiers.normalise_name(name) == name


@given(RESIDENT, st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_never_makes_another_number(body: str, place: int, by: int) -> None:
    number = body + _digit(body)
    digit = "0123456789".find(number[place])
    wrong = number[:place] + str((digit + by) % 10) + number[place + 1 :]
    if wrong != number:
        assert identifiers.check_id_no("resident_id", wrong, NOW.date()) is not None


def _digit(body: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


@given(st.dictionaries(STORABLE, VALUE, max_size=4))
def test_a_cursor_that_was_given_is_read_back(position: dict[str, Any]) -> None:
    assert paging.decode_cursor(paging.encode_cursor(position)) == position


@given(
    TEXT
    | st.dictionaries(st.sampled_from(["after", "n", "e", "p", "a", "d"]), VALUE, max_size=2).map(
        paging.encode_cursor
    )
)
def test_a_cursor_is_read_or_refused(cursor: str) -> None:
    for read in (paging.code_after, paging.number_after, paging.uuid_after):
        with suppress(Problem):
            assert type(read(cursor, "after")) in {str, int, UUID}
    with suppress(Problem, ValueError, KeyError):
        place = Position.parse(paging.decode_cursor(cursor))
        assert Position.parse(place.as_json()) == place


@pytest.mark.parametrize("value", [True, False, 1.0, "1", -1, 2**63, None])
def test_only_a_whole_number_is_a_number_to_go_on_after(value: Any) -> None:
    with pytest.raises(Problem):
        paging.number_after(paging.encode_cursor({"after": value}), "after")


@given(st.binary(max_size=2000), st.integers(1, 50))
async def test_gzip_in_any_chunks_is_opened(raw: bytes, step: int) -> None:
    packed = gzip.compress(raw, mtime=0)
    chunks = [packed[at : at + step] for at in range(0, len(packed), step)]

    async def receive() -> Message:
        return {"type": "http.request", "body": chunks.pop(0), "more_body": bool(chunks)}

    scope = {"type": "http", "method": "POST", "path": "/", "headers": [(b"content-encoding", b"gzip")]}
    assert await raw_body(Request(scope, receive)) == raw


CELL = (
    TEXT
    | LIKE_TIME
    | st.sampled_from(["", "阴性", "\x00n3", "\x00d2030-01-14", "\x00m2030-01-14T08:00:00", "\x00e", "\x00x"])
)


@given(
    st.lists(st.lists(CELL, min_size=5, max_size=7), min_size=1, max_size=5), st.sampled_from(["csv", "xlsx"])
)
def test_any_cells_are_rows_and_faults_with_codes(cells: list[list[str]], form: Format) -> None:
    header = ["样本条形码", "检测时间", "检测结果", "N基因Ct值", "更正行号", "复核结果"]
    said = said_by(Rows(form, numbers=list(range(1, len(cells) + 2)), rows=[header, *cells]), Saved())
    assert len(said.rows) == len(said.numbers) == len(cells)
    for place, sent in enumerate(said.rows, start=1):
        found = check_row(sent, NOW)
        if place in said.unreadable:
            found = faults_of(said.unreadable[place], found)
            assert found
        if isinstance(found, list):
            assert all(code in CATALOGUE for _, code in found)


@given(
    LIKE_TIME | TEXT | st.from_regex(r"\A[0-9]{4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,2}日?[ T]?[0-9:.]{0,12}\Z")
)
def test_a_time_in_a_sheet_is_a_time_or_is_refused(text: str) -> None:
    moment, code = moment_text(text)
    if code is not None:
        assert code in CATALOGUE
    elif isinstance(rules.parse_time(moment), datetime):
        assert bears_offset(moment)
