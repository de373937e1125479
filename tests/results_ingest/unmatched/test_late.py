"""What is unmatched matches by itself when its person or its tube arrives, in whatever order."""

import asyncio

import pytest

from results_ingest.worker import HANDLERS
from shared.bus.delivering import Inbox
from shared.messages import AlarmRaised, RecheckOrdered, ResultsApplied, SamplesBound
from tests.results_ingest.support import NUMBERS, Ingest, effects
from tests.support.inbox import drain


async def test_a_row_waits_for_its_person_and_matches_by_itself(ingest: Ingest) -> None:
    batch = await ingest.post(ingest.row(health_code_id="HC-0001", outcome="positive"))
    assert (batch["unmatched"], batch["status"]) == (1, "matched")
    [waiting] = (await ingest.cdc.get("/v1/unmatched?state=open")).json()["unmatched"]
    assert (waiting["kind"], waiting["code"]) == ("row", "person_unknown")

    person = await ingest.person("HC-0001")
    batch = await ingest.again(batch)
    assert (batch["matched"], batch["unmatched"]) == (1, 0)
    [effect] = effects(await ingest.told(ResultsApplied))
    assert (effect["person_id"], effect["outcome"]) == (person.person_id, "positive")
    assert (await ingest.told(AlarmRaised))[0].subject_code == "HC-0001"
    assert (await ingest.cdc.get("/v1/unmatched")).json()["unmatched"] == []


async def test_a_row_by_code_matches_when_the_code_comes_later(ingest: Ingest) -> None:
    person = await ingest.person(None, NUMBERS[0])
    batch = await ingest.post(
        ingest.row(health_code_id="HC-0001"), ingest.row(id_type="resident_id", id_no=NUMBERS[0])
    )
    assert (batch["matched"], batch["unmatched"]) == (1, 1)
    person.code, person.version = "HC-0001", 2
    await ingest.learn(person)
    assert (await ingest.again(batch))["matched"] == 2


async def test_a_late_match_is_judged_by_all_rules(ingest: Ingest) -> None:
    batch = await ingest.post(ingest.row(id_type="resident_id", id_no=NUMBERS[0], name="李四"))
    await ingest.person(None, NUMBERS[0], name="张三")
    batch = await ingest.again(batch)
    assert (batch["unmatched"], batch["held"]) == (0, 1)
    assert (await ingest.rows(batch))[0]["code"] == "name_mismatch"


async def test_rows_with_only_a_tube_match_when_its_people_are_bound_later(ingest: Ingest) -> None:
    people = [await ingest.person(f"HC-{n:04}") for n in range(3)]
    batch = await ingest.post(ingest.row(tube_code="T-1"))
    assert (batch["unmatched"], (await ingest.rows(batch))[0]["code"]) == (1, "tube_not_bound")
    tube = (await ingest.sampling.get("/v1/tubes/T-1")).json()
    assert tube["stands"] == "not_bound"

    await ingest.bind("T-1", *({"health_code_id": p.code} for p in people))
    batch = await ingest.again(batch)
    assert (batch["matched"], batch["unmatched"], batch["pooled_people"]) == (1, 0, 3)
    told = effects(await ingest.told(ResultsApplied))
    assert {e["person_id"] for e in told} == {p.person_id for p in people}
    assert {e["mode"] for e in told} == {"mixed"}


async def test_a_tube_without_members_is_bound_by_its_first_members(ingest: Ingest) -> None:
    await ingest.person("HC-0001")
    await ingest.bind("T-1", mode="mixed", capacity=5)
    batch = await ingest.post(ingest.row(tube_code="T-1"))
    assert batch["unmatched"] == 1
    answer = await ingest.sampling.post(
        "/v1/tubes/T-1/members", json={"members": [{"health_code_id": "HC-0001"}]}
    )
    assert (answer.status_code, answer.json()["added"]) == (200, 1)
    assert (await ingest.again(batch))["matched"] == 1


async def test_a_member_who_becomes_known_gets_sample_and_result(ingest: Ingest) -> None:
    first = await ingest.person("HC-0001")
    await ingest.bind(
        "T-1", {"health_code_id": "HC-0001"}, {"id_type": "resident_id", "id_no": NUMBERS[0], "name": "张三"}
    )
    batch = await ingest.post(ingest.row(tube_code="T-1", outcome="positive"))
    assert (batch["pooled_people"], batch["pooled_unmatched"]) == (1, 1)
    assert len(effects(await ingest.told(ResultsApplied))) == 1
    [alarm] = await ingest.told(AlarmRaised)
    assert (alarm.members, alarm.members_unknown) == (2, 1)
    await ingest.told(SamplesBound)
    await ingest.told(RecheckOrdered)
    [waiting] = (await ingest.cdc.get("/v1/unmatched")).json()["unmatched"]
    assert waiting["kind"] == "pool_member"

    late = await ingest.person(None, NUMBERS[0], name="张三")
    batch = await ingest.again(batch)
    assert (batch["pooled_people"], batch["pooled_unmatched"]) == (2, 0)
    [effect] = effects(await ingest.told(ResultsApplied))
    assert (effect["person_id"], effect["outcome"], effect["mode"]) == (late.person_id, "positive", "mixed")
    assert [s.person_id for m in await ingest.told(SamplesBound) for s in m.samples] == [late.person_id]
    [again] = await ingest.told(AlarmRaised)
    assert (again.alarm_id, again.members_unknown) == (alarm.alarm_id, 0)
    both = (first.person_id, late.person_id)
    [recheck] = await ingest.told(RecheckOrdered)
    assert again.person_ids == recheck.person_ids == both
    assert (await ingest.cdc.get("/v1/unmatched")).json()["unmatched"] == []


async def test_a_member_whose_name_contradicts_stays_on_the_desk(ingest: Ingest) -> None:
    await ingest.person("HC-0001")
    await ingest.bind(
        "T-1", {"health_code_id": "HC-0001"}, {"id_type": "resident_id", "id_no": NUMBERS[0], "name": "李四"}
    )
    await ingest.post(ingest.row(tube_code="T-1"))
    await ingest.person(None, NUMBERS[0], name="张三")
    [waiting] = (await ingest.cdc.get("/v1/unmatched")).json()["unmatched"]
    assert (waiting["kind"], waiting["code"]) == ("pool_member", "name_mismatch")


async def test_two_labs_that_waited_for_one_tube_do_not_both_count(ingest: Ingest) -> None:
    await ingest.person("HC-0001")
    first = await ingest.post(ingest.row(tube_code="T-1"), lab="LAB01")
    second = await ingest.post(ingest.row(tube_code="T-1"), lab="LAB02")
    await ingest.bind("T-1", {"health_code_id": "HC-0001"})
    assert (await ingest.again(first))["matched"] == 1
    assert (await ingest.again(second, "LAB02"))["held"] == 1


@pytest.mark.parametrize("delay", [0.0, 0.01, 0.03])
async def test_both_sides_committing_at_once_do_not_miss_each_other(ingest: Ingest, delay: float) -> None:
    people = [await ingest.person(f"HC-{n:04}", known=False) for n in range(40)]
    for n in range(0, 40, 2):
        batch = [ingest.row(health_code_id=people[n].code), ingest.row(tube_code=f"T-{n}")]
        await ingest.post(*batch, settle=False)
        await ingest.learn(people[n], settle=False)
        await ingest.learn(people[n + 1], settle=False)

    async def bind() -> None:
        for n in range(0, 40, 2):
            member = {"health_code_id": people[n + 1].code}
            await ingest.sampling.post("/v1/tubes", json=ingest.tube(f"T-{n}", member))
            await asyncio.sleep(delay)

    inbox = Inbox(ingest.context, HANDLERS)
    await asyncio.gather(bind(), *(drain(inbox) for _ in range(4)))
    await ingest.settle()
    states = await ingest.run("SELECT state, count(*) AS n FROM ingest.result GROUP BY state")
    assert [(row["state"], row["n"]) for row in states] == [("matched", 40)]
    told = effects(await ingest.told(ResultsApplied))
    assert len({(e["person_id"], e["result_id"]) for e in told}) == len(told) == 40
    bound = [s.person_id for m in await ingest.told(SamplesBound) for s in m.samples]
    assert len(bound) == len(set(bound)) == 20
