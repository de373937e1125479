"""Health-code ids that come later, change, or belong to somebody else."""

from typing import Any

from tests.support.district import District, coded, id_no, person


def code(number: int, health_code_id: str) -> dict[str, Any]:
    return {"id_type": "resident_id", "id_no": id_no(number), "health_code_id": health_code_id}


async def assign(district: District, *codes: dict[str, Any]) -> dict[str, Any]:
    verdict: dict[str, Any] = await district.post("/v1/health-code-ids/bulk", {"codes": list(codes)})
    return verdict


async def test_a_code_may_come_later(district: District) -> None:
    await district.people(person(1))
    verdict = await assign(district, code(1, "HC-000001"), code(2, "HC-000002"))
    assert (verdict["accepted"], verdict["updated"], verdict["rejected"]) == (1, 0, 1)
    assert verdict["errors"][0]["code"] == "unknown_person"
    assert (await district.status())["display"] == "none"


async def test_a_replaced_code_still_leads_to_its_person(district: District) -> None:
    await district.people(coded(1))
    verdict = await assign(district, code(1, "HC-NEW"))
    assert (verdict["accepted"], verdict["updated"], verdict["rejected"]) == (0, 1, 0)
    assert (await district.found())["health_code_id"] == "HC-NEW"
    assert (await district.get("/v1/statuses/HC-NEW"))["display"] == "none"
    assert (await district.get("/v1/statuses/HC-000001", status=404))["code"] == "not_found"


async def test_a_replaced_code_is_told_to_the_feed(district: District) -> None:
    await district.people(coded(1))
    await assign(district, code(1, "HC-NEW"))
    told = await district.system.owner.fetch(
        "SELECT removed[1], replaced_by[1] FROM registry.feed_block WHERE cardinality(removed) > 0"
        " UNION SELECT removed[1], replaced_by[1] FROM registry.feed_pending WHERE cardinality(removed) > 0"
    )
    assert [tuple(row) for row in told] == [("HC-000001", "HC-NEW")]


async def test_a_code_held_by_another_person_rejects_the_row(district: District) -> None:
    await district.people(coded(1), person(2))
    verdict = await assign(district, code(2, "HC-000001"))
    assert verdict["errors"][0]["code"] == "health_code_taken"
    bulk = await district.post(
        "/v1/people/bulk", {"people": [person(2, health_code_id="HC-000001"), coded(3)]}
    )
    assert (bulk["accepted"], bulk["updated"], bulk["rejected"]) == (1, 0, 1)
    assert bulk["errors"][0]["code"] == "health_code_taken"
    single = await district.post("/v1/people", person(4, health_code_id="HC-000001"), status=409)
    assert single["code"] == "health_code_taken"


async def test_two_new_people_of_one_bulk_cannot_share_a_code(district: District) -> None:
    rows = [person(1, health_code_id="HC-SAME"), person(2, health_code_id="HC-SAME")]
    verdict = await district.post("/v1/people/bulk", {"people": rows})
    assert (verdict["accepted"], verdict["rejected"]) == (1, 1)
    assert verdict["errors"][0]["row"] == 2


async def test_a_code_that_is_given_up_may_be_taken_in_the_same_bulk(district: District) -> None:
    await district.people(coded(1), coded(2))
    await district.people(
        person(1, health_code_id="HC-FREE"),
        person(2, health_code_id="HC-000001"),
        person(3, health_code_id="HC-000002"),
    )
    held = await district.system.owner.fetch(
        "SELECT health_code_id FROM registry.person ORDER BY health_code_id"
    )
    assert [row[0] for row in held] == ["HC-000001", "HC-000002", "HC-FREE"]


async def test_an_administrator_may_take_a_code_away(district: District) -> None:
    await district.people(coded(1))
    person_id = (await district.found())["person_id"]
    shown = await district.patch(f"/v1/people/{person_id}", {"health_code_id": None})
    assert shown["health_code_id"] is None
    assert (await district.get("/v1/statuses/HC-000001", status=404))["code"] == "not_found"
