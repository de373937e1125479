"""Appeals: disputed, decided by a second person, corrected by the ways that exist."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from registry.appeals import service
from registry.findings import service as findings
from registry.ledger import jobs
from tests.registry.conftest import NOON
from tests.support.district import District, coded, person
from tests.support.world import applied, result, reviewed

PLACE = {"unit_code": "U-1", "category_code": "LOCAL-CATERING", "enrolled_on": "2030-11-01"}


async def settled(district: District) -> str:
    await district.unit()
    await district.people(coded(1, **PLACE))
    return str((await district.found())["person_id"])


async def client(district: District, name: str, *scopes: str, area: str | None = None) -> httpx.AsyncClient:
    return await district.system.client(
        "registry", scopes=scopes or ["admin"], client_id=name, area_code=area,
        area_level="township" if area else None,
    )  # fmt: skip


async def positive(district: District, person_id: str) -> UUID:
    """Let a positive of somebody else be attached to the person."""
    result_id = uuid4()
    row = result(UUID(person_id), outcome="positive", collected_at=NOON, result_id=result_id)
    context = district.system.context("registry")
    async with context.db.transaction() as session:
        await jobs.results_applied(session, applied([row], reported_at=NOON), context)
    return result_id


async def look(district: District) -> None:
    context = district.system.context("registry")
    async with context.db.transaction() as session:
        await service.look(session, context)


async def told(district: District) -> list[tuple[int, str, bool]]:
    rows = await district.system.owner.fetch(
        "SELECT body FROM bus.message WHERE name = 'appeal.changed' ORDER BY message_id"
    )
    bodies = [json.loads(row["body"]) for row in rows]
    return [(body["revision"], body["state"], body["late"]) for body in bodies]


async def test_an_upheld_result_waits_for_its_correction_and_ends_with_it(district: District) -> None:
    person_id = await settled(district)
    result_id = await positive(district, person_id)
    body = {"claim": "result_not_mine", "person_id": person_id, "result_id": str(result_id),
            "statement": "当日不在本区", "references": [{"kind": "车票", "ref": "G1234"}]}  # fmt: skip
    opened = await district.post("/v1/appeals", body, status=201)
    assert (opened["state"], opened["shown"]["display"]) == ("open", "under_recheck")
    assert (await district.post("/v1/appeals", body, status=200))["appeal_id"] == opened["appeal_id"]
    path = f"/v1/appeals/{opened['appeal_id']}"
    cdc = await client(district, "cdc-2", "reviews:write")
    decided = await cdc.post(f"{path}/decision", json={"verdict": "upheld", "reason": "绑定有误"})
    assert decided.json()["state"] == "upheld", decided.text
    await look(district)
    assert (await district.get(path))["state"] == "upheld"
    assert (await district.status())["display"] == "under_recheck"
    context = district.system.context("registry")
    await district.system.set_clock(NOON + timedelta(hours=1))
    async with context.db.transaction() as session:
        await jobs.review_recorded(session, reviewed(result_id, UUID(person_id), "refuted"), context)
    await look(district)
    ended = await district.get(path)
    assert ended["state"] == "corrected"
    assert (ended["shown"]["display"], ended["shown_now"]["display"]) == ("under_recheck", "negative")
    assert [step["kind"] for step in ended["steps"]] == ["opened", "upheld", "corrected"]
    assert ended["steps"][0]["content"]["references"] == [{"kind": "车票", "ref": "G1234"}]
    assert await told(district) == [(1, "open", False), (2, "upheld", False), (3, "corrected", False)]


async def test_a_wrong_duty_is_corrected_by_an_exemption_and_reaches_the_feed(district: District) -> None:
    person_id = await settled(district)
    before = (await district.status())["version"]
    body = {"claim": "duty_wrong", "person_id": person_id, "statement": "化疗期间"}
    path = f"/v1/appeals/{(await district.post('/v1/appeals', body))['appeal_id']}"
    second = await client(district, "clerk-2")
    exempt = {"kind": "exempt", "from": "2030-11-20", "to": "2030-11-30", "reason": "化疗住院"}
    answer = await second.post(
        f"{path}/decision", json={"verdict": "upheld", "reason": "属实", "exemption": exempt}
    )
    assert (answer.status_code, answer.json()["state"]) == (200, "corrected"), answer.text
    status = await district.status()
    assert (status["due_state"], status["version"]) == ("not_required", before + 1)
    assert (await district.found())["exemptions"][0]["reason"] == "化疗住院"
    assert await told(district) == [(1, "open", False), (3, "corrected", False)]


async def test_a_stay_that_had_ended_and_a_code_that_was_anothers_are_put_right(district: District) -> None:
    person_id = await settled(district)
    second = await client(district, "clerk-2")
    for claim, remedy in (
        ("duty_wrong", {"leaving": {"unit_code": "U-1", "category_code": "LOCAL-CATERING",
                                    "left_on": "2030-11-10"}}),
        ("identity_wrong", {"health_code": {"health_code_id": "HC-000077"}}),
    ):  # fmt: skip
        body = {"claim": claim, "person_id": person_id, "statement": "早已离职,换码"}
        path = f"/v1/appeals/{(await district.post('/v1/appeals', body))['appeal_id']}"
        decision = {"verdict": "upheld", "reason": "属实", **remedy}
        # Whoever was last to change the person decides nothing more about them.
        third = second if claim == "duty_wrong" else await client(district, "clerk-3")
        answer = await third.post(f"{path}/decision", json=decision)
        assert answer.status_code == 200, answer.text
    found = await district.get(f"/v1/people/{person_id}")
    assert (found["health_code_id"], found["enrolments"][0]["left_on"]) == ("HC-000077", "2030-11-10")


async def test_a_unit_disputes_a_finding_and_it_is_withdrawn(district: District) -> None:
    await settled(district)
    people = {"people": [{key: person(2)[key] for key in ("id_type", "id_no", "name")}]}
    inspector = await client(district, "inspector-1")
    made = (await inspector.post("/v1/units/U-1/spot-checks", json=people)).json()
    finding_id = made["findings"][0]["finding_id"]
    body = {"claim": "finding_wrong", "finding_id": finding_id, "statement": "系送货人员,非本店员工"}
    path = f"/v1/appeals/{(await district.post('/v1/appeals', body))['appeal_id']}"
    refused = await inspector.post(f"{path}/decision", json={"verdict": "upheld", "reason": "属实"})
    assert (refused.status_code, refused.json()["code"]) == (409, "appeal_second_person")
    second = await client(district, "clerk-2")
    answer = await second.post(f"{path}/decision", json={"verdict": "upheld", "reason": "属实"})
    assert answer.json()["state"] == "corrected", answer.text
    assert (await district.get(f"/v1/findings/{finding_id}"))["finding"]["state"] == "withdrawn"
    ended = await district.system.owner.fetchval(
        "SELECT count(*) FROM bus.message WHERE name = 'finding.ended'"
    )
    assert ended == 1


async def test_a_finding_that_ended_while_it_was_disputed_is_withdrawn_all_the_same(
    district: District,
) -> None:
    await settled(district)
    inspector, second = [await client(district, name) for name in ("inspector-1", "clerk-2")]
    people = {"people": [{key: person(2)[key] for key in ("id_type", "id_no", "name")}]}
    made = (await inspector.post("/v1/units/U-1/spot-checks", json=people)).json()
    finding_id = made["findings"][0]["finding_id"]
    body = {"claim": "finding_wrong", "finding_id": finding_id, "statement": "系送货人员,非本店员工"}
    path = f"/v1/appeals/{(await district.post('/v1/appeals', body))['appeal_id']}"
    enrolled = {"category_code": "LOCAL-CATERING"}
    await inspector.post(f"/v1/spot-checks/{made['spot_check_id']}/enrolments", json=enrolled)
    await district.people(coded(2))
    await district.negative(2, NOON)
    context = district.system.context("registry")
    async with context.db.transaction() as session:
        await findings.settle(session, context, finding_id=UUID(finding_id), now=NOON)
    assert (await district.get(f"/v1/findings/{finding_id}"))["finding"]["state"] == "closed"
    answer = await second.post(f"{path}/decision", json={"verdict": "upheld", "reason": "属实"})
    assert (answer.status_code, answer.json().get("state")) == (200, "corrected"), answer.text
    assert (await district.get(f"/v1/findings/{finding_id}"))["finding"]["state"] == "withdrawn"


async def test_nobody_decides_their_own_appeal_nor_what_they_brought_or_entered(district: District) -> None:
    await district.unit()
    clerk = await client(district, "clerk-1")
    await clerk.post("/v1/people/bulk", json={"people": [coded(1, **PLACE)]})
    person_id = (await district.found())["person_id"]
    opener, witness = await client(district, "opener-1"), await client(district, "witness-1")
    body = {"claim": "duty_wrong", "person_id": person_id, "statement": "x"}
    path = f"/v1/appeals/{(await opener.post('/v1/appeals', json=body)).json()['appeal_id']}"
    assert (await witness.post(f"{path}/evidence", json={"statement": "y"})).status_code == 200
    decision = {"verdict": "rejected", "reason": "z"}
    for who in (opener, witness, clerk):
        answer = await who.post(f"{path}/decision", json=decision)
        assert (answer.status_code, answer.json()["code"]) == (409, "appeal_second_person")
    assert (await witness.post(f"{path}/withdrawal")).json()["code"] == "appeal_not_yours"
    third = await client(district, "clerk-3")
    assert (await third.post(f"{path}/decision", json=decision)).json()["state"] == "rejected"
    for action, said in (("decision", decision), ("evidence", {"statement": "y"}), ("withdrawal", None)):
        again = await third.post(f"{path}/{action}", json=said)
        assert (again.status_code, again.json()["code"]) == (409, "appeal_decided"), action


async def test_a_reviewer_decides_about_results_only(district: District) -> None:
    person_id = await settled(district)
    body = {"claim": "duty_wrong", "person_id": person_id, "statement": "x"}
    path = f"/v1/appeals/{(await district.post('/v1/appeals', body))['appeal_id']}"
    cdc = await client(district, "cdc-2", "reviews:write")
    assert (
        await cdc.post(f"{path}/decision", json={"verdict": "rejected", "reason": "z"})
    ).status_code == 403


async def test_what_nobody_decides_in_time_is_late_and_told_once(district: District) -> None:
    person_id = await settled(district)
    body = {"claim": "result_missing", "person_id": person_id, "statement": "已采样三日"}
    opened = await district.post("/v1/appeals", body)
    assert opened["due_at"].startswith("2030-11-22T12:00")
    assert (await district.get("/v1/appeals", late=True))["appeals"] == []
    await district.system.set_clock(NOON + timedelta(hours=49, minutes=5))
    await look(district)
    await look(district)
    [late] = (await district.get("/v1/appeals", late=True))["appeals"]
    assert (late["appeal_id"], late["late"], late["age_hours"]) == (opened["appeal_id"], True, 49)
    assert await told(district) == [(1, "open", False), (2, "open", True)]


async def test_an_appeal_may_be_withdrawn_and_brought_again(district: District) -> None:
    person_id = await settled(district)
    body = {"claim": "result_missing", "person_id": person_id, "statement": "x"}
    first = await district.post("/v1/appeals", body)
    taken = await district.post(f"/v1/appeals/{first['appeal_id']}/withdrawal", None)
    assert taken["state"] == "withdrawn"
    assert (await district.post("/v1/appeals", body, status=201))["appeal_id"] != first["appeal_id"]
    listed = (await district.get("/v1/appeals", state="open"))["appeals"]
    assert len(listed) == 1


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"claim": "result_wrong"}, "claim", "appeal_object_needed"),
        ({"claim": "duty_wrong", "result_id": str(uuid4())}, "claim", "appeal_object_needed"),
        ({"claim": "finding_wrong"}, "claim", "appeal_object_needed"),
        ({"claim": "result_wrong", "result_id": str(uuid4())}, "result_id", "appeal_object_unknown"),
        ({"claim": "result_wrong", "result_id": "x"}, "result_id", "bad_format"),
        ({"claim": "other"}, "claim", "not_allowed"),
        ({"claim": "duty_wrong", "statement": " "}, "statement", "too_short"),
    ],
)
async def test_an_appeal_that_names_nothing_is_refused(
    district: District, fields: dict[str, Any], field: str, code: str
) -> None:
    person_id = await settled(district)
    problem = await district.post(
        "/v1/appeals", {"person_id": person_id, "statement": "x", **fields}, status=422
    )
    assert (field, code) in [(error["field"], error["code"]) for error in problem["errors"]]


@pytest.mark.parametrize(
    "decision",
    [
        {"verdict": "upheld"},
        {"verdict": "upheld", "health_code": {"health_code_id": None}},
        {"verdict": "rejected", "leaving": {"left_on": "2030-11-20"}},
        {"verdict": "upheld", "leaving": {"left_on": "2030-11-20"}},
    ],
)
async def test_a_remedy_that_does_not_fit_changes_nothing(
    district: District, decision: dict[str, Any]
) -> None:
    person_id = await settled(district)
    body = {"claim": "duty_wrong", "person_id": person_id, "statement": "x"}
    path = f"/v1/appeals/{(await district.post('/v1/appeals', body))['appeal_id']}"
    second = await client(district, "clerk-2")
    answer = await second.post(f"{path}/decision", json={"reason": "z", **decision})
    assert answer.status_code == 422, answer.text
    assert (await district.get(path))["state"] == "open"


async def test_what_is_said_lies_sealed_and_the_steps_cannot_be_rewritten(district: District) -> None:
    person_id = await settled(district)
    body = {"claim": "duty_wrong", "person_id": person_id, "statement": "患病在家"}
    await district.post("/v1/appeals", body)
    stored = await district.system.owner.fetchval(
        "SELECT string_agg(s::text, ' ') FROM registry.appeal_step s"
    )
    assert "患病在家".encode().hex() not in stored
    for statement in (
        "UPDATE registry.appeal_step SET client_id = 'nobody'",
        "DELETE FROM registry.appeal_step",
    ):
        with pytest.raises(Exception, match="append-only"):
            await district.system.owner.execute(statement)


async def test_a_town_sees_the_appeals_of_its_own_people_alone(district: District) -> None:
    person_id = await settled(district)
    await district.unit("U-2", township_code="TOWN-02")
    body = {"claim": "duty_wrong", "person_id": person_id, "statement": "x"}
    path = f"/v1/appeals/{(await district.post('/v1/appeals', body))['appeal_id']}"
    own = await client(district, "town-1", "cases:respond", area="TOWN-01")
    other = await client(district, "town-2", "cases:respond", area="TOWN-02")
    seen = await own.get(path)
    assert seen.status_code == 200, seen.text
    assert len((await own.get("/v1/appeals")).json()["appeals"]) == 1
    assert (await other.get(path)).status_code == 404
    assert (await other.get("/v1/appeals")).json()["appeals"] == []
    assert (await other.post(f"{path}/evidence", json={"statement": "y"})).status_code == 404
    assert (await other.post("/v1/appeals", json=body)).status_code == 404
