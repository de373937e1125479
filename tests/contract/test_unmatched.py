"""Contract §5: what waits at the desk, and what matches by itself when its partner arrives."""

import pytest

from tests.contract.intake import batch, bound, display, fresh, matched, result, rows_of, send, tube
from tests.contract.office import Answer, Office, pages, problem
from tests.support.waiting import until
from tests.system.people import ok, resident_id

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def desk(office: Office, **query: str) -> list[Answer]:
    """Return what waits."""
    return await pages(office.intake, "/v1/unmatched", "unmatched", state="open", **query)


async def decide(office: Office, item: Answer, decision: str, **more: str) -> None:
    """Resolve an item."""
    body = {"decision": decision, "reason": "核对无误", **more}
    identifier = item.get("id") or item.get("unmatched_id")
    answer = await office.intake.post(f"/v1/unmatched/{identifier}/resolution", json=body)
    assert answer.is_success, answer.text
    await office.system.settle()


async def waiting(office: Office, *rows: Answer) -> tuple[Answer, list[Answer]]:
    """Post rows and return the batch and what is new at the desk."""
    before = {str(item) for item in await desk(office)}
    state = await matched(office, *rows)
    return state, [item for item in await desk(office) if str(item) not in before]


async def test_a_row_of_somebody_unknown_waits_and_matches_when_the_person_comes(office: Office) -> None:
    person = office.row()
    number = {"id_type": "resident_id", "id_no": person["id_no"]}
    state, [item] = await waiting(office, result(office, **number, name=person["name"]))
    assert (state["unmatched"], item["kind"]) == (1, "row")
    assert person["id_no"] not in str(item)
    await office.register(person)

    async def shown() -> bool:
        return bool((await batch(office, state["batch_id"]))["matched"])

    await until(shown)
    await office.system.settle()
    assert await display(office, person["health_code_id"]) == "negative"
    assert item not in await desk(office)


async def test_a_row_of_an_unknown_health_code_matches_when_somebody_gets_the_code(office: Office) -> None:
    person = office.row(code=False)
    await office.register(person)
    code = fresh("NEWCODE")
    state = await matched(office, result(office, health_code_id=code))
    assert state["unmatched"] == 1
    given = {key: person[key] for key in ("id_type", "id_no")} | {"health_code_id": code}
    await ok(office.admin.post("/v1/health-code-ids/bulk", json={"codes": [given]}))
    await office.system.settle()
    assert (await batch(office, state["batch_id"]))["matched"] == 1
    assert await display(office, code) == "negative"


@pytest.mark.requirement(80)
async def test_a_row_with_only_a_tube_matches_when_its_people_are_bound(office: Office) -> None:
    """Acceptance fixture 13: a tube-only row whose people bind later."""
    code = await office.somebody()
    late = tube(office, code)
    state = await matched(office, result(office, tube_code=late["tube_code"]))
    assert (state["unmatched"], state["matched"]) == (1, 0)
    where = await ok(office.intake.get(f"/v1/tubes/{late['tube_code']}"))
    assert where["stands"] == "not_bound"
    answer = await office.sampling.post("/v1/tubes", json=late)
    assert answer.status_code == 201, answer.text

    async def shown() -> bool:
        return await display(office, code) == "negative"

    await until(shown)
    await office.system.settle()
    state = await batch(office, state["batch_id"])
    assert (state["unmatched"], state["matched"]) == (0, 1)
    [row] = await rows_of(office, state["batch_id"])
    assert row["verdict"] == "matched"


async def test_a_late_bound_tube_of_a_mixed_result_serves_all_its_members(office: Office) -> None:
    codes = [await office.somebody() for _ in range(3)]
    late = tube(office, *codes)
    state = await matched(office, result(office, "positive", tube_code=late["tube_code"]))
    await ok(office.sampling.post("/v1/tubes/bulk", json={"tubes": [late]}))
    await office.system.settle()
    assert [await display(office, code) for code in codes] == ["under_recheck"] * 3
    state = await batch(office, state["batch_id"])
    assert (state["matched"], state["pooled_people"], state["pooled_unmatched"]) == (1, 3, 0)


async def test_an_unknown_member_of_a_pool_waits_and_gets_its_effect_later(office: Office) -> None:
    stranger, known = office.row(), await office.somebody()
    member = {key: stranger[key] for key in ("id_type", "id_no", "name")}
    pool = await bound(office, known, members=[{"health_code_id": known}, member], mode="mixed", capacity=5)
    state, [item] = await waiting(office, result(office, tube_code=pool))
    assert item["kind"] == "pool_member"
    assert (state["pooled_people"], state["pooled_unmatched"]) == (1, 1)
    await office.register(stranger)
    await office.system.settle()
    assert await display(office, stranger["health_code_id"]) == "negative"
    assert (await office.status(stranger["health_code_id"]))["last_result"]["mode"] == "mixed"
    state = await batch(office, state["batch_id"])
    assert (state["pooled_people"], state["pooled_unmatched"]) == (2, 0)
    assert item not in await desk(office)


async def test_a_held_row_that_is_accepted_takes_effect(office: Office) -> None:
    person = office.row()
    await office.register(person)
    row = result(office, id_type="resident_id", id_no=person["id_no"], name="笔误")
    state, [item] = await waiting(office, row)
    assert (item["kind"], state["held"]) == ("held", 1)
    assert "笔误" not in str(item)
    await decide(office, item, "accept", health_code_id=person["health_code_id"])
    state = await batch(office, state["batch_id"])
    assert (state["held"], state["matched"]) == (0, 1)
    assert await display(office, person["health_code_id"]) == "negative"
    assert item not in await desk(office)


async def test_a_held_row_is_accepted_for_whom_it_names_without_a_code(office: Office) -> None:
    person = office.row()
    await office.register(person)
    row = result(office, id_type="resident_id", id_no=person["id_no"], name="笔误")
    state, [item] = await waiting(office, row)
    await decide(office, item, "accept")
    assert (await batch(office, state["batch_id"]))["matched"] == 1
    assert await display(office, person["health_code_id"]) == "negative"


async def test_an_accepted_conflict_stands_against_the_earlier_row(office: Office) -> None:
    code = await office.somebody()
    row = result(office, health_code_id=code)
    await matched(office, row)
    state, [item] = await waiting(office, row | {"outcome": "positive"})
    await decide(office, item, "accept")
    assert (await batch(office, state["batch_id"]))["matched"] == 1
    assert await display(office, code) == "under_recheck"


async def test_an_unmatched_row_is_given_to_somebody_by_the_desk(office: Office) -> None:
    code = await office.somebody()
    state, [item] = await waiting(office, result(office, health_code_id=fresh("TYPO")))
    await decide(office, item, "accept", health_code_id=code)
    assert (await batch(office, state["batch_id"]))["matched"] == 1
    assert await display(office, code) == "negative"


async def test_a_rejected_row_stays_counted_as_held(office: Office) -> None:
    person = office.row()
    await office.register(person)
    row = result(office, "positive", id_type="resident_id", id_no=person["id_no"], name="笔误")
    state, [item] = await waiting(office, row)
    await decide(office, item, "reject")
    state = await batch(office, state["batch_id"])
    assert (state["held"], state["matched"], state["status"]) == (1, 0, "matched")
    assert item not in await desk(office)
    assert await display(office, person["health_code_id"]) == "none"


async def test_a_rejected_unmatched_row_is_held_and_never_matches(office: Office) -> None:
    person = office.row()
    number = {"id_type": "resident_id", "id_no": person["id_no"]}
    state, [item] = await waiting(office, result(office, **number))
    await decide(office, item, "reject")
    assert (await batch(office, state["batch_id"]))["held"] == 1
    await office.register(person)
    await office.system.settle()
    assert (await batch(office, state["batch_id"]))["held"] == 1
    assert await display(office, person["health_code_id"]) == "none"


async def test_what_the_desk_cannot_do_is_refused(office: Office) -> None:
    _, [item] = await waiting(office, result(office, health_code_id=fresh("TYPO")))
    path = f"/v1/unmatched/{item.get('id') or item.get('unmatched_id')}/resolution"
    for body in (
        {"decision": "maybe", "reason": "x"},
        {"decision": "reject"},
        {"decision": "accept", "reason": "x", "more": 1},
        {"decision": "accept", "reason": "x", "health_code_id": resident_id(5)},
        {"decision": "accept", "reason": "x", "health_code_id": fresh("NOBODY")},
        {"decision": "accept", "reason": "x"},
    ):
        answer = await office.intake.post(path, json=body)
        assert answer.status_code in (404, 409, 422), (body, answer.text)
    nowhere = "/v1/unmatched/00000000-0000-0000-0000-000000000000/resolution"
    problem(await office.intake.post(nowhere, json={"decision": "reject", "reason": "x"}), 404)
    problem(await office.sampling.get("/v1/unmatched"), 403)
    await decide(office, item, "reject")
    again = await office.intake.post(
        path, json={"decision": "accept", "reason": "x", "health_code_id": "HC-000001"}
    )
    problem(again, 409)


async def test_the_desk_is_read_by_page(office: Office) -> None:
    for _ in range(3):
        await send(office, result(office, health_code_id=fresh("PAGE")))
    await office.system.settle()
    assert len(await desk(office, limit="1")) >= 3
    problem(await office.intake.get("/v1/unmatched", params={"state": "lost"}), 422)


@pytest.mark.requirement(61)
async def test_two_documents_of_a_number_are_not_one_person(office: Office) -> None:
    person = office.row(id_type="passport", id_no="E12345678")
    await office.register(person)
    state = await matched(office, result(office, id_type="other", id_no="E12345678"))
    assert state["unmatched"] == 1
    state = await matched(office, result(office, id_type="passport", id_no="E12345678"))
    assert state["matched"] == 1


async def test_the_desk_says_who_an_unknown_member_of_a_pool_is(office: Office) -> None:
    known, right = await office.somebody(), await office.somebody()
    stranger = office.row(code=False)
    member = {key: stranger[key] for key in ("id_type", "id_no", "name")}
    pool = await bound(office, known, members=[{"health_code_id": known}, member], mode="mixed", capacity=5)
    state, [item] = await waiting(office, result(office, tube_code=pool))
    await decide(office, item, "accept", health_code_id=right)
    assert await display(office, right) == "negative"
    state = await batch(office, state["batch_id"])
    assert (state["pooled_people"], state["pooled_unmatched"]) == (2, 0)


async def test_a_rejected_member_of_a_pool_leaves_the_desk(office: Office) -> None:
    known, stranger = await office.somebody(), office.row(code=False)
    member = {key: stranger[key] for key in ("id_type", "id_no", "name")}
    pool = await bound(office, known, members=[{"health_code_id": known}, member], mode="mixed", capacity=5)
    state, [item] = await waiting(office, result(office, tube_code=pool))
    await decide(office, item, "reject")
    assert item not in await desk(office)
    state = await batch(office, state["batch_id"])
    assert (state["matched"], state["pooled_people"]) == (1, 1)


async def test_a_member_whose_name_contradicts_the_number_gets_nothing_by_itself(office: Office) -> None:
    known, person = await office.somebody(), office.row()
    await office.register(person)
    member = {"id_type": "resident_id", "id_no": person["id_no"], "name": "别人"}
    pool = await bound(office, known, members=[{"health_code_id": known}, member], mode="mixed", capacity=5)
    await matched(office, result(office, tube_code=pool))
    assert await display(office, known) == "negative"
    assert await display(office, person["health_code_id"]) != "negative"
