"""Whether somebody was cleared at a moment gone by: as known then, and as known now."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.registry.conftest import NOON
from tests.support.district import District, coded

CATERING = {"unit_code": "U-1", "category_code": "LOCAL-CATERING", "enrolled_on": "2030-11-01"}


async def at(district: District, moment: datetime, number: int = 1, *, status: int = 200) -> Any:
    person_id = (await district.found(number))["person_id"]
    path = f"/v1/people/{person_id}/clearance"
    return await district.get(path, at=moment.isoformat(), status=status)


def told(held: dict[str, Any] | None) -> tuple[Any, ...] | None:
    if held is None:
        return None
    clearance = held["clearance"]
    return clearance["allowed"], clearance["reasons"], held["due_on"], held["due_state"]


@pytest.mark.requirement(33)
async def test_each_day_of_a_period_is_told_as_it_was(district: District) -> None:
    await district.unit()
    await district.people(coded(1, **CATERING))
    await district.negative(1, NOON)
    await district.system.set_clock(NOON + timedelta(days=20))
    midnight = datetime.fromisoformat("2030-11-28T00:00:00+08:00")
    for moment, expected in (
        (NOON + timedelta(hours=1), (True, [], "2030-11-27", "ok")),
        (NOON + timedelta(days=7), (True, [], "2030-11-27", "due_soon")),
        (midnight - timedelta(seconds=1), (True, [], "2030-11-27", "due_soon")),
        (midnight, (False, ["overdue"], "2030-11-27", "overdue")),
    ):
        shown = await at(district, moment)
        assert told(shown["known_then"]) == told(shown["known_now"]) == expected, moment
        assert shown["differs"] is False
    shown = await at(district, midnight)
    assert shown["known_then"]["rule"]["category_code"] == "LOCAL-CATERING"
    assert shown["known_then"]["sample"]["outcome"] == "negative"
    assert any("2030-11-27" in sentence for sentence in shown["known_then"]["sentences"]["zh"])


@pytest.mark.requirement(33)
async def test_a_result_that_came_late_was_not_known_then_and_counts_in_hindsight(district: District) -> None:
    await district.unit()
    await district.people(coded(1, **CATERING))
    await district.system.set_clock(NOON + timedelta(days=3))
    await district.negative(1, NOON - timedelta(hours=4))
    shown = await at(district, NOON + timedelta(hours=2))
    assert told(shown["known_then"]) == (False, ["never_tested"], "2030-11-01", "never_tested")
    assert told(shown["known_now"]) == (True, [], "2030-11-27", "ok")
    assert shown["differs"] is True


async def test_a_sample_taken_later_says_nothing_of_an_earlier_moment(district: District) -> None:
    await district.unit()
    await district.people(coded(1, **CATERING))
    await district.system.set_clock(NOON + timedelta(days=3))
    await district.negative(1, NOON + timedelta(days=2))
    shown = await at(district, NOON + timedelta(days=1))
    assert shown["known_now"]["clearance"]["reasons"] == ["never_tested"]
    assert shown["known_now"]["last_result"] is None


async def test_a_rule_holds_from_its_own_day_and_was_known_only_when_it_was_entered(
    district: District,
) -> None:
    await district.unit()
    await district.people(coded(1, **CATERING))
    await district.negative(1, NOON)
    await district.system.set_clock(NOON + timedelta(days=6))
    rule = {"effective_from": "2030-11-22", "shape": "every_n_days", "params": {"days": 3}}
    await district.post("/v1/categories/LOCAL-CATERING/rules", rule)
    before = await at(district, NOON + timedelta(days=1))
    assert told(before["known_now"]) == (True, [], "2030-11-27", "ok")
    after = await at(district, NOON + timedelta(days=4))
    assert told(after["known_then"]) == (True, [], "2030-11-27", "ok")
    assert told(after["known_now"]) == (False, ["overdue"], "2030-11-23", "overdue")


async def test_an_exemption_entered_afterwards_was_not_known_then(district: District) -> None:
    await district.unit()
    await district.people(coded(1, **CATERING))
    await district.system.set_clock(NOON + timedelta(days=5))
    path = f"/v1/people/{(await district.found(1))['person_id']}/exemptions"
    leave = {"kind": "leave", "from": "2030-11-20", "to": "2030-11-26", "reason": "病假"}
    made = await district.post(path, leave)
    shown = await at(district, NOON + timedelta(days=1))
    assert shown["known_then"]["due_state"] == "never_tested"
    assert shown["known_now"]["due_state"] == "not_required"
    assert shown["known_now"]["exemptions"][0]["kind"] == "leave"
    held = NOON + timedelta(days=5, hours=1)
    await district.system.set_clock(NOON + timedelta(days=6))
    assert (await district.http.delete(f"{path}/{made['exemption_id']}")).status_code == 204
    await district.system.set_clock(NOON + timedelta(days=8))
    assert (await at(district, held))["known_then"]["exemptions"] == [
        {"kind": "leave", "from_on": "2030-11-20", "to_on": "2030-11-26"}
    ]
    later = await at(district, NOON + timedelta(days=7))
    assert later["known_then"]["due_state"] == "never_tested"


async def test_who_had_not_been_registered_yet_was_not_known_at_all(district: District) -> None:
    await district.unit()
    await district.system.set_clock(NOON + timedelta(days=1))
    await district.people(coded(1, **CATERING))
    shown = await at(district, NOON)
    assert shown["known_then"] is None
    assert shown["known_now"]["clearance"]["reasons"] == ["never_tested"]
    assert shown["differs"] is True


async def test_a_stay_that_ended_before_another_began_still_holds_for_its_days(district: District) -> None:
    await district.unit()
    await district.people(coded(1, **CATERING))
    await district.people(coded(1, unit_code="U-1", category_code="LOCAL-CATERING", left_on="2030-11-20"))
    await district.system.set_clock(NOON + timedelta(days=10))
    await district.people(coded(1, unit_code="U-1", category_code="LOCAL-CATERING", enrolled_on="2030-11-28"))
    await district.system.set_clock(NOON + timedelta(days=11))
    for moment, stays in (
        (NOON - timedelta(days=5), [("2030-11-01", "2030-11-20")]),
        (NOON + timedelta(days=2), []),
        (NOON + timedelta(days=10), [("2030-11-28", None)]),
    ):
        shown = (await at(district, moment))["known_now"]["stays"]
        assert [(each["enrolled_on"], each["left_on"]) for each in shown] == stays, moment


async def test_a_corrected_vaccination_date_counts_from_when_it_was_known(district: District) -> None:
    await district.unit()
    await district.people(coded(1, unit_code="U-1", category_code="8A3", enrolled_on="2030-11-01"))
    await district.negative(1, NOON)
    await district.system.set_clock(NOON + timedelta(days=2))
    path = f"/v1/people/{(await district.found(1))['person_id']}"
    await district.patch(path, {"vaccination_completed_on": "2030-09-01"})
    await district.system.set_clock(NOON + timedelta(days=3))
    shown = await at(district, NOON + timedelta(days=1))
    assert shown["known_then"]["due_on"] == "2030-12-04"
    assert shown["known_now"]["due_on"] == "2030-12-20"


async def test_a_unit_that_moved_is_judged_where_it_lay_then(district: District) -> None:
    await district.unit()
    await district.township("TOWN-02")
    await district.people(coded(1, **CATERING))
    await district.negative(1, NOON)
    rule = {
        "effective_from": "2030-11-20", "effective_to": "2030-12-31", "area_code": "TOWN-01",
        "shape": "every_n_days", "params": {"days": 2},
    }  # fmt: skip
    await district.post("/v1/categories/LOCAL-CATERING/rules", rule)
    await district.system.set_clock(NOON + timedelta(days=2))
    await district.patch("/v1/units/U-1", {"township_code": "TOWN-02"})
    await district.system.set_clock(NOON + timedelta(days=3))
    assert (await at(district, NOON + timedelta(days=1)))["known_now"]["due_on"] == "2030-11-22"
    assert (await at(district, NOON + timedelta(days=3)))["known_now"]["due_on"] == "2030-11-27"


@pytest.mark.parametrize(
    ("moment", "code"),
    [
        ("2030-11-20T12:30:00+08:00", "time_in_future"),
        ("2030-11-20", "time_malformed"),
        ("2030-11-20T12:00:00", "time_naive"),
        ("2019-11-20T12:00:00+08:00", "time_before_2020"),
    ],
)
async def test_a_moment_that_cannot_be_asked_for_is_refused(
    district: District, moment: str, code: str
) -> None:
    await district.unit()
    await district.people(coded(1, **CATERING))
    path = f"/v1/people/{(await district.found(1))['person_id']}/clearance"
    problem = await district.get(path, at=moment, status=422)
    assert [(error["field"], error["code"]) for error in problem["errors"]] == [("at", code)]


async def test_another_areas_stay_decides_and_is_not_shown(district: District) -> None:
    await district.unit()
    await district.unit("U-2", township_code="TOWN-02")
    await district.people(
        coded(1, **CATERING), coded(1, unit_code="U-2", category_code="8A1", enrolled_on="2030-11-01")
    )
    town = await district.system.client(
        "registry", scopes=["records:read"], area_code="TOWN-02", area_level="township"
    )
    person_id = (await district.found(1))["person_id"]
    shown = (await town.get(f"/v1/people/{person_id}/clearance")).json()["known_now"]
    assert [each["unit_code"] for each in shown["stays"]] == ["U-2"]
    entries = (await town.get(f"/v1/people/{person_id}/history")).json()["entries"]
    stays = [each["details"]["unit_code"] for each in entries if each["what"] == "stay"]
    assert stays == ["U-2"]


async def test_who_entered_and_who_changed_what_is_listed_newest_first(district: District) -> None:
    await district.unit()
    clerk = await district.system.client("registry", scopes=["admin"], client_id="clerk-1")
    row = coded(1, **CATERING)
    await clerk.post("/v1/people/bulk", json={"people": [row]})
    path = f"/v1/people/{(await district.found(1))['person_id']}"
    await district.system.set_clock(NOON + timedelta(days=1))
    leave = {"kind": "leave", "from": "2030-11-22", "to": "2030-11-23", "reason": "病假"}
    made = await district.post(f"{path}/exemptions", leave)
    await district.system.set_clock(NOON + timedelta(days=2))
    second = await district.system.client("registry", scopes=["admin"], client_id="clerk-2")
    await second.patch(f"{path}/exemptions/{made['exemption_id']}", json={"to": "2030-11-22"})
    await second.patch(path, json={"health_code_id": "HC-000009", "vaccination_completed_on": "2030-09-01"})
    await second.post(
        "/v1/people/bulk", json={"people": [{**row, "health_code_id": "HC-000009", "left_on": "2030-11-22"}]}
    )
    first = await district.get(f"{path}/history", limit=3)
    rest = await district.get(f"{path}/history", limit=100, cursor=first["next_cursor"])
    entries = first["entries"] + rest["entries"]
    assert rest["next_cursor"] is None
    told_of = [(each["what"], each["recorded_by"], each["superseded_by"], each["change"]) for each in entries]
    admin = next(each["recorded_by"] for each in entries if each["change"] == "changed"
                 and each["what"] == "exemption")  # fmt: skip
    assert sorted(told_of, key=str) == sorted(
        [
            ("stay", "clerk-2", None, None),
            ("stay", "clerk-1", "clerk-2", "changed"),
            ("exemption", "clerk-2", None, None),
            ("exemption", admin, "clerk-2", "changed"),
            ("vaccination", "clerk-2", None, None),
            ("vaccination", "clerk-1", "clerk-2", "changed"),
            ("health_code", "clerk-2", None, None),
            ("health_code", "clerk-1", "clerk-2", "replaced"),
        ],
        key=str,
    )
    times = [each["recorded_at"] for each in entries]
    assert times == sorted(times, reverse=True)
    stay = next(each for each in entries if each["what"] == "stay" and each["change"] == "changed")
    assert stay["details"]["left_on"] is None


async def test_what_was_entered_cannot_be_rewritten(district: District) -> None:
    await district.unit()
    await district.people(coded(1, **CATERING))
    await district.people(coded(1, unit_code="U-1", category_code="LOCAL-CATERING", left_on="2030-11-20"))
    for statement in (
        "UPDATE registry.enrolment_history SET left_on = NULL",
        "DELETE FROM registry.enrolment_history",
    ):
        with pytest.raises(Exception, match="append-only"):
            await district.system.owner.execute(statement)


@pytest.mark.requirement(31)
async def test_leaving_a_risk_area_asks_for_a_negative_of_seven_days_whatever_the_duty(
    district: District,
) -> None:
    await district.people(coded(1))
    path = f"/v1/people/{(await district.found())['person_id']}/clearance"
    none = {"days": 7, "sampled_on": None, "allowed": False}
    assert (await district.get(path, within_days=7))["window"] == none
    await district.negative(1, NOON)
    await district.system.set_clock(NOON + timedelta(days=7))
    held = {"days": 7, "sampled_on": "2030-11-20", "allowed": True}
    assert (await district.get(path, within_days=7))["window"] == held
    await district.system.set_clock(NOON + timedelta(days=8))
    assert (await district.get(path, within_days=7))["window"]["allowed"] is False
    assert (await district.get(path))["window"] is None


async def quarantined(district: District) -> str:
    """Put the first person in quarantine at nine; return the path of the event."""
    await district.people(coded(1))
    person_id = (await district.found(1))["person_id"]
    event = {"kind": "quarantine", "at": NOON.replace(hour=9).isoformat()}
    made = await district.post(f"/v1/people/{person_id}/events", event)
    return f"/v1/events/{made['event_id']}"


@pytest.mark.requirement(33)
async def test_an_event_taken_back_later_still_held_at_the_moments_before_it(district: District) -> None:
    path = await quarantined(district)
    await district.system.set_clock(NOON + timedelta(days=2))
    await district.post(f"{path}/cancellation", {"reason": "未到达"}, status=200)
    for before in (timedelta(hours=1), timedelta(days=1)):
        shown = await at(district, NOON + timedelta(days=2) - before)
        assert "suspended" in shown["known_then"]["clearance"]["reasons"], before
    today = await at(district, NOON + timedelta(days=2) - timedelta(hours=1))
    assert (today["known_now"]["clearance"]["reasons"], today["differs"]) == ([], True)


@pytest.mark.requirement(33)
async def test_an_event_that_was_moved_was_known_at_its_first_time_then(district: District) -> None:
    path = await quarantined(district)
    await district.system.set_clock(NOON + timedelta(days=1))
    moved = (NOON + timedelta(days=1)).replace(hour=8).isoformat()
    await district.patch(path, {"at": moved})
    shown = await at(district, NOON + timedelta(hours=1))
    assert shown["known_then"]["clearance"]["reasons"] == ["suspended", "never_tested"]
    assert shown["known_now"]["clearance"]["reasons"] == []
    person_id = (await district.found(1))["person_id"]
    entries = (await district.get(f"/v1/people/{person_id}/history"))["entries"]
    versions = [each for each in entries if each["what"] == "event"]
    assert [(each["details"]["at"], each["change"]) for each in versions] == [
        (moved, None),
        (NOON.replace(hour=9).isoformat(), "changed"),
    ]
    assert versions[0]["recorded_at"] == versions[1]["superseded_at"]
    assert versions[0]["recorded_by"] == versions[1]["superseded_by"] is not None
