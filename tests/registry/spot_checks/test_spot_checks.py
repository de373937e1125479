"""Spot checks: what is refused, what is the same again, and what is seen of whom."""

from datetime import timedelta
from typing import Any

import pytest

from tests.registry.conftest import NOON
from tests.support.district import District, coded, id_no, person

PLACE = {"unit_code": "U-1", "category_code": "LOCAL-CATERING", "enrolled_on": "2030-11-01"}
PATH = "/v1/units/U-1/spot-checks"


def found(number: int) -> dict[str, Any]:
    return {key: person(number)[key] for key in ("id_type", "id_no", "name")}


async def test_a_check_is_judged_as_of_its_moment(district: District) -> None:
    await district.unit()
    await district.people(coded(1, **PLACE))
    await district.negative(1, NOON - timedelta(days=6))
    await district.system.set_clock(NOON + timedelta(days=5))
    earlier = (NOON + timedelta(hours=1)).isoformat()
    at_noon = await district.post(PATH, {"people": [found(1)], "checked_at": earlier})
    assert (at_noon["people"][0]["valid_negative"], at_noon["findings"]) == (True, [])
    now = await district.post(PATH, {"people": [found(1)]})
    assert now["people"][0]["reason"] == "overdue"
    problem = await district.post(
        PATH, {"people": [found(1)], "checked_at": "2030-11-26T12:00:00+08:00"}, status=422
    )
    assert [(e["field"], e["code"]) for e in problem["errors"]] == [("checked_at", "time_in_future")]


async def test_the_same_number_with_the_same_people_is_the_same_check(district: District) -> None:
    await district.unit()
    await district.people(coded(1, **PLACE))
    body = {"check_no": "2030-11-20-01", "note": "午市", "people": [found(1), found(2)]}
    first = await district.post(PATH, body, status=201)
    again = await district.post(PATH, body, status=200)
    assert again["spot_check_id"] == first["spot_check_id"]
    assert await district.system.owner.fetchval("SELECT count(*) FROM registry.finding") == 1
    other = await district.post(PATH, {**body, "people": [found(1)]}, status=409)
    assert other["code"] == "check_no_in_use"
    listed = (await district.get("/v1/spot-checks", unit_code="U-1"))["spot_checks"]
    assert [(each["check_no"], each["people"], each["wanting"]) for each in listed] == [
        ("2030-11-20-01", 2, 2)
    ]
    shown = await district.get(f"/v1/spot-checks/{first['spot_check_id']}")
    assert (shown["note"], shown["people"]) == ("午市", first["people"])


async def test_bad_rows_and_a_person_named_twice_are_refused_row_by_row(district: District) -> None:
    await district.unit()
    await district.people(coded(1, **PLACE))
    rows = [
        found(1),
        found(1),
        {"health_code_id": "HC-000001"},
        {**found(2), "id_no": "110105194912310021"},
        {"id_type": "resident_id"},
        {**found(3), "health_code_id": "HC-000003"},
        {"name": "张伟"},
        {**found(4), "extra": 1},
        "text",
        found(5),
    ]
    made = await district.post(PATH, {"people": rows})
    assert (made["counts"]["found"], made["rejected"]) == (2, 8)
    assert [each["row"] for each in made["people"]] == [1, 10]
    assert [(error["row"], error["field"], error["code"]) for error in made["errors"]] == [
        (2, "id_no", "person_twice"),
        (3, "health_code_id", "person_twice"),
        (4, "id_no", "id_no_checksum"),
        (5, "id_no", "identity_needed"),
        (6, "id_no", "identity_needed"),
        (7, "id_no", "identity_needed"),
        (8, "extra", "unknown_field"),
        (9, None, "wrong_type"),
    ]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/units/U-9/spot-checks", {"people": [found(1)]}, 404),
        (PATH, {"people": []}, 422),
        (PATH, {"people": [{"name": "张伟"}]}, 422),
        (PATH, {}, 422),
        (PATH, {"people": [found(n) for n in range(1, 3)] * 501}, 413),
    ],
)
async def test_a_check_that_cannot_be_made_is_refused(
    district: District, path: str, body: dict[str, Any], status: int
) -> None:
    await district.unit()
    problem = await district.post(path, body, status=status)
    assert id_no(1) not in str(problem)


async def test_who_is_new_lies_sealed_and_needs_a_name_and_a_document(district: District) -> None:
    await district.unit()
    nameless = {key: found(7)[key] for key in ("id_type", "id_no")}
    made = await district.post(PATH, {"people": [found(6), nameless, {"health_code_id": "HC-000099"}]})
    stored = await district.system.owner.fetchval(
        "SELECT string_agg(s::text, ' ') FROM registry.spot_check_person s"
    )
    assert id_no(6) not in stored
    assert "张伟".encode().hex() not in stored
    path = f"/v1/spot-checks/{made['spot_check_id']}/enrolments"
    done = await district.post(path, {"category_code": "LOCAL-CATERING"})
    assert done["enrolled"] == 1
    assert [(e["row"], e["code"]) for e in done["errors"]] == [(2, "name_needed"), (3, "id_no_needed")]
    rows = [{"row": 2, "name": "王芳", "health_code_id": "HC-000007"}, {"row": 9}]
    done = await district.post(path, {"category_code": "LOCAL-CATERING", "rows": rows})
    assert done["enrolled"] == 1
    assert [(e["row"], e["code"]) for e in done["errors"]] == [(9, "spot_row_unknown")]
    assert (await district.found(7))["name_masked"] == "王*"
    unknown = await district.post(path, {"category_code": "9Z", "rows": [{"row": 1}]})
    assert [(e["row"], e["field"], e["code"]) for e in unknown["errors"]] == [
        (1, "category_code", "unknown_category_code")
    ]


async def test_a_town_learns_nothing_of_people_who_belong_to_another(district: District) -> None:
    await district.unit()
    await district.unit("U-2", township_code="TOWN-02")
    await district.people(coded(1, unit_code="U-2", category_code="8A1", enrolled_on="2030-11-01"))
    await district.negative(1, NOON)
    town = await district.system.client(
        "registry", scopes=["admin"], area_code="TOWN-01", area_level="township"
    )
    made = (await town.post(PATH, json={"people": [found(1), found(2)]})).json()
    known, nobody = ({k: v for k, v in each.items() if k != "row"} for each in made["people"])
    assert known == nobody
    assert known["records"] is None
    other = await district.post("/v1/units/U-2/spot-checks", {"people": [found(1), found(3)]})
    [finding] = other["findings"]
    for path in (f"/v1/spot-checks/{other['spot_check_id']}", f"/v1/findings/{finding['finding_id']}"):
        assert (await town.get(path)).status_code == 404
    assert len((await town.get("/v1/spot-checks")).json()["spot_checks"]) == 1
    assert [f["unit_code"] for f in (await town.get("/v1/findings")).json()["findings"]] == ["U-1"]
    enrol = await town.post(
        f"/v1/spot-checks/{other['spot_check_id']}/enrolments", json={"category_code": "8A1"}
    )
    assert enrol.status_code == 404
    done = await town.post(
        f"/v1/spot-checks/{made['spot_check_id']}/enrolments", json={"category_code": "LOCAL-CATERING"}
    )
    assert (done.status_code, done.json()["enrolled"]) == (200, 2)


async def test_a_row_nested_deeper_than_any_row_is_is_refused_with_the_whole_list(district: District) -> None:
    await district.unit()
    # A large body is read in a thread, where there is more room for what is nested than round the service.
    raw = '{"people":[{"x":%s}]}' % ("[" * 950 + "]" * 950)
    answer = await district.http.post(
        PATH, content=raw.ljust(250_000), headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "not_json")
