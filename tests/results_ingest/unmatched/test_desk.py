"""A person decides on what the rules could not."""

from typing import Any

import httpx

from shared.messages import AlarmRaised, AlarmReviewed, ResultsApplied
from tests.results_ingest.support import NUMBERS, Ingest, effects


async def decide(ingest: Ingest, decision: str, code: str | None = None, **more: Any) -> httpx.Response:
    """Decide on the only open entry."""
    [entry] = (await ingest.cdc.get("/v1/unmatched?state=open")).json()["unmatched"]
    body = {"decision": decision, "reason": "电话核实", **({"health_code_id": code} if code else {}), **more}
    return await ingest.cdc.post(f"/v1/unmatched/{entry['id']}/resolution", json=body)


async def test_an_accepted_row_goes_to_the_person_named(ingest: Ingest) -> None:
    person = await ingest.person("HC-0001")
    batch = await ingest.post(ingest.row(health_code_id="HC-WRONG"))
    assert (await decide(ingest, "accept")).json()["code"] == "health_code_required"
    assert (await decide(ingest, "accept", "HC-NOBODY")).json()["code"] == "person_not_known"
    answer = await decide(ingest, "accept", "HC-0001")
    assert (answer.status_code, answer.json()["state"]) == (200, "resolved")
    assert (await ingest.again(batch))["matched"] == 1
    assert [e["person_id"] for e in effects(await ingest.told(ResultsApplied))] == [person.person_id]


async def test_a_rejected_row_stays_counted_as_held_and_never_matches(ingest: Ingest) -> None:
    batch = await ingest.post(ingest.row(health_code_id="HC-0001"))
    assert (await decide(ingest, "reject")).json()["state"] == "closed"
    await ingest.person("HC-0001")
    batch = await ingest.again(batch)
    assert (batch["held"], batch["matched"], batch["unmatched"]) == (1, 0, 0)
    assert effects(await ingest.told(ResultsApplied)) == []


async def test_a_held_row_whose_person_is_clear_is_accepted_as_it_stands(ingest: Ingest) -> None:
    person = await ingest.person(None, NUMBERS[0], name="张三")
    await ingest.post(ingest.row(id_type="resident_id", id_no=NUMBERS[0], name="张山", outcome="positive"))
    await ingest.told(AlarmRaised)
    assert (await decide(ingest, "accept")).status_code == 200
    assert [e["person_id"] for e in effects(await ingest.told(ResultsApplied))] == [person.person_id]
    [alarm] = await ingest.told(AlarmRaised)
    assert (alarm.conflict, alarm.person_ids) == (False, (person.person_id,))


async def test_a_held_contradiction_needs_to_be_told_who(ingest: Ingest) -> None:
    await ingest.person("HC-0001", NUMBERS[0])
    two = await ingest.person("HC-0002", NUMBERS[1])
    await ingest.post(ingest.row(health_code_id="HC-0001", id_type="resident_id", id_no=NUMBERS[1]))
    assert (await decide(ingest, "accept")).json()["code"] == "health_code_required"
    assert (await decide(ingest, "accept", "HC-0002")).status_code == 200
    assert [e["person_id"] for e in effects(await ingest.told(ResultsApplied))] == [two.person_id]


async def test_a_pool_member_is_named_by_a_person(ingest: Ingest) -> None:
    one, two = await ingest.person("HC-0001"), await ingest.person("HC-0002")
    await ingest.bind("T-1", {"health_code_id": "HC-0001"}, {"health_code_id": "HC-TYPO"})
    batch = await ingest.post(ingest.row(tube_code="T-1"))
    assert (await decide(ingest, "accept", "HC-0002")).status_code == 200
    assert [e["person_id"] for e in effects(await ingest.told(ResultsApplied))] == [
        one.person_id,
        two.person_id,
    ]
    assert (await ingest.again(batch))["pooled_unmatched"] == 0


async def test_the_same_decision_again_is_answered_alike_and_another_is_refused(ingest: Ingest) -> None:
    await ingest.person("HC-0001")
    await ingest.post(ingest.row(health_code_id="HC-WRONG"))
    [entry] = (await ingest.cdc.get("/v1/unmatched")).json()["unmatched"]
    path = f"/v1/unmatched/{entry['id']}/resolution"
    accept = {"decision": "accept", "health_code_id": "HC-0001", "reason": "核实"}
    codes = [(await ingest.cdc.post(path, json=accept)).status_code for _ in range(2)]
    refused = await ingest.cdc.post(path, json={"decision": "reject", "reason": "核实"})
    assert (codes, refused.status_code) == ([200, 200], 409)
    assert len(effects(await ingest.told(ResultsApplied))) == 1


async def test_a_second_labs_row_can_be_accepted(ingest: Ingest) -> None:
    await ingest.person("HC-0001")
    await ingest.bind("T-1", {"health_code_id": "HC-0001"})
    await ingest.post(ingest.row(tube_code="T-1"))
    second = await ingest.post(ingest.row(tube_code="T-1"), lab="LAB02")
    assert second["held"] == 1
    assert (await decide(ingest, "accept")).status_code == 200
    assert len(effects(await ingest.told(ResultsApplied))) == 2


async def test_the_desk_shows_no_name_and_no_number(ingest: Ingest) -> None:
    row = ingest.row(id_type="resident_id", id_no=NUMBERS[0], name="张三丰")
    await ingest.post(row)
    await ingest.bind("T-1", {"id_type": "resident_id", "id_no": NUMBERS[1], "name": "李四光"})
    await ingest.post(ingest.row(tube_code="T-1"))
    shown = (await ingest.cdc.get("/v1/unmatched")).text
    assert '"kind":"row"' in shown
    assert '"kind":"pool_member"' in shown
    for personal in (*NUMBERS, "张三丰", "李四光"):
        assert personal not in shown


async def test_only_the_cdc_sees_the_desk_and_areas_see_nothing(ingest: Ingest) -> None:
    await ingest.post(ingest.row(health_code_id="HC-0001"))
    assert (await ingest.sampling.get("/v1/unmatched")).status_code == 403
    town = ingest.client("town", "admin", area_code="TOWN-1", area_level="township")
    assert (await town.get("/v1/unmatched")).json()["unmatched"] == []
    [entry] = (await ingest.cdc.get("/v1/unmatched")).json()["unmatched"]
    body = {"decision": "reject", "reason": "核实"}
    assert (await town.post(f"/v1/unmatched/{entry['id']}/resolution", json=body)).status_code == 404


async def test_rejecting_a_held_positive_takes_its_alarm_back(ingest: Ingest) -> None:
    await ingest.person("HC-0001")
    await ingest.bind("T-1", {"health_code_id": "HC-0001"})
    await ingest.post(ingest.row(tube_code="T-1", outcome="positive", mode="mixed"))
    [alarm] = await ingest.told(AlarmRaised)
    assert (alarm.conflict, alarm.subject_code, alarm.person_ids) == (True, "HC-0001", ())
    assert (await decide(ingest, "reject")).status_code == 200
    [reviewed] = await ingest.told(AlarmReviewed)
    assert (reviewed.result_id, reviewed.verdict) == (alarm.result_id, "refuted")
