"""Contract §4: people in bulk, health codes, exemptions, the person behind a code, ledger, explanation."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.contract.office import Office, ok, problem, resident_id, text
from tests.system.people import UNIT

pytestmark = pytest.mark.asyncio(loop_scope="module")

CODES = "/v1/health-code-ids/bulk"
SECOND = "91350100M000100Y43"


async def put_codes(office: Office, *rows: dict[str, Any]) -> dict[str, Any]:
    return await ok(office.admin.post(CODES, json={"codes": list(rows)}))


def who(row: dict[str, Any], code: str) -> dict[str, Any]:
    return {"id_type": row["id_type"], "id_no": row["id_no"], "health_code_id": code}


async def test_new_is_accepted_and_known_is_updated(office: Office) -> None:
    row = office.row(phone="13912345678")
    assert await office.register(row) == {"accepted": 1, "updated": 0, "rejected": 0, "errors": []}
    assert await office.register(row) == {"accepted": 0, "updated": 1, "rejected": 0, "errors": []}


async def test_verdicts_add_up_to_what_was_sent(office: Office) -> None:
    new, known = office.row(), office.row()
    await office.register(known)
    verdict = await office.register(new, known, new, office.row(id_no="1"), new | {"unit_code": UNIT})
    assert verdict["accepted"] + verdict["updated"] + verdict["rejected"] == 5
    assert (verdict["accepted"], verdict["rejected"]) == (1, 1)
    assert verdict["errors"][0]["row"] == 4
    assert verdict["errors"][0]["field"] == "id_no"


@pytest.mark.parametrize(
    ("id_type", "id_no"),
    [
        ("passport", "E12345678"),
        ("hk_mo_permit", "H12345678"),
        ("tw_permit", "12345678"),
        ("foreign_pr", "CHN110190010101"),
        ("other", "A-1/9"),
    ],
)
async def test_six_kinds_of_documents_name_a_person(office: Office, id_type: str, id_no: str) -> None:
    verdict = await office.register(office.row(id_type=id_type, id_no=id_no))
    assert verdict["rejected"] == 0 or id_type in {"foreign_pr", "other"}, verdict


async def test_a_lower_case_x_is_the_same_number(office: Office) -> None:
    number = next(n for n in range(9000, 9999) if resident_id(n).endswith("X"))
    row = office.row() | {"id_no": resident_id(number)}
    assert (await office.register(row))["accepted"] == 1
    assert (await office.register(row | {"id_no": row["id_no"].lower()}))["updated"] == 1


async def test_a_person_without_a_category_has_a_status_and_no_duty(office: Office) -> None:
    status = await office.status(await office.somebody())
    assert (status["display"], status["due_on"], status["due_state"]) == ("none", None, "not_required")
    assert status["clearance"] == {"allowed": True, "reasons": [], "until": None}
    status = await office.status(await office.somebody(unit_code=UNIT))
    assert status["due_state"] == "not_required"


@pytest.mark.parametrize("code", ["abc", "x" * 65, "with.dot", "with space", "汉字汉字", ""])
async def test_a_health_code_has_the_alphabet_of_the_page(office: Office, code: str) -> None:
    verdict = await office.register(office.row(code=False, health_code_id=code))
    assert verdict["rejected"] == 1
    assert verdict["errors"][0]["field"] == "health_code_id"


@pytest.mark.parametrize("code", ["13912345678", resident_id(77)])
async def test_a_personal_number_is_no_health_code(office: Office, code: str) -> None:
    row = office.row(code=False)
    verdict = await office.register(row | {"health_code_id": code})
    assert verdict["errors"][0]["code"] == "health_code_id_is_personal"
    await office.register(row)
    verdict = await put_codes(office, who(row, code))
    assert verdict["errors"][0]["code"] == "health_code_id_is_personal"
    assert code not in str(verdict)


@pytest.mark.parametrize("code", ["a_-9", "x" * 64, "12345678901"])
async def test_other_codes_are_taken(office: Office, code: str) -> None:
    assert (await office.register(office.row(code=False, health_code_id=code)))["accepted"] == 1


async def test_a_health_code_may_come_later_by_the_same_row(office: Office) -> None:
    row = office.row(code=False)
    await office.register(row)
    assert (await office.register(row | {"health_code_id": "LATER-0001"}))["updated"] == 1
    assert (await office.status("LATER-0001"))["health_code_id"] == "LATER-0001"
    await office.register(row)
    assert (await office.status("LATER-0001"))["display"] == "none"


async def test_a_health_code_may_come_and_change_in_bulk(office: Office) -> None:
    row = office.row(code=False)
    await office.register(row)
    verdict = await put_codes(office, who(row, "BULK-0001"))
    assert (verdict["accepted"] + verdict["updated"], verdict["rejected"], verdict["errors"]) == (1, 0, [])
    await put_codes(office, who(row, "BULK-0002"))
    assert (await office.status("BULK-0002"))["health_code_id"] == "BULK-0002"
    problem(await office.platform.get("/v1/statuses/BULK-0001"), 404)


async def test_a_code_of_another_person_is_taken(office: Office) -> None:
    held = await office.somebody()
    row = office.row(code=False)
    verdict = await office.register(row | {"health_code_id": held})
    assert (verdict["rejected"], verdict["errors"][0]["code"]) == (1, "health_code_taken")
    await office.register(row)
    verdict = await put_codes(office, who(row, held))
    assert (verdict["rejected"], verdict["errors"][0]["code"]) == (1, "health_code_taken")


async def test_a_code_twice_in_one_body_is_held_by_one(office: Office) -> None:
    one, two = office.row(code=False), office.row(code=False)
    verdict = await office.register(one | {"health_code_id": "TWICE-1"}, two | {"health_code_id": "TWICE-1"})
    assert (verdict["accepted"], verdict["rejected"]) == (1, 1)
    assert verdict["errors"][0] | {"message": ""} == {
        "row": 2,
        "field": "health_code_id",
        "code": "health_code_taken",
        "message": "",
    }


async def test_a_code_for_nobody_is_a_rejected_row(office: Office) -> None:
    verdict = await put_codes(office, who(office.row(code=False), "NOBODY-01"), {"id_type": "resident_id"})
    assert (verdict["accepted"], verdict["updated"], verdict["rejected"]) == (0, 0, 2)
    problem(await office.admin.post(CODES, json={"codes": []}), 422)
    problem(await office.admin.post(CODES, json={"codes": [{}] * 10_001}), 413)


async def test_another_unit_adds_an_enrolment_and_left_on_ends_one(office: Office) -> None:
    from tests.system.people import unit

    await office.admin.post("/v1/units", json=unit(SECOND))
    row = office.row()
    await office.register(row | {"unit_code": UNIT, "category_code": "8A1"})
    await office.register(row | {"unit_code": SECOND, "category_code": "8A1"})
    for code in (UNIT, SECOND):
        assert row["health_code_id"] in await people_of(office, code)
    left = str(office.now.date())
    await office.register(row | {"unit_code": SECOND, "category_code": "8A1", "left_on": left})
    await office.system.settle()
    assert row["health_code_id"] in await people_of(office, UNIT)
    await office.register(row | {"unit_code": UNIT, "category_code": "8A1", "left_on": left})
    await office.days_on(1)
    assert row["health_code_id"] not in await people_of(office, UNIT)
    assert (await office.status(row["health_code_id"]))["due_state"] == "not_required"


async def people_of(office: Office, unit_code: str) -> list[str]:
    answer = await ok(office.admin.get(f"/v1/units/{unit_code}/people", params={"limit": 1000}))
    return [each["health_code_id"] for each in answer["people"]]


async def test_the_same_row_on_a_later_day_moves_no_first_day_of_duty(office: Office) -> None:
    row = office.row(unit_code=UNIT, category_code="8A1")
    await office.register(row)
    first = str(office.now.date())
    await office.days_on(1)
    await office.register(row)
    assert (await office.status(row["health_code_id"]))["due_on"] == first


async def test_null_is_as_good_as_absent(office: Office) -> None:
    optional = (
        "phone", "unit_code", "category_code", "department_in_unit", "employment_type", "enrolled_on", "left_on",
        "vaccination_completed_on",
    )  # fmt: skip
    verdict = await office.register(
        office.row() | dict.fromkeys(optional), office.row(code=False, health_code_id=None)
    )
    assert (verdict["accepted"], verdict["errors"]) == (2, [])


async def test_a_code_given_up_may_go_to_somebody_else(office: Office) -> None:
    one, two = office.row(code=False), office.row(code=False)
    await office.register(one | {"health_code_id": "MOVE-X"}, two)
    await put_codes(office, who(one, "MOVE-Y"), who(two, "MOVE-X"))
    await office.system.settle()
    people = {code: await office.person_id(code) for code in ("MOVE-X", "MOVE-Y")}
    assert len(set(people.values())) == 2
    verdict = await put_codes(office, who(one, "MOVE-X"))
    assert verdict["errors"][0]["code"] == "health_code_taken"


async def test_one_who_leaves_before_coming_is_rejected(office: Office) -> None:
    row = office.row(unit_code=UNIT, category_code="8A1", enrolled_on="2026-11-10", left_on="2026-11-01")
    assert (await office.register(row))["rejected"] == 1


async def test_enrolled_today_is_due_today(office: Office) -> None:
    today = str(office.now.date())
    for more in ({}, {"enrolled_on": today}):
        status = await office.status(await office.on_duty(**more))
        assert (status["due_on"], status["due_state"]) == (today, "never_tested")
        assert status["clearance"] == {"allowed": False, "reasons": ["never_tested"], "until": None}


async def test_a_duty_to_come_is_none_yet(office: Office) -> None:
    status = await office.status(await office.on_duty(enrolled_on=str(office.now.date() + timedelta(days=3))))
    assert (status["due_state"], status["clearance"]["allowed"]) == ("not_required", True)


async def test_the_person_behind_a_code_is_found_masked(office: Office) -> None:
    row = office.row(phone="13912345678", unit_code=UNIT, category_code="8A1")
    await office.register(row)
    answer = await office.records.get(f"/v1/people/by-health-code/{row['health_code_id']}")
    assert answer.status_code == 200
    body = answer.json()
    assert body["health_code_id"] == row["health_code_id"]
    assert body["person_id"]
    for value in (row["id_no"], row["name"], row["phone"]):
        assert value not in answer.text
    problem(await office.records.get("/v1/people/by-health-code/NOBODY-99"), 404)


@pytest.mark.parametrize("kind", ["exempt", "leave"])
async def test_an_exemption_lifts_the_duty_on_both_its_days(office: Office, kind: str) -> None:
    code = await office.on_duty()
    await office.tested(code, at=office.now - timedelta(days=3))
    due_on = (await office.status(code))["due_on"]
    answer = await office.exempt(code, kind, 1, 2)
    assert answer.is_success, answer.text
    assert (await office.status(code))["due_on"] == due_on
    for day in (1, 2):
        await office.days_on(1)
        status = await office.status(code)
        assert (day, status["due_state"]) == (day, "not_required")
        assert status["clearance"] == {"allowed": True, "reasons": [], "until": None}
    await office.days_on(1)
    status = await office.status(code)
    assert (status["due_on"], status["due_state"]) == (due_on, "due_soon")


async def test_one_suspended_has_a_duty_and_no_clearance(office: Office) -> None:
    code = await office.on_duty()
    await office.tested(code, at=office.now - timedelta(hours=3))
    before = await office.status(code)
    assert before["clearance"]["allowed"] is True
    assert (await office.exempt(code, "suspended", 0, 0)).is_success
    during = await office.status(code)
    assert (during["due_on"], during["due_state"]) == (before["due_on"], before["due_state"])
    assert during["clearance"] == {"allowed": False, "reasons": ["suspended"], "until": None}
    await office.days_on(1)
    assert (await office.status(code))["clearance"]["allowed"] is True


async def test_one_suspended_without_a_duty_is_not_cleared(office: Office) -> None:
    code = await office.somebody()
    await office.exempt(code, "suspended", 0, 5)
    status = await office.status(code)
    assert status["due_state"] == "not_required"
    assert status["clearance"] == {"allowed": False, "reasons": ["suspended"], "until": None}


async def test_an_exemption_is_refused_where_it_makes_no_sense(office: Office) -> None:
    path = f"/v1/people/{await office.person_id(await office.somebody())}/exemptions"
    day = str(office.now.date())
    good = {"kind": "leave", "from": day, "to": day, "reason": "休假"}
    for wrong in (
        {"kind": "holiday"},
        {"to": str(office.now.date() - timedelta(days=1))},
        {"from": "2026-13-01"},
        {"from": None},
        {"reason": None},
        {"more": 1},
    ):
        problem(await office.admin.post(path, json=good | wrong), 422)
    assert (await office.admin.post(path, json=good)).is_success
    problem(await office.admin.post(f"/v1/people/{uuid4()}/exemptions", json=good), 404)


async def test_a_ledger_has_every_sample_and_result_newest_first(office: Office) -> None:
    code = await office.on_duty()
    for hours in (60, 40, 50):
        await office.tested(code, at=office.now - timedelta(hours=hours))
    await office.sample(code, at=office.now - timedelta(hours=1))
    await office.system.settle()
    path = f"/v1/people/{await office.person_id(code)}/ledger"
    entries = (await ok(office.records.get(path)))["entries"]
    times = [each["collected_at"] for each in entries]
    assert times == sorted(times, reverse=True)
    assert times[0] == text(office.now - timedelta(hours=1))
    assert sum(each.get("outcome") == "negative" for each in entries) == 3
    problem(await office.records.get(f"/v1/people/{uuid4()}/ledger"), 404)
    problem(await office.records.get("/v1/people/nonsense/ledger"), 422)


async def test_an_explanation_names_rule_version_and_sample(office: Office) -> None:
    code = await office.on_duty()
    at = office.now - timedelta(hours=5)
    await office.tested(code, at=at)
    path = f"/v1/people/{await office.person_id(code)}/explanation"
    body = await ok(office.records.get(path))
    assert body["due_on"] == str((at + timedelta(days=7)).date())
    assert body["sentences"]["zh"]
    assert body["sentences"]["en"]
    assert (body["rule"]["category_code"], body["rule"]["version"]) == ("8A1", 1)
    assert body["sample"]["collected_at"] == text(at)
    problem(await office.records.get(f"/v1/people/{uuid4()}/explanation"), 404)
