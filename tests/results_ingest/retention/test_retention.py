"""What was sent is kept for its time and proved; what would go is told before; a legal hold keeps it."""

import hashlib
import json
from datetime import datetime
from typing import Any

import httpx
import pytest

from results_ingest.batches.reading import NDJSON
from results_ingest.matching import jobs as matching
from results_ingest.retention import service
from tests.results_ingest.support import Ingest


async def at_time(ingest: Ingest, moment: str) -> None:
    """Put the business clock."""
    await ingest.run(
        "UPDATE bus.business_clock SET ahead = CAST(:moment AS timestamptz) - clock_timestamp()",
        moment=datetime.fromisoformat(moment),
    )


async def drop(ingest: Ingest) -> None:
    """Drop everything that is past its time, as the worker does."""
    for step in (service.drop_originals, service.drop_deliveries):
        more = True
        while more:
            async with ingest.context.db.transaction() as session:
                more = await step(session, ingest.context)


async def original(ingest: Ingest, batch: dict[str, Any], lab: str = "LAB01") -> dict[str, Any]:
    """Return the proof of what was sent."""
    answer = await (await ingest.lab(lab)).get(f"{batch['links']['self']}/original")
    assert answer.status_code == 200, answer.text
    proof: dict[str, Any] = answer.json()
    return proof


async def report(ingest: Ingest, **query: str) -> dict[str, Any]:
    """Return what would go, by class."""
    answer = await ingest.client("district", "admin").get("/v1/retention", params=query)
    assert answer.status_code == 200, answer.text
    return {each["class"]: each for each in answer.json()["classes"]} | {"": answer.json()["partitions"]}


async def hold(ingest: Ingest, **said: Any) -> httpx.Response:
    """Place a hold."""
    body = {"hold_code": "H-1", "received_from": "2030-01-01T00:00:00+08:00", "reason": "第 7 号调查", **said}
    return await ingest.client("district", "admin").post("/v1/retention/holds", json=body)


@pytest.mark.parametrize("form", ["application/json", NDJSON, "text/csv"])
async def test_what_was_sent_is_kept_byte_for_byte_sealed_and_proved(ingest: Ingest, form: str) -> None:
    await ingest.person("HC-0001")
    good = ingest.row(health_code_id="HC-0001", collected_at=ingest.at(hours=-2), mode="single")
    bodies = {
        # The first is taken the quick way, and a bad row is part of what was sent.
        "application/json": json.dumps({"batch_no": "B", "results": [good]}, indent=3),
        NDJSON: json.dumps({"batch_no": "B"}) + "\n" + json.dumps(good) + "\n" + '{"outcome": "x"}\n',
        "text/csv": "样本条形码,检测时间,检测结果\r\nT-1,2030-01-14 08:00:00,阴性\r\n",
    }
    raw = bodies[form].encode()
    lab = await ingest.lab("LAB01")
    query = {"batch_no": "B"} if form == "text/csv" else {}
    posted = await lab.post("/v1/batches", content=raw, params=query, headers={"Content-Type": form})
    assert posted.status_code == 202, posted.text
    proof = await original(ingest, posted.json())
    assert (proof["kept"], proof["intact"], proof["size"]) == (True, True, len(raw))
    assert proof["sha256"] == proof["sha256_of_kept"] == hashlib.sha256(raw).hexdigest()
    back = await lab.get(f"{posted.json()['links']['self']}/original/content")
    assert (back.content, back.headers["x-original-content-type"]) == (raw, form)
    [kept] = await ingest.run("SELECT sealed FROM ingest.batch_original")
    assert raw[:20] not in bytes(kept["sealed"])
    # The same batch again, in other bytes, leaves the first ones.
    again = await lab.post("/v1/batches", content=raw + b"\n", params=query, headers={"Content-Type": form})
    assert again.status_code in (200, 409)
    assert (await original(ingest, posted.json()))["intact"] is True
    looks = await ingest.run("SELECT rows FROM ingest.audit WHERE action = 'original.read'")
    assert len(looks) == 1


async def test_what_was_altered_is_not_intact_and_nobody_else_gets_it(ingest: Ingest) -> None:
    first, second = [await ingest.post(ingest.row(tube_code=f"T-{number}")) for number in range(2)]
    await ingest.run(
        "UPDATE ingest.batch_original o SET sealed = x.sealed FROM ingest.batch_original x"
        " WHERE o.batch_id = CAST(:one AS uuid) AND x.batch_id = CAST(:other AS uuid)",
        one=first["batch_id"],
        other=second["batch_id"],
    )
    assert (await original(ingest, first))["intact"] is False
    await ingest.run("UPDATE ingest.batch_original SET sealed = 'broken'")
    assert (await original(ingest, second))["intact"] is False
    other = await ingest.lab("LAB02")
    for path in ("original", "original/content"):
        assert (await other.get(f"{first['links']['self']}/{path}")).status_code == 404
    colleague = ingest.client("colleague", "results:write", lab_code="LAB01")
    assert (await colleague.get(f"{first['links']['self']}/original/content")).status_code == 404
    assert (await colleague.get(f"{first['links']['self']}/original")).status_code == 200


async def test_what_would_go_is_told_before_it_goes_and_a_hold_keeps_it(ingest: Ingest) -> None:
    await at_time(ingest, "2029-12-31T23:50:00+08:00")
    december = await ingest.post(
        {"tube_code": "T-0", "outcome": "negative", "tested_at": "2029-12-31T20:00:00+08:00"}
    )
    await at_time(ingest, "2030-01-15T12:00:00+08:00")
    mine = [await ingest.post(ingest.row(tube_code=f"T-{number}")) for number in (1, 2)]
    theirs = await ingest.post(ingest.row(tube_code="T-3"), lab="LAB02")
    waits = await ingest.post(ingest.row(tube_code="T-4"), settle=False)
    [row] = [(await report(ingest, **{"class": "originals"}))["originals"]]
    assert (row["items"], row["due"], row["days"]) == (5, 0, 730)
    asked = (await report(ingest, **{"class": "originals", "days": "1"}))["originals"]
    assert asked["due"] == 1
    assert [(each["month"], each["items"], each["due"]) for each in asked["months"]] == [
        ("2029-12", 1, 1),
        ("2030-01", 4, 0),
    ]

    await at_time(ingest, "2032-06-01T00:00:00+08:00")
    assert (await hold(ingest, lab_code="LAB02")).status_code == 201
    assert (await hold(ingest, lab_code="LAB02")).status_code == 200
    assert (await hold(ingest, lab_code="LAB01")).json()["code"] == "hold_in_use"
    told = (await report(ingest))["originals"]
    assert (told["due"], told["held"]) == (4, 1)
    await drop(ingest)
    for batch in (december, *mine):
        proof = await original(ingest, batch)
        assert (proof["kept"], proof["intact"], proof["held"]) == (False, None, False)
    assert (await original(ingest, theirs, "LAB02"))["held"] is True
    # What still has to be matched stays; so do receipts and verdicts, which are no originals.
    assert (await original(ingest, waits))["kept"] is True
    await ingest.settle()
    assert (await ingest.again(waits))["unmatched"] == 1
    assert len(await ingest.rows(mine[0])) == 1
    [parts] = await ingest.run("SELECT count(*) AS n FROM ingest.batch_part")
    assert parts["n"] == 2

    admin = ingest.client("district", "admin")
    dropped = (await admin.get("/v1/retention/drops")).json()["drops"]
    assert [(each["month"], each["items"], each["dropped_on"]) for each in dropped] == [
        ("2030-01", 2, "2032-06-01"),
        ("2029-12", 1, "2032-06-01"),
    ]
    released = await admin.post("/v1/retention/holds/H-1/release", json={"reason": "调查已结束"})
    assert released.json()["release_reason"] == "调查已结束"
    await drop(ingest)
    assert (await original(ingest, theirs, "LAB02"))["kept"] is False
    assert (await admin.post("/v1/retention/holds/H-1/release", json={"reason": "再次"})).status_code == 409
    assert (await admin.post("/v1/retention/holds/H-9/release", json={"reason": "再次"})).status_code == 404
    [listed] = (await admin.get("/v1/retention/holds", params={"standing": "false"})).json()["holds"]
    assert (listed["hold_code"], listed["reason"]) == ("H-1", "第 7 号调查")
    assert (await admin.get("/v1/retention/holds", params={"standing": "true"})).json()["holds"] == []
    steps = [each["action"] for each in await ingest.run("SELECT action FROM ingest.audit ORDER BY audit_id")]
    assert [step for step in steps if step.startswith("hold.")] == ["hold.place", "hold.release"]


async def test_partitions_are_made_ahead_of_the_months_and_nothing_falls_beside_them(ingest: Ingest) -> None:
    for moment, through in (
        ("2030-01-15T12:00:00+08:00", "2030-03"),
        ("2030-03-31T23:00:00+08:00", "2030-05"),
    ):
        await at_time(ingest, moment)
        async with ingest.context.db.transaction() as session:
            await matching.make_partitions(session, ingest.context)
        assert (await report(ingest))[""] == {"through": through, "beside": False}
    await ingest.post({"tube_code": "T-1", "outcome": "negative", "tested_at": "2030-03-31T20:00:00+08:00"})
    assert (await report(ingest))[""]["beside"] is False


async def test_keeping_is_the_whole_districts_matter(ingest: Ingest) -> None:
    town = ingest.client("town", "admin", area_code="TOWN-01", area_level="township")
    lab = await ingest.lab("LAB01")
    body = {"hold_code": "H-2", "received_from": "2030-01-01T00:00:00+08:00", "reason": "第 7 号调查"}
    for client in (town, lab):
        for path in ("", "/drops", "/holds"):
            assert (await client.get(f"/v1/retention{path}")).status_code == 403
        assert (await client.post("/v1/retention/holds", json=body)).status_code == 403
        ended = await client.post("/v1/retention/holds/H-2/release", json={"reason": "结束"})
        assert ended.status_code == 403
    wrong = await hold(ingest, received_to="2029-01-01T00:00:00+08:00")
    assert wrong.status_code == 422


@pytest.mark.parametrize("field", ["received_from", "received_to"])
async def test_a_hold_ends_with_the_times_that_can_be_shown(ingest: Ingest, field: str) -> None:
    answer = await hold(ingest, **{field: "9999-12-31T23:00:00Z"})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "time_after_2199")
