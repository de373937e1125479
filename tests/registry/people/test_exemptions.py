"""Exemptions, leave and suspension."""

from datetime import timedelta

import pytest

from tests.registry.conftest import NOON
from tests.support.district import District, coded


async def enrolled(district: District) -> str:
    await district.unit()
    await district.people(coded(1, unit_code="U-1", category_code="8A1", enrolled_on="2030-11-01"))
    return f"/v1/people/{(await district.found())['person_id']}/exemptions"


async def test_leave_lifts_the_duty_on_both_its_days_and_no_longer(district: District) -> None:
    path = await enrolled(district)
    leave = {"kind": "leave", "from": "2030-11-20", "to": "2030-11-21", "reason": "产假"}
    made = await district.post(path, leave, status=201)
    assert {name: made[name] for name in leave} == leave
    for days, state in ((0, "not_required"), (1, "not_required"), (2, "never_tested")):
        await district.system.set_clock(NOON + timedelta(days=days))
        assert (await district.status())["due_state"] == state


async def test_the_same_exemption_again_is_the_same(district: District) -> None:
    path = await enrolled(district)
    leave = {"kind": "exempt", "from": "2030-11-20", "to": "2030-11-25", "reason": "孕期"}
    first = await district.post(path, leave, status=201)
    assert (await district.post(path, leave, status=200))["exemption_id"] == first["exemption_id"]
    assert len((await district.get(path))["exemptions"]) == 1


@pytest.mark.requirement(33)
async def test_who_is_suspended_keeps_the_duty_and_is_not_cleared(district: District) -> None:
    path = await enrolled(district)
    await district.negative(1, NOON - timedelta(days=1))
    assert (await district.status())["clearance"]["allowed"] is True
    await district.post(
        path, {"kind": "suspended", "from": "2030-11-20", "to": "2030-11-20", "reason": "停岗"}
    )
    status = await district.status()
    assert status["clearance"]["allowed"] is False
    assert status["clearance"]["reasons"] == ["suspended"]
    assert status["due_on"] == "2030-11-26"


async def test_a_cancelled_exemption_ends_with_yesterday(district: District) -> None:
    path = await enrolled(district)
    begun = await district.post(
        path, {"kind": "leave", "from": "2030-11-18", "to": "2030-11-30", "reason": "病假"}
    )
    coming = await district.post(
        path, {"kind": "leave", "from": "2030-12-18", "to": "2030-12-30", "reason": "病假"}
    )
    for made in (begun, coming):
        assert (await district.http.delete(f"{path}/{made['exemption_id']}")).status_code == 204
    left = (await district.get(path))["exemptions"]
    assert [(each["from"], each["to"]) for each in left] == [("2030-11-18", "2030-11-19")]
    assert (await district.status())["due_state"] == "never_tested"
    assert (await district.http.delete(f"{path}/{coming['exemption_id']}")).status_code == 404
    assert (await district.http.delete(f"{path}/{begun['exemption_id']}")).status_code == 409


async def test_an_exemption_may_be_shortened_and_what_stood_is_kept(district: District) -> None:
    path = await enrolled(district)
    made = await district.post(
        path, {"kind": "leave", "from": "2030-11-18", "to": "2030-11-30", "reason": "病假"}
    )
    one = f"{path}/{made['exemption_id']}"
    assert (await district.patch(one, {"to": "2030-11-19"}))["to"] == "2030-11-19"
    assert (await district.status())["due_state"] == "never_tested"
    kept = await district.system.owner.fetchrow("SELECT change, to_on FROM registry.exemption_history")
    assert (kept["change"], str(kept["to_on"])) == ("changed", "2030-11-30")
    assert (await district.patch(one, {"to": "2030-11-01"}, status=422))["code"] == "days_reversed"


async def test_a_reason_is_kept_sealed(district: District) -> None:
    path = await enrolled(district)
    await district.post(
        path, {"kind": "leave", "from": "2030-11-18", "to": "2030-11-30", "reason": "化疗住院"}
    )
    stored = await district.system.owner.fetchval("SELECT e::text FROM registry.exemption e")
    assert "化疗住院".encode().hex() not in stored
    assert (await district.found())["exemptions"][0]["reason"] == "化疗住院"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"kind": "holiday"}, "not_allowed"),
        ({"from": "2030-11-31"}, "day_malformed"),
        ({"to": "2030-11-19"}, "days_reversed"),
        ({"reason": ""}, "too_short"),
        ({"reason": None}, "wrong_type"),
        ({"from_": "2030-11-20"}, "unknown_field"),
    ],
)
async def test_a_malformed_exemption_is_refused(
    district: District, fields: dict[str, object], code: str
) -> None:
    path = await enrolled(district)
    leave = {"kind": "leave", "from": "2030-11-20", "to": "2030-11-21", "reason": "x"}
    problem = await district.post(path, {**leave, **fields}, status=422)
    assert code in {problem["code"], *(error["code"] for error in problem["errors"])}


async def test_nobody_can_be_exempted_who_is_not_known(district: District) -> None:
    leave = {"kind": "leave", "from": "2030-11-20", "to": "2030-11-21", "reason": "x"}
    path = "/v1/people/00000000-0000-7000-8000-000000000000/exemptions"
    await district.post(path, leave, status=404)


async def test_exemptions_may_lie_upon_each_other_and_all_their_days_hold(district: District) -> None:
    path = await enrolled(district)
    leave = {"kind": "leave", "from": "2030-11-20", "to": "2030-11-20", "reason": "病假"}
    await district.post(path, leave, status=201)
    await district.post(path, {**leave, "to": "2030-11-25"}, status=201)
    await district.post(path, {**leave, "kind": "suspended"}, status=201)
    await district.system.set_clock(NOON + timedelta(days=3))
    assert (await district.status())["due_state"] == "not_required"


@pytest.mark.settings(exemption_longest_days=366)
async def test_an_exemption_has_an_end_and_where_a_bound_is_set_not_a_far_one(district: District) -> None:
    path = await enrolled(district)
    leave = {"kind": "exempt", "from": "2030-11-20", "reason": "孕期"}
    problem = await district.post(path, leave, status=422)
    assert [(e["field"], e["code"]) for e in problem["errors"]] == [("to", "field_required")]
    problem = await district.post(path, {**leave, "to": "2031-11-21"}, status=422)
    assert [(e["field"], e["code"]) for e in problem["errors"]] == [("to", "exemption_too_long")]
    made = await district.post(path, {**leave, "to": "2031-11-20"}, status=201)
    problem = await district.patch(f"{path}/{made['exemption_id']}", {"from": "2030-11-19"}, status=422)
    assert problem["errors"][0]["code"] == "exemption_too_long"
