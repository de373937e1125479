"""Bodies are parsed once and strictly; nothing that was submitted comes back."""

import gzip
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.types import Message

from shared.errors import CATALOGUE, Problem
from shared.web.bodies import MOST_LEVELS, check_rows, field_name, parse, raw_body, strict_json
from shared.web.types import Code, Day, HealthCodeId, PersonName, Time, WireModel


class Sample(WireModel):
    """One field of each kind."""

    code: Code
    name: PersonName | None = None
    health_code_id: HealthCodeId | None = None
    at: Time | None = None
    day: Day | None = None
    count: int = 0


def code_of(raw: bytes) -> str:
    with pytest.raises(Problem) as caught:
        strict_json(raw)
    return caught.value.message.code


def request_with(*chunks: bytes, encoding: str = "identity") -> Request:
    waiting = list(chunks)

    async def receive() -> Message:
        chunk = waiting.pop(0)
        return {"type": "http.request", "body": chunk, "more_body": bool(waiting)}

    headers = [(b"content-encoding", encoding.encode())]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"a":1,"a":2}',
        b'{"a":{"b":1,"b":1}}',
        b"NaN",
        b"[Infinity]",
        b"[-Infinity]",
        b"[1e400]",
        b"{'a':1}",
        b"",
        b"\xef\xbb\xbf{}",
        b"[" * 100_000,
        b"1" * 5_000,
    ],
)
def test_what_is_not_strict_json_is_refused(raw: bytes) -> None:
    assert code_of(raw) == "not_json"


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_a_body_is_nested_no_deeper_than_can_be_written_again(opening: str) -> None:
    def nested(levels: int) -> bytes:
        closing = "]" if opening == "[" else "}"
        return f'{{"code":"A","count":{opening * levels}1{closing * levels}}}'.encode()

    for levels, code in ((MOST_LEVELS - 1, "invalid_body"), (MOST_LEVELS, "not_json"), (900, "not_json")):
        with pytest.raises(Problem) as caught:
            parse(Sample, nested(levels))
        assert caught.value.message.code == code


@pytest.mark.parametrize("raw", ["张".encode("gbk"), "{}".encode("utf-16"), b"\xff"])
def test_another_encoding_is_refused(raw: bytes) -> None:
    assert code_of(raw) in {"bad_encoding", "not_json"}


@given(st.binary(max_size=200))
def test_any_bytes_are_parsed_or_refused(raw: bytes) -> None:
    with suppress(Problem):
        strict_json(raw)


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"count": True}, ("count", "wrong_type")),
        ({"count": "1"}, ("count", "wrong_type")),
        ({"count": 1.5}, ("count", "wrong_type")),
        ({"extra": 1}, ("extra", "unknown_field")),
        ({"11010519491231002X": 1}, ("?", "unknown_field")),
        ({"at": "2026-11-21T10:00:00"}, ("at", "time_naive")),
        ({"at": "1700000000"}, ("at", "time_malformed")),
        ({"at": 1700000000}, ("at", "wrong_type")),
        ({"at": "2019-12-31T10:00:00+08:00"}, ("at", "time_before_2020")),
        ({"at": "2200-01-01T00:00:00+08:00"}, ("at", "time_after_2199")),
        ({"at": "9999-12-31T23:00:00Z"}, ("at", "time_after_2199")),
        ({"at": "2026-02-30T10:00:00+08:00"}, ("at", "time_malformed")),
        ({"at": "0001-01-01T00:00:00+08:00"}, ("at", "time_malformed")),
        ({"day": "2026-1-5"}, ("day", "day_malformed")),
        ({"day": "20260105"}, ("day", "day_malformed")),
        ({"day": "9999-12-31"}, ("day", "day_out_of_range")),
        ({"day": "0001-01-01"}, ("day", "day_out_of_range")),
        ({"name": "张\u0000三"}, ("name", "character_forbidden")),
        ({"name": "张\ud800三"}, ("name", "character_forbidden")),
        ({"name": "\u202e三"}, ("name", "character_forbidden")),
        ({"name": " "}, ("name", "too_short")),
        ({"name": "三" * 101}, ("name", "too_long")),
        ({"health_code_id": "11010519491231002X"}, ("health_code_id", "health_code_id_is_personal")),
        ({"code": "a b"}, ("code", "bad_format")),
        ({"code": "１２"}, ("code", "bad_format")),
    ],
)
def test_a_wrong_field_is_named_with_a_code_of_the_catalogue(
    fields: dict[str, object], found: tuple[str, str]
) -> None:
    good, errors = check_rows(Sample, [{"code": "A"} | fields])

    assert not good
    assert [(error.row, error.field, error.code) for error in errors] == [(1, *found)]
    assert errors[0].code in CATALOGUE


def test_good_rows_are_kept_beside_bad_ones() -> None:
    good, errors = check_rows(Sample, [{"code": "A"}, 7, {}, {"code": "B"}])

    assert [number for number, _ in good] == [1, 4]
    assert [(error.row, error.code) for error in errors] == [(2, "wrong_type"), (3, "field_required")]


def test_a_rare_han_name_is_kept_as_it_is() -> None:
    name = "㐂\U00020bb7龘"
    raw = json.dumps({"code": "A", "name": name}, ensure_ascii=False).encode()

    assert parse(Sample, raw).name == name


def test_a_digit_laden_field_name_is_hidden() -> None:
    assert field_name(("members", 3, "id_no")) == "members.3.id_no"
    assert field_name(("A13800138000",)) == "?"


async def test_a_gzipped_body_is_opened() -> None:
    packed = gzip.compress(b'{"code":"A"}')

    assert await raw_body(request_with(packed[:9], packed[9:], encoding="gzip")) == b'{"code":"A"}'


async def test_a_gzip_bomb_is_refused_while_it_is_being_opened() -> None:
    packed = gzip.compress(b"0" * 10_000_000)

    with pytest.raises(Problem) as caught:
        await raw_body(request_with(packed, encoding="gzip"), max_bytes=100_000)
    assert caught.value.message.code == "body_too_large"


@pytest.mark.parametrize(
    "packed",
    [b"no gzip at all", gzip.compress(b"x" * 100)[:-6], gzip.compress(b"x") + b"y"],
    ids=["never was", "cut short", "followed by more"],
)
async def test_damaged_gzip_is_refused(packed: bytes) -> None:
    with pytest.raises(Problem) as caught:
        await raw_body(request_with(packed, encoding="gzip"))
    assert caught.value.message.code == "bad_gzip"


async def test_a_body_past_the_limit_is_refused() -> None:
    with pytest.raises(Problem) as caught:
        await raw_body(request_with(b"0" * 60, b"0" * 60), max_bytes=100)
    assert caught.value.message.code == "body_too_large"


async def test_a_sender_that_goes_away_is_no_failure_of_ours() -> None:
    waiting: list[Message] = [
        {"type": "http.request", "body": b"{", "more_body": True}, {"type": "http.disconnect"},
    ]  # fmt: skip

    async def receive() -> Message:
        return waiting.pop(0)

    with pytest.raises(Problem) as caught:
        await raw_body(Request({"type": "http", "method": "POST", "path": "/", "headers": []}, receive))
    assert caught.value.message.code == "body_too_slow"
