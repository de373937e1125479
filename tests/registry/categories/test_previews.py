"""What a rule change says beforehand is what happens, over HTTP, for each shape and each kind of change."""

from datetime import timedelta
from typing import Any

import pytest

from registry.categories.rules import SHAPES
from tests.registry.conftest import NOON
from tests.support.district import District, coded

CODE = "LOCAL-SHOWN"
RULES = f"/v1/categories/{CODE}/rules"
BEGINS = "2030-10-01"
# How long before noon each person's samples were taken, in hours; the last two are of another town.
SAMPLES: list[list[int]] = [
    [],
    [4],
    [4, 2],
    [50, 1],
    [26, 25],
    [6 * 24],
    [13 * 24],
    [20 * 24],
    [20 * 24, 3 * 24],
    [60 * 24],
    [4],
    [20 * 24],
]
OTHER_TOWN, EXEMPT, VACCINATED, LEFT, LEAVING, VISITORS = (11, 12), 2, 4, 6, 8, (1, 3, 5, 9, 11)
SHOWN: dict[str, tuple[str, dict[str, Any]]] = {
    "every three days": ("every_n_days", {"days": 3}),
    "every thirty days": ("every_n_days", {"days": 30}),
    "every month": ("every_n_months", {"months": 1}),
    "monthly for the vaccinated": (
        "every_n_days",
        {"days": 7, "vaccinated": {"shape": "every_n_months", "months": 1}},
    ),
    "twice a week": ("times_per_week", {"times": 2, "min_gap_hours": 48}),
    "three times a day": ("times_per_day", {"times": 3}),
    "on an event": ("on_event", {"event": "fair"}),
    "days after an event": (
        "day_list",
        {"event": "visit", "days": [1, 2, 3, 5, 7, 10], "isolation_days": 10},
    ),
    "share of a group": ("rolling_share", {"percent": 50, "period": "week", "cover": "month"}),
    "nested share": ("nested_share", {"percent_of_units": 50, "percent_of_people": 50, "period": "week"}),
    "of things": ("every_n_days", {"days": 1, "subject": "item"}),
}
CHANGES: dict[str, dict[str, Any]] = {
    "from today": {"effective_from": "2030-11-20"},
    "backdated": {"effective_from": "2030-11-08"},
    "backdated and limited": {"effective_from": "2030-11-08", "effective_to": "2030-11-20"},
    "of one area": {"effective_from": "2030-11-15", "effective_to": "2030-12-10", "area_code": "TOWN-01"},
    "open in one area": {"effective_from": "2030-11-19", "area_code": "TOWN-01"},
    "to come": {"effective_from": "2030-11-24", "effective_to": "2030-12-10", "area_code": "TOWN-02"},
}


async def settled(district: District) -> None:
    """Add a category under a fortnightly rule, with people of all kinds in two towns."""
    for unit, town in (("U-1", "TOWN-01"), ("U-2", "TOWN-02")):
        await district.unit(unit, township_code=town)
    fortnightly = {"effective_from": BEGINS, "shape": "every_n_days", "params": {"days": 14}}
    visits = {"shape": "on_event", "params": {"event": "visit"}, "effective_to": "2030-11-30"}
    rules = [fortnightly, {**visits, "effective_from": "2030-11-01"}]
    names = {"code": CODE, "name_zh": "某类", "name_en": "Some"}
    await district.post("/v1/categories", {**names, "effective_from": BEGINS, "rules": rules}, status=201)
    special: dict[int, dict[str, Any]] = {
        VACCINATED: {"vaccination_completed_on": "2030-09-01"},
        LEFT: {"left_on": "2030-11-18"},
        LEAVING: {"left_on": "2030-11-24"},
    }
    await district.people(
        *(
            coded(
                number,
                unit_code="U-2" if number in OTHER_TOWN else "U-1",
                category_code=CODE,
                enrolled_on=BEGINS,
                **special.get(number, {}),
            )
            for number in range(1, len(SAMPLES) + 1)
        )
    )
    leave = {"kind": "leave", "from": "2030-11-19", "to": "2030-11-29", "reason": "病假"}
    await district.post(f"/v1/people/{await person(district, EXEMPT)}/exemptions", leave, status=201)
    for number in VISITORS:
        visit = {"kind": "visit", "at": (NOON - timedelta(days=3)).isoformat(), "category_code": CODE}
        await district.post(f"/v1/people/{await person(district, number)}/events", visit, status=201)
    for number, hours in enumerate(SAMPLES, start=1):
        for ago in hours:
            await district.negative(number, NOON - timedelta(hours=ago))


async def person(district: District, number: int) -> str:
    """Return the n-th person's id."""
    found: str = (await district.found(number))["person_id"]
    return found


async def standing(district: District) -> dict[str, dict[str, Any]]:
    """Return when everybody is due and how they stand."""
    shown = {}
    for number in range(1, len(SAMPLES) + 1):
        status = await district.status(number)
        shown[await person(district, number)] = {each: status[each] for each in ("due_on", "due_state")}
    return shown


def _kind(becomes: dict[str, Any]) -> str:
    if becomes["due_state"] == "not_required":
        return "released"
    return "overdue" if becomes["due_state"] in ("overdue", "never_tested") else "due"


KINDS = ("due", "overdue", "released")
# Every shape backwards and in one area; every kind of change with a calendar or a list of days.
CASES = [
    *((name, change) for name in SHOWN for change in ("backdated", "of one area")),
    ("every three days", "from today"),
    ("every thirty days", "from today"),
    ("days after an event", "backdated and limited"),
    ("twice a week", "open in one area"),
    ("days after an event", "open in one area"),
    ("every three days", "to come"),
]


@pytest.mark.requirement(1)
@pytest.mark.parametrize(("name", "change"), CASES)
async def test_what_a_dry_run_says_is_what_happens(district: District, name: str, change: str) -> None:
    assert {shape for shape, _ in SHOWN.values()} == set(SHAPES)
    await settled(district)
    shape, params = SHOWN[name]
    rule = {**CHANGES[change], "shape": shape, "params": params}
    before = await standing(district)
    told = await district.post(f"{RULES}?dry_run=true", rule, status=200)
    assert await standing(district) == before
    first = rule["effective_from"]
    if first > "2030-11-20":
        days = int(first[-2:]) - 20
        await district.system.set_clock(NOON + timedelta(days=days))
        before = await standing(district)
    await district.post(RULES, rule, status=201)
    after = await standing(district)
    happened = {
        each: {"change": _kind(after[each]), "was": before[each], "becomes": after[each]}
        for each in after
        if after[each] != before[each]
    }
    assert {each.pop("person_id"): each for each in told["listed"]} == happened
    counted = {kind: sum(each["change"] == kind for each in happened.values()) for kind in KINDS}
    assert {each: told[each] for each in (*KINDS, "affected")} == {**counted, "affected": len(happened)}
    assert told["as_of"] == max(first, "2030-11-20")


async def test_a_dry_run_refuses_what_the_change_itself_is_refused_for(district: District) -> None:
    await settled(district)
    shape, params = SHOWN["twice a week"]  # for a time, as the rule about visits is
    rule = {**CHANGES["backdated and limited"], "shape": shape, "params": params}
    for path in (f"{RULES}?dry_run=true", RULES):
        refused = await district.post(path, rule, status=409)
        assert refused["code"] == "rule_contradicts"
