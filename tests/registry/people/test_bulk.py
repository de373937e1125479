"""People in bulk: every row gets its verdict, and accepted + updated + rejected = sent."""

import asyncio
import json
from typing import Any

import pytest

from tests.support.district import District, coded, id_no, person

DUTY = {"unit_code": "U-1", "category_code": "8A1"}


def counts(verdict: dict[str, Any]) -> tuple[int, int, int]:
    return verdict["accepted"], verdict["updated"], verdict["rejected"]


async def post(district: District, *rows: Any) -> dict[str, Any]:
    verdict: dict[str, Any] = await district.post("/v1/people/bulk", {"people": list(rows)})
    assert sum(counts(verdict)) == len(rows)
    return verdict


async def test_new_people_are_accepted_known_ones_updated_and_bad_rows_rejected(district: District) -> None:
    await post(district, person(1))
    verdict = await post(district, person(1), person(2), person(3, category_code="NONE"))
    assert counts(verdict) == (1, 1, 1)
    assert verdict["errors"] == [
        {"row": 3, "field": "category_code", "code": "unknown_category_code", "message": "人群类别编码不存在"}
    ]


async def test_the_same_rows_again_change_nothing_and_tell_nobody(district: District) -> None:
    await district.unit()
    row = coded(1, phone="13800138000", vaccination_completed_on="2030-01-01", **DUTY)
    await post(district, row)
    before = await district.system.owner.fetchval("SELECT count(*) FROM bus.message")
    verdict = await post(district, row)
    assert counts(verdict) == (0, 1, 0)
    assert await district.system.owner.fetchval("SELECT count(*) FROM bus.message") == before
    assert await district.system.owner.fetchval("SELECT version FROM registry.person") == 1


@pytest.mark.requirement(1)
async def test_an_unknown_category_is_refused(district: District) -> None:
    verdict = await post(district, person(1, category_code="8A9"))
    assert verdict["errors"][0]["code"] == "unknown_category_code"


async def test_a_person_is_the_document_number_in_either_case(district: District) -> None:
    number = next(id_no(n) for n in range(1, 200) if id_no(n).endswith("X"))
    row = {"id_type": "resident_id", "id_no": number, "name": "张伟"}
    assert counts(await post(district, row)) == (1, 0, 0)
    assert counts(await post(district, {**row, "id_no": number.lower()})) == (0, 1, 0)


async def test_other_documents_are_other_people(district: District) -> None:
    rows = [
        {"id_type": kind, "id_no": "E12345678", "name": "John Smith"}
        for kind in ("passport", "hk_mo_permit", "tw_permit", "foreign_pr", "other")
    ]
    assert counts(await post(district, *rows)) == (5, 0, 0)


async def test_a_person_may_be_enrolled_several_times_in_one_bulk(district: District) -> None:
    await district.unit("U-1")
    await district.unit("U-2")
    verdict = await post(
        district,
        coded(1, unit_code="U-1", category_code="8A1"),
        coded(1, unit_code="U-1", category_code="8A4"),
        coded(1, unit_code="U-2", category_code="8A1"),
    )
    assert counts(verdict) == (1, 2, 0)
    assert len((await district.found())["enrolments"]) == 3


async def test_a_row_with_left_on_ends_the_enrolment_and_the_duty(district: District) -> None:
    await district.unit()
    await district.people(coded(1, enrolled_on="2030-11-01", **DUTY))
    assert (await district.status())["due_state"] == "never_tested"
    await district.people(coded(1, left_on="2030-11-20", **DUTY))
    (enrolment,) = (await district.found())["enrolments"]
    assert (enrolment["enrolled_on"], enrolment["left_on"]) == ("2030-11-01", "2030-11-20")
    assert (await district.status())["due_state"] == "not_required"
    assert (await district.get("/v1/units/U-1/people"))["people"] == []
    assert len((await district.get("/v1/units/U-1/people", former=True))["people"]) == 1


async def test_an_older_row_does_not_bring_back_who_has_left(district: District) -> None:
    await district.unit()
    old = coded(1, enrolled_on="2030-11-01", **DUTY)
    await district.people(old, coded(1, left_on="2030-11-15", **DUTY), old)
    assert (await district.found())["enrolments"][0]["left_on"] == "2030-11-15"
    await district.people(coded(1, enrolled_on="2030-11-18", **DUTY))
    (back,) = (await district.found())["enrolments"]
    assert (back["enrolled_on"], back["left_on"]) == ("2030-11-18", None)


async def test_without_a_category_there_is_no_duty_but_a_status(district: District) -> None:
    await district.people(coded(1))
    status = await district.status()
    assert (status["due_state"], status["display"]) == ("not_required", "none")
    assert status["clearance"] == {"allowed": True, "reasons": [], "until": None}


@pytest.mark.requirement(16)
async def test_every_kind_of_employment_counts_as_staff(district: District) -> None:
    await district.unit()
    kinds = ["在职", "实习", "进修", "保洁", "保安"]
    await district.people(*(coded(n, employment_type=kind, **DUTY) for n, kind in enumerate(kinds, 1)))
    listed = (await district.get("/v1/units/U-1/people"))["people"]
    assert sorted(row["employment_type"] for row in listed) == sorted(kinds)
    for number in range(1, 6):
        assert (await district.status(number))["due_state"] == "never_tested"


async def test_people_are_told_of_without_any_clear_name_or_number(district: District) -> None:
    await district.unit()
    await district.people(coded(7, name="欧阳峰", phone="13912345678", **DUTY))
    owner = district.system.owner
    secrets = ("欧阳峰", "13912345678", id_no(7))
    bodies = [
        row[0]
        for row in await owner.fetch("SELECT convert_from(body, 'UTF8') FROM bus.message ORDER BY message_id")
    ]
    names = [row[0] for row in await owner.fetch("SELECT name FROM bus.message ORDER BY message_id")]
    assert {"identities.changed", "contacts.changed"} <= set(names)
    bodies += [
        str(await owner.fetch(f"SELECT t::text FROM registry.{table} t"))
        for table in ("person", "enrolment", "audit", "health_code_history")
    ]
    assert not [secret for secret in secrets if secret in "".join(bodies)]
    identity = json.loads(bodies[names.index("identities.changed")])["people"][0]
    assert (identity["health_code_id"], identity["version"]) == ("HC-000007", 1)
    contact = json.loads(bodies[names.index("contacts.changed")])["people"][0]
    assert contact["unit_codes"] == ["U-1"]


async def test_two_thousand_people_go_into_one_message(district: District) -> None:
    await post(district, *(person(number) for number in range(1, 2002)))
    bodies = await district.system.owner.fetch(
        "SELECT convert_from(body, 'UTF8') FROM bus.message WHERE name = 'identities.changed'"
    )
    assert sorted(len(json.loads(body[0])["people"]) for body in bodies) == [1, 2000]


@pytest.mark.slow
async def test_ten_thousand_rows_are_taken_at_once(district: District) -> None:
    await district.unit()
    rows = [coded(number, phone="13800138000", **DUTY) for number in range(1, 10_001)]
    assert counts(await post(district, *rows)) == (10_000, 0, 0)


async def test_concurrent_bulks_of_the_same_people_neither_double_nor_fail(district: District) -> None:
    await district.unit()
    rows = [coded(number, **DUTY) for number in range(1, 301)]
    orders = [rows, rows[::-1], rows[150:] + rows[:150], rows]
    verdicts = await asyncio.gather(*(post(district, *order) for order in orders))
    assert sum(verdict["accepted"] for verdict in verdicts) == 300
    assert sum(verdict["updated"] for verdict in verdicts) == 900
    assert await district.system.owner.fetchval("SELECT count(*) FROM registry.person") == 300
    changed = [
        [{**row, "health_code_id": f"NEW{turn}-{row['health_code_id']}"} for row in order]
        for turn, order in enumerate(orders)
    ]
    verdicts = await asyncio.gather(*(post(district, *order) for order in changed))
    assert [counts(verdict) for verdict in verdicts] == [(0, 300, 0)] * 4


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"id_no": "110105194912310021"}, "id_no", "id_no_checksum"),
        ({"id_no": "11010519491331002X"}, "id_no", "id_no_birth_date"),
        ({"id_no": "１１０１０５１９４９１２３１００２Ｘ"}, "id_no", "id_no_malformed"),
        ({"id_no": 110105194912310020}, "id_no", "wrong_type"),
        ({"id_no": "1" * 30}, "id_no", "id_no_malformed"),
        ({"id_type": "id_card"}, "id_type", "not_allowed"),
        ({"name": ""}, "name", "too_short"),
        ({"name": "张\x00伟"}, "name", "character_forbidden"),
        ({"name": "张\ud800"}, "name", "character_forbidden"),
        ({"phone": "123"}, "phone", "phone_invalid"),
        ({"health_code_id": id_no(99)}, "health_code_id", "health_code_id_is_personal"),
        ({"health_code_id": "13800138000"}, "health_code_id", "health_code_id_is_personal"),
        ({"health_code_id": "a b c d"}, "health_code_id", "health_code_malformed"),
        ({"unit_code": "NOWHERE"}, "unit_code", "unknown_unit_code"),
        ({"enrolled_on": "2030-11-31"}, "enrolled_on", "day_malformed"),
        ({"enrolled_on": "2030-11-01T00:00:00+08:00"}, "enrolled_on", "day_malformed"),
        ({"left_on": "2030-11-01"}, "left_on", "left_without_enrolment"),
        (
            {"category_code": "8A1", "enrolled_on": "2030-11-02", "left_on": "2030-11-01"},
            "left_on",
            "left_before_enrolled",
        ),
        ({"vaccination_completed_on": "2030-11-21"}, "vaccination_completed_on", "day_in_future"),
        ({"salary": 1}, "salary", "unknown_field"),
    ],
)
async def test_what_is_wrong_in_a_row_rejects_that_row_without_echo(
    district: District, fields: dict[str, Any], field: str, code: str
) -> None:
    answer = await district.http.post(
        "/v1/people/bulk",
        content=json.dumps({"people": [person(1), {**person(2), **fields}]}),
        headers={"Content-Type": "application/json"},
    )
    assert answer.status_code == 200
    verdict = answer.json()
    assert counts(verdict) == (1, 0, 1)
    assert [(e["row"], e["field"], e["code"]) for e in verdict["errors"]] == [(2, field, code)]
    value = str(next(iter(fields.values())))
    assert len(value) < 4 or value not in answer.text


@pytest.mark.parametrize("row", [None, 7, "x", [], {}])
async def test_a_row_that_is_no_person_is_rejected(district: District, row: Any) -> None:
    assert counts(await post(district, row, person(1))) == (1, 0, 1)


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        ('{"people": []}', 422),
        ('{"people": {}}', 422),
        ('{"persons": []}', 422),
        ("[]", 422),
        ('{"people": [{"id_no": 1, "id_no": 2}]}', 400),
        ('{"people": [NaN]}', 400),
        ('{"people": [1e400]}', 400),
        ('{"people": [', 400),
        ("", 400),
    ],
)
async def test_a_body_that_is_no_list_of_people_is_refused_whole(
    district: District, raw: str, status: int
) -> None:
    answer = await district.http.post(
        "/v1/people/bulk", content=raw, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_ten_thousand_and_one_rows_are_too_many(district: District) -> None:
    problem = await district.post("/v1/people/bulk", {"people": [{}] * 10_001}, status=413)
    assert problem["code"] == "too_many_rows"


async def test_people_may_only_be_registered_by_an_administrator(district: District) -> None:
    reader = await district.system.client("registry", scopes=["records:read"])
    nobody = await district.system.client("registry")
    body = {"people": [person(1)]}
    assert (await reader.post("/v1/people/bulk", json=body)).status_code == 403
    assert (await nobody.post("/v1/people/bulk", json=body)).status_code == 401
