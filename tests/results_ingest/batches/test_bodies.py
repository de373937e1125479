"""What makes a whole body be refused, and what does not (contract §3 and §5)."""

import gzip
import json
from typing import Any

from tests.results_ingest.batches.support import Desk, Lab, row

GZIP = {"Content-Encoding": "gzip"}
NDJSON = "application/x-ndjson"


def body(**fields: object) -> bytes:
    return json.dumps({"batch_no": "B1", "results": [row()], **fields}).encode()


def lines(*values: object) -> bytes:
    return "\n".join(value if isinstance(value, str) else json.dumps(value) for value in values).encode()


async def kept(desk: Desk) -> int:
    found = await desk.run("SELECT count(*) AS n FROM ingest.batch")
    return int(found[0]["n"])


NO_BATCHES: list[tuple[bytes, int, str]] = [
    (b"", 400, "not_json"),
    (b"{", 400, "not_json"),
    (b'{"batch_no":"B1","batch_no":"B2","results":[]}', 400, "not_json"),
    (b'{"batch_no":"B1","results":[{"ct_n":NaN}]}', 400, "not_json"),
    (b'{"batch_no":"B1","results":[{"ct_n":-Infinity}]}', 400, "not_json"),
    (b'{"batch_no":"B1","results":[{"ct_n":1e400}]}', 400, "not_json"),
    (b'\xef\xbb\xbf{"batch_no":"B1","results":[{}]}', 400, "not_json"),
    ('{"batch_no":"B1","results":[{"name":"张"}]}'.encode("gb18030"), 400, "bad_encoding"),
    (b"[" * 100_000, 400, "not_json"),
    (b'{"batch_no":"B1","results":[{"row":1' + b"0" * 5000 + b"}]}", 400, "not_json"),
    (b"[]", 422, "invalid_body"),
    (b"5", 422, "invalid_body"),
    (b'{"batch_no":"B1"}', 422, "invalid_body"),
    (body(results=[]), 422, "invalid_body"),
    (body(results={}), 422, "invalid_body"),
    (body(results=None), 422, "invalid_body"),
    (body(batch_no=""), 422, "invalid_body"),
    (body(batch_no="a b"), 422, "invalid_body"),
    (body(batch_no="１"), 422, "invalid_body"),
    (body(batch_no="x" * 65), 422, "invalid_body"),
    (body(batch_no=7), 422, "invalid_body"),
    (body(batch_no=None), 422, "invalid_body"),
    (body(batch_no="\u0000"), 422, "invalid_body"),
    (body(lab_code="LAB01"), 422, "invalid_body"),
    (body(results=[row()] * 10_001), 413, "too_many_rows"),
]


async def test_a_body_that_is_no_batch_is_refused_whole(desk: Desk, lab: Lab) -> None:
    for sent, status, code in NO_BATCHES:
        answer = await lab.raw(sent)
        assert (answer.status_code, answer.json()["code"]) == (status, code), sent[:60]
        assert answer.headers["content-type"] == "application/problem+json"
    assert await kept(desk) == 0


async def test_a_refused_envelope_names_the_field_and_never_a_value(lab: Lab) -> None:
    answer = await lab.raw(body(batch_no="张三 110105", 张三110105="x", extra=1))
    problem = answer.json()
    found = {(error["row"], error["field"], error["code"]) for error in problem["errors"]}
    assert found == {
        (None, "batch_no", "bad_format"),
        (None, None, "unknown_field"),
        (None, "extra", "unknown_field"),
    }
    assert "110105" not in answer.text


async def test_ten_thousand_rows_are_taken(lab: Lab) -> None:
    receipt = await lab.accepted([row(f"T{n}") for n in range(10_000)])
    assert receipt["accepted"] == 10_000


async def test_other_media_types_are_415(lab: Lab) -> None:
    for media_type in (
        "text/plain",
        "text/csv; charset=big5",
        "application/xml",
        "",
        "application/json; charset=gbk",
    ):
        answer = await lab.raw(body(), media_type)
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type"), media_type
    assert (await lab.raw(body(), "application/json; charset=utf-8")).status_code == 202


async def test_a_gzipped_body_is_opened(lab: Lab) -> None:
    assert (await lab.raw(gzip.compress(body()), **GZIP)).status_code == 202


async def test_damaged_gzip_is_400(desk: Desk, lab: Lab) -> None:
    for sent in (b"not gzip", gzip.compress(body())[:-5], gzip.compress(body())[:20], b""):
        answer = await lab.raw(sent, **GZIP)
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_gzip"), sent
    assert await kept(desk) == 0


async def test_fifty_one_megabytes_are_413(desk: Desk, lab: Lab) -> None:
    answer = await lab.raw(b" " * 51_000_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert await kept(desk) == 0


async def test_a_gzip_bomb_is_413(lab: Lab) -> None:
    bomb = gzip.compress(b" " * 200_000_000, compresslevel=9)
    assert len(bomb) < 300_000
    answer = await lab.raw(bomb, **GZIP)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_ndjson_has_the_number_in_its_first_line_and_rows_after_it(lab: Lab) -> None:
    answer = await lab.raw(lines({"batch_no": "B1"}, row("T1"), row("T2"), ""), NDJSON)
    assert answer.status_code == 202
    assert (answer.json()["batch_no"], answer.json()["accepted"]) == ("B1", 2)


BROKEN_LINES = [
    (lines({"batch_no": "B1"}, row(), '{"tube_code":"T2"', row("T3")), 3),
    (lines('{"batch_no":"B1"', row()), 1),
    (lines({"batch_no": "B1"}, '{"a":1,"a":2}'), 2),
    (lines({"batch_no": "B1"}, '{"ct_n":NaN}'), 2),
    # Broken lines that would be whole if they were joined.
    (lines({"batch_no": "B1"}, '{"lab_extra":{"a":[{}', '{}]}},{"tube_code":"T2"}'), 2),
    (b"", 1),
]


async def test_a_broken_line_refuses_the_body_with_its_number(desk: Desk, lab: Lab) -> None:
    for sent, line in BROKEN_LINES:
        answer = await lab.raw(sent, NDJSON)
        assert (answer.status_code, answer.json()["code"]) == (400, "line_not_json"), sent
        assert f" {line} " in answer.json()["detail"]
    assert await kept(desk) == 0


NO_ENVELOPES = [
    (lines({"batch_no": "B1"}), 422),
    (lines({"batch_no": "B1", "results": [row()]}, row()), 422),
    (lines(row(), row()), 422),
    (lines([1], row()), 422),
    (lines({"batch_no": "B1"}, *([row()] * 10_001)), 413),
]


async def test_ndjson_without_its_envelope_is_refused(desk: Desk, lab: Lab) -> None:
    for sent, status in NO_ENVELOPES:
        assert (await lab.raw(sent, NDJSON)).status_code == status, sent[:60]
    assert await kept(desk) == 0


async def test_a_line_that_is_no_object_is_a_rejected_row(lab: Lab) -> None:
    receipt = (await lab.raw(lines({"batch_no": "B1"}, row(), "5", "[]"), NDJSON)).json()
    assert (receipt["accepted"], receipt["rejected"]) == (1, 2)


async def test_a_refused_body_leaves_its_number_free(lab: Lab) -> None:
    assert (await lab.raw(body(results=[]))).status_code == 422
    assert (await lab.raw(body())).status_code == 202


async def test_problems_speak_the_language_that_is_asked_for(lab: Lab) -> None:
    for language in ("zh-CN", "en"):
        answer = await lab.raw(body(results=[]), **{"Accept-Language": language})
        problem: dict[str, Any] = answer.json()
        assert problem["title"].isascii() is (language == "en")
        assert problem["errors"][0]["message"].isascii() is (language == "en")


async def test_a_body_from_nobody_or_without_the_scope_is_refused_unread(desk: Desk, lab: Lab) -> None:
    platform = desk.client("platform", "status:read")
    assert (await platform.raw(b"{")).json()["code"] == "forbidden"
    lab.http.headers.pop("Authorization")
    assert (await lab.raw(b"{")).status_code == 401
