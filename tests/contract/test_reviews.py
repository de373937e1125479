"""Contract §5, rule 3: what the CDC reviews, and what each verdict does."""

import pytest

from tests.contract.intake import ago, alerts, bound, display, matched, result, taken
from tests.contract.office import Answer, Office, pages, problem
from tests.system.people import UNIT, ok

pytestmark = pytest.mark.asyncio(loop_scope="module")

BODY = {"verdict": "confirmed", "reviewer": "王医生", "note": "复测"}


async def open_reviews(office: Office, **query: str) -> list[Answer]:
    """Return the CDC's list."""
    return await pages(office.cdc, "/v1/reviews", "reviews", state="open", **query)


@pytest.mark.requirement(78)
@pytest.mark.parametrize("outcome", ["positive", "indeterminate"])
async def test_a_single_positive_is_under_recheck_and_on_the_list(office: Office, outcome: str) -> None:
    code = await office.somebody()
    [found] = await taken(office, result(office, outcome, health_code_id=code))
    status = await office.status(code)
    assert status["display"] == "under_recheck"
    assert status["last_result"]["outcome"] == outcome
    assert status["last_result"]["reviewed"] is False
    [review] = [one for one in await open_reviews(office) if one["result_id"] == found]
    assert code in str(review)
    assert found in {one["result_id"] for one in await open_reviews(office, limit="2")}


async def test_confirmed_is_positive_and_no_later_sample_lifts_it(office: Office) -> None:
    code = await office.somebody(unit_code=UNIT)
    [found] = await taken(office, result(office, "positive", hours=9, health_code_id=code))
    await office.reviewed(found, "confirmed")
    status = await office.status(code)
    assert (status["display"], status["last_result"]["reviewed"]) == ("positive", True)
    assert "positive" in status["clearance"]["reasons"]
    assert found not in {one["result_id"] for one in await open_reviews(office)}
    await matched(office, result(office, hours=3, health_code_id=code))
    pool = await bound(office, code, await office.somebody(), hours=2)
    await matched(office, result(office, tube_code=pool))
    assert await display(office, code) == "positive"


async def test_refuted_counts_as_negative_and_takes_the_alerts_back(office: Office) -> None:
    code = await office.on_duty()
    [found] = await taken(office, result(office, "positive", hours=3, health_code_id=code))
    await office.reviewed(found, "refuted")
    status = await office.status(code)
    assert status["display"] == "negative"
    assert status["last_result"]["outcome"] == "negative"
    assert status["clearance"]["allowed"] is True
    assert {one["status"] for one in await alerts(office, "alert.positive", code)} == {"revoked"}
    person_id = await office.person_id(code)
    assert "positive" in (await office.records.get(f"/v1/people/{person_id}/ledger")).text


async def test_released_lets_later_samples_count_whenever_they_came(office: Office) -> None:
    before, after = await office.somebody(), await office.somebody()
    found = []
    for code in (before, after):
        found += await taken(office, result(office, "positive", hours=9, health_code_id=code))
        await office.reviewed(found[-1], "confirmed")
    await matched(office, result(office, hours=3, health_code_id=before))
    for result_id in found:
        await office.reviewed(result_id, "released")
    assert await display(office, before) == "negative"
    assert await display(office, after) == "positive"
    await matched(office, result(office, hours=10, health_code_id=after))
    assert await display(office, after) == "positive"
    await matched(office, result(office, hours=1, health_code_id=after))
    assert await display(office, after) == "negative"


async def test_released_needs_a_confirmed_one(office: Office) -> None:
    code = await office.somebody()
    [found] = await taken(office, result(office, "positive", health_code_id=code))
    answer = await office.cdc.post(f"/v1/reviews/{found}", json=BODY | {"verdict": "released"})
    assert answer.status_code in (409, 422), answer.text
    assert await display(office, code) == "under_recheck"


async def test_the_same_verdict_again_changes_nothing(office: Office) -> None:
    code = await office.somebody()
    [found] = await taken(office, result(office, "positive", health_code_id=code))
    for _ in range(2):
        answer = await office.cdc.post(f"/v1/reviews/{found}", json=BODY)
        assert answer.is_success, answer.text
    await office.system.settle()
    assert await display(office, code) == "positive"


async def test_a_confirmed_positive_may_still_be_refuted(office: Office) -> None:
    code = await office.somebody(unit_code=UNIT)
    [found] = await taken(office, result(office, "positive", health_code_id=code))
    await office.reviewed(found, "confirmed")
    answer = await office.cdc.post(f"/v1/reviews/{found}", json=BODY | {"verdict": "refuted"})
    assert answer.is_success or answer.status_code == 409, answer.text
    await office.system.settle()
    if answer.is_success:
        assert await display(office, code) == "negative"


async def test_a_review_is_by_another_client_than_the_labs(office: Office) -> None:
    code = await office.somebody()
    [found] = await taken(office, result(office, "positive", health_code_id=code))
    problem(await office.labs["LAB01"].post(f"/v1/reviews/{found}", json=BODY), 403)
    problem(await office.sampling.post(f"/v1/reviews/{found}", json=BODY), 403)
    same = await office.system.client(
        "results-ingest",
        scopes=["results:write", "reviews:write"],
        lab_code="LAB01",
        client_id="client-LAB01",
    )
    answer = await same.post(f"/v1/reviews/{found}", json=BODY)
    assert answer.status_code in (403, 404, 409), answer.text
    assert await display(office, code) == "under_recheck"


async def test_what_cannot_be_reviewed_is_404_or_422(office: Office) -> None:
    code = await office.somebody()
    [negative] = await taken(office, result(office, health_code_id=code))
    for target in (negative, "00000000-0000-0000-0000-000000000000"):
        answer = await office.cdc.post(f"/v1/reviews/{target}", json=BODY)
        assert answer.status_code in (404, 409), answer.text
    answer = await office.cdc.post("/v1/reviews/no-such-result", json=BODY)
    assert answer.status_code in (404, 422), answer.text
    [found] = await taken(office, result(office, "positive", hours=2, health_code_id=code))
    path = f"/v1/reviews/{found}"
    for change in ({"verdict": "maybe"}, {"verdict": None}, {"reviewer": 5}, {"surprise": 1}):
        problem(await office.cdc.post(path, json=BODY | change), 422)
    problem(await office.cdc.post(path, json={"reviewer": "王", "note": "x"}), 422)
    problem(await office.cdc.get("/v1/reviews", params={"state": "lost"}), 422)
    problem(await office.sampling.get("/v1/reviews"), 403)


async def test_the_list_is_read_without_a_filter_too(office: Office) -> None:
    body = await ok(office.cdc.get("/v1/reviews"))
    assert set(body) >= {"reviews", "next_cursor"}


async def test_a_refuted_sample_counts_at_its_own_time(office: Office) -> None:
    code = await office.somebody()
    await matched(office, result(office, hours=2, health_code_id=code))
    [found] = await taken(office, result(office, "positive", hours=9, health_code_id=code))
    assert await display(office, code) == "under_recheck"
    await office.reviewed(found, "refuted")
    status = await office.status(code)
    assert status["display"] == "negative"
    assert status["last_result"]["tested_at"][:16] == ago(office, 2)[:16]
