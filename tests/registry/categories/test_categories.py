"""Categories and their rules: shipped as data, changed as data."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from registry.categories import jobs
from registry.categories.load import load, shipped
from registry.categories.rules import wrong
from tests.registry.conftest import NOON
from tests.support.district import District, coded

CODES = {category["code"]: category for category in shipped()}
COURIER = {
    "code": "LOCAL-COURIER",
    "name_zh": "快递外卖从业人员",
    "name_en": "Couriers",
    "effective_from": "2030-11-01",
    "rules": [{"effective_from": "2030-11-01", "shape": "every_n_days", "params": {"days": 3}}],
}


def rule(days: int, **fields: Any) -> dict[str, Any]:
    return {"effective_from": "2030-11-20", "shape": "every_n_days", "params": {"days": days}, **fields}


@pytest.mark.requirement(1)
def test_the_printed_codes_and_our_own_are_shipped() -> None:
    printed = {"6", "7A", "7B", "7C", "7D", "8A1", "8A2", "8A3", "8A4"}
    ours = {"CDC", "COLD", "COLD-IMPORT", "CONTAINER", "MARKET", "CATERING", "BATH-BEAUTY", "ARRIVAL"}
    ours |= {"QUARANTINE", "OTHER"}
    assert set(CODES) == printed | {f"LOCAL-{code}" for code in ours}
    for category in shipped():
        assert category["name_zh"]
        assert category["name_en"]
        assert category["rules"]
        for each in category["rules"]:
            assert wrong(each["shape"], each["params"]) == []
            assert each["source"]


def test_the_ten_key_departments_are_the_two_of_8a1_and_the_eight_of_8a4() -> None:
    first = CODES["8A1"]["details"]["departments_in_unit"]
    others = CODES["8A4"]["details"]["departments_in_unit"]
    assert (len(first), len(others), len({*first, *others})) == (2, 8, 10)


async def test_loading_again_adds_nothing(district: District) -> None:
    async with district.system.db("registry").transaction() as session:
        assert await load(session, datetime.now(UTC)) == 0


@pytest.mark.requirement(2)
async def test_a_fever_clinic_patient_has_no_interval(district: District) -> None:
    await district.people(coded(1, category_code="6", enrolled_on="2030-01-01"))
    status = await district.status()
    assert (status["due_state"], status["due_on"]) == ("not_required", None)
    shown = (await district.get("/v1/categories"))["categories"][0]
    assert (shown["code"], shown["rules"][0]["shape"]) == ("6", "on_event")


@pytest.mark.parametrize(
    ("code", "due_on"),
    [
        pytest.param("7A", "2030-12-04", marks=pytest.mark.requirement(4)),
        pytest.param("7B", "2030-12-04", marks=pytest.mark.requirement(5)),
        pytest.param("7D", "2030-12-04", marks=pytest.mark.requirement(6)),
        pytest.param("7C", "2030-12-20", marks=pytest.mark.requirement(7)),
        pytest.param("8A1", "2030-11-27", marks=pytest.mark.requirement(8)),
        pytest.param("8A4", "2030-11-27", marks=pytest.mark.requirement(9)),
        ("8A2", "2030-12-20"),
        ("8A3", "2030-12-04"),
        pytest.param("LOCAL-CDC", "2030-12-04", marks=pytest.mark.requirement(15)),
        ("LOCAL-COLD", "2030-12-04"),
        ("LOCAL-COLD-IMPORT", "2030-11-27"),
        ("LOCAL-CONTAINER", "2030-11-23"),
        ("LOCAL-MARKET", "2030-11-27"),
        ("LOCAL-CATERING", "2030-11-27"),
        ("LOCAL-BATH-BEAUTY", "2030-11-27"),
    ],
)
async def test_a_sample_is_followed_by_the_due_day_of_the_category(
    district: District, code: str, due_on: str
) -> None:
    await district.people(coded(1, category_code=code, enrolled_on="2030-11-01"))
    assert (await district.status())["due_state"] == "never_tested"
    await district.negative(1, NOON - timedelta(hours=1))
    assert (await district.status())["due_on"] == due_on
    last_day = datetime.combine(date.fromisoformat(due_on), NOON.timetz())
    await district.system.set_clock(last_day)
    assert (await district.status())["clearance"] == {"allowed": True, "reasons": [], "until": due_on}
    await district.system.set_clock(last_day + timedelta(days=1))
    assert (await district.status())["due_state"] == "overdue"


@pytest.mark.requirement(7)
async def test_an_inpatients_duty_ends_on_discharge(district: District) -> None:
    await district.people(coded(1, category_code="7C", enrolled_on="2030-11-01"))
    await district.people(coded(1, category_code="7C", left_on="2030-11-22"))
    assert (await district.status())["due_state"] == "never_tested"
    await district.system.set_clock(NOON + timedelta(days=2))
    assert (await district.status())["due_state"] == "not_required"


@pytest.mark.requirement(14, 15)
@pytest.mark.parametrize("code", ["8A3", "LOCAL-CDC"])
async def test_a_month_after_the_full_course_the_monthly_rule_applies_by_itself(
    district: District, code: str
) -> None:
    await district.people(
        coded(1, category_code=code, enrolled_on="2030-11-01", vaccination_completed_on="2030-10-25")
    )
    await district.negative(1, NOON - timedelta(hours=1))
    assert (await district.status())["due_on"] == "2030-12-04"
    await district.system.set_clock(NOON + timedelta(days=4))
    assert (await district.status())["due_on"] == "2030-12-04"
    await district.system.set_clock(NOON + timedelta(days=5))
    assert (await district.status())["due_on"] == "2030-12-20"


@pytest.mark.requirement(14)
async def test_a_corrected_vaccination_date_recomputes(district: District) -> None:
    await district.people(
        coded(1, category_code="8A3", enrolled_on="2030-11-01", vaccination_completed_on="2030-11-01")
    )
    await district.negative(1, NOON - timedelta(hours=1))
    assert (await district.status())["due_on"] == "2030-12-04"
    await district.people(coded(1, vaccination_completed_on="2030-10-01"))
    assert (await district.status())["due_on"] == "2030-12-20"


@pytest.mark.requirement(1)
async def test_a_new_category_is_data_with_a_start_date(district: District) -> None:
    made = await district.post("/v1/categories", COURIER, status=201)
    assert made["rules"][0]["version"] == 1
    assert await district.post("/v1/categories", COURIER, status=200) == made
    other = await district.post("/v1/categories", {**COURIER, "name_zh": "别的"}, status=409)
    assert other["code"] == "category_code_in_use"
    await district.people(coded(1, category_code="LOCAL-COURIER", enrolled_on="2030-11-01"))
    await district.negative(1, NOON)
    assert (await district.status())["due_on"] == "2030-11-23"


@pytest.mark.requirement(1)
async def test_a_new_rule_version_moves_due_days_from_its_first_day_on(district: District) -> None:
    await district.people(coded(1, category_code="8A3", enrolled_on="2030-11-01"))
    await district.negative(1, NOON - timedelta(days=5))
    made = await district.post("/v1/categories/8A3/rules", rule(7), status=201)
    assert (made["version"], made["pending_people"]) == (3, 0)
    assert (await district.status())["due_on"] == "2030-11-22"
    again = await district.post("/v1/categories/8A3/rules", rule(7), status=200)
    assert again["version"] == 3


@pytest.mark.requirement(157)
async def test_a_rule_with_an_area_and_an_end_binds_there_and_then_only(district: District) -> None:
    await district.unit("U-1", township_code="TOWN-01")
    await district.unit("U-2", township_code="TOWN-02")
    await district.people(
        coded(1, unit_code="U-1", category_code="8A1", enrolled_on="2030-11-01"),
        coded(2, unit_code="U-2", category_code="8A1", enrolled_on="2030-11-01"),
    )
    for number in (1, 2):
        await district.negative(number, NOON)
    denser = rule(2, area_code="TOWN-01", effective_to="2030-11-25")
    await district.post("/v1/categories/8A1/rules", denser, status=201)
    assert (await district.status(1))["due_on"] == "2030-11-22"
    assert (await district.status(2))["due_on"] == "2030-11-27"
    await district.system.set_clock(NOON + timedelta(days=6))
    assert (await district.status(1))["due_on"] == "2030-11-27"


async def test_a_dry_run_says_who_would_be_affected_and_changes_nothing(district: District) -> None:
    await district.people(*(coded(n, category_code="8A3", enrolled_on="2030-10-01") for n in range(1, 5)))
    await district.negative(1, NOON - timedelta(days=1))
    await district.negative(2, NOON - timedelta(days=10))
    await district.negative(3, NOON - timedelta(days=20))
    path = "/v1/categories/8A3/rules?dry_run=true"
    shorter = await district.post(path, rule(3), status=200)
    listed = shorter.pop("listed")
    assert {(each["change"], each["becomes"]["due_on"]) for each in listed} == {
        ("due", "2030-11-22"),
        ("due", "2030-11-21"),
    }
    assert shorter == {
        "as_of": "2030-11-20",
        "people": 4,
        "affected": 2,
        "due": 2,
        "overdue": 0,
        "released": 0,
    }
    tomorrow = rule(3, effective_from="2030-11-25", effective_to="2030-11-30")
    later = await district.post(path, tomorrow, status=200)
    assert (later["as_of"], later["affected"], later["due"]) == ("2030-11-25", 1, 1)
    released = await district.post(path, {**rule(3), "shape": "on_event", "params": {}}, status=200)
    assert released["released"] == 4
    assert (await district.status(1))["due_on"] == "2030-12-03"
    rules = next(c for c in (await district.get("/v1/categories"))["categories"] if c["code"] == "8A3")
    assert len(rules["rules"]) == 2


async def test_many_people_follow_a_new_rule_some_at_a_time(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.categories.service.AT_ONCE", 2)
    monkeypatch.setattr("registry.categories.service.A_STEP", 2)
    await district.people(*(coded(n, category_code="8A1", enrolled_on="2030-11-01") for n in range(1, 6)))
    for number in range(1, 6):
        await district.negative(number, NOON)
    made = await district.post("/v1/categories/8A1/rules", rule(3), status=201)
    assert made["pending_people"] == 3
    context = district.system.context("registry")
    turns = 0
    more = True
    while more:
        async with context.db.transaction() as session:
            more = await jobs.refresh(session, context)
        turns += 1
    assert turns < 30
    for number in range(1, 6):
        assert (await district.status(number))["due_on"] == "2030-11-23"


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"shape": "sometimes"}, "shape", "not_allowed"),
        ({"params": {}}, "params.days", "field_required"),
        ({"params": {"days": 0}}, "params.days", "out_of_range"),
        ({"params": {"days": True}}, "params.days", "out_of_range"),
        ({"params": {"days": "7"}}, "params.days", "out_of_range"),
        ({"params": {"days": 7, "hours": 2}}, "params.hours", "unknown_field"),
        ({"params": {"days": 7, "13800138000": 2}}, "params.?", "unknown_field"),
        ({"params": [7]}, "params", "wrong_type"),
        ({"effective_to": "2030-11-19"}, "effective_to", "days_reversed"),
        ({"effective_from": "2020-01-01"}, "effective_from", "rule_before_category"),
        ({"effective_from": "20301120"}, "effective_from", "day_malformed"),
        ({"area_code": "NOWHERE"}, "area_code", "unknown_area_code"),
        (
            {"shape": "rolling_share", "params": {"percent": 101, "period": "week"}},
            "params.percent",
            "out_of_range",
        ),
        ({"shape": "day_list", "params": {"event": "x", "days": [3, 1]}}, "params.days", "out_of_range"),
    ],
)
async def test_a_malformed_rule_is_refused(
    district: District, fields: dict[str, Any], field: str, code: str
) -> None:
    problem = await district.post("/v1/categories/8A1/rules", {**rule(7), **fields}, status=422)
    assert (field, code) in {(error["field"], error["code"]) for error in problem["errors"]}


async def test_a_category_after_vaccination_is_another_one(district: District) -> None:
    for code, wrong_as in ((COURIER["code"], "vaccinated_as_itself"), ("9Z", "unknown_vaccinated_as")):
        problem = await district.post("/v1/categories", {**COURIER, "vaccinated_as": code}, status=422)
        assert [(each["field"], each["code"]) for each in problem["errors"]] == [("vaccinated_as", wrong_as)]
    itself = {**COURIER, "code": "8A1", "vaccinated_as": "8A1"}
    problem = await district.post("/v1/categories", itself, status=422)
    assert [each["code"] for each in problem["errors"]] == ["vaccinated_as_itself"], "of one that stands, too"


async def test_a_rule_of_an_unknown_category_is_not_found(district: District) -> None:
    await district.post("/v1/categories/9Z/rules", rule(7), status=404)


async def test_a_client_of_a_township_may_not_change_rules(district: District) -> None:
    await district.township()
    town = await district.system.client(
        "registry", scopes=["admin"], area_code="TOWN-01", area_level="township"
    )
    assert (await town.post("/v1/categories/8A1/rules", json=rule(7))).status_code == 403
    assert (await town.post("/v1/categories", json=COURIER)).status_code == 403
    assert (await town.get("/v1/categories")).status_code == 200
