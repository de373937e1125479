"""People as they are shown: masked, inside the area, every look recorded."""

from typing import Any

import asyncpg
import pytest

from tests.support.district import District, coded, id_no, person


@pytest.mark.requirement(36)
async def test_enrolling_keeps_the_date_and_by_whom(district: District) -> None:
    await district.unit()
    clerk = await district.system.client("registry", scopes=["admin"], client_id="clerk-1")
    row = coded(1, unit_code="U-1", category_code="LOCAL-CATERING", enrolled_on="2030-11-19")
    assert (await clerk.post("/v1/people", json=row)).status_code == 201
    kept = await district.system.owner.fetchrow("SELECT enrolled_on, created_by FROM registry.enrolment")
    assert (str(kept["enrolled_on"]), kept["created_by"]) == ("2030-11-19", "clerk-1")
    listed = (await district.get("/v1/units/U-1/people"))["people"]
    assert [(r["health_code_id"], r["enrolled_on"]) for r in listed] == [("HC-000001", "2030-11-19")]


@pytest.mark.requirement(36)
async def test_a_roster_shows_who_is_at_work_and_not_enrolled(district: District) -> None:
    await district.unit()
    await district.people(*(coded(n, unit_code="U-1", category_code="LOCAL-CATERING") for n in (1, 2, 5)))
    await district.people(coded(5, unit_code="U-1", category_code="LOCAL-CATERING", left_on="2030-11-20"))
    rows = [person(n) for n in (1, 3, 5)] + [{**person(4), "id_no": "110105194912310021"}]
    roster = [{name: row[name] for name in ("id_type", "id_no", "name")} for row in rows]
    compared = await district.post("/v1/units/U-1/roster", {"people": roster})
    assert (compared["enrolled"], compared["missing"], compared["rejected"]) == (1, 2, 1)
    assert compared["missing_rows"] == [2, 3]
    assert [error["code"] for error in compared["errors"]] == ["id_no_checksum"]
    surplus = await district.found(2)
    assert [each["person_id"] for each in compared["not_on_roster"]] == [surplus["person_id"]]


async def test_one_person_is_registered_and_brought_up_to_date(district: District) -> None:
    shown = await district.post("/v1/people", coded(1, phone="13800138000"), status=201)
    assert shown["name_masked"] == "张*"
    assert shown["phone_masked"] == "138****8000"
    assert shown["id_no_masked"].endswith(id_no(1)[-4:])
    assert "*" * 10 in shown["id_no_masked"]
    again = await district.post("/v1/people", coded(1, name="李伟"), status=200)
    assert again["person_id"] == shown["person_id"]
    assert (again["name_masked"], again["phone_masked"]) == ("李*", "138****8000")


async def test_a_single_bad_person_is_refused_without_echo(district: District) -> None:
    problem = await district.post("/v1/people", {**person(1), "id_no": "110105194912310021"}, status=422)
    assert problem["errors"][0]["code"] == "id_no_checksum"
    assert "110105194912310021" not in str(problem)


async def test_every_look_at_a_person_is_recorded(district: District) -> None:
    await district.unit()
    await district.people(coded(1, unit_code="U-1"))
    reader = await district.system.client("registry", scopes=["records:read"], client_id="reader-1")
    shown = (await reader.get("/v1/people/by-health-code/HC-000001")).json()
    await reader.get(f"/v1/people/{shown['person_id']}")
    await reader.get("/v1/units/U-1/people")
    rows = await district.system.owner.fetch(
        "SELECT action, purpose, person_id::text, subject FROM registry.audit"
        " WHERE client_id = 'reader-1' ORDER BY audit_id"
    )
    assert [tuple(row) for row in rows] == [
        ("person.read", "by_health_code", shown["person_id"], None),
        ("person.read", "by_person_id", shown["person_id"], None),
        ("people.list", "unit", None, "U-1"),
    ]


async def test_the_trail_can_only_grow(district: District) -> None:
    await district.people(coded(1))
    await district.found()
    for statement in ("DELETE FROM registry.audit", "UPDATE registry.audit SET client_id = 'x'"):
        with pytest.raises(asyncpg.RestrictViolationError):
            await district.system.owner.execute(statement)


async def test_a_client_of_an_area_sees_only_people_enrolled_in_its_units(district: District) -> None:
    await district.unit("U-1", township_code="TOWN-01")
    await district.unit("U-2", township_code="TOWN-02")
    await district.people(coded(1, unit_code="U-1"), coded(2, unit_code="U-2"), coded(3))
    town = await district.system.client(
        "registry", scopes=["admin"], area_code="TOWN-02", area_level="township"
    )
    assert (await town.get("/v1/people/by-health-code/HC-000002")).status_code == 200
    for number in (1, 3):
        person_id = (await district.found(number))["person_id"]
        assert (await town.get(f"/v1/people/by-health-code/HC-{number:06d}")).status_code == 404
        assert (await town.get(f"/v1/people/{person_id}")).status_code == 404
        assert (await town.patch(f"/v1/people/{person_id}", json={"name": "x"})).status_code == 404
        body = {"kind": "leave", "from": "2030-11-20", "to": "2030-11-20", "reason": "x"}
        assert (await town.post(f"/v1/people/{person_id}/exemptions", json=body)).status_code == 404
    assert (await town.get("/v1/units/U-1/people")).status_code == 404


async def test_a_client_of_an_area_registers_people_in_its_own_units_only(district: District) -> None:
    await district.unit("U-1", township_code="TOWN-01")
    await district.unit("U-2", township_code="TOWN-02")
    town = await district.system.client(
        "registry", scopes=["admin"], area_code="TOWN-02", area_level="township"
    )
    rows = [coded(1, unit_code="U-1"), coded(2, unit_code="U-2"), coded(3)]
    verdict = (await town.post("/v1/people/bulk", json={"people": rows})).json()
    assert (verdict["accepted"], verdict["rejected"]) == (1, 2)
    assert [e["code"] for e in verdict["errors"]] == ["unknown_unit_code", "unit_needed_in_area"]


async def test_a_units_people_are_listed_by_cursor(district: District) -> None:
    await district.unit()
    await district.people(*(coded(n, unit_code="U-1", category_code="8A1") for n in range(1, 8)))
    seen: list[str] = []
    cursor = None
    for _ in range(4):
        query: dict[str, Any] = {"limit": 2} if cursor is None else {"limit": 2, "cursor": cursor}
        page = await district.get("/v1/units/U-1/people", query)
        seen.extend(row["health_code_id"] for row in page["people"])
        cursor = page["next_cursor"]
    assert cursor is None
    assert sorted(seen) == [f"HC-{n:06d}" for n in range(1, 8)]


async def test_unknown_and_malformed_ids_are_no_server_error(district: District) -> None:
    await district.get("/v1/people/by-health-code/HC-NOBODY", status=404)
    await district.get("/v1/people/00000000-0000-7000-8000-000000000000", status=404)
    for path in ("/v1/people/by-health-code/%00%00%00%00", "/v1/people/xyz", "/v1/people/by-health-code/x"):
        assert (await district.http.get(path)).status_code in (404, 422)
