"""A correction replaces the row it names, and everything that followed from it."""

from typing import Any

import pytest

from shared.messages import AlarmRaised, AlarmReviewed, ResultsApplied, ReviewRecorded
from tests.results_ingest.support import Ingest, effects


def correcting(batch: dict[str, Any], row: int = 1) -> dict[str, Any]:
    """Return the field of a correction."""
    return {"corrects": {"batch_no": batch["batch_no"], "row": row, "reason": "录入错误"}}


async def test_a_correction_replaces_and_says_what(ingest: Ingest) -> None:
    person = await ingest.person("HC-0001")
    first = await ingest.post(ingest.row(health_code_id="HC-0001"))
    [before] = effects(await ingest.told(ResultsApplied))
    await ingest.post(ingest.row(health_code_id="HC-0001", outcome="positive", **correcting(first)))

    [after] = effects(await ingest.told(ResultsApplied))
    assert (after["replaces"], after["person_id"]) == (before["result_id"], person.person_id)
    assert (after["outcome"], after["from_positive"], after["withdrawn"]) == ("positive", False, False)
    assert len(await ingest.told(AlarmRaised)) == 1


async def test_positive_to_anything_else_waits_for_a_review_of_the_correcting_row(ingest: Ingest) -> None:
    person = await ingest.person("HC-0001")
    first = await ingest.post(ingest.row(health_code_id="HC-0001", outcome="positive"))
    [old] = effects(await ingest.told(ResultsApplied))
    await ingest.post(ingest.row(health_code_id="HC-0001", **correcting(first)))

    [new] = effects(await ingest.told(ResultsApplied))
    assert (new["outcome"], new["from_positive"], new["replaces"]) == ("negative", True, old["result_id"])
    [replaced] = await ingest.told(AlarmReviewed)
    assert (replaced.result_id, replaced.verdict) == (old["result_id"], "replaced")
    [review] = (await ingest.cdc.get("/v1/reviews?state=open")).json()["reviews"]
    assert (review["result_id"], review["from_positive"]) == (str(new["result_id"]), True)

    verdict = {"verdict": "refuted", "reviewer": "王医生", "note": "复核"}
    old_answer = await ingest.cdc.post(f"/v1/reviews/{old['result_id']}", json=verdict)
    assert old_answer.status_code == 409
    assert (await ingest.cdc.post(f"/v1/reviews/{new['result_id']}", json=verdict)).status_code == 200
    [recorded] = await ingest.told(ReviewRecorded)
    assert (recorded.result_id, recorded.person_ids) == (new["result_id"], (person.person_id,))


async def test_a_correction_of_a_tube_holds_for_all_its_members(ingest: Ingest) -> None:
    for n in range(3):
        await ingest.person(f"HC-{n:04}")
    await ingest.bind("T-1", *({"health_code_id": f"HC-{n:04}"} for n in range(3)))
    first = await ingest.post(ingest.row(tube_code="T-1", outcome="positive"))
    await ingest.told(ResultsApplied)
    await ingest.post(ingest.row(tube_code="T-1", **correcting(first)))
    told = effects(await ingest.told(ResultsApplied))
    assert [(e["outcome"], e["from_positive"], e["replaces"] is not None) for e in told] == [
        ("negative", True, True)
    ] * 3
    [review] = (await ingest.cdc.get("/v1/reviews?state=open")).json()["reviews"]
    assert (review["subject_type"], review["subject_code"]) == ("tube", "T-1")


async def test_a_correction_to_somebody_else_withdraws_from_the_first(ingest: Ingest) -> None:
    one, two = await ingest.person("HC-0001"), await ingest.person("HC-0002")
    first = await ingest.post(ingest.row(health_code_id="HC-0001"))
    await ingest.told(ResultsApplied)
    await ingest.post(ingest.row(health_code_id="HC-0002", **correcting(first)))
    told = {e["person_id"]: e["withdrawn"] for e in effects(await ingest.told(ResultsApplied))}
    assert told == {one.person_id: True, two.person_id: False}


async def test_a_chain_corrects_the_newest_and_an_old_link_is_held(ingest: Ingest) -> None:
    await ingest.person("HC-0001")
    first = await ingest.post(ingest.row(health_code_id="HC-0001"))
    second = await ingest.post(ingest.row(health_code_id="HC-0001", outcome="invalid", **correcting(first)))
    third = await ingest.post(ingest.row(health_code_id="HC-0001", outcome="negative", **correcting(first)))
    assert (await ingest.rows(third))[0]["code"] == "correction_conflict"
    fourth = await ingest.post(ingest.row(health_code_id="HC-0001", outcome="negative", **correcting(second)))
    assert (third["held"], fourth["matched"]) == (1, 1)


async def test_a_correction_that_overtakes_its_target_brings_it_in_first(ingest: Ingest) -> None:
    await ingest.person("HC-0001")
    first = await ingest.post(ingest.row(health_code_id="HC-0001"), settle=False)
    await ingest.post(ingest.row(health_code_id="HC-0001", outcome="positive", **correcting(first)))
    told = effects(await ingest.told(ResultsApplied))
    assert [e["outcome"] for e in told] == ["negative", "positive"]
    assert told[1]["replaces"] == told[0]["result_id"]


async def test_two_corrections_of_one_row_in_a_batch_do_not_both_count(ingest: Ingest) -> None:
    await ingest.person("HC-0001")
    first = await ingest.post(ingest.row(health_code_id="HC-0001"))
    batch = await ingest.post(
        ingest.row(health_code_id="HC-0001", outcome="invalid", **correcting(first)),
        ingest.row(health_code_id="HC-0001", outcome="positive", **correcting(first)),
    )
    assert (batch["matched"], batch["held"]) == (1, 1)


@pytest.mark.parametrize("person_first", [True, False])
async def test_what_waits_is_replaced_too_and_its_person_hears_only_of_the_newest(
    ingest: Ingest,
    person_first: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    person = await ingest.person("HC-0001", known=person_first)
    first = await ingest.post(ingest.row(health_code_id="HC-0001", outcome="positive"))
    second = await ingest.post(ingest.row(health_code_id="HC-0001", **correcting(first)))
    if not person_first:
        await ingest.learn(person)
    told = effects(await ingest.told(ResultsApplied))
    newest = told[-1]
    assert (newest["outcome"], newest["from_positive"]) == ("negative", True)
    assert len(told) == (2 if person_first else 1)
    assert (await ingest.again(second))["matched"] == 1
    [review] = (await ingest.cdc.get("/v1/reviews?state=open")).json()["reviews"]
    assert review["result_id"] == str(newest["result_id"])
    assert (await ingest.cdc.get("/v1/unmatched")).json()["unmatched"] == []


async def test_a_refuted_positive_needs_no_second_review_when_it_is_corrected(ingest: Ingest) -> None:
    await ingest.person("HC-0001")
    first = await ingest.post(ingest.row(health_code_id="HC-0001", outcome="positive"))
    result_id = (await ingest.rows(first))[0]["result_id"]
    verdict = {"verdict": "refuted", "reviewer": "王医生"}
    assert (await ingest.cdc.post(f"/v1/reviews/{result_id}", json=verdict)).status_code == 200
    await ingest.told(ResultsApplied)
    await ingest.post(ingest.row(health_code_id="HC-0001", **correcting(first)))
    assert [e["from_positive"] for e in effects(await ingest.told(ResultsApplied))] == [False]


async def test_another_labs_result_cannot_be_corrected(ingest: Ingest) -> None:
    await ingest.person("HC-0001")
    first = await ingest.post(ingest.row(health_code_id="HC-0001"))
    result_id = (await ingest.rows(first))[0]["result_id"]
    batch = await ingest.post(
        ingest.row(health_code_id="HC-0001", corrects={"result_id": result_id, "reason": "x"}), lab="LAB02"
    )
    assert (batch["rejected"], batch["accepted"]) == (1, 0)
