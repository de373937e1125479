"""Receipts: what they say, that they are durable, and that a repeat gets the first one (contract §5)."""

import asyncio
import gzip
import hashlib
import json
from typing import Any

import pytest

from tests.results_ingest.batches.support import Desk, Lab, row, running_desk
from tests.support.servers import Address

ID_NO = "11010519491231002X"
GZIP = {"Content-Encoding": "gzip"}


async def counted(desk: Desk, table: str) -> int:
    found = await desk.run(f"SELECT count(*) AS n FROM ingest.{table}")
    return int(found[0]["n"])


def numbered(rows: list[Any], batch_no: str = "B1", **how: Any) -> bytes:
    return json.dumps({"batch_no": batch_no, "results": rows}, **how).encode()


@pytest.mark.requirement(61)
async def test_a_batch_gets_a_receipt_with_its_counts_and_a_place_to_ask(lab: Lab) -> None:
    sent = numbered(
        [row("T1", row_ref="A1"), row("T2", row_ref="A2", outcome="阴性"), row("T1", row_ref="A3")]
    )
    answer = await lab.raw(sent)
    receipt = answer.json()
    assert answer.status_code == 202
    assert answer.headers["location"] == receipt["links"]["self"] == f"/v1/batches/{receipt['batch_id']}"
    assert receipt["sha256"] == hashlib.sha256(sent).hexdigest()
    assert (receipt["batch_no"], receipt["status"]) == ("B1", "received")
    assert (receipt["accepted"], receipt["rejected"], receipt["duplicates"]) == (1, 1, 1)
    error = receipt["errors"][0]
    assert {**error, "message": ""} == {
        "row": 2,
        "row_ref": "A2",
        "field": "outcome",
        "code": "not_allowed",
        "message": "",
    }
    assert receipt["warnings"] == []


async def test_a_batch_of_which_nothing_is_accepted_is_still_202(lab: Lab) -> None:
    receipt = await lab.accepted([{}, 5])
    assert (receipt["accepted"], receipt["rejected"]) == (0, 2)


async def test_the_hash_is_of_the_body_after_decompression(lab: Lab) -> None:
    sent = numbered([row()])
    receipt = (await lab.raw(gzip.compress(sent), **GZIP)).json()
    assert receipt["sha256"] == hashlib.sha256(sent).hexdigest()


async def test_errors_are_the_first_thousand_and_counted_whole(lab: Lab) -> None:
    receipt = await lab.accepted([row(f"T{n}", outcome="x") for n in range(1200)])
    assert [error["row"] for error in receipt["errors"]] == list(range(1, 1001))
    assert (receipt["errors_total"], receipt["rejected"]) == (1200, 1200)


async def test_messages_come_in_the_language_of_the_reader(lab: Lab) -> None:
    receipt = await lab.accepted([{}], language="en")
    chinese = await lab.get(receipt["links"]["self"])
    assert all(error["message"].isascii() for error in receipt["errors"])
    assert not any(error["message"].isascii() for error in chinese["errors"])


async def test_an_invalid_row_ref_is_not_repeated(lab: Lab) -> None:
    receipt = await lab.accepted([row(row_ref="张三")])
    assert "row_ref" not in receipt["errors"][0]


async def test_refused_values_are_never_echoed_or_stored_in_clear(desk: Desk, lab: Lab) -> None:
    secret = "110105194912310099"
    rows = [
        row(..., id_type="resident_id", id_no=secret, name="欧阳娜娜"),
        row(f"{secret} ", outcome=secret),
        {**row(), secret: "x"},
        row(..., health_code_id="13800138000", row_ref="13800138000 "),
        row(lab_extra={"x": "y" * 3000}, name="欧阳娜娜\u0000"),
        row("T9", id_type="resident_id", id_no=ID_NO, name="欧阳娜娜", lab_extra={"a": "13800138000"}),
    ]
    answer = await lab.post(rows)
    assert (answer.json()["accepted"], answer.json()["rejected"]) == (1, 5)
    stored = await desk.run(
        "SELECT b.*, p.sealed FROM ingest.batch b LEFT JOIN ingest.batch_part p USING (batch_id)"
    )
    refused = await desk.run("SELECT * FROM ingest.refused_row")
    texts = answer.text + repr(stored) + repr(refused)
    for value in (secret, "欧阳娜娜", "13800138000", ID_NO):
        assert value not in texts


async def test_accepted_rows_lie_sealed_with_positives_in_urgent_parts(desk: Desk, lab: Lab) -> None:
    outcomes = ["negative"] * 5100 + ["positive", "indeterminate", "invalid"]
    receipt = await lab.accepted([row(f"T{n}", outcome=outcome) for n, outcome in enumerate(outcomes)])
    parts = await desk.run("SELECT part, rows, urgent FROM ingest.batch_part ORDER BY part")
    assert [(part["rows"], part["urgent"]) for part in parts] == [(2, True), (5000, False), (101, False)]
    messages = await desk.run("""
        SELECT m.name, d.consumer, d.urgent, convert_from(m.body, 'UTF8')::jsonb ->> 'batch_id' AS batch_id
          FROM bus.message m JOIN bus.delivery d USING (message_id) ORDER BY d.urgent DESC
    """)
    assert [message["urgent"] for message in messages] == [True, False, False]
    assert {(message["name"], message["consumer"], message["batch_id"]) for message in messages} == {
        ("batch.part_received", "results-ingest", receipt["batch_id"])
    }


async def test_a_row_without_any_time_of_sampling_is_taken_with_a_warning(desk: Desk, lab: Lab) -> None:
    await desk.run("""
        INSERT INTO ingest.tube (tube_id, tube_code, mode, capacity, subject, collected_at, result_due_at, digest,
                                 client_id, registered_at)
        VALUES (gen_random_uuid(), 'BOUND', 'single', 1, 'person', now(), now(), '', 'x', now())
    """)
    rows = [
        row("BOUND", collected_at=...),
        row("UNBOUND", collected_at=...),
        row(..., health_code_id="HC-1", collected_at=..., row_ref="A3"),
        row("T4"),
    ]
    receipt = await lab.accepted(rows)
    assert receipt["accepted"] == 4
    assert [(warning["row"], warning["code"]) for warning in receipt["warnings"]] == [
        (2, "collected_at_assumed"),
        (3, "collected_at_assumed"),
    ]
    assert receipt["warnings"][1]["row_ref"] == "A3"


@pytest.mark.requirement(61)
async def test_the_same_rows_under_the_same_number_get_the_first_receipt(desk: Desk, lab: Lab) -> None:
    rows = [row("T1", ct_n=30, lab_extra={"b": 1.0, "a": [1, 2]}), row("T2", outcome="x"), 5]
    first = await lab.raw(numbered(rows))
    reordered = [dict(reversed(rows[0].items())), rows[1], 5]  # type: ignore[attr-defined] # a dict
    written = (
        numbered(reordered, indent=2, sort_keys=True).replace(b" 30,", b" 30.0,").replace(b"1.0", b"1e0")
    )
    lines = b'{"batch_no":"B1"}\n' + b"\r\n".join(json.dumps(one).encode() for one in rows)
    for again in (
        await lab.raw(numbered(rows)),
        await lab.raw(written),
        await lab.raw(gzip.compress(numbered(rows)), **GZIP),
        await lab.raw(lines, "application/x-ndjson"),
        await lab.post(rows, batch_no="B1", query="?mode=all_or_nothing"),
    ):
        assert again.status_code == 200
        assert again.json() == first.json()
        assert again.headers["location"] == first.headers["location"]
    assert await counted(desk, "batch") == 1


@pytest.mark.requirement(61)
async def test_other_rows_under_the_same_number_are_a_conflict_each_time(desk: Desk, lab: Lab) -> None:
    rows = [row("T1"), row("T2", outcome="x")]
    await lab.accepted(rows, batch_no="B1")
    for other in (
        [row("T1"), row("T2", outcome="y")],  # a rejected row counts too
        [rows[1], rows[0]],
        [*rows, row("T3")],
        [rows[0]],
        [row("T1", mode=None), rows[1]],
        [row("T1"), row("T2", outcome="x", ct_n=True)],
    ):
        for query in ("", "?mode=all_or_nothing"):
            answer = await lab.post(other, batch_no="B1", query=query)
            assert (answer.status_code, answer.json()["code"]) == (409, "batch_conflict")
    assert await counted(desk, "batch") == 1


async def test_two_laboratories_may_use_the_same_number(lab: Lab, other_lab: Lab) -> None:
    assert (await lab.post([row()], batch_no="B1")).status_code == 202
    assert (await other_lab.post([row()], batch_no="B1")).status_code == 202


@pytest.mark.requirement(61)
async def test_a_hundred_identical_posts_at_once_make_one_batch_and_one_receipt(desk: Desk, lab: Lab) -> None:
    rows = [row(f"T{n}", outcome="x" if n == 7 else "negative") for n in range(50)]
    answers = await asyncio.gather(*(lab.post(rows, batch_no="B1") for _ in range(100)))
    assert sorted(answer.status_code for answer in answers) == [200] * 99 + [202]
    assert len({answer.text for answer in answers}) == 1
    assert (await counted(desk, "batch"), await counted(desk, "batch_part")) == (1, 1)
    assert await counted(desk, "fingerprint") == 49
    again = await asyncio.gather(*(lab.post([*rows, row("X")], batch_no="B1") for _ in range(20)))
    assert {answer.status_code for answer in again} == {409}


async def test_a_dry_run_says_what_would_happen_and_keeps_nothing(desk: Desk, lab: Lab) -> None:
    await lab.accepted([row("T1")], batch_no="B1")
    rows = [row("T1"), row("T2"), row("T3", outcome="x"), row("T4", collected_at=...)]
    answer = await lab.post(rows, batch_no="B2", query="?dry_run=true")
    receipt = answer.json()
    assert answer.status_code == 200
    assert "batch_id" not in receipt
    assert "location" not in answer.headers
    assert (receipt["accepted"], receipt["rejected"], receipt["duplicates"]) == (2, 1, 1)
    assert [warning["code"] for warning in receipt["warnings"]] == ["collected_at_assumed"]
    assert (await counted(desk, "batch"), await counted(desk, "fingerprint")) == (1, 1)
    assert (await lab.post(rows, batch_no="B2")).status_code == 202


async def test_a_dry_run_says_when_the_number_is_in_use(lab: Lab) -> None:
    await lab.accepted([row("T1")], batch_no="B1")
    receipt = (await lab.post([row("T2")], batch_no="B1", query="?dry_run=true")).json()
    assert (receipt["warnings"][0]["code"], receipt["warnings"][0]["row"]) == ("batch_no_used", None)


async def test_all_or_nothing_refuses_the_whole_batch_for_one_bad_row(desk: Desk, lab: Lab) -> None:
    rows = [row("T1"), row("T2", outcome="x", row_ref="A2"), row("T3")]
    answer = await lab.post(rows, batch_no="B1", query="?mode=all_or_nothing")
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["errors_total"]) == (422, "batch_refused", 1)
    assert (problem["errors"][0]["row"], problem["errors"][0]["row_ref"]) == (2, "A2")
    for table in ("batch", "batch_part", "fingerprint", "refused_row"):
        assert await counted(desk, table) == 0
    assert (await lab.post([row("T1")], batch_no="B1")).status_code == 202


async def test_all_or_nothing_takes_duplicates(lab: Lab) -> None:
    await lab.accepted([row("T1")])
    receipt = await lab.accepted([row("T1"), row("T2"), row("T2")], query="?mode=all_or_nothing")
    assert (receipt["accepted"], receipt["duplicates"]) == (1, 2)


async def test_parameters_have_their_values_and_no_others(desk: Desk, lab: Lab) -> None:
    for query in ("?dry_run=maybe", "?mode=some"):
        assert (await lab.post([row()], query=query)).status_code == 422
    assert await counted(desk, "batch") == 0


@pytest.mark.requirement(60)
async def test_a_laboratory_that_is_not_registered_or_not_active_is_refused(desk: Desk, lab: Lab) -> None:
    stranger = desk.client("x", "results:write", lab_code="LAB99")
    admin = desk.client("root", "admin")
    await admin.http.patch("/v1/labs/LAB01", json={"active": False})
    for client in (stranger, admin, lab):
        for query in ("", "?dry_run=true"):
            answer = await client.post([row()], query=query)
            assert (answer.status_code, answer.json()["code"]) == (403, "lab_not_registered")
    await admin.http.patch("/v1/labs/LAB01", json={"active": True})
    assert (await lab.post([row()])).status_code == 202


async def test_the_business_clock_decides_what_lies_ahead(desk: Desk, lab: Lab) -> None:
    ahead = row("T1", tested_at="2030-01-20T08:00:00+08:00")
    assert (await lab.accepted([ahead]))["errors"][0]["code"] == "time_in_future"
    await desk.run("UPDATE bus.business_clock SET ahead = ahead + interval '10 days'")
    assert (await lab.accepted([ahead]))["accepted"] == 1


async def test_the_client_of_the_token_is_recorded(desk: Desk, lab: Lab) -> None:
    await lab.accepted([row()])
    stored = await desk.run("SELECT client_id, lab_code FROM ingest.batch")
    assert stored == [{"client_id": "client-LAB01", "lab_code": "LAB01"}]


async def test_without_its_database_a_post_is_503_and_says_when_to_return(
    servers: Address, database: str, lab: Lab
) -> None:
    assert (await lab.post([row()], batch_no="B1")).status_code == 202
    away = "postgresql://somebody@127.0.0.1:1/nowhere"
    async with running_desk(servers, database, ingest_database_url=away, clock=None) as desk:
        answer = await desk.client("LAB01", "results:write", lab_code="LAB01").post([row()], batch_no="B1")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert int(answer.headers["retry-after"]) >= 1
