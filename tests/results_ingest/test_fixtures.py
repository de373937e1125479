"""Acceptance fixtures that the seeds give, through HTTP and real workers."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.system import System
from tests.system.people import DEPARTMENT, TOWN, UNIT, District, ok, person, row, text

NOW = datetime.fromisoformat("2030-01-15T12:00:00+08:00")
COLLECTED = NOW - timedelta(hours=5)


@pytest.fixture
async def district(system: System) -> District:
    """Build a district of twelve people in one unit."""
    district = await District(system).build()
    await system.set_clock(NOW)
    await district.register(*(person(n, unit_code=UNIT, category_code="8A1") for n in range(12)))
    await system.settle()
    return district


def code(number: int) -> str:
    return f"HC-{number:06}"


def tube(tube_code: str, *members: int, **more: Any) -> dict[str, Any]:
    """Return the body of a tube; mixed unless it is said to be single."""
    body = {"mode": "mixed", "capacity": 10} if more.get("mode") != "single" else {"capacity": 1}
    return {
        "tube_code": tube_code,
        "subject": "person",
        "members": [{"health_code_id": code(n)} for n in members],
        "collected_at": text(COLLECTED),
        **body,
        **more,
    }


async def bind(district: District, *tubes: dict[str, Any]) -> None:
    answer = await ok(district.sampling.post("/v1/tubes/bulk", json={"tubes": list(tubes)}))
    assert answer["accepted"] == len(tubes), answer
    await district.system.settle()


@pytest.mark.requirement(74, 77)
async def test_a_positive_ten_in_one_with_ten_retained_singles(district: District) -> None:
    singles = [tube(f"S-{n}", n, mode="single", paired_with="POOL") for n in range(10)]
    await bind(district, tube("POOL", *range(10)), *singles)
    receipt = await district.post(row(NOW - timedelta(hours=1), outcome="positive", tube_code="POOL"))
    await district.system.settle()

    batch = await ok(district.labs["LAB01"].get(receipt["links"]["self"]))
    assert (batch["matched"], batch["pooled_people"], batch["pooled_unmatched"]) == (1, 10, 0)
    for n in range(10):
        status = await district.status(code(n))
        assert (status["display"], status["last_result"]) == ("under_recheck", None)
        assert status["clearance"]["allowed"] is False
    alerts = await district.notices(kind="alert.pool", subject_code="POOL")
    bodies = [(alert["recipient"]["type"], alert["recipient"]["code"]) for alert in alerts]
    assert len(set(bodies)) == len(bodies) == 3
    assert {("township", TOWN), ("department", DEPARTMENT)} < set(bodies)
    assert await district.notices(kind="task.recheck")

    tested = NOW - timedelta(minutes=20)
    outcomes = {n: "positive" if n == 0 else "negative" for n in range(10)}
    await district.post(*(row(tested, outcome=outcomes[n], tube_code=f"S-{n}") for n in range(10)))
    await district.system.settle()
    assert [(await district.status(code(n)))["display"] for n in range(3)] == [
        "under_recheck",
        "negative",
        "negative",
    ]
    [review] = (await ok(district.cdc.get("/v1/reviews?state=open")))["reviews"]
    verdict = {"verdict": "confirmed", "reviewer": "王医生", "note": "双试剂阳性"}
    await ok(district.cdc.post(f"/v1/reviews/{review['result_id']}", json=verdict))
    await district.system.settle()
    assert (await district.status(code(0)))["display"] == "positive"


async def test_a_row_with_only_a_tube_whose_people_bind_later(district: District) -> None:
    receipt = await district.post(row(NOW - timedelta(hours=1), tube_code="LATE"))
    await district.system.settle()
    batch = await ok(district.labs["LAB01"].get(receipt["links"]["self"]))
    assert (batch["status"], batch["unmatched"]) == ("matched", 1)
    assert (await district.status(code(0)))["display"] == "none"
    shown = await ok(district.sampling.get("/v1/tubes/LATE"))
    assert shown["stands"] == "not_bound"

    await bind(district, tube("LATE", 0, 1))
    batch = await ok(district.labs["LAB01"].get(receipt["links"]["self"]))
    assert (batch["unmatched"], batch["matched"], batch["pooled_people"]) == (0, 1, 2)
    status = await district.status(code(0))
    assert (status["display"], status["last_result"]["mode"]) == ("negative", "mixed")
    assert datetime.fromisoformat(status["last_result"]["collected_at"]) == COLLECTED


async def test_a_pool_of_pools_is_refused(district: District) -> None:
    pool = tube("POOL", 0, 1)
    pool["members"].append({"tube_code": "OTHER"})
    answer = await district.sampling.post("/v1/tubes", json=pool)
    assert (answer.status_code, answer.json()["code"]) == (422, "pool_of_pools")
    assert (await district.sampling.get("/v1/tubes/POOL")).status_code == 404


@pytest.mark.requirement(61)
async def test_the_same_batch_twice_and_then_with_one_row_changed(district: District) -> None:
    rows = [row(NOW - timedelta(hours=1, minutes=n), health_code_id=code(n)) for n in range(12)]
    first = await district.post(*rows, batch_no="B-SAME")
    await district.system.settle()
    versions = [(await district.status(code(n)))["version"] for n in range(12)]

    again = await district.post(*rows, batch_no="B-SAME")
    assert again == first
    changed = {"batch_no": "B-SAME", "results": [rows[0] | {"outcome": "positive"}, *rows[1:]]}
    refused = await district.labs["LAB01"].post("/v1/batches", json=changed)
    assert (refused.status_code, refused.json()["code"]) == (409, "batch_conflict")
    await district.system.settle()
    assert [(await district.status(code(n)))["version"] for n in range(12)] == versions
    assert (await district.status(code(0)))["display"] == "negative"


@pytest.mark.requirement(78)
async def test_only_a_review_lifts_a_positive(district: District) -> None:
    collected = {"collected_at": text(COLLECTED)}
    receipt = await district.post(
        row(NOW - timedelta(hours=2), outcome="positive", health_code_id=code(0), **collected)
    )
    await district.system.settle()
    assert (await district.status(code(0)))["display"] == "under_recheck"
    await district.post(
        row(NOW - timedelta(hours=1), health_code_id=code(0), collected_at=text(NOW - timedelta(hours=2)))
    )
    await district.system.settle()
    assert (await district.status(code(0)))["display"] == "under_recheck"

    rows = (await ok(district.labs["LAB01"].get(receipt["links"]["rows"])))["rows"]
    verdict = {"verdict": "refuted", "reviewer": "王医生", "note": "复采阴性"}
    await ok(district.cdc.post(f"/v1/reviews/{rows[0]['result_id']}", json=verdict))
    await district.system.settle()
    assert (await district.status(code(0)))["display"] == "negative"
    [alert] = [a for a in await district.notices(kind="alert.positive") if a["recipient"]["type"] == "cdc"]
    assert alert["status"] == "revoked"


@pytest.mark.requirement(73)
async def test_a_yellow_code_person_scanned_into_a_pool_is_tested_singly(district: District) -> None:
    await bind(district, tube("POOL", 0, 1))
    for member in ({"code_color": "yellow"}, {"travel_star": True}):
        scanned = {"members": [{"health_code_id": code(2), **member}]}
        refused = await district.sampling.post("/v1/tubes/POOL/members", json=scanned)
        assert (refused.status_code, refused.json()["code"]) == (422, "single_only")
    single = tube("OWN", mode="single") | {"members": [{"health_code_id": code(2), "code_color": "yellow"}]}
    await bind(district, single)
    tested = NOW - timedelta(hours=1)
    await district.post(row(tested, tube_code="POOL"), row(tested, tube_code="OWN"))
    await district.system.settle()
    modes = {n: (await district.status(code(n)))["last_result"]["mode"] for n in range(3)}
    assert modes == {0: "mixed", 1: "mixed", 2: "single"}
    assert (await ok(district.sampling.get("/v1/tubes/POOL")))["members"] == 2


@pytest.mark.requirement(94)
async def test_antibody_and_antigen_clear_nobody(district: District) -> None:
    """The first test of somebody in quarantine adds serum antibody to the swab."""
    await bind(district, tube("SWAB", 0, mode="single"))
    tested = NOW - timedelta(hours=1)
    named = {"health_code_id": code(0), "collected_at": text(COLLECTED)}
    for kind in ("antibody", "antigen"):
        await district.post(row(tested, test_kind=kind, **named))
    await district.post(row(tested, test_kind="antibody", outcome="positive", health_code_id=code(1)))
    await district.system.settle()
    for n, reason in ((0, "pending"), (1, "never_tested")):
        clearance = (await district.status(code(n)))["clearance"]
        assert (clearance["allowed"], clearance["reasons"][0]) == (False, reason)
    assert (await district.status(code(0)))["last_result"] is None
    assert await district.notices(kind="alert.positive") == []

    await district.post(row(tested, test_kind="pcr", tube_code="SWAB"))
    await district.system.settle()
    assert (await district.status(code(0)))["clearance"]["allowed"] is True
    found = await ok(district.admin.get(f"/v1/people/by-health-code/{code(0)}"))
    ledger = await ok(district.admin.get(f"/v1/people/{found['person_id']}/ledger"))
    kinds = {each["test_kind"] for each in ledger["entries"] if each.get("test_kind")}
    assert kinds == {"antibody", "antigen", "pcr"}, "every kind is kept, one clears"
    later = {"test_kind": "antigen", "outcome": "positive", "health_code_id": code(0)}
    await district.post(row(NOW, collected_at=text(NOW), **later))
    await district.system.settle()
    assert (await district.status(code(0)))["display"] == "under_recheck"


@pytest.mark.requirement(75)
@pytest.mark.settings(pool_sizes={"2020-01-01": (5, 10), "2030-01-16": (20,)})
async def test_the_sizes_of_pools_follow_the_day_of_sampling(district: District) -> None:
    today, tomorrow = text(NOW), text(NOW + timedelta(days=1))
    for size, at, status in ((10, today, 201), (20, today, 422), (20, tomorrow, 201), (10, tomorrow, 422)):
        await district.system.set_clock(max(NOW, datetime.fromisoformat(at)))
        body = tube(f"P-{size}-{at[:10]}", 0, 1, capacity=size) | {"collected_at": at}
        answer = await district.sampling.post("/v1/tubes", json=body)
        assert answer.status_code == status, answer.text
        if status != 201:
            assert {each["code"] for each in answer.json()["errors"]} == {"pool_size_not_allowed"}


@pytest.mark.requirement(78)
async def test_the_reviews_are_a_work_list_by_age(district: District) -> None:
    await district.post(row(NOW - timedelta(hours=1), outcome="positive", health_code_id=code(0)))
    await district.system.settle()
    await district.system.set_clock(NOW + timedelta(hours=5))
    await district.post(row(NOW - timedelta(hours=2), outcome="positive", health_code_id=code(1)))
    await district.system.settle()
    page = await ok(district.cdc.get("/v1/reviews", params={"state": "open", "limit": "1"}))
    rest = await ok(district.cdc.get("/v1/reviews", params={"state": "open", "cursor": page["next_cursor"]}))
    listed = [*page["reviews"], *rest["reviews"]]
    assert [(each["subject_code"], each["overdue"]) for each in listed] == [(code(0), True), (code(1), False)]
    # The clock goes on between a positive and its review: five hours but for that.
    assert 290 <= listed[0]["age_minutes"] <= 301
    assert listed[1]["age_minutes"] <= 10
    late = (await ok(district.cdc.get("/v1/reviews", params={"overdue": "true"})))["reviews"]
    assert [each["subject_code"] for each in late] == [code(0)]
    verdict = {"verdict": "confirmed", "reviewer": "王医生", "note": "双试剂阳性"}
    await ok(district.cdc.post(f"/v1/reviews/{late[0]['result_id']}", json=verdict))
    assert (await ok(district.cdc.get("/v1/reviews", params={"overdue": "true"})))["reviews"] == []
