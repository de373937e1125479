"""Contract §5, rule 6: a correction replaces the row it names, and everything that followed from it."""

from typing import Any

import pytest

from tests.contract.intake import ago, alerts, batch, bound, display, matched, result, rows_of, send, taken
from tests.contract.office import Answer, Office, problem
from tests.system.people import UNIT, ok

pytestmark = pytest.mark.asyncio(loop_scope="module")


def corrected(office: Office, target: str, outcome: str = "negative", **more: Any) -> Answer:
    """Return a row that corrects a result."""
    return result(office, outcome, corrects={"result_id": target, "reason": "录入错误"}, **more)


async def open_reviews(office: Office) -> list[str]:
    """Return the results that wait for a review."""
    found = (await ok(office.cdc.get("/v1/reviews", params={"state": "open", "limit": "1000"})))["reviews"]
    return [str(one["result_id"]) for one in found]


@pytest.mark.requirement(79)
async def test_a_positive_that_is_corrected_stays_under_recheck_until_reviewed(office: Office) -> None:
    code = await office.somebody(unit_code=UNIT)
    [first] = await taken(office, result(office, "positive", hours=3, health_code_id=code))
    assert first in await open_reviews(office)
    [second] = await taken(office, corrected(office, first, hours=3, health_code_id=code))
    assert second != first
    assert await display(office, code) == "under_recheck"
    await matched(office, result(office, hours=1, health_code_id=code))
    assert await display(office, code) == "under_recheck"
    waiting = await open_reviews(office)
    assert second in waiting
    assert first not in waiting
    body = {"verdict": "confirmed", "reviewer": "疾控", "note": "复核"}
    gone = await office.cdc.post(f"/v1/reviews/{first}", json=body)
    assert gone.status_code in (404, 409), gone.text
    await office.reviewed(second, "refuted")
    assert await display(office, code) == "negative"
    assert {one["status"] for one in await alerts(office, "alert.positive", code)} == {"revoked"}


async def test_the_correction_of_a_confirmed_positive_waits_for_a_review_too(office: Office) -> None:
    code = await office.somebody()
    [first] = await taken(office, result(office, "positive", hours=3, health_code_id=code))
    await office.reviewed(first, "confirmed")
    assert await display(office, code) == "positive"
    [second] = await taken(office, corrected(office, first, hours=3, health_code_id=code))
    assert await display(office, code) == "under_recheck"
    await office.reviewed(second, "refuted")
    assert await display(office, code) == "negative"


async def test_a_correction_that_the_cdc_does_not_believe_confirms_the_positive(office: Office) -> None:
    code = await office.somebody()
    [first] = await taken(office, result(office, "positive", hours=3, health_code_id=code))
    [second] = await taken(office, corrected(office, first, hours=3, health_code_id=code))
    await office.reviewed(second, "confirmed")
    assert await display(office, code) == "positive"


async def test_a_negative_corrected_to_positive_is_like_any_positive(office: Office) -> None:
    code = await office.somebody(unit_code=UNIT)
    [first] = await taken(office, result(office, hours=3, health_code_id=code))
    [second] = await taken(office, corrected(office, first, "positive", hours=3, health_code_id=code))
    assert await display(office, code) == "under_recheck"
    assert len(await alerts(office, "alert.positive", code)) == 3
    assert second in await open_reviews(office)


async def test_a_negative_corrected_to_invalid_was_no_result(office: Office) -> None:
    code = await office.on_duty()
    before = await office.status(code)
    [first] = await taken(office, result(office, hours=3, health_code_id=code))
    await matched(office, corrected(office, first, "invalid", hours=3, health_code_id=code))
    after = await office.status(code)
    for key in ("display", "last_result", "due_on", "due_state", "clearance"):
        assert after[key] == before[key], key


async def test_a_correction_names_its_row_by_batch_and_number_too(office: Office) -> None:
    code = await office.somebody()
    state = await matched(office, result(office, hours=9, health_code_id=code, collected_at=ago(office, 10)))
    named = {"batch_no": state["batch_no"], "row": 1, "reason": "时间写错"}
    await matched(
        office, result(office, hours=3, health_code_id=code, collected_at=ago(office, 4), corrects=named)
    )
    last = (await office.status(code))["last_result"]
    assert last["collected_at"][:16] == ago(office, 4)[:16]


async def test_a_correction_may_be_corrected_by_either_name(office: Office) -> None:
    code = await office.somebody()
    [first] = await taken(office, result(office, hours=3, health_code_id=code))
    [second] = await taken(office, corrected(office, first, "invalid", hours=3, health_code_id=code))
    await taken(office, corrected(office, second, hours=3, health_code_id=code))
    assert await display(office, code) == "negative"


async def test_a_row_is_replaced_once(office: Office) -> None:
    code = await office.somebody()
    [first] = await taken(office, result(office, hours=3, health_code_id=code))
    await taken(office, corrected(office, first, "invalid", hours=3, health_code_id=code))
    receipt = (await send(office, corrected(office, first, "positive", hours=2, health_code_id=code))).json()
    await office.system.settle()
    state = await batch(office, receipt["batch_id"])
    assert state["matched"] == 0, await rows_of(office, state["batch_id"])
    assert await display(office, code) == "none"


async def test_a_correction_moves_a_result_to_somebody_else(office: Office) -> None:
    wrong, right = await office.somebody(), await office.somebody()
    [first] = await taken(office, result(office, hours=3, health_code_id=wrong))
    await taken(office, corrected(office, first, hours=3, health_code_id=right))
    assert [await display(office, code) for code in (wrong, right)] == ["none", "negative"]


async def test_a_positive_moved_to_somebody_else_keeps_both_until_reviewed(office: Office) -> None:
    wrong, right = await office.somebody(unit_code=UNIT), await office.somebody(unit_code=UNIT)
    [first] = await taken(office, result(office, "positive", hours=3, health_code_id=wrong))
    [second] = await taken(office, corrected(office, first, "positive", hours=3, health_code_id=right))
    assert await display(office, right) == "under_recheck"
    assert await display(office, wrong) in ("under_recheck", "none")
    await office.reviewed(second, "confirmed")
    assert await display(office, right) == "positive"
    assert await display(office, wrong) == "none"
    assert {one["status"] for one in await alerts(office, "alert.positive", wrong)} == {"revoked"}


async def test_the_correction_of_a_mixed_tube_is_for_all_its_members(office: Office) -> None:
    codes = [await office.somebody() for _ in range(3)]
    pool = await bound(office, *codes)
    [first] = await taken(office, result(office, tube_code=pool))
    [second] = await taken(office, corrected(office, first, "positive", tube_code=pool))
    assert {await display(office, code) for code in codes} == {"under_recheck"}
    [third] = await taken(office, corrected(office, second, tube_code=pool))
    assert {await display(office, code) for code in codes} == {"under_recheck"}
    assert third in await open_reviews(office)
    await office.reviewed(third, "refuted")
    assert {await display(office, code) for code in codes} == {"negative"}
    assert {one["status"] for one in await alerts(office, "alert.pool", pool)} == {"revoked"}


async def test_an_indeterminate_pool_corrected_to_negative_is_negative_for_all(office: Office) -> None:
    codes = [await office.somebody() for _ in range(2)]
    pool = await bound(office, *codes)
    [first] = await taken(office, result(office, "indeterminate", tube_code=pool))
    await taken(office, corrected(office, first, tube_code=pool))
    assert {await display(office, code) for code in codes} == {"negative"}


async def test_a_result_of_the_wrong_tube_moves_to_the_right_one(office: Office) -> None:
    wrong, right = await office.somebody(), await office.somebody()
    tubes = [await bound(office, code) for code in (wrong, right)]
    [first] = await taken(office, result(office, tube_code=tubes[0]))
    await taken(office, corrected(office, first, tube_code=tubes[1]))
    assert await display(office, wrong) == "pending"
    assert await display(office, right) == "negative"


async def test_corrections_keep_the_counts_of_both_batches(office: Office) -> None:
    code = await office.somebody()
    before = await matched(office, result(office, hours=3, health_code_id=code))
    [row] = await rows_of(office, before["batch_id"])
    await matched(office, corrected(office, row["result_id"], "invalid", hours=3, health_code_id=code))
    after = await batch(office, before["batch_id"])
    assert (after["matched"], after["held"], after["unmatched"]) == (1, 0, 0)


async def test_a_review_of_a_corrected_result_by_its_lab_is_refused(office: Office) -> None:
    code = await office.somebody()
    [first] = await taken(office, result(office, "positive", hours=3, health_code_id=code))
    body = {"verdict": "refuted", "reviewer": "本人", "note": "x"}
    problem(await office.labs["LAB01"].post(f"/v1/reviews/{first}", json=body), 403)


async def test_the_correction_of_a_thing_waits_for_its_review_and_ends_its_alerts(office: Office) -> None:
    more: Any = {"subject": "environment", "unit_code": UNIT, "sample_kind": "surface", "members": []}
    tube = await bound(office, **more)
    [first] = await taken(office, result(office, "positive", tube_code=tube))
    before = {one["notice_id"] for one in await alerts(office, "alert.positive", UNIT)}
    assert len(before) == 3
    [second] = await taken(office, corrected(office, first, tube_code=tube))
    assert second in await open_reviews(office)
    await office.reviewed(second, "refuted")
    assert {one["status"] for one in await alerts(office, "alert.positive", UNIT)} == {"revoked"}


async def test_positives_released_and_found_again_wait_again(office: Office) -> None:
    code = await office.somebody()
    [first] = await taken(office, result(office, "positive", hours=9, health_code_id=code))
    await office.reviewed(first, "confirmed")
    await office.reviewed(first, "released")
    await matched(office, result(office, hours=5, health_code_id=code))
    assert await display(office, code) == "negative"
    [again] = await taken(office, result(office, "positive", hours=2, health_code_id=code))
    assert await display(office, code) == "under_recheck"
    await office.reviewed(again, "confirmed")
    assert await display(office, code) == "positive"


async def test_a_positive_pcr_after_a_positive_antigen_waits_for_its_review(office: Office) -> None:
    code = await office.somebody()
    await matched(office, result(office, "positive", hours=5, health_code_id=code, test_kind="antigen"))
    [pcr] = await taken(office, result(office, "positive", hours=2, health_code_id=code))
    assert await display(office, code) == "under_recheck"
    await office.reviewed(pcr, "refuted")
    assert await display(office, code) == "negative"


async def test_a_positive_antigen_that_is_corrected_waits_for_a_review(office: Office) -> None:
    code = await office.somebody()
    first = result(office, "positive", hours=5, health_code_id=code, test_kind="antigen")
    [antigen] = await taken(office, first)
    [second] = await taken(
        office, corrected(office, antigen, hours=5, health_code_id=code, test_kind="antigen")
    )
    assert await display(office, code) == "under_recheck"
    await office.reviewed(second, "refuted")
    assert await display(office, code) in ("none", "negative")
