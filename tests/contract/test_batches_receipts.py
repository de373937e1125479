"""Contract §5: what a laboratory posts, what it gets back, and what a repeat gets."""

import asyncio
import gzip
import hashlib
import json

import pytest

from tests.contract.intake import LINES, RECEIPT, ago, dumped, fresh, lines, post, result, send
from tests.contract.office import Answer, Office, problem
from tests.system.people import ok

pytestmark = pytest.mark.asyncio(loop_scope="module")


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
