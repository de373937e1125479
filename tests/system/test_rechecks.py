"""After a pool that is not negative each member owes a single of their own, by either route (1F.11)."""

from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from tests.support.system import System
from tests.system.people import TOWN, UNIT, District, ok, person, row, text

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


@pytest.mark.settings(recheck_route="recall", recheck_new_hours=6)
@pytest.mark.requirement(77)
async def test_the_other_route_calls_everybody_in_for_a_new_single(pooled: District) -> None:
    members = await owed(pooled)
    assert {(one["route"], one["state"]) for one in members.values()} == {("new", "waiting")}
    assert all(datetime.fromisoformat(one["due_at"]) - NOW >= timedelta(hours=6) for one in members.values())
    [order] = [n for n in await pooled.notices(kind="task.recheck") if n["recipient"]["type"] == "cdc"]
    assert order["evidence"]["retained_tubes"] == []
