"""Contract §4: who is overdue, and evaluations."""

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.contract.office import REMINDERS, Answer, Office, ok, pages, problem, text
from tests.support.waiting import until
from tests.system.people import DEPARTMENT, TOWN, UNIT

pytestmark = pytest.mark.asyncio(loop_scope="module")

ITEM = {
    "person_id", "health_code_id", "name_masked", "unit_code", "township_code", "category_code", "due_on",
    "days_overdue", "due_state",
}  # fmt: skip


async def overdue(office: Office, **query: object) -> dict[str, Answer]:
    found = await pages(office.records, "/v1/overdue", "people", **query)
    return {str(each["health_code_id"]): each for each in found}


async def finished(office: Office, evaluation_id: str) -> Answer:
    async def ended() -> Answer | None:
        shown = await ok(office.admin.get(f"/v1/evaluations/{evaluation_id}"))
        return None if shown["status"] == "running" else shown

    return await until(ended)


@pytest.mark.requirement(34)
async def test_overdue_and_never_tested_people_are_listed_masked(office: Office) -> None:
    late = await office.on_duty(enrolled_on="2026-11-01", name="欧阳娜娜")
    await office.tested(late, at=office.now - timedelta(days=10))
    never = await office.on_duty(name="王五")
    fine, free = await office.on_duty(), await office.somebody(unit_code=UNIT)
    await office.tested(fine, at=office.now - timedelta(days=1))
    found = await overdue(office)
    assert {late, never} <= set(found)
    assert not {fine, free} & set(found)
    today = office.now.date()
    assert set(found[late]) == ITEM
    assert found[late] == {
        "person_id": await office.person_id(late),
        "health_code_id": late,
        "name_masked": "欧*",
        "unit_code": UNIT,
        "township_code": TOWN,
        "category_code": "8A1",
        "due_on": str(today - timedelta(days=3)),
        "days_overdue": 3,
        "due_state": "overdue",
    }
    assert found[never]["due_state"] == "never_tested"
    assert (found[never]["due_on"], found[never]["days_overdue"]) == (str(today), 0)
    assert found[never]["name_masked"] == "王*"


async def test_the_list_has_filters_and_pages(office: Office) -> None:
    codes = {await office.on_duty() for _ in range(5)}
    assert codes <= set(await overdue(office, limit=2))
    for query in ({"unit_code": UNIT}, {"department_code": DEPARTMENT}, {"township_code": TOWN}):
        assert codes <= set(await overdue(office, **query))
    for query in ({"unit_code": "U-OTHER"}, {"department_code": "HQ-01"}, {"township_code": "TOWN-99"}):
        assert not codes & set(await overdue(office, **query))
    answer = await ok(office.records.get("/v1/overdue?unit_code=&department_code=&township_code=&cursor="))
    assert codes <= {each["health_code_id"] for each in answer["people"]}


async def test_one_without_a_code_is_listed_with_null(office: Office) -> None:
    row = office.row(code=False, unit_code=UNIT, category_code="8A1", name="无码")
    await office.register(row)
    found = (await ok(office.records.get("/v1/overdue", params={"limit": 1000})))["people"]
    mine = [each for each in found if each["name_masked"] == "无*"]
    assert len(mine) == 1
    assert set(mine[0]) == ITEM
    assert mine[0]["health_code_id"] is None


async def test_units_with_overdue_people_are_listed(office: Office) -> None:
    await office.on_duty()
    answer = await ok(office.records.get("/v1/overdue/units"))
    assert set(answer) == {"units", "next_cursor"}
    assert UNIT in {each["unit_code"] for each in answer["units"]}


async def test_an_evaluation_is_taken_runs_and_is_counted(office: Office) -> None:
    answer = await office.admin.post("/v1/evaluations", json={})
    assert answer.status_code == 202, answer.text
    body = answer.json()
    assert set(body) == {"evaluation_id", "as_of", "status"}
    done = await finished(office, body["evaluation_id"])
    assert done["status"] == "done"
    assert isinstance(done["counts"], dict)


async def test_an_evaluation_needs_no_body(office: Office) -> None:
    answer = await office.admin.post("/v1/evaluations")
    assert answer.status_code == 202, answer.text


async def test_an_evaluation_is_of_a_moment_not_later_than_now(office: Office) -> None:
    later = text(office.now + timedelta(hours=1))
    assert (await office.admin.post("/v1/evaluations", json={"as_of": later})).status_code == 422
    for wrong in ("2026-11-20T10:00:00", "2026-11-20", 5, None, "1700000000"):
        answer = await office.admin.post("/v1/evaluations", json={"as_of": wrong})
        assert answer.status_code == (202 if wrong is None else 422) or wrong is None, wrong
    problem(await office.admin.post("/v1/evaluations", json={"more": 1}), 422)
    problem(await office.admin.get(f"/v1/evaluations/{uuid4()}"), 404)
    answer = await office.admin.post("/v1/evaluations", json={"as_of": text(office.now)})
    assert answer.status_code == 202, answer.text
    assert (await finished(office, answer.json()["evaluation_id"]))["status"] == "done"


async def test_the_same_day_again_tells_nobody_twice(office: Office) -> None:
    late = await office.on_duty(enrolled_on=str((office.now - timedelta(days=20)).date()))
    await office.tested(late, at=office.now - timedelta(days=10))
    await office.days_on(1)  # today may have been evaluated before there was anybody to be told
    first = await ok(office.admin.post("/v1/evaluations", json={}))
    await finished(office, first["evaluation_id"])
    await office.system.settle()
    before = await reminders(office)
    again = await ok(office.admin.post("/v1/evaluations", json={}))
    assert (await finished(office, again["evaluation_id"]))["status"] == "done"
    await office.system.settle()
    assert await reminders(office) == before != set()


async def reminders(office: Office) -> set[str]:
    """Return the notices that evaluations give rise to; alerts and tasks come by their own clocks meanwhile."""
    return {each["notice_id"] for kind in REMINDERS for each in await office.notices(kind=kind)}


async def test_it_runs_by_itself_soon_after_midnight(office: Office) -> None:
    code = await office.on_duty("LOCAL-CONTAINER")
    await office.tested(code, at=office.now - timedelta(hours=1))
    await office.days_on(4)

    async def told_today() -> list[Answer]:
        await office.system.settle()
        told = await office.notices(kind="reminder.overdue", subject_code=UNIT)
        return [each for each in told if each["as_of"].startswith(str(office.now.date()))]

    assert len(await until(told_today)) == 1
