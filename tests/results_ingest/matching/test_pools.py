"""What a mixed tube means for its members."""

from datetime import datetime, timedelta

import pytest

from shared.messages import AlarmRaised, RecheckOrdered, ResampleOrdered, ResultsApplied
from tests.results_ingest.support import NUMBERS, Ingest, Person, effects


async def pool(ingest: Ingest, count: int = 3, **more: object) -> list[Person]:
    """Register a mixed tube T-POOL of people who are known."""
    people = [await ingest.person(f"HC-{n:04}") for n in range(count)]
    answer = await ingest.bind("T-POOL", *({"health_code_id": p.code} for p in people), **more)
    assert answer.status_code == 201, answer.text
    return people


@pytest.mark.requirement(76)
async def test_a_negative_pool_gives_every_member_a_negative(ingest: Ingest) -> None:
    people = await pool(ingest)
    batch = await ingest.post(ingest.row(tube_code="T-POOL"))
    told = effects(await ingest.told(ResultsApplied))
    assert {e["person_id"] for e in told} == {p.person_id for p in people}
    assert {(e["outcome"], e["mode"], e["tube_code"]) for e in told} == {("negative", "mixed", "T-POOL")}
    assert len({e["result_id"] for e in told}) == 1
    assert batch["pooled_people"] == 3
    assert await ingest.told(AlarmRaised) == []


@pytest.mark.requirement(74, 77)
async def test_ten_in_one_positive_orders_a_recheck_from_ten_retained_singles(ingest: Ingest) -> None:
    people = await pool(ingest, 10, site_code="SITE-1")
    for n, person in enumerate(people):
        single = {"mode": "single", "capacity": 1, "paired_with": "T-POOL"}
        assert (await ingest.bind(f"T-S{n}", {"health_code_id": person.code}, **single)).status_code == 201
    await ingest.post(ingest.row(tube_code="T-POOL", outcome="positive"))

    told = effects(await ingest.told(ResultsApplied))
    assert [(e["outcome"], e["mode"]) for e in told] == [("positive", "mixed")] * 10
    [alarm] = await ingest.told(AlarmRaised)
    assert (alarm.kind, alarm.subject_type, alarm.subject_code) == ("pool", "tube", "T-POOL")
    assert (alarm.members, alarm.members_unknown, len(alarm.person_ids)) == (10, 0, 10)
    [recheck] = await ingest.told(RecheckOrdered)
    assert recheck.retained_tubes == tuple(f"T-S{n}" for n in range(10))
    assert (recheck.tube_code, recheck.site_code) == ("T-POOL", "SITE-1")
    assert timedelta(0) <= datetime.fromisoformat(recheck.at) - ingest.now < timedelta(minutes=2)
    assert (await ingest.cdc.get("/v1/reviews")).json()["reviews"] == []

    await ingest.post(ingest.row(tube_code="T-S0"))
    [effect] = effects(await ingest.told(ResultsApplied))
    assert (effect["paired_with"], effect["mode"]) == ("T-POOL", "single")


async def test_an_invalid_pool_asks_for_new_samples(ingest: Ingest) -> None:
    await pool(ingest, site_code="SITE-1", unit_code="U-1")
    await ingest.post(ingest.row(tube_code="T-POOL", outcome="invalid"))
    [resample] = await ingest.told(ResampleOrdered)
    assert (resample.tube_code, resample.site_code, resample.unit_code) == ("T-POOL", "SITE-1", "U-1")
    assert len(resample.person_ids) == 3
    assert await ingest.told(AlarmRaised) == []


@pytest.mark.requirement(75)
async def test_a_pool_of_fewer_is_legal_and_the_eleventh_is_refused(ingest: Ingest) -> None:
    await pool(ingest, 9)
    tenth = {"members": [{"health_code_id": "HC-0100"}]}
    answer = await ingest.sampling.post("/v1/tubes/T-POOL/members", json=tenth)
    assert answer.status_code == 200
    eleventh = {"members": [{"health_code_id": "HC-0101"}]}
    answer = await ingest.sampling.post("/v1/tubes/T-POOL/members", json=eleventh)
    assert (answer.status_code, answer.json()["code"]) == (422, "pool_full")
    [stored] = await ingest.run("SELECT members FROM ingest.tube")
    assert stored["members"] == 10


async def test_nobody_is_added_to_a_pool_that_has_its_result(ingest: Ingest) -> None:
    await pool(ingest)
    await ingest.post(ingest.row(tube_code="T-POOL"))
    more = {"members": [{"health_code_id": "HC-0100"}]}
    answer = await ingest.sampling.post("/v1/tubes/T-POOL/members", json=more)
    assert (answer.status_code, answer.json()["code"]) == (409, "tube_resulted")
    again = {"members": [{"health_code_id": "HC-0000"}]}
    assert (await ingest.sampling.post("/v1/tubes/T-POOL/members", json=again)).status_code == 200


async def test_a_row_may_name_a_member_of_its_pool(ingest: Ingest) -> None:
    await pool(ingest)
    await ingest.person("HC-0100", NUMBERS[0])
    batch = await ingest.post(
        ingest.row(tube_code="T-POOL", health_code_id="HC-0001"),
        ingest.row(tube_code="T-POOL", health_code_id="HC-0100", tested_at=ingest.at(hours=-2)),
    )
    assert [row["verdict"] for row in await ingest.rows(batch)] == ["matched", "held"]
