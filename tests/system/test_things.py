"""Samples of goods and premises: resulted to their unit, never to a person, across the three services."""

from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from tests.support.system import System
from tests.system.people import CDC, DEPARTMENT, TOWN, District, ok, person, row, text, unit

NOW: Final = datetime.fromisoformat("2030-01-15T12:00:00+08:00")
PLANS: Final = {"LOCAL-COLD": 14, "LOCAL-COLD-IMPORT": 7, "LOCAL-CONTAINER": 3, "LOCAL-MARKET": 7}


def thing(tube_code: str, unit_code: str, subject: str, kind: str, collected_at: datetime) -> dict[str, Any]:
    """Return the body of a tube without people."""
    return {
        "tube_code": tube_code,
        "mode": "single",
        "capacity": 1,
        "subject": subject,
        "sample_kind": kind,
        "unit_code": unit_code,
        "members": [],
        "collected_at": text(collected_at),
    }


@pytest.fixture
async def venues(system: System) -> District:
    """Build a district with one unit under each plan, whose code is the plan's; plans began two days ago."""
    district = District(system)
    await system.set_clock(NOW)
    await district.build()
    for code in PLANS:
        await ok(district.admin.post("/v1/units", json=unit(code) | {"unit_code_type": "licence"}))
        plan = {"category_code": code, "effective_from": "2030-01-13"}
        await ok(district.admin.post(f"/v1/units/{code}/plans", json=plan))
    await system.settle()
    return district


async def schedules(district: District, unit_code: str) -> dict[str, dict[str, Any]]:
    """Return what a unit's plan owes, by subject or event."""
    found = await ok(district.admin.get("/v1/unit-plans", params={"unit_code": unit_code}))
    return {each["event"] or each["subject"]: each for plan in found["plans"] for each in plan["schedules"]}


async def sampled(district: District, *tubes: dict[str, Any]) -> None:
    """Register tubes without people."""
    answer = await ok(district.sampling.post("/v1/tubes/bulk", json={"tubes": list(tubes)}))
    assert answer["accepted"] == len(tubes), answer


async def standing(district: District) -> dict[str, Any]:
    """Return the status of the one person, without the moment it was asked for."""
    return {key: value for key, value in (await district.status("HC-000001")).items() if key != "as_of"}


@pytest.mark.requirement(20, 21, 22, 23, 24)
async def test_a_result_of_goods_or_premises_fulfils_the_plan_of_its_unit(venues: District) -> None:
    collected = NOW - timedelta(hours=5)
    await sampled(venues, *(thing(f"E-{code}", code, "environment", "surface", collected) for code in PLANS))
    await venues.system.settle()
    for code in PLANS:
        assert (await schedules(venues, code))["environment"]["state"] == "overdue", "a tube is no result"
    receipt = await venues.post(*(row(NOW - timedelta(hours=1), tube_code=f"E-{code}") for code in PLANS))
    await venues.system.settle()
    for code, days in PLANS.items():
        found = (await schedules(venues, code))["environment"]
        due_on = (collected + timedelta(days=days)).date().isoformat()
        assert (found["days"], found["due_on"], found["state"]) == (days, due_on, "ok")
        assert (found["last_outcome"], datetime.fromisoformat(found["last_sampled_at"])) == (
            "negative",
            collected,
        )
    assert (await schedules(venues, "LOCAL-COLD"))["item"]["state"] == "overdue"

    # A correction to invalid takes the sample back; a later good one fulfils again.
    wrong = {"corrects": {"batch_no": receipt["batch_no"], "row": 1, "reason": "管号登记错误"}}
    await venues.post(row(NOW - timedelta(hours=1), outcome="invalid", tube_code="E-LOCAL-COLD", **wrong))
    await venues.system.settle()
    assert (await schedules(venues, "LOCAL-COLD"))["environment"]["state"] == "overdue"
    await sampled(venues, thing("E-2", "LOCAL-COLD", "environment", "environment", collected))
    await venues.post(row(NOW - timedelta(hours=1), tube_code="E-2"))
    await venues.system.settle()
    assert (await schedules(venues, "LOCAL-COLD"))["environment"]["state"] == "ok"


@pytest.mark.requirement(23)
async def test_goods_are_tested_when_they_arrive(venues: District) -> None:
    arrival = {"subject": "item", "what": "arrival", "at": text(NOW - timedelta(hours=6))}
    await ok(venues.admin.post("/v1/units/LOCAL-MARKET/samplings", json=arrival))
    assert (await schedules(venues, "LOCAL-MARKET"))["goods_arrival"]["state"] == "due"
    await sampled(venues, thing("G-1", "LOCAL-MARKET", "item", "food", NOW - timedelta(hours=5)))
    await venues.post(row(NOW - timedelta(hours=1), tube_code="G-1"))
    await venues.system.settle()
    assert (await schedules(venues, "LOCAL-MARKET"))["goods_arrival"]["due_on"] is None


@pytest.mark.requirement(24)
async def test_a_positive_of_goods_alarms_the_bodies_and_touches_nobody(venues: District) -> None:
    await venues.register(person(1, unit_code="LOCAL-COLD", category_code="LOCAL-COLD"))
    await venues.system.settle()
    before = await standing(venues)
    kinds = {"food": "item", "package": "item", "container": "item", "environment": "environment"}
    await sampled(
        venues,
        *(
            thing(f"T-{kind}", "LOCAL-COLD", subject, kind, NOW - timedelta(hours=5))
            for kind, subject in kinds.items()
        ),
        thing("T-surface", "LOCAL-COLD", "environment", "surface", NOW - timedelta(hours=4)),
    )
    outcomes = dict.fromkeys(kinds, "negative") | {"surface": "positive"}
    tested = NOW - timedelta(hours=1)
    await venues.post(*(row(tested, outcome=each, tube_code=f"T-{kind}") for kind, each in outcomes.items()))
    await venues.system.settle()

    assert await standing(venues) == before
    alerts = await venues.notices(kind="alert.positive")
    assert {each["subject"]["code"] for each in alerts} == {"LOCAL-COLD"}
    told = {(each["recipient"]["type"], each["recipient"]["code"]) for each in alerts}
    assert told == {("cdc", CDC), ("department", DEPARTMENT), ("township", TOWN)}
    [review] = (await ok(venues.cdc.get("/v1/reviews?state=open")))["reviews"]
    assert (review["subject_type"], review["subject_code"]) == ("unit", "LOCAL-COLD")
    verdict = {"verdict": "refuted", "reviewer": "王医生", "note": "复检阴性"}
    await ok(venues.cdc.post(f"/v1/reviews/{review['result_id']}", json=verdict))
    await venues.system.settle()
    assert {each["status"] for each in await venues.notices(kind="alert.positive")} == {"revoked"}
    assert await standing(venues) == before


@pytest.mark.requirement(24)
async def test_a_sample_without_a_person_is_legal_for_things_alone(venues: District) -> None:
    good = thing("T-1", "LOCAL-COLD", "item", "food", NOW)
    member = {"members": [{"health_code_id": "HC-000001"}]}
    for change, code in (
        (member, "thing_has_no_members"),
        ({"sample_kind": None}, "thing_needs_unit_and_kind"),
        ({"unit_code": None}, "thing_needs_unit_and_kind"),
        ({"subject": "person"}, "person_has_no_sample_kind"),
    ):
        refused = await venues.sampling.post("/v1/tubes", json=good | change)
        assert refused.status_code == 422
        assert code in {each["code"] for each in refused.json()["errors"]}, refused.text
    # A tube for people that names nobody gives nobody a result and fulfils no plan.
    nobody = {key: value for key, value in good.items() if key not in ("sample_kind", "unit_code")}
    await ok(
        venues.sampling.post("/v1/tubes", json=nobody | {"subject": "person", "unit_code": "LOCAL-COLD"})
    )
    receipt = await venues.post(row(NOW, tube_code="T-1"))
    await venues.system.settle()
    batch = await ok(venues.labs["LAB01"].get(receipt["links"]["self"]))
    assert (batch["unmatched"], batch["matched"]) == (1, 0)
    assert (await schedules(venues, "LOCAL-COLD"))["item"]["last_sampled_at"] is None
