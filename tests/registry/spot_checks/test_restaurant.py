"""Fixture 1: a restaurant with six workers, two without a record and four with one (rows 35-37)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from registry.findings import service as findings
from registry.ledger.jobs import samples_bound
from tests.registry.conftest import NOON
from tests.support.district import District, coded, person
from tests.support.world import bound

PLACE = {"unit_code": "U-1", "category_code": "LOCAL-CATERING", "enrolled_on": "2030-11-01"}


async def restaurant(district: District) -> None:
    """Four enrolled workers with one record each; two more at work whom nobody has enrolled."""
    await district.unit()
    await district.people(*(coded(n, **PLACE) for n in range(1, 5)), coded(5))
    for number, days in ((1, 1), (2, 7), (3, 8), (4, 12)):
        await district.negative(number, NOON - timedelta(days=days))


def visit(**more: Any) -> dict[str, Any]:
    by_number = [{key: person(n)[key] for key in ("id_type", "id_no", "name")} for n in (1, 2, 3, 5, 6)]
    return {"people": [*by_number, {"health_code_id": "HC-000004"}], **more}


async def told(district: District, name: str) -> list[dict[str, Any]]:
    """Return what notifier is sent under a message name."""
    import json

    rows = await district.system.owner.fetch("SELECT body FROM bus.message WHERE name = $1", name)
    return [json.loads(row["body"]) for row in rows]


@pytest.mark.requirement(37)
async def test_a_spot_check_counts_each_workers_records_and_says_who_is_wanting(district: District) -> None:
    await restaurant(district)
    made = await district.post("/v1/units/U-1/spot-checks", visit(), status=201)
    assert made["counts"] == {
        "found": 6, "not_registered": 1, "not_enrolled": 2, "without_record": 2, "with_one_record": 4,
        "without_valid_negative": 4, "coverage": 2, "frequency": 2,
    }  # fmt: skip
    shown = [
        (each["row"], each["registered"], each["enrolled"], each["records"], each["valid_negative"],
         each["reason"], each["since"])
        for each in made["people"]
    ]  # fmt: skip
    assert shown == [
        (1, True, True, 1, True, None, None),
        (2, True, True, 1, True, None, None),
        (3, True, True, 1, False, "overdue", "2030-11-19"),
        (4, True, False, 0, False, "not_enrolled", "2030-11-20"),
        (5, False, False, 0, False, "not_enrolled", "2030-11-20"),
        (6, True, True, 1, False, "overdue", "2030-11-15"),
    ]
    assert {each["name_masked"] for each in made["people"]} == {"张*"}
    assert (made["rejected"], made["errors"]) == (0, [])


@pytest.mark.requirement(35)
async def test_a_finding_names_its_kind_its_people_and_its_period_and_notifier_hears_of_it(
    district: District,
) -> None:
    await restaurant(district)
    made = await district.post("/v1/units/U-1/spot-checks", visit())
    kinds = {each["kind"]: each for each in made["findings"]}
    assert {kind: (f["period_from"], f["period_to"]) for kind, f in kinds.items()} == {
        "coverage": ("2030-11-20", "2030-11-20"),
        "frequency": ("2030-11-15", "2030-11-20"),
    }
    named = await district.get(f"/v1/findings/{kinds['frequency']['finding_id']}")
    assert sorted((p["health_code_id"], p["reason"], p["due_state"]) for p in named["people"]) == [
        ("HC-000003", "overdue", "overdue"),
        ("HC-000004", "overdue", "overdue"),
    ]
    assert (named["finding"]["unit_code"], named["finding"]["open"]) == ("U-1", 2)
    heard = {message["kind"]: message for message in await told(district, "finding.recorded")}
    assert {kind: len(message["people"]) for kind, message in heard.items()} == {
        "coverage": 2,
        "frequency": 2,
    }
    assert [p["health_code_id"] for p in heard["coverage"]["people"]] == ["HC-000005", None]
    assert "张伟" not in str(heard)
    listed = await district.get("/v1/findings", kind="coverage", source="spot_check", unit_code="U-1")
    assert [each["finding_id"] for each in listed["findings"]] == [kinds["coverage"]["finding_id"]]
    assert (await district.get("/v1/findings", state="closed"))["findings"] == []


@pytest.mark.requirement(36)
@pytest.mark.requirement(37)
async def test_the_two_are_enrolled_at_once_with_date_and_by_whom(district: District) -> None:
    await restaurant(district)
    made = await district.post("/v1/units/U-1/spot-checks", visit())
    clerk = await district.system.client("registry", scopes=["admin"], client_id="clerk-1")
    path = f"/v1/spot-checks/{made['spot_check_id']}/enrolments"
    answer = await clerk.post(path, json={"category_code": "LOCAL-CATERING"})
    assert answer.status_code == 200, answer.text
    done = answer.json()
    assert (done["enrolled"], done["rejected"]) == (2, 0)
    rows = {each["row"]: each for each in done["check"]["people"]}
    assert {n: rows[n]["enrolled_by"] for n in rows} == {
        1: None, 2: None, 3: None, 4: "clerk-1", 5: "clerk-1", 6: None,
    }  # fmt: skip
    assert rows[5]["person_id"] is not None
    assert (rows[5]["registered"], rows[5]["records"]) == (False, 0)  # as it was found
    history = await district.get(f"/v1/people/{rows[5]['person_id']}/history")
    [stay] = [each for each in history["entries"] if each["what"] == "stay"]
    assert (stay["details"]["enrolled_on"], stay["recorded_by"]) == ("2030-11-20", "clerk-1")
    again = (await clerk.post(path, json={"category_code": "LOCAL-CATERING"})).json()
    assert (again["enrolled"], again["rejected"]) == (0, 0)
    listed = (await district.get("/v1/units/U-1/people"))["people"]
    assert len(listed) == 6


@pytest.mark.requirement(37)
async def test_a_finding_ends_when_everybody_was_enrolled_and_tested(district: District) -> None:
    await restaurant(district)
    made = await district.post("/v1/units/U-1/spot-checks", visit())
    await district.post(
        f"/v1/spot-checks/{made['spot_check_id']}/enrolments", {"category_code": "LOCAL-CATERING"}
    )
    coverage = next(each["finding_id"] for each in made["findings"] if each["kind"] == "coverage")
    assert (await district.get(f"/v1/findings/{coverage}"))["finding"]["open"] == 2
    context = district.system.context("registry")
    newcomer = made["people"][4]
    assert newcomer["person_id"] is None
    [sixth] = await district.system.owner.fetch(
        "SELECT person_id FROM registry.spot_check_person WHERE row = 5"
    )
    await district.patch(f"/v1/people/{sixth['person_id']}", {"health_code_id": "HC-000006"})
    await district.negative(5, NOON)
    await district.negative(6, NOON)
    await district.system.set_clock(NOON + timedelta(minutes=5))
    async with context.db.transaction() as session:
        await findings.look_again(session, context)
    ended = await district.get(f"/v1/findings/{coverage}")
    assert ended["finding"]["state"] == "closed"
    assert {each["outcome"] for each in ended["people"]} == {"tested"}
    assert [each["state"] for each in await told(district, "finding.ended")] == ["closed"]
    frequency = await district.get("/v1/findings", kind="frequency")
    assert [each["state"] for each in frequency["findings"]] == ["open"]


async def test_a_sample_under_test_puts_nobody_right_before_its_result(district: District) -> None:
    await restaurant(district)
    made = await district.post("/v1/units/U-1/spot-checks", visit())
    place = {"category_code": "LOCAL-CATERING", "rows": [{"row": 4}]}
    await district.post(f"/v1/spot-checks/{made['spot_check_id']}/enrolments", place)
    fifth = UUID((await district.found(5))["person_id"])
    context = district.system.context("registry")
    async with context.db.transaction() as session:
        await samples_bound(session, bound(fifth, collected_at=NOON), context)
    assert (await district.status(5))["due_state"] == "due_soon"
    coverage = next(each["finding_id"] for each in made["findings"] if each["kind"] == "coverage")
    for arrives, still_open in ((False, 2), (True, 1)):
        if arrives:
            await district.negative(5, NOON)
        async with context.db.transaction() as session:
            await findings.settle(session, context, finding_id=UUID(coverage), now=NOON)
        assert (await district.get(f"/v1/findings/{coverage}"))["finding"]["open"] == still_open


async def test_who_left_or_is_exempt_owes_no_test_any_more(district: District) -> None:
    await restaurant(district)
    await district.post("/v1/units/U-1/spot-checks", visit())
    path = f"/v1/people/{(await district.found(3))['person_id']}/exemptions"
    await district.post(path, {"kind": "leave", "from": "2030-11-20", "to": "2030-11-30", "reason": "病假"})
    await district.people(coded(4, unit_code="U-1", category_code="LOCAL-CATERING", left_on="2030-11-20"))
    await district.system.set_clock(NOON + timedelta(minutes=5))
    context = district.system.context("registry")
    async with context.db.transaction() as session:
        await findings.look_again(session, context)
    [ended] = (await district.get("/v1/findings", kind="frequency"))["findings"]
    assert ended["state"] == "closed"
