"""Reading batches: where rows stand, lists, verdicts row by row, and who sees what (contract §5)."""

import json
import zlib
from datetime import timedelta
from typing import Any

import pytest

from results_ingest.batches.parts import CONTEXT
from tests.results_ingest.batches.support import Desk, Lab, row
from tests.results_ingest.support import Ingest

STANDS = ("waiting", "matched", "unmatched", "held")


def adds_up(batch: dict[str, Any]) -> bool:
    return bool(
        batch["rows"] == batch["accepted"] + batch["rejected"] + batch["duplicates"]
        and batch["accepted"] == sum(batch[name] for name in STANDS)
    )


@pytest.mark.requirement(61)
async def test_a_batch_says_where_its_rows_stand_before_and_after_matching(ingest: Ingest) -> None:
    someone = await ingest.person("HC-1")
    await ingest.post(row(..., health_code_id=someone.code, tested_at="2030-01-14T10:00:00+08:00"))
    rows = [
        row(..., health_code_id=someone.code, row_ref="A1", kit="K1"),
        row(..., health_code_id="HC-nobody"),
        row(..., health_code_id=someone.code, tested_at="2030-01-14T10:00:00+08:00", outcome="positive"),
        row(..., health_code_id=someone.code, kit="K1"),
        row("T5", outcome="x", row_ref="A5"),
    ]
    before = await ingest.post(*rows, settle=False)
    assert (before["status"], before["waiting"]) == ("received", 3)
    assert adds_up(before)
    await ingest.settle()
    after = await ingest.again(before)
    assert after["status"] == "matched"
    assert {name: after[name] for name in STANDS} == {"waiting": 0, "matched": 1, "unmatched": 1, "held": 1}
    assert adds_up(after)
    verdicts = [
        (one["row"], one["verdict"], one.get("row_ref"), one.get("code")) for one in await ingest.rows(after)
    ]
    assert [verdict[:3] for verdict in verdicts] == [
        (1, "matched", "A1"),
        (2, "unmatched", None),
        (3, "held", None),
        (4, "duplicate", None),
        (5, "rejected", "A5"),
    ]
    assert (verdicts[2][3], verdicts[4][3]) == ("conflicting_outcome", "not_allowed")
    ids = [one.get("result_id") for one in await ingest.rows(after)]
    assert ids == [*(f"{after['batch_id'][:-4]}000{number}" for number in (1, 2, 3)), None, None]


async def test_members_of_a_batchs_tubes_are_counted_known_and_unknown(ingest: Ingest) -> None:
    known = [await ingest.person(f"HC-{n}") for n in range(3)]
    members = [{"health_code_id": someone.code} for someone in known]
    await ingest.bind("P1", *members, {"health_code_id": "HC-nobody"})
    batch = await ingest.post(row("P1", collected_at=...), row("P2", collected_at=...))
    assert {name: batch[name] for name in STANDS} == {"waiting": 0, "matched": 1, "unmatched": 1, "held": 0}
    assert (batch["pooled_people"], batch["pooled_unmatched"]) == (3, 1)


async def test_rows_come_in_pages_and_by_verdict(lab: Lab) -> None:
    receipt = await lab.accepted(
        [row(f"T{n}", outcome="x" if n % 2 else "negative") for n in range(20)] + [row("T0")]
    )
    path = receipt["links"]["rows"]
    seen: list[int] = []
    cursor: str | None = None
    for _ in range(4):
        page = await lab.get(path, verdict="rejected", limit=3, **({"cursor": cursor} if cursor else {}))
        seen += [one["row"] for one in page["rows"]]
        cursor = page["next_cursor"]
    assert seen == list(range(2, 21, 2))
    assert cursor is None
    assert [one["row"] for one in (await lab.get(path, verdict="duplicate"))["rows"]] == [21]
    assert (await lab.get(path, verdict="matched"))["rows"] == []
    for params in (
        {"verdict": "lost"},
        {"limit": 0},
        {"limit": 1001},
        {"cursor": "x"},
        {"cursor": "eyJhZnRlciI6Ii0xIn0"},
    ):
        assert (await lab.http.get(path, params=params)).status_code == 422


async def test_batches_are_listed_newest_first_in_pages(lab: Lab) -> None:
    for number in range(5):
        await lab.accepted([row(f"T{number}")])
    first = await lab.get("/v1/batches", limit=3)
    second = await lab.get("/v1/batches", limit=3, cursor=first["next_cursor"])
    assert [one["batch_no"] for one in first["batches"] + second["batches"]] == [
        "B0005",
        "B0004",
        "B0003",
        "B0002",
        "B0001",
    ]
    assert second["next_cursor"] is None
    assert {(one["status"], one["waiting"]) for one in first["batches"]} == {("received", 1)}


async def test_batches_are_found_by_number_and_by_time_of_receipt(desk: Desk, lab: Lab) -> None:
    first = await lab.accepted([row("T1")])
    await desk.run("UPDATE bus.business_clock SET ahead = ahead + interval '1 day'")
    second = await lab.accepted([row("T2")])

    async def numbers(**params: str) -> list[str]:
        return [one["batch_no"] for one in (await lab.get("/v1/batches", **params))["batches"]]

    assert await numbers(batch_no="B0001") == ["B0001"]
    assert await numbers(batch_no="B9") == []
    assert await numbers(received_from=second["received_at"]) == ["B0002"]
    assert await numbers(received_to=first["received_at"]) == ["B0001"]
    assert await numbers(received_from=first["received_at"], received_to=second["received_at"]) == [
        "B0002",
        "B0001",
    ]
    for value in ("\u0000", "张三", "x" * 65):
        for name in ("batch_no", "lab_code", "cursor"):
            assert (await lab.http.get("/v1/batches", params={name: value})).status_code == 422
    for value in ("2030-01-14T00:00:00", "yesterday", "1", "9" * 50):
        assert (await lab.http.get("/v1/batches", params={"received_from": value})).status_code == 422


@pytest.mark.requirement(60)
async def test_another_laboratorys_batch_is_not_there(lab: Lab, other_lab: Lab) -> None:
    receipt = await lab.accepted([row("T1")])
    for path in receipt["links"].values():
        answer = await other_lab.http.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert (await other_lab.get("/v1/batches", lab_code="LAB01"))["batches"] == []
    for path in ("/v1/batches/x", "/v1/batches/01999999-0000-7000-8000-000000000000", "/v1/batches/x/rows"):
        assert (await lab.http.get(path)).status_code == 404


async def test_records_readers_and_administrators_see_every_laboratorys(
    desk: Desk, lab: Lab, other_lab: Lab
) -> None:
    receipt = await lab.accepted([row("T1")])
    await other_lab.accepted([row("T1")])
    for reader in (desk.client("reader", "records:read"), desk.client("root", "admin")):
        listed = (await reader.get("/v1/batches"))["batches"]
        assert [one["lab_code"] for one in listed] == ["LAB02", "LAB01"]
        assert len((await reader.get("/v1/batches", lab_code="LAB01"))["batches"]) == 1
        assert (await reader.get(receipt["links"]["self"]))["lab_code"] == "LAB01"


async def test_a_client_limited_to_a_township_or_department_sees_no_batch(desk: Desk, lab: Lab) -> None:
    receipt = await lab.accepted([row("T1")])
    for level in ("township", "department"):
        reader = desk.client(level, "records:read", area_code="T01", area_level=level)
        assert (await reader.get("/v1/batches"))["batches"] == []
        assert (await reader.http.get(receipt["links"]["self"])).status_code == 404


async def test_reading_needs_a_scope(desk: Desk, lab: Lab) -> None:
    receipt = await lab.accepted([row("T1")])
    platform = desk.client("platform", "status:read")
    for path in ("/v1/batches", *receipt["links"].values()):
        assert (await platform.http.get(path)).status_code == 403


@pytest.mark.requirement(68)
async def test_the_reviewer_of_a_row_and_its_own_times_are_kept(ingest: Ingest) -> None:
    """An outage's backlog is posted late: what counts is when things happened."""
    someone = await ingest.person("HC-1")
    batch = await ingest.post(
        row(
            ...,
            health_code_id=someone.code,
            reviewer_code="R07",
            received_at="2030-01-14T09:00:00+08:00",
            released_at="2030-01-14T11:30:00+08:00",
        )
    )
    stored = (await ingest.run("SELECT * FROM ingest.result WHERE batch_id = :id", id=batch["batch_id"]))[0]
    part = (
        await ingest.run("SELECT sealed FROM ingest.batch_part WHERE batch_id = :id", id=batch["batch_id"])
    )[0]
    assert stored["released_at"] - stored["tested_at"] == timedelta(minutes=25)
    assert stored["received_at"] - stored["collected_at"] == timedelta(hours=1)
    kept = json.loads(zlib.decompress(ingest.context.sealer.open(part["sealed"], context=CONTEXT)))
    assert kept[0]["extra"]["reviewer_code"] == "R07"
