"""After a pool that is not negative each member owes a single of their own, by either route (1F.11)."""

from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from tests.support.system import System
from tests.system.people import TOWN, UNIT, District, ok, person, row, text
from tests.system.test_clocks import orders, told, until_clocks

NOW: Final = datetime.fromisoformat("2030-01-15T12:00:00+08:00")
COLLECTED: Final = NOW - timedelta(hours=5)


def single(tube_code: str, member: int, collected_at: datetime, **more: Any) -> dict[str, Any]:
    """Return the body of a single tube."""
    return {
        "tube_code": tube_code, "mode": "single", "capacity": 1, "subject": "person",
        "members": [{"health_code_id": f"HC-{member:06}"}], "collected_at": text(collected_at), **more,
    }  # fmt: skip


@pytest.fixture
async def pooled(system: System) -> District:
    """Build a district in which a pool of three is positive; two of them have a retained single."""
    district = District(system)
    await system.set_clock(NOW)
    await district.build()
    await district.register(*(person(n, unit_code=UNIT, category_code="8A1") for n in range(3)))
    await system.settle()
    members = [{"health_code_id": f"HC-{n:06}"} for n in range(3)]
    pool = single("POOL", 0, COLLECTED) | {"mode": "mixed", "capacity": 10, "members": members}
    kept = [single(f"KEPT-{n}", n, COLLECTED, paired_with="POOL") for n in range(2)]
    answer = await ok(district.sampling.post("/v1/tubes/bulk", json={"tubes": [pool, *kept]}))
    assert answer["accepted"] == 3, answer
    await tested(district, tube_code="POOL", outcome="positive")
    return district


async def tested(district: District, **more: Any) -> None:
    """Post a result of an hour ago and let it take effect."""
    await district.post(row(NOW - timedelta(hours=1), **more))
    await district.system.settle()


async def owed(district: District, **query: str) -> dict[str, dict[str, Any]]:
    """Return what each member owes, by health code; nobody owes more than one in these tests."""
    found = (await ok(district.admin.get("/v1/rechecks", params=query)))["members"]
    assert all(len(each["rechecks"]) == 1 for each in found)
    return {each["health_code_id"]: each["rechecks"][0] for each in found}


@pytest.mark.requirement(74, 77)
async def test_each_member_has_a_retained_single_or_a_new_one_and_a_deadline_of_their_own(
    pooled: District,
) -> None:
    members = await owed(pooled)
    shown = {code: (one["route"], one["state"], one["tube_code"]) for code, one in members.items()}
    assert shown == {
        "HC-000000": ("retained", "sampled", "KEPT-0"),
        "HC-000001": ("retained", "sampled", "KEPT-1"),
        "HC-000002": ("new", "waiting", None),
    }
    first_due = {datetime.fromisoformat(one["due_at"]) for one in members.values()}
    assert all(timedelta(hours=4) <= due - NOW < timedelta(hours=4, minutes=5) for due in first_due)
    [order] = [n for n in await pooled.notices(kind="task.recheck") if n["recipient"]["type"] == "cdc"]
    assert order["evidence"]["retained_tubes"] == ["KEPT-0", "KEPT-1"]

    # One retained single is spoiled: that member is called in, with a deadline from that moment on.
    await pooled.system.set_clock(NOW + timedelta(hours=1))
    await tested(pooled, tube_code="KEPT-1", outcome="invalid")
    await tested(pooled, tube_code="KEPT-0")
    members = await owed(pooled)
    assert set(members) == {"HC-000001", "HC-000002"}, "a retained single settles its member"
    assert (await pooled.status("HC-000000"))["display"] == "negative"
    again = members["HC-000001"]
    assert (again["route"], again["state"]) == ("new", "waiting")
    assert datetime.fromisoformat(again["due_at"]) - NOW >= timedelta(hours=5)

    # The new single is shown from its sampling on, and only its result settles.
    await ok(pooled.sampling.post("/v1/tubes", json=single("NEW-2", 2, NOW + timedelta(minutes=30))))
    await pooled.system.settle()
    assert (await owed(pooled))["HC-000002"]["tube_code"] == "NEW-2"
    await pooled.system.set_clock(NOW + timedelta(hours=4, minutes=10))
    assert set(await owed(pooled, overdue="true")) == {"HC-000002"}
    await pooled.post(row(NOW + timedelta(hours=4), tube_code="NEW-2", outcome="positive"))
    await pooled.system.settle()
    assert set(await owed(pooled)) == {"HC-000001"}, (
        "a positive single waits for its review, not for a re-check"
    )
    assert (await pooled.status("HC-000002"))["display"] == "under_recheck"

    other = await pooled.system.client(
        "registry", scopes=["cases:respond"], area_code="TOWN-99", area_level="township"
    )
    town = await pooled.system.client(
        "registry", scopes=["cases:respond"], area_code=TOWN, area_level="township"
    )
    assert (await ok(other.get("/v1/rechecks")))["members"] == []
    assert [each["health_code_id"] for each in (await ok(town.get("/v1/rechecks")))["members"]] == [
        "HC-000001"
    ]


@pytest.mark.settings(recheck_route="recall")
@pytest.mark.requirement(77)
async def test_the_other_route_calls_everybody_in_for_a_new_single(pooled: District) -> None:
    members = await owed(pooled)
    assert {(one["route"], one["state"]) for one in members.values()} == {("new", "waiting")}
    due = {datetime.fromisoformat(one["due_at"]) - NOW for one in members.values()}
    assert all(timedelta(hours=4) <= each < timedelta(hours=4, minutes=5) for each in due)
    [order] = [n for n in await pooled.notices(kind="task.recheck") if n["recipient"]["type"] == "cdc"]
    assert order["evidence"]["retained_tubes"] == []


@pytest.mark.requirement(77)
async def test_a_recheck_past_its_limit_is_a_breach_told_once_to_whoever_has_to_test(
    pooled: District,
) -> None:
    listed = (await orders(pooled)).values()
    assert sorted((each["kind"], each["state"], each["lab_code"]) for each in listed) == [
        ("recheck_new", "open", None), ("recheck_retained", "sampled", "LAB01"), ("recheck_retained", "sampled", "LAB01"),
    ]  # fmt: skip
    assert {each["tube_code"] for each in listed} == {"POOL"}
    due = {datetime.fromisoformat(each["clocks"][0]["due_at"]) for each in listed}
    assert due == {datetime.fromisoformat(one["due_at"]) for one in (await owed(pooled)).values()}

    # From now on a new single is owed within an hour; what runs keeps its limit.
    shorter = {"stage": "recheck", "applies_to": "category", "code": "recheck_new", "limit_minutes": 60,
               "effective_from": "2030-01-15", "starts": "opened", "basis": "区指挥部通知"}  # fmt: skip
    await ok(pooled.intake.post("/v1/clock-limits", json=shorter))
    await pooled.system.set_clock(NOW + timedelta(hours=2))
    await tested(pooled, tube_code="KEPT-1", outcome="invalid")
    await pooled.system.set_clock(NOW + timedelta(hours=3, minutes=10))
    await until_clocks(pooled, "broken", ("POOL", "recheck"), category="recheck_new")
    [spoiled] = await clocks(pooled, state="broken")
    assert (spoiled["limit_minutes"], spoiled["answers"]) == (60, {"type": "unit", "code": UNIT})
    own = [("unit", UNIT, "breach", 1)]
    over = [("department", "DEPT-01", "breach", 1), ("township", TOWN, "breach", 1)]
    assert await told(pooled, "task.answer", "recheck") == sorted(own + over)
    assert await told(pooled, "alert.lab_late", "recheck") == []

    # At their own limit the member who was never called in, and the single that lies in the laboratory.
    await pooled.system.set_clock(NOW + timedelta(hours=4, minutes=10))
    await until_clocks(pooled, "broken", ("POOL", "recheck"), category="recheck_retained")
    assert len(await clocks(pooled, state="broken")) == 3
    assert await told(pooled, "alert.lab_late", "recheck") == [
        ("cdc", "CDC-01", "breach", 1), ("lab", "LAB01", "breach", 1),
    ]  # fmt: skip
    assert set(await owed(pooled, overdue="true")) == {f"HC-{n:06}" for n in range(3)}

    # Tested at last, each by its own route: late, and nothing is told again.
    await tested(pooled, tube_code="KEPT-0")
    await pooled.post(
        row(NOW + timedelta(hours=4), health_code_id="HC-000002", collected_at=text(NOW + timedelta(hours=1)))
    )
    await until_clocks(pooled, "late", ("POOL", "recheck"), category="recheck_retained")
    await until_clocks(pooled, "late", ("POOL", "recheck"), category="recheck_new")
    assert len(await clocks(pooled, state="broken")) == 1
    assert {one["state"] for one in (await orders(pooled)).values()} == {"open", "ended", "resulted"}
    assert len(await told(pooled, "task.answer", "recheck")) == 6, "the two of the unit, one after the other"

    client = pooled.system.client
    there = await client(
        "results-ingest", scopes=["records:read"], area_code="TOWN-99", area_level="township"
    )
    here = await client("results-ingest", scopes=["records:read"], area_code=TOWN, area_level="township")
    for path, member, of_here in (("/v1/test-orders", "orders", 4), ("/v1/clocks", "clocks", 1)):
        assert (await ok(there.get(path)))[member] == []
        assert len((await ok(here.get(path)))[member]) == of_here


async def test_a_pool_that_is_taken_back_owes_no_recheck(pooled: District) -> None:
    body = {"batch_no": "B-00001", "row": 1}
    await tested(pooled, tube_code="POOL", outcome="invalid", corrects=body | {"reason": "试剂失效"})
    [review] = (await ok(pooled.cdc.get("/v1/reviews", params={"state": "open"})))["reviews"]
    verdict = {"verdict": "refuted", "reviewer": "疾控复核员", "note": "试剂失效"}
    await ok(pooled.cdc.post(f"/v1/reviews/{review['result_id']}", json=verdict))
    await pooled.system.settle()
    assert {one["state"] for one in (await orders(pooled)).values()} == {"ended"}
    await pooled.system.set_clock(NOW + timedelta(hours=9))
    assert await owed(pooled) == {}
    await pooled.system.settle()
    assert await clocks(pooled, state="broken") == []


async def clocks(district: District, **query: str) -> list[dict[str, Any]]:
    """Return the clocks of re-checks."""
    found = await ok(district.cdc.get("/v1/clocks", params={"stage": "recheck", **query}))
    return list(found["clocks"])
