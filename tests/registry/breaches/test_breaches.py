"""Which units are in breach of a week, at the end of its Sunday, judged once (contract §6)."""

from datetime import timedelta
from typing import Any

import pytest

from registry.breaches import service
from tests.registry.breaches.weeks import (
    CATEGORY,
    MONDAY,
    SUNDAY,
    WEEK,
    ago,
    breaches,
    evaluate,
    excused,
    run,
    told,
    unit,
)
from tests.registry.conftest import NOON
from tests.registry.figures.scene import sampled
from tests.registry.figures.test_against_lists import some_district
from tests.registry.shares.test_missed import look
from tests.support.district import District, coded, person

ENROLLED = {"unit_code": "ENROLLED", "category_code": CATEGORY}


async def frequency(district: District) -> None:
    """Plant units whose people were tested once, each on the day that its name is about."""
    tested = {"LATE": ago(10), "DUE-SUNDAY": SUNDAY - timedelta(days=7), "REPAIRED": ago(20), "AWAY": ago(20),
              "SUSPENDED": ago(20), "LEFT": ago(20), "LEAVES": ago(20), "CLOSED": ago(20)}  # fmt: skip
    for number, (code, at) in enumerate(tested.items(), start=1):
        await unit(district, code, number)
        await district.negative(number, at)
    await district.negative(3, SUNDAY)
    await excused(district, 4, "leave")
    await excused(district, 5, "suspended")
    for number, code, day in ((6, "LEFT", "2030-11-24"), (7, "LEAVES", "2030-11-25")):
        row = coded(number, unit_code=code, category_code=CATEGORY, enrolled_on="2030-10-01", left_on=day)
        await district.people(row)
    await district.patch("/v1/units/CLOSED", {"closed_on": "2030-11-24"})


async def coverage(district: District) -> None:
    """Plant units with people who were never tested, or found at work and enrolled by nobody."""
    await unit(district, "NEVER", 21)
    await unit(district, "NEW", 22, since="2030-11-24")
    await unit(district, "UNDER-TEST", 23, since="2030-11-24")
    await sampled(district, 23, SUNDAY)
    await unit(district, "NEXT-WEEK", 24, since="2030-11-25")
    for code, number in (("FOUND", 25), ("ENROLLED", 26), ("ENROLLED-LATE", 27)):
        await unit(district, code)
        await district.people(coded(number))
        await district.post(
            f"/v1/units/{code}/spot-checks", {"people": [{"health_code_id": f"HC-{number:06d}"}]}
        )
    stranger = {key: person(99)[key] for key in ("id_type", "id_no", "name")}
    await district.post(
        "/v1/units/FOUND/spot-checks", {"people": [stranger, {"health_code_id": "HC-000025"}]}
    )
    await district.people(coded(26, **ENROLLED, enrolled_on="2030-11-20"))
    await district.negative(26, ago(0))
    late = {**ENROLLED, "unit_code": "ENROLLED-LATE"}
    await district.people(coded(27, **late, enrolled_on="2030-11-25"))


@pytest.mark.requirement(35, 97)
async def test_the_first_evaluation_of_a_week_names_each_unit_in_breach_and_why(district: District) -> None:
    await district.system.set_clock(SUNDAY)
    await frequency(district)
    await coverage(district)
    await evaluate(district, SUNDAY + timedelta(hours=11, minutes=59))
    assert await told(district) == []  # the Sunday is not over: this one judged the week before

    shown = await evaluate(district, MONDAY)
    found = await breaches(district, week=WEEK)
    assert {code: each["kinds"] for code, each in found.items()} == {
        "LATE": ["frequency"], "SUSPENDED": ["frequency"], "LEAVES": ["frequency"],
        "NEVER": ["coverage"], "NEW": ["coverage"], "FOUND": ["coverage"], "ENROLLED-LATE": ["coverage"],
    }  # fmt: skip
    assert {each["week"] for each in found.values()} == {WEEK}
    counts = ("overdue", "never_tested", "not_enrolled", "people")
    assert [found["FOUND"][name] for name in counts] == [0, 0, 2, 2]
    assert [found["LATE"][name] for name in counts] == [1, 0, 0, 1]
    detail = await district.get(f"/v1/breaches/{found['FOUND']['breach_id']}")
    assert [(p["reason"], p["since"], p["name_masked"]) for p in detail["people"]] == [
        ("not_enrolled", "2030-11-24", "张*"), ("not_enrolled", "2030-11-24", "张*")]  # fmt: skip
    assert {p["health_code_id"] for p in detail["people"]} == {"HC-000025", None}
    read = "SELECT rows FROM registry.audit WHERE action = 'breach.read'"
    assert await district.system.owner.fetchval(read) == 2

    heard = {each["unit_code"]: each for each in await told(district)}
    assert heard.keys() == found.keys()
    late = heard["LATE"]
    assert (late["week"], late["kinds"], late["people_total"]) == (WEEK, ["frequency"], 1)
    assert (late["township_code"], late["department_code"]) == ("TOWN-01", None)
    (named,) = late["people"]
    assert (named["reason"], named["since"], named["category_code"]) == ("overdue", "2030-11-18", CATEGORY)
    assert (named["health_code_id"], late["breach_id"]) == ("HC-000001", found["LATE"]["breach_id"])
    assert "张伟" not in str(heard)
    (judged,) = await told(district, "week.judged")
    assert (judged["week"], judged["units"], judged["breached"]) == (WEEK, 14, 7)
    assert judged["evaluation_id"] == shown["evaluation_id"]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_the_people_of_a_week_are_those_of_the_overdue_list_on_its_sunday(
    district: District, seed: int
) -> None:
    await some_district(district, seed)
    await district.system.set_clock(SUNDAY + timedelta(hours=11, minutes=59, seconds=50))
    listed = (await district.get("/v1/overdue", limit=1000))["people"]
    await evaluate(district, MONDAY)
    judged = set()
    for code, each in (await breaches(district)).items():
        detail = await district.get(f"/v1/breaches/{each['breach_id']}", limit=1000)
        judged |= {(code, p["person_id"], p["reason"]) for p in detail["people"]}
    obvious = {(p["unit_code"], p["person_id"], p["due_state"]) for p in listed if p["unit_code"]}
    assert judged == obvious
    assert len(judged) > 3


async def test_asked_again_for_another_day_or_killed_in_the_midst_a_week_is_told_once(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(1, 6):
        await unit(district, f"U-{number}", number)
    monkeypatch.setattr(service, "UNITS_A_STEP", 2)
    whole, steps = service._write, iter(range(9))

    async def killed(*given: Any, **more: Any) -> None:
        await whole(*given, **more)
        if next(steps) == 1:
            raise RuntimeError

    monkeypatch.setattr(service, "_write", killed)
    await evaluate(district, MONDAY)
    once = await told(district)
    assert sorted(each["unit_code"] for each in once) == [f"U-{number}" for number in range(1, 6)]
    assert [each["breached"] for each in await told(district, "week.judged")] == [5]

    for day in (None, MONDAY - timedelta(days=1), ago(7)):
        await evaluate(district, as_of=day)
    await evaluate(district, MONDAY + timedelta(days=3))
    await run(district)
    assert await told(district) == once
    assert len(await told(district, "week.judged")) == 1


async def test_weeks_that_a_stopped_system_slept_through_are_not_judged_but_the_last(
    district: District,
) -> None:
    await unit(district, "U-1", 1)
    await evaluate(district, MONDAY + timedelta(days=16))
    assert {each["week"] for each in (await district.get("/v1/breaches"))["breaches"]} == {"2030-12-02"}
    await evaluate(district, MONDAY + timedelta(days=21))
    listed = (await district.get("/v1/breaches", limit=1))["breaches"]
    assert [each["week"] for each in listed] == ["2030-12-09"]
    (one,) = (await district.get("/v1/breaches", week="2030-12-05"))["breaches"]
    assert one["week"] == "2030-12-02"
    assert (await district.get("/v1/breaches", week="2030-11-20"))["breaches"] == []


async def test_a_unit_answers_to_whom_it_belonged_on_the_sunday_and_is_seen_where_it_is_now(
    district: District,
) -> None:
    await district.department("DEPT-01")
    await district.department("DEPT-02")
    await unit(district, "U-1", 1, department_code="DEPT-01")
    await district.township("TOWN-02")
    await district.system.set_clock(MONDAY)
    await district.patch("/v1/units/U-1", {"township_code": "TOWN-02", "department_code": "DEPT-02"})
    await evaluate(district)
    (heard,) = await told(district)
    assert (heard["township_code"], heard["department_code"]) == ("TOWN-01", "DEPT-01")
    assert set(await breaches(district, department_code="DEPT-01")) == {"U-1"}
    assert await breaches(district, department_code="DEPT-02") == {}
    own, other = [
        await district.system.client("registry", scopes=["admin"], area_code=town, area_level="township")
        for town in ("TOWN-02", "TOWN-01")
    ]
    (seen,) = (await own.get("/v1/breaches")).json()["breaches"]
    assert (await other.get("/v1/breaches")).json()["breaches"] == []
    path = f"/v1/breaches/{seen['breach_id']}"
    assert [(await each.get(path)).status_code for each in (own, other)] == [200, 404]


@pytest.mark.settings(finding_look_seconds=1)
@pytest.mark.requirement(11)
async def test_a_share_that_was_missed_is_a_breach_until_a_sunday_ends_with_it_made_up(
    district: District,
) -> None:
    await look(district)
    rooms = {"SHORT": range(1, 5), "HOPING": range(11, 15)}
    for code, numbers in rooms.items():
        await district.unit(code, industry_code="8411")
        ward = {
            "unit_code": code,
            "category_code": "8A3",
            "department_in_unit": "骨科",
            "enrolled_on": "2030-10-01",
        }
        await district.people(*(coded(each, **ward) for each in numbers))
        for each in numbers:
            await district.negative(each, ago(6))  # in the week before: nobody is overdue
        await district.negative(numbers[0], NOON)
    await sampled(district, 12, SUNDAY + timedelta(hours=8))  # the second of four, still with its laboratory

    await evaluate(district, MONDAY)
    found = await breaches(district)
    assert {code: (each["kinds"], each["people"]) for code, each in found.items()} == {
        "SHORT": (["coverage"], 0)
    }
    (share,) = found["SHORT"]["shares"]
    assert (share["numerator"], share["denominator"], share["percent"]) == (1, 4, 50)
    (heard,) = await told(district)
    assert [each["finding_id"] for each in heard["shares"]] == [share["finding_id"]]

    await district.system.set_clock(MONDAY + timedelta(days=1, hours=12))
    await look(district)  # the laboratory never told: that share is missed after all, and is told of the once
    findings = (await district.get("/v1/findings", source="share"))["findings"]
    assert sorted(each["unit_code"] for each in findings) == ["HOPING", "SHORT"]
    for each in rooms["HOPING"]:
        await district.negative(each, MONDAY + timedelta(days=1))
    await look(district)
    await evaluate(district, MONDAY + timedelta(days=7))
    again = await breaches(district, week="2030-11-25")
    assert {code: (each["kinds"], each["overdue"]) for code, each in again.items()} == {
        "SHORT": (["coverage", "frequency"], 3)
    }
    assert [each["period_from"] for each in again["SHORT"]["shares"]] == ["2030-11-18", "2030-11-25"]
