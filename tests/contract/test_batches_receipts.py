"""Contract §5: what a laboratory posts, what it gets back, and what a repeat gets."""

import asyncio
import gzip
import hashlib
import json
from typing import Any

import httpx
import pytest

from tests.contract.intake import MINUTE, RECEIPT, ago, fresh, result, send
from tests.contract.office import Answer, Office, problem
from tests.system.people import ok, resident_id, text

pytestmark = pytest.mark.asyncio(loop_scope="module")

LINES = "application/x-ndjson"


async def post(
    office: Office, raw: bytes, *, kind: str = "application/json", **headers: str
) -> httpx.Response:
    """Post bytes as they are."""
    return await office.labs["LAB01"].post(
        "/v1/batches", content=raw, headers={"content-type": kind, **headers}
    )


def lines(batch_no: str, *rows: Any) -> bytes:
    """Return a batch as NDJSON."""
    return b"\n".join(json.dumps(line).encode() for line in ({"batch_no": batch_no}, *rows)) + b"\n"


def dumped(batch_no: str, *rows: Any) -> bytes:
    """Return a batch as JSON."""
    return json.dumps({"batch_no": batch_no, "results": rows}).encode()


@pytest.mark.requirement(61)
async def test_a_receipt_is_202_with_a_location_and_the_fields_of_the_page(office: Office) -> None:
    batch_no = fresh("2026-11-21")
    raw = dumped(batch_no, result(office, health_code_id=await office.somebody(), row_ref="r.1"))
    answer = await post(office, raw)
    assert answer.status_code == 202, answer.text
    receipt = answer.json()
    assert set(receipt) >= RECEIPT
    assert receipt["sha256"] == hashlib.sha256(raw).hexdigest()
    assert (receipt["batch_no"], receipt["status"]) == (batch_no, "received")
    assert (receipt["accepted"], receipt["rejected"], receipt["duplicates"]) == (1, 0, 0)
    assert receipt["errors"] == []
    where = answer.headers["location"]
    assert where.endswith(f"/v1/batches/{receipt['batch_id']}")
    read = await ok(office.labs["LAB01"].get(where))
    assert read["batch_id"] == receipt["batch_id"]
    assert isinstance(receipt["links"], dict)
    for link in receipt["links"].values():
        assert (await office.labs["LAB01"].get(link)).status_code == 200, link


async def test_the_digest_is_of_the_body_after_decompression(office: Office) -> None:
    raw = dumped(fresh("GZ"), result(office, health_code_id=await office.somebody()))
    answer = await post(office, gzip.compress(raw), **{"content-encoding": "gzip"})
    assert answer.status_code == 202, answer.text
    assert answer.json()["sha256"] == hashlib.sha256(raw).hexdigest()


async def test_ndjson_is_taken_with_and_without_gzip(office: Office) -> None:
    for headers in ({}, {"content-encoding": "gzip"}):
        raw = lines(fresh("ND"), result(office, health_code_id=await office.somebody()), {"outcome": "maybe"})
        answer = await post(office, gzip.compress(raw) if headers else raw, kind=LINES, **headers)
        assert answer.status_code == 202, answer.text
        receipt = answer.json()
        assert (receipt["accepted"], receipt["rejected"]) == (1, 1)
        assert {one["row"] for one in receipt["errors"]} == {2}


@pytest.mark.requirement(61)
async def test_the_same_rows_in_any_dress_get_the_first_receipt(office: Office) -> None:
    one = result(
        office, health_code_id=await office.somebody(), name="测试", ct_n=36, lab_extra={"b": 1, "a": [1, 2]}
    )
    bad = {"outcome": "maybe", "tested_at": ago(office, 1)}
    batch_no = fresh("SAME")
    first = await post(office, dumped(batch_no, one, bad))
    assert first.status_code == 202
    turned = json.loads(json.dumps(dict(reversed(one.items()))))
    turned["lab_extra"] = {"a": [1, 2], "b": 1}
    turned["ct_n"] = 36.0
    escaped = json.dumps({"results": [turned, bad], "batch_no": batch_no}, indent=3).encode()
    plain = json.dumps({"batch_no": batch_no, "results": [one, bad]}, ensure_ascii=False).encode()
    again = [
        await post(office, escaped),
        await post(office, plain, kind="application/json; charset=utf-8"),
        await post(office, gzip.compress(plain), **{"content-encoding": "gzip"}),
        await post(office, lines(batch_no, turned, bad), kind=LINES),
    ]
    for answer in again:
        assert answer.status_code == 200, answer.text
        assert answer.json() == first.json()
    await office.system.settle()
    assert (await post(office, plain)).json() == first.json()


@pytest.mark.requirement(61)
async def test_other_rows_under_a_number_are_409(office: Office) -> None:
    """Acceptance fixture 15: the same batch twice, the second time with one row changed."""
    rows = [result(office, health_code_id=await office.somebody()) for _ in range(3)]
    bad = {"outcome": "maybe"}
    batch_no = fresh("OTHER")
    assert (await post(office, dumped(batch_no, *rows, bad))).status_code == 202
    for other in (
        [rows[0], rows[1], rows[2] | {"outcome": "positive"}, bad],
        [rows[1], rows[0], rows[2], bad],
        rows,
        [*rows, bad, bad],
        [*rows, {"outcome": "perhaps"}],
        [rows[0] | {"row_ref": "x"}, *rows[1:], bad],
        [rows[0] | {"name": None}, *rows[1:], bad],
    ):
        problem(await post(office, dumped(batch_no, *other)), 409, "batch_conflict")
    assert (await post(office, dumped(batch_no, *rows, bad))).status_code == 200


async def test_a_number_belongs_to_its_lab(office: Office) -> None:
    batch_no = fresh("SHARED")
    first = await send(office, result(office, health_code_id=await office.somebody()), batch_no=batch_no)
    other = await send(
        office, result(office, health_code_id=await office.somebody()), lab="LAB02", batch_no=batch_no
    )
    assert (first.status_code, other.status_code) == (202, 202)
    foreign = f"/v1/batches/{first.json()['batch_id']}"
    problem(await office.labs["LAB02"].get(foreign), 404)
    problem(await office.labs["LAB02"].get(f"{foreign}/rows"), 404)
    page = await ok(office.labs["LAB02"].get("/v1/batches", params={"batch_no": batch_no}))
    assert [one["batch_id"] for one in page["batches"]] == [other.json()["batch_id"]]


async def test_a_hundred_posts_at_once_make_one_batch(office: Office) -> None:
    raw = dumped(
        fresh("HUNDRED"), *[result(office, health_code_id=await office.somebody()) for _ in range(3)]
    )
    answers = await asyncio.gather(*(post(office, raw) for _ in range(100)))
    assert sorted(answer.status_code for answer in answers) == [200] * 99 + [202]
    assert len({answer.text for answer in answers}) == 1


async def test_a_dry_run_keeps_nothing(office: Office) -> None:
    code = await office.somebody()
    rows = [result(office, health_code_id=code), {"outcome": "maybe"}]
    body: Answer = {"batch_no": fresh("DRY"), "results": rows}
    lab = office.labs["LAB01"]
    answer = await lab.post("/v1/batches?dry_run=true", json=body)
    assert answer.status_code == 200, answer.text
    receipt = answer.json()
    assert receipt.get("batch_id") is None
    assert "location" not in answer.headers
    assert set(receipt) >= RECEIPT - {"batch_id", "links"}
    assert (receipt["accepted"], receipt["rejected"], receipt["duplicates"]) == (1, 1, 0)
    page = await ok(lab.get("/v1/batches", params={"batch_no": body["batch_no"]}))
    assert page["batches"] == []
    await office.system.settle()
    assert (await office.status(code))["display"] == "none"
    assert (await lab.post("/v1/batches", json=body)).json()["accepted"] == 1


async def test_a_dry_run_of_duplicates_counts_them(office: Office) -> None:
    row = result(office, health_code_id=await office.somebody())
    await send(office, row)
    body = {"batch_no": fresh("DRY"), "results": [row]}
    receipt = await ok(office.labs["LAB01"].post("/v1/batches?dry_run=true", json=body))
    assert (receipt["accepted"], receipt["duplicates"]) == (0, 1)


async def test_all_or_nothing_refuses_a_batch_with_one_bad_row(office: Office) -> None:
    good = result(office, health_code_id=await office.somebody())
    body: Answer = {"batch_no": fresh("ALL"), "results": [good, {"outcome": "maybe", "row_ref": "second"}]}
    lab = office.labs["LAB01"]
    refused = problem(await lab.post("/v1/batches?mode=all_or_nothing", json=body), 422)
    assert {one["row"] for one in refused["errors"]} == {2}
    assert {one["row_ref"] for one in refused["errors"]} == {"second"}
    assert refused["errors_total"] == len(refused["errors"])
    assert (await ok(lab.get("/v1/batches", params={"batch_no": body["batch_no"]})))["batches"] == []
    answer = await lab.post("/v1/batches?mode=all_or_nothing", json=body | {"results": [good]})
    assert (answer.status_code, answer.json()["accepted"]) == (202, 1)


async def test_all_or_nothing_refuses_a_batch_that_contradicts_itself(office: Office) -> None:
    row = result(office, health_code_id=await office.somebody())
    body = {"batch_no": fresh("ALL"), "results": [row, row | {"outcome": "positive"}]}
    problem(await office.labs["LAB01"].post("/v1/batches?mode=all_or_nothing", json=body), 422)


async def test_parameters_that_do_not_exist_so_are_422(office: Office) -> None:
    body = {"batch_no": fresh("PARAM"), "results": [result(office, health_code_id="HC-000001")]}
    for query in ("mode=everything", "dry_run=maybe"):
        problem(await office.labs["LAB01"].post(f"/v1/batches?{query}", json=body), 422)


async def test_nothing_accepted_is_still_202(office: Office) -> None:
    answer = await send(office, {"outcome": "maybe"}, {})
    assert answer.status_code == 202
    receipt = answer.json()
    assert (receipt["accepted"], receipt["rejected"], receipt["duplicates"]) == (0, 2, 0)
    await office.system.settle()
    state = await ok(office.labs["LAB01"].get(answer.headers["location"]))
    assert (state["status"], state["waiting"]) == ("matched", 0)


@pytest.mark.requirement(79)
async def test_what_is_wrong_inside_a_row_rejects_that_row(office: Office) -> None:
    base = result(office, health_code_id=await office.somebody())
    secret = resident_id(4242)
    wrong = secret[:-1] + ("X" if secret[-1] != "X" else "0")
    bad: list[Any] = [
        base | {"colour": "red"},
        base | {"tested_at": "2026-11-21T10:00:00"},
        base | {"tested_at": "2019-12-31T23:59:59+08:00"},
        base | {"tested_at": text(office.now + 15 * MINUTE)},
        base | {"tested_at": "1763700000"},
        base | {"tested_at": 1763700000},
        base | {"tested_at": "2026-02-30T10:00:00+08:00"},
        base | {"collected_at": text(office.now)},
        base | {"outcome": "Negative"},
        base | {"outcome": None},
        base | {"mode": "pool"},
        base | {"test_kind": "PCR"},
        base | {"ct_n": "36"},
        base | {"ct_n": True},
        base | {"lab_extra": {"long": "x" * 3000}},
        base | {"lab_extra": "text"},
        base | {"row_ref": "a b"},
        base | {"tube_code": "é"},
        base | {"tube_code": 7},
        base | {"health_code_id": "ab"},
        base | {"health_code_id": secret},
        base | {"name": "某\u0000某"},
        {key: value for key, value in base.items() if key != "health_code_id"},
        result(office, id_no=secret),
        result(office, id_type="resident_id"),
        result(office, name="张三"),
        result(office, id_type="resident_id", id_no=wrong),
        result(office, id_type="resident_id", id_no="１１０１０５１９４９１２３１００２Ｘ"),
        base | {"corrects": {"reason": "改"}},
        base | {"corrects": {"result_id": "1", "batch_no": "2", "row": 1, "reason": "改"}},
        base | {"corrects": {"batch_no": "B", "row": 1}},
        base | {"corrects": {"batch_no": "B", "row": 10**30, "reason": "改"}},
        [],
        None,
        "row",
        5,
    ]
    answer = await send(office, *bad, base)
    assert answer.status_code == 202, answer.text
    receipt = answer.json()
    named = {one["row"] for one in receipt["errors"]}
    assert named == set(range(1, len(bad) + 1)), [bad[row - 1] for row in set(range(1, len(bad) + 1)) - named]
    assert (receipt["accepted"], receipt["rejected"]) == (1, len(bad))
    assert all({"row", "field", "code", "message"} <= set(one) for one in receipt["errors"])
    for value in (wrong, secret, 'colour": "red', "Negative", "1763700000"):
        assert value not in answer.text
    codes = {one["row"]: one["code"] for one in receipt["errors"]}
    assert codes[21] == "health_code_id_is_personal"


async def test_times_up_to_ten_minutes_ahead_and_in_any_offset_are_taken(office: Office) -> None:
    utc = (office.now - 60 * MINUTE).astimezone(tz=None).strftime("%Y-%m-%dT%H:%M:%S%z")
    zulu = (office.now - 8 * 60 * MINUTE - 61 * MINUTE).strftime("%Y-%m-%dT%H:%M:%SZ")
    rows = [
        {"outcome": "negative", "health_code_id": await office.somebody(), "tested_at": value}
        for value in (
            text(office.now + 9 * MINUTE),
            f"{utc[:-2]}:{utc[-2:]}",
            zulu,
            zulu.replace("Z", ".123Z"),
        )
    ]
    receipt = (await send(office, *rows)).json()
    assert receipt["accepted"] == 4, receipt["errors"]


async def test_null_is_like_leaving_an_optional_field_out(office: Office) -> None:
    row = result(office, health_code_id=await office.somebody())
    row |= dict.fromkeys(("row_ref", "tube_code", "name", "mode", "collected_at", "ct_n", "kit", "corrects"))
    receipt = (await send(office, row)).json()
    assert receipt["accepted"] + receipt["rejected"] == 1


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b'{"batch_no":"N-1","batch_no":"N-2","results":[{}]}', 400),
        (b'{"batch_no":"N-1","results":[{"ct_n":NaN}]}', 400),
        (b'{"batch_no":"N-1","results":[{"ct_n":-Infinity}]}', 400),
        (b'{"batch_no":"N-1","results":[{"a":1,"a":2}]}', 400),
        (b"[]", 422),
        (b"null", 422),
        (b'{"batch_no":"N-1","results":[]}', 422),
        (b'{"batch_no":"N-1","results":{}}', 422),
        (b'{"batch_no":"N-1"}', 422),
        (b'{"results":[{}]}', 422),
        (b'{"batch_no":5,"results":[{}]}', 422),
        (b'{"batch_no":"a/b","results":[{}]}', 422),
        (b'{"batch_no":"N-1","results":[{}],"more":1}', 422),
    ],
)
async def test_a_body_that_is_no_batch_is_refused_whole(office: Office, raw: bytes, status: int) -> None:
    problem(await post(office, raw), status)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 400),
        (b'{"batch_no":"N-1"}\n', 422),
        (b'{"outcome":"negative"}\n{"outcome":"negative"}\n', 422),
        (b'{"batch_no":"N-1"}\n{"outcome":\n', 400),
        (b'{"batch_no":"N-1"}\n{"ct_n":NaN}\n', 400),
        (b'{"batch_no":"N-1","results":[]}\n{}\n', 422),
    ],
)
async def test_lines_that_are_no_batch_are_refused_whole(office: Office, raw: bytes, status: int) -> None:
    answer = await post(office, raw, kind=LINES)
    if raw:
        problem(answer, status)
    else:
        assert answer.status_code in (400, 422)


async def test_odd_numbers_and_characters_never_break_it(office: Office) -> None:
    row = json.dumps(result(office, health_code_id=await office.somebody()))[:-1]
    for odd in (
        '"ct_n":1e400',
        '"ct_n":123456789012345678901234567890',
        '"name":"\\ud800"',
        '"kit":"\\u0000"',
    ):
        raw = f'{{"batch_no":"{fresh("ODD")}","results":[{row},{odd}}}]}}'.encode()
        answer = await post(office, raw)
        assert answer.status_code in (202, 400), answer.text
        assert answer.status_code == 400 or answer.json()["rejected"] == 1


async def test_deep_nesting_never_breaks_it(office: Office) -> None:
    raw = b'{"batch_no":"DEEP","results":[' + b"[" * 100_000 + b"]" * 100_000 + b"]}"
    assert (await post(office, raw)).status_code in (202, 400, 422)


async def test_media_types_and_compression(office: Office) -> None:
    raw = dumped(fresh("MEDIA"), result(office, health_code_id="HC-000001"))
    problem(await post(office, raw, kind="text/plain"), 415)
    problem(await post(office, raw, **{"content-encoding": "br"}), 415)
    problem(await post(office, raw, **{"content-encoding": "gzip"}), 400)
    problem(await post(office, gzip.compress(raw)[:-9], **{"content-encoding": "gzip"}), 400)
    assert (await post(office, raw)).status_code == 202


async def test_too_many_rows_or_bytes_are_413_and_use_no_number(office: Office) -> None:
    batch_no = fresh("BIG")
    problem(await post(office, dumped(batch_no, *[{}] * 10_001)), 413)
    problem(await post(office, lines(batch_no, *[{}] * 10_001), kind=LINES), 413)
    bomb = gzip.compress(b" " * (51 * 1024 * 1024), 1)
    problem(await post(office, bomb, **{"content-encoding": "gzip"}), 413)
    problem(await post(office, b" " * (51 * 1024 * 1024)), 413)
    answer = await post(office, dumped(batch_no, *[{}] * 10_000))
    assert (answer.status_code, answer.json()["rejected"]) == (202, 10_000)
    assert len(answer.json()["errors"]) == 1_000


async def test_posting_needs_the_scope_and_a_lab(office: Office) -> None:
    body = {"batch_no": fresh("WHO"), "results": [result(office, health_code_id="HC-000001")]}
    nobody = await office.system.client("results-ingest")
    problem(await nobody.post("/v1/batches", json=body), 401)
    nobody.headers["authorization"] = "Bearer a.b.c"
    problem(await nobody.post("/v1/batches", json=body), 401)
    problem(await office.sampling.post("/v1/batches", json=body), 403)
    problem(await office.cdc.post("/v1/batches", json=body), 403)


async def test_messages_follow_the_language(office: Office) -> None:
    body: Answer = {"batch_no": fresh("LANG"), "results": [{"outcome": "maybe"}]}
    lab = office.labs["LAB01"]
    english = await ok(lab.post("/v1/batches?dry_run=true", json=body, headers={"accept-language": "en"}))
    chinese = await ok(lab.post("/v1/batches?dry_run=true", json=body))
    assert english["errors"][0]["message"].isascii()
    assert not chinese["errors"][0]["message"].isascii()
