"""Contract §4: categories and the versions of their rules."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.contract.office import Office, ok, pages, problem
from tests.system.people import TOWN

pytestmark = pytest.mark.asyncio(loop_scope="module")


def rule(from_on: date, days: int, **more: Any) -> dict[str, Any]:
    return {"effective_from": str(from_on), "shape": "every_n_days", "params": {"days": days}, **more}


async def test_categories_are_listed_with_their_rules(office: Office) -> None:
    listed = await pages(office.admin, "/v1/categories", "categories", limit=5)
    codes = [each.get("category_code", each.get("code")) for each in listed]
    assert {"6", "7A", "7B", "7C", "7D", "8A1", "8A2", "8A3", "8A4", "LOCAL-CDC", "LOCAL-OTHER"} <= set(codes)
    assert len(codes) == len(set(codes))


@pytest.mark.requirement(157)
async def test_a_dry_run_says_who_would_be_affected_and_changes_nothing(office: Office) -> None:
    code = await office.on_duty("LOCAL-MARKET")
    await office.tested(code, at=office.now - timedelta(days=2))
    before = await office.status(code)
    path = "/v1/categories/LOCAL-MARKET/rules"
    answer = await office.admin.post(path, params={"dry_run": "true"}, json=rule(office.now.date(), 3))
    assert answer.status_code == 200, answer.text
    assert any(isinstance(value, int) and value >= 1 for value in answer.json().values()), answer.text
    await office.system.settle()
    assert (await office.status(code))["due_on"] == before["due_on"]


@pytest.mark.requirement(157)
async def test_a_new_version_is_in_force_from_its_day(office: Office) -> None:
    code = await office.on_duty("LOCAL-CATERING")
    at = office.now - timedelta(days=1)
    await office.tested(code, at=at)
    assert (await office.status(code))["due_on"] == str((at + timedelta(days=7)).date())
    tomorrow = office.now.date() + timedelta(days=1)
    answer = await office.admin.post("/v1/categories/LOCAL-CATERING/rules", json=rule(tomorrow, 14))
    assert answer.status_code == 201, answer.text
    await office.system.settle()
    assert (await office.status(code))["due_on"] == str((at + timedelta(days=7)).date())
    await office.days_on(1)
    assert (await office.status(code))["due_on"] == str((at + timedelta(days=14)).date())


async def test_a_shortened_rule_is_due_no_earlier_than_its_second_day(office: Office) -> None:
    code = await office.on_duty("7A")
    await office.tested(code, at=office.now - timedelta(days=6))
    today = office.now.date()
    await ok(office.admin.post("/v1/categories/7A/rules", json=rule(today, 3)))
    await office.system.settle()
    status = await office.status(code)
    assert status["due_on"] == str(today + timedelta(days=1))
    assert status["clearance"]["allowed"] is True


async def test_a_rule_of_an_area_binds_that_area_only_and_ends(office: Office) -> None:
    code = await office.on_duty("7B")
    at = office.now
    await office.tested(code, at=at - timedelta(hours=2))
    ends = office.now.date() + timedelta(days=1)
    body = rule(office.now.date(), 5, area_code=TOWN, effective_to=str(ends))
    await ok(office.admin.post("/v1/categories/7B/rules", json=body))
    await office.system.settle()
    assert (await office.status(code))["due_on"] == str(at.date() + timedelta(days=5))
    await office.days_on(1)
    assert (await office.status(code))["due_on"] == str(at.date() + timedelta(days=5))
    await office.days_on(1)
    assert (await office.status(code))["due_on"] == str(at.date() + timedelta(days=14))


async def test_a_rule_is_refused_with_what_is_wrong(office: Office) -> None:
    path, today = "/v1/categories/7D/rules", office.now.date()
    for body in (
        {},
        rule(today, 0),
        rule(today, -1),
        {**rule(today, 7), "shape": "now_and_then"},
        rule(today, 7, effective_to=str(today - timedelta(days=1))),
        rule(today, 7, area_code="NOBODY"),
        rule(today, 7, more=1),
    ):
        problem(await office.admin.post(path, json=body), 422)
    problem(await office.admin.post("/v1/categories/NOBODY/rules", json=rule(today, 7)), 404)
    problem(await office.platform.post(path, json=rule(today, 7)), 403)
