"""A correction names what it replaces and why, and everything follows: status, ledger, feed, pools, notices."""

from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from tests.support.system import System
from tests.system.people import TOWN, UNIT, District, ok, person, row, text

NOW: Final = datetime.fromisoformat("2030-01-15T12:00:00+08:00")
COLLECTED: Final = text(NOW - timedelta(hours=5))
TESTED: Final = NOW - timedelta(hours=2)


@pytest.fixture
async def district(system: System) -> District:
    """Build a district with four people of one unit, who owe a test every seven days."""
    district = District(system)
    await system.set_clock(NOW)
    await district.build()
    people = (person(n, unit_code=UNIT, category_code="8A1", enrolled_on="2030-01-01") for n in range(4))
    await district.register(*people)
    await ok(
        district.intake.post("/v1/sites", json={"site_code": "SITE-1", "name": "采样点", "kind": "community"})
    )
    await system.settle()
    return district


def corrects(result_id: str, reason: str = "管号登记错误") -> dict[str, Any]:
    """Return what makes a row a correction."""
    return {"corrects": {"result_id": result_id, "reason": reason}}


async def posted(district: District, **more: Any) -> str:
    """Post one row and return the id of its result."""
    receipt = await district.post(row(TESTED, **more))
    await district.system.settle()
    rows = (await ok(district.labs["LAB01"].get(receipt["links"]["rows"])))["rows"]
    return str(rows[0]["result_id"])


async def reviewed(district: District, result_id: str, verdict: str) -> None:
    """Give the CDC's verdict."""
    body = {"verdict": verdict, "reviewer": "王医生", "note": "复核"}
    await ok(district.cdc.post(f"/v1/reviews/{result_id}", json=body))
    await district.system.settle()


async def states(district: District, kind: str) -> set[str]:
    """Return the states of the notices of a kind."""
    return {each["status"] for each in await district.notices(kind=kind)}


async def feed(district: District, cursor: str) -> tuple[dict[str, str], str]:
    """Return what the platform is told after a cursor, by health code, and where it goes on."""
    answer = await ok(district.platform.get("/v1/status-changes", params={"cursor": cursor}))
    return {each["health_code_id"]: each["display"] for each in answer["changes"]}, answer["next_cursor"]


async def test_a_positive_taken_back_stands_until_a_second_person_agrees(district: District) -> None:
    named = {"health_code_id": "HC-000000", "collected_at": COLLECTED}
    first = await posted(district, outcome="positive", **named)
    cursor = (await ok(district.platform.get("/v1/status-changes")))["next_cursor"]
    second = await posted(district, **named, **corrects(first))

    status = await district.status("HC-000000")
    assert (status["display"], status["clearance"]["allowed"]) == ("under_recheck", False)
    standing = [each for each in await district.notices(kind="alert.positive") if each["status"] != "revoked"]
    assert {each["recipient"]["type"] for each in standing} == {"cdc", "township", "department"}
    assert {each["evidence"]["result_id"] for each in standing} == {second}

    by_lab = await district.labs["LAB01"].post(
        f"/v1/reviews/{second}", json={"verdict": "refuted", "reviewer": "甲"}
    )
    assert by_lab.status_code == 403
    await reviewed(district, second, "refuted")
    status = await district.status("HC-000000")
    assert (status["display"], status["clearance"]["allowed"], status["due_on"]) == (
        "negative",
        True,
        "2030-01-22",
    )
    assert await states(district, "alert.positive") == {"revoked"}
    told, _ = await feed(district, cursor)
    assert told["HC-000000"] == "negative"

    found = await ok(district.admin.get("/v1/people/by-health-code/HC-000000"))
    ledger = await ok(district.admin.get(f"/v1/people/{found['person_id']}/ledger"))
    assert {first, second} <= {each["result_id"] for each in ledger["entries"] if each.get("result_id")}
    for asked in (first, second):
        [old, new] = (await ok(district.cdc.get(f"/v1/results/{asked}/history")))["chain"]
        assert (old["result_id"], old["outcome"], old["replaced_by"]) == (first, "positive", second)
        assert (new["replaces"], new["reason"], new["outcome"]) == (first, "管号登记错误", "negative")
        assert [step["verdict"] for step in new["review"]["steps"]] == ["refuted"]
    other = await district.labs["LAB02"].get(f"/v1/results/{second}/history")
    assert other.status_code == 404


async def test_a_correction_that_is_not_believed_leaves_the_alert_confirmed(district: District) -> None:
    named = {"health_code_id": "HC-000000", "collected_at": COLLECTED}
    first = await posted(district, outcome="positive", **named)
    second = await posted(district, **named, **corrects(first))
    await reviewed(district, second, "confirmed")
    assert (await district.status("HC-000000"))["display"] == "positive"
    alerts = await district.notices(kind="alert.positive")
    assert {each["evidence"]["standing"] for each in alerts} == {"confirmed"}
    assert "revoked" not in {each["status"] for each in alerts}


async def test_the_alert_of_a_positive_that_was_somebody_elses_stays_with_whom_it_named(
    district: District,
) -> None:
    first = await posted(district, outcome="positive", health_code_id="HC-000000", collected_at=COLLECTED)
    second = await posted(district, health_code_id="HC-000001", collected_at=COLLECTED, **corrects(first))
    live = [each for each in await district.notices(kind="alert.positive") if each["status"] != "revoked"]
    assert {each["subject"]["code"] for each in live} == {"HC-000000"}
    assert (await district.status("HC-000000"))["clearance"]["allowed"] is False
    await reviewed(district, second, "refuted")
    assert await states(district, "alert.positive") == {"revoked"}
    assert (await district.status("HC-000001"))["display"] == "negative"


async def test_a_pool_that_is_corrected_frees_its_members_and_ends_its_orders(district: District) -> None:
    pool = {
        "tube_code": "POOL", "mode": "mixed", "capacity": 5, "subject": "person", "site_code": "SITE-1",
        "members": [{"health_code_id": f"HC-{n:06}"} for n in range(4)], "collected_at": COLLECTED,
    }  # fmt: skip
    await ok(district.sampling.post("/v1/tubes", json=pool))
    first = await posted(district, outcome="indeterminate", tube_code="POOL")
    cursor = (await ok(district.platform.get("/v1/status-changes")))["next_cursor"]
    assert {(await district.status(f"HC-{n:06}"))["display"] for n in range(4)} == {"under_recheck"}
    assert "revoked" not in await states(district, "task.recheck") | await states(district, "alert.pool")

    second = await posted(district, tube_code="POOL", **corrects(first))
    for n in range(4):
        status = await district.status(f"HC-{n:06}")
        assert (status["display"], status["clearance"]["allowed"]) == ("negative", True)
    assert await states(district, "alert.pool") == await states(district, "task.recheck") == {"revoked"}
    assert set((await feed(district, cursor))[0].values()) == {"negative"}

    # To invalid: nothing counts any more and a new sample is owed; back again, and the order is void.
    third = await posted(district, outcome="invalid", tube_code="POOL", **corrects(second, "质控不合格"))
    assert {(await district.status(f"HC-{n:06}"))["clearance"]["allowed"] for n in range(4)} == {False}
    orders = await district.notices(kind="task.resample")
    assert {(each["recipient"]["type"], each["recipient"]["code"]) for each in orders} == {
        ("unit", UNIT),
        ("site", "SITE-1"),
    }
    fourth = await posted(district, tube_code="POOL", **corrects(third, "重新检测"))
    assert await states(district, "task.resample") == {"revoked"}
    assert (await district.status("HC-000003"))["display"] == "negative"
    chain = (await ok(district.labs["LAB01"].get(f"/v1/results/{second}/history")))["chain"]
    assert [each["result_id"] for each in chain] == [first, second, third, fourth]
    assert [each["reason"] for each in chain] == [None, "管号登记错误", "质控不合格", "重新检测"]
    town = await district.system.client(
        "results-ingest", scopes=["records:read"], area_code=TOWN, area_level="township"
    )
    assert (await town.get(f"/v1/results/{first}/history")).status_code == 404, "the site lies in no township"


async def test_a_positive_pool_taken_back_stays_under_recheck_with_its_order(district: District) -> None:
    pool = {
        "tube_code": "POOL", "mode": "mixed", "capacity": 5, "subject": "person",
        "members": [{"health_code_id": f"HC-{n:06}"} for n in range(2)], "collected_at": COLLECTED,
    }  # fmt: skip
    await ok(district.sampling.post("/v1/tubes", json=pool))
    first = await posted(district, outcome="positive", tube_code="POOL")
    second = await posted(district, tube_code="POOL", **corrects(first))
    assert (await district.status("HC-000000"))["display"] == "under_recheck"
    for kind in ("alert.pool", "task.recheck"):
        live = [each for each in await district.notices(kind=kind) if each["status"] != "revoked"]
        assert {each["evidence"]["result_id"] for each in live} == {second}, kind
    await reviewed(district, second, "refuted")
    assert (await district.status("HC-000000"))["display"] == "negative"
    assert await states(district, "alert.pool") == await states(district, "task.recheck") == {"revoked"}
