"""Contract §4: a status as the platform reads it, field by field, while the clock stands still."""

import re
from datetime import datetime, timedelta

import pytest

from tests.contract.office import STATUS, Office, ok, problem, text

pytestmark = pytest.mark.asyncio(loop_scope="module")

QUERY = "/v1/statuses/query"


async def test_a_status_has_exactly_the_fields_of_the_page(office: Office) -> None:
    code = await office.on_duty()
    at = office.now - timedelta(hours=3)
    tube = await office.sample(code, at=at)
    await office.resulted(tube, tested_at=at + timedelta(hours=2))
    status = await office.status(code)
    assert set(status) == STATUS
    assert set(status["clearance"]) == {"allowed", "reasons", "until"}
    assert set(status["last_result"]) == {
        "outcome", "mode", "collected_at", "tested_at", "reported_at", "lab_code", "reviewed",
    }  # fmt: skip
    last = status["last_result"]
    assert (last["outcome"], last["mode"], last["lab_code"]) == ("negative", "single", "LAB01")
    assert last["reviewed"] is False
    assert datetime.fromisoformat(last["collected_at"]) == at
    assert datetime.fromisoformat(last["tested_at"]) == at + timedelta(hours=2)
    due_on = str(at.date() + timedelta(days=7))
    assert (status["display"], status["due_on"], status["due_state"]) == ("negative", due_on, "ok")
    assert status["clearance"] == {"allowed": True, "reasons": [], "until": due_on}
    assert status["pending_since"] is None
    assert isinstance(status["version"], int)


async def test_times_carry_an_offset_and_as_of_is_the_business_now(office: Office) -> None:
    code = await office.on_duty()
    await office.tested(code, at=office.now - timedelta(hours=2))
    status = await office.status(code)
    last = status["last_result"]
    for moment in (
        status["as_of"], status["changed_at"], last["collected_at"], last["tested_at"], last["reported_at"],
    ):  # fmt: skip
        assert re.search(r"(Z|[+-]\d\d:\d\d)$", moment), moment
    assert office.now <= datetime.fromisoformat(status["as_of"]) < office.now + timedelta(minutes=5)
    assert datetime.fromisoformat(status["changed_at"]) <= datetime.fromisoformat(status["as_of"])


async def test_somebody_without_anything_shows_none(office: Office) -> None:
    status = await office.status(await office.somebody())
    assert set(status) == STATUS
    assert (status["display"], status["last_result"], status["pending_since"]) == ("none", None, None)


@pytest.mark.parametrize("code", ["HC-UNKNOWN", "x", "a.b", "%E4%B8%AD%E6%96%87%E5%AD%97%E5%AD%97"])
async def test_an_unknown_person_is_404(office: Office, code: str) -> None:
    problem(await office.platform.get(f"/v1/statuses/{code}"), 404)


async def test_pending_comes_before_none_and_beside_a_negative(office: Office) -> None:
    code = await office.somebody()
    old, new = office.now - timedelta(hours=30), office.now - timedelta(hours=3)
    await office.sample(code, at=new)
    await office.sample(code, at=old)
    await office.system.settle()
    status = await office.status(code)
    assert status["display"] == "pending"
    assert datetime.fromisoformat(status["pending_since"]) == old
    negative = await office.on_duty()
    await office.tested(negative, at=office.now - timedelta(hours=40))
    await office.sample(negative, at=new)
    await office.system.settle()
    status = await office.status(negative)
    assert status["display"] == "negative"
    assert datetime.fromisoformat(status["pending_since"]) == new
    assert status["clearance"]["allowed"] is True


async def test_an_invalid_result_is_none_and_changes_nothing(office: Office) -> None:
    code, plain = await office.on_duty(), await office.on_duty()
    await office.tested(code, at=office.now - timedelta(hours=30))
    for each in (code, plain):
        tube = await office.sample(each, at=office.now - timedelta(hours=3))
        await office.system.settle()
        before = await office.status(each)
        await office.resulted(tube, outcome="invalid", tested_at=office.now - timedelta(hours=1))
        after = await office.status(each)
        for field in ("display", "last_result", "due_on", "due_state", "clearance"):
            assert after[field] == before[field], field


@pytest.mark.parametrize("outcome", ["positive", "indeterminate"])
async def test_a_single_one_is_under_recheck_until_reviewed(office: Office, outcome: str) -> None:
    code = await office.on_duty()
    await office.tested(code, at=office.now - timedelta(hours=9))
    result_id = await office.tested(code, at=office.now - timedelta(hours=3), outcome=outcome)
    status = await office.status(code)
    assert status["display"] == "under_recheck"
    assert (status["last_result"]["outcome"], status["last_result"]["reviewed"]) == (outcome, False)
    assert status["clearance"] == {"allowed": False, "reasons": ["under_recheck"], "until": None}
    await office.reviewed(result_id, "confirmed")
    status = await office.status(code)
    assert status["display"] == "positive"
    assert status["last_result"]["reviewed"] is True
    assert status["clearance"] == {"allowed": False, "reasons": ["positive"], "until": None}


async def test_a_refuted_one_counts_as_negative(office: Office) -> None:
    code = await office.on_duty()
    at = office.now - timedelta(hours=3)
    await office.reviewed(await office.tested(code, at=at, outcome="positive"), "refuted")
    status = await office.status(code)
    assert status["display"] == "negative"
    assert status["due_on"] == str(at.date() + timedelta(days=7))
    assert status["clearance"]["allowed"] is True
    assert status["last_result"]["reviewed"] is True


async def test_one_without_a_duty_is_not_cleared_while_under_recheck(office: Office) -> None:
    code = await office.somebody()
    result_id = await office.tested(code, at=office.now - timedelta(hours=3), outcome="positive")
    status = await office.status(code)
    assert (status["due_state"], status["due_on"]) == ("not_required", None)
    assert status["clearance"] == {"allowed": False, "reasons": ["under_recheck"], "until": None}
    await office.reviewed(result_id, "confirmed")
    assert (await office.status(code))["clearance"]["reasons"] == ["positive"]


async def test_a_later_negative_does_not_lift_a_positive_and_a_released_one_is_lifted(office: Office) -> None:
    code = await office.on_duty()
    result_id = await office.tested(code, at=office.now - timedelta(hours=30), outcome="positive")
    await office.reviewed(result_id, "confirmed")
    await office.tested(code, at=office.now - timedelta(hours=3))
    assert (await office.status(code))["display"] == "positive"
    await office.reviewed(result_id, "released")
    assert (await office.status(code))["display"] == "negative"


async def test_a_negative_pool_gives_everybody_a_mixed_negative(office: Office) -> None:
    codes = [await office.on_duty() for _ in range(3)]
    await office.tested(*codes, at=office.now - timedelta(hours=3))
    for code in codes:
        status = await office.status(code)
        assert (status["display"], status["last_result"]["mode"]) == ("negative", "mixed")
        assert status["clearance"]["allowed"] is True


async def test_antigen_and_antibody_change_nothing_but_a_positive_antigen_asks_for_a_recheck(
    office: Office,
) -> None:
    code = await office.on_duty()
    await office.tested(code, at=office.now - timedelta(hours=9))
    before = await office.status(code)
    for kind, outcome in (("antigen", "negative"), ("antibody", "positive"), ("antigen", "positive")):
        tube = await office.sample(code, at=office.now - timedelta(hours=2))
        await office.resulted(
            tube, outcome=outcome, tested_at=office.now - timedelta(hours=1), test_kind=kind
        )
        status = await office.status(code)
        assert (status["due_on"], status["last_result"]) == (before["due_on"], before["last_result"])
        shown = "under_recheck" if (kind, outcome) == ("antigen", "positive") else "negative"
        assert status["display"] == shown
    await office.tested(code, at=office.now - timedelta(hours=1))
    assert (await office.status(code))["display"] == "negative"


@pytest.mark.parametrize("outcome", ["positive", "indeterminate"])
async def test_a_pool_that_is_not_negative_makes_nobody_positive(office: Office, outcome: str) -> None:
    fresh, tested = await office.on_duty(), await office.on_duty()
    await office.tested(tested, at=office.now - timedelta(days=2))
    before = await office.status(tested)
    await office.tested(fresh, tested, at=office.now - timedelta(hours=3), outcome=outcome)
    status = await office.status(fresh)
    assert (status["display"], status["last_result"]) == ("under_recheck", None)
    assert status["due_state"] in {"never_tested", "due_soon"}
    assert "under_recheck" in status["clearance"]["reasons"]
    status = await office.status(tested)
    assert (status["display"], status["due_on"]) == ("under_recheck", before["due_on"])
    assert status["last_result"] == before["last_result"]
    assert status["clearance"] == {"allowed": False, "reasons": ["under_recheck"], "until": None}


async def test_the_newest_sample_decides_in_whatever_order_results_come(office: Office) -> None:
    code = await office.on_duty()
    new, old = office.now - timedelta(hours=5), office.now - timedelta(days=4)
    await office.tested(code, at=new)
    await office.tested(code, at=old)
    status = await office.status(code)
    assert datetime.fromisoformat(status["last_result"]["collected_at"]) == new
    assert status["due_on"] == str(new.date() + timedelta(days=7))


@pytest.mark.parametrize(
    ("category", "days_ago", "due_in", "state"),
    [
        ("8A1", 7, 0, "due_soon"),
        ("8A1", 5, 2, "due_soon"),
        ("8A1", 4, 3, "ok"),
        ("8A1", 8, -1, "overdue"),
        ("LOCAL-CONTAINER", 2, 1, "due_soon"),
        ("LOCAL-CONTAINER", 1, 2, "ok"),
        ("LOCAL-CONTAINER", 4, -1, "overdue"),
        ("8A3", 14, 0, "due_soon"),
        ("8A3", 11, 3, "ok"),
        ("8A3", 15, -1, "overdue"),
    ],
)
async def test_day_n_is_in_and_the_day_after_is_overdue(
    office: Office, category: str, days_ago: int, due_in: int, state: str
) -> None:
    code = await office.on_duty(category, enrolled_on="2026-11-01")
    await office.tested(code, at=office.now - timedelta(days=days_ago))
    status = await office.status(code)
    due_on = str(office.now.date() + timedelta(days=due_in))
    assert (status["due_on"], status["due_state"]) == (due_on, state)
    if state == "overdue":
        assert status["display"] == "negative"
        assert status["clearance"] == {"allowed": False, "reasons": ["overdue"], "until": None}
    else:
        assert status["clearance"] == {"allowed": True, "reasons": [], "until": due_on}


async def test_the_shortest_of_several_duties_is_the_duty(office: Office) -> None:
    row = office.row(unit_code=None, category_code="8A3")
    del row["unit_code"]
    await office.register(row)
    await office.register(row | {"category_code": "8A1"})
    at = office.now - timedelta(hours=4)
    await office.tested(row["health_code_id"], at=at)
    assert (await office.status(row["health_code_id"]))["due_on"] == str(at.date() + timedelta(days=7))


async def test_the_vaccinated_switch_from_fourteen_days_to_a_month(office: Office) -> None:
    long_ago = str(office.now.date() - timedelta(days=60))
    code = await office.on_duty("8A3", vaccination_completed_on=long_ago)
    plain = await office.on_duty("8A3")
    at = office.now - timedelta(hours=4)
    await office.tested(code, at=at)
    await office.tested(plain, at=at)
    month_on = (at.date().replace(day=1) + timedelta(days=32)).replace(day=min(at.day, 28))
    if at.day <= 28:
        assert (await office.status(code))["due_on"] == str(month_on)
    assert (await office.status(plain))["due_on"] == str(at.date() + timedelta(days=14))


async def test_never_tested_is_due_on_the_first_day_of_duty_and_not_overdue(office: Office) -> None:
    code = await office.on_duty(enrolled_on="2026-11-01")
    status = await office.status(code)
    assert (status["due_on"], status["due_state"]) == ("2026-11-01", "never_tested")
    assert status["clearance"] == {"allowed": False, "reasons": ["never_tested"], "until": None}
    long_ago = await office.on_duty(enrolled_on="2020-06-01")
    assert (await office.status(long_ago))["due_on"] == "2022-01-01"


async def test_the_first_result_on_the_first_day_of_duty_counts(office: Office) -> None:
    code = await office.on_duty()
    at = office.now.replace(hour=0, minute=30)
    await office.tested(code, at=at)
    assert (await office.status(code))["due_on"] == str(at.date() + timedelta(days=7))


async def test_sampled_in_time_and_under_test_is_due_soon(office: Office) -> None:
    code = await office.on_duty()
    assert (await office.status(code))["due_state"] == "never_tested"
    await office.sample(code, at=office.now - timedelta(hours=2))
    await office.system.settle()
    status = await office.status(code)
    assert (status["display"], status["due_state"]) == ("pending", "due_soon")
    assert status["clearance"]["allowed"] is False
    assert "pending" in status["clearance"]["reasons"]
    assert status["clearance"]["until"] is None


async def test_sampled_too_late_stays_overdue(office: Office) -> None:
    code = await office.on_duty(enrolled_on="2026-11-01")
    await office.tested(code, at=office.now - timedelta(days=9))
    await office.sample(code, at=office.now - timedelta(hours=2))
    await office.system.settle()
    status = await office.status(code)
    assert (status["display"], status["due_state"]) == ("negative", "overdue")
    assert status["clearance"]["allowed"] is False


async def test_many_statuses_are_asked_for_at_once(office: Office) -> None:
    one, two = await office.somebody(), await office.on_duty()
    body = {"health_code_ids": [two, "HC-UNKNOWN", one]}
    answer = await ok(office.platform.post(QUERY, json=body))
    assert set(answer) == {"statuses", "not_found"}
    assert {each["health_code_id"] for each in answer["statuses"]} == {one, two}
    assert all(set(each) == STATUS for each in answer["statuses"])
    assert answer["not_found"] == ["HC-UNKNOWN"]
    single = await office.status(two)
    many = next(each for each in answer["statuses"] if each["health_code_id"] == two)
    assert many | {"as_of": 0} == single | {"as_of": 0}


async def test_a_query_has_one_to_ten_thousand_codes(office: Office) -> None:
    for body in ({}, {"health_code_ids": "x"}, {"health_code_ids": [1]}, {"health_code_ids": [], "more": 1}):
        problem(await office.platform.post(QUERY, json=body), 422)
    answer = await office.platform.post(QUERY, json={"health_code_ids": ["HC-UNKNOWN"] * 10_001})
    problem(answer, 413)
    codes = [f"HC-NONE-{number}" for number in range(10_000)]
    found = await ok(office.platform.post(QUERY, json={"health_code_ids": codes}))
    assert (found["statuses"], len(found["not_found"])) == ([], 10_000)


async def test_a_version_rises_with_every_change(office: Office) -> None:
    code = await office.on_duty()
    seen = [(await office.status(code))["version"]]
    for hours in (9, 6):
        await office.tested(code, at=office.now - timedelta(hours=hours))
        seen.append((await office.status(code))["version"])
    assert seen == sorted(set(seen))
    assert (await office.status(code))["version"] == seen[-1]


async def test_a_time_is_shown_as_it_was_sent(office: Office) -> None:
    code = await office.somebody()
    at = office.now - timedelta(hours=4)
    await office.tested(code, at=at)
    assert (await office.status(code))["last_result"]["collected_at"] == text(at)
