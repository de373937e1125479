"""The CDC reviews single positives; nothing else lifts one."""

from typing import Any

import httpx
import pytest

from shared.messages import AlarmReviewed, ReviewRecorded
from tests.results_ingest.support import Ingest


async def reviewable(ingest: Ingest, outcome: str = "positive") -> str:
    """Post a positive and return its result id."""
    await ingest.person("HC-0001")
    batch = await ingest.post(ingest.row(health_code_id="HC-0001", outcome=outcome))
    return str((await ingest.rows(batch))[0]["result_id"])


async def say(client: httpx.AsyncClient, result_id: str, verdict: str, **more: Any) -> httpx.Response:
    return await client.post(
        f"/v1/reviews/{result_id}", json={"verdict": verdict, "reviewer": "王医生", "note": "复核", **more}
    )


@pytest.mark.requirement(78)
@pytest.mark.parametrize("outcome", ["positive", "indeterminate"])
async def test_a_single_positive_is_on_the_list_until_it_is_reviewed(ingest: Ingest, outcome: str) -> None:
    result_id = await reviewable(ingest, outcome)
    [review] = (await ingest.cdc.get("/v1/reviews?state=open")).json()["reviews"]
    assert (review["result_id"], review["outcome"], review["subject_code"]) == (result_id, outcome, "HC-0001")

    answer = await say(ingest.cdc, result_id, "confirmed")
    assert (answer.status_code, answer.json()["verdict"]) == (200, "confirmed")
    assert (await ingest.cdc.get("/v1/reviews?state=open")).json()["reviews"] == []
    [recorded] = await ingest.told(ReviewRecorded)
    assert (str(recorded.result_id), recorded.revision, recorded.verdict) == (result_id, 1, "confirmed")
    [alarm] = await ingest.told(AlarmReviewed)
    assert (alarm.verdict, alarm.revision) == ("confirmed", 1)
    [result] = await ingest.run("SELECT outcome FROM ingest.result")
    assert result["outcome"] == outcome


async def test_the_same_verdict_again_is_answered_alike_and_told_once(ingest: Ingest) -> None:
    result_id = await reviewable(ingest)
    first, again = [await say(ingest.cdc, result_id, "confirmed") for _ in range(2)]
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() | {"reviewed_at": 0} == again.json() | {"reviewed_at": 0}
    assert len(await ingest.told(ReviewRecorded)) == 1


@pytest.mark.parametrize(
    ("verdicts", "codes"),
    [
        (["released"], [409]),
        (["confirmed", "refuted"], [200, 409]),
        (["refuted", "confirmed"], [200, 409]),
        (["refuted", "released"], [200, 409]),
        (["confirmed", "released", "released"], [200, 200, 200]),
        (["confirmed", "released", "confirmed"], [200, 200, 409]),
    ],
)
async def test_verdicts_have_an_order(ingest: Ingest, verdicts: list[str], codes: list[int]) -> None:
    result_id = await reviewable(ingest)
    assert [(await say(ingest.cdc, result_id, verdict)).status_code for verdict in verdicts] == codes
    recorded = await ingest.told(ReviewRecorded)
    assert [r.revision for r in recorded] == list(range(1, len(recorded) + 1))


async def test_a_review_is_by_a_client_other_than_the_labs(ingest: Ingest) -> None:
    result_id = await reviewable(ingest)
    own = ingest.client("lab-cdc", "reviews:write", lab_code="LAB01")
    answer = await say(own, result_id, "refuted")
    assert (answer.status_code, answer.json()["code"]) == (403, "review_by_lab")
    poster = ingest.client("LAB01", "reviews:write", "results:write", lab_code=None)
    assert (await say(poster, result_id, "refuted")).status_code == 403


async def test_a_negative_cannot_be_reviewed(ingest: Ingest) -> None:
    result_id = await reviewable(ingest, "negative")
    assert (await say(ingest.cdc, result_id, "confirmed")).status_code == 404
    assert (await ingest.cdc.post("/v1/reviews/nonsense", json={})).status_code == 422


async def test_only_the_scope_reviews(ingest: Ingest) -> None:
    result_id = await reviewable(ingest)
    assert (await say(ingest.sampling, result_id, "confirmed")).status_code == 403


async def test_reviewer_and_note_are_sealed(ingest: Ingest) -> None:
    result_id = await reviewable(ingest)
    await say(ingest.cdc, result_id, "confirmed")
    [stored] = await ingest.run("SELECT reviewer, note FROM ingest.review")
    assert "王医生".encode() not in bytes(stored["reviewer"])
    assert ingest.context.sealer.open(bytes(stored["note"]), context="ingest.review").decode() == "复核"


async def test_a_client_of_an_area_sees_only_its_units(ingest: Ingest) -> None:
    await ingest.unit("U-1", "TOWN-1")
    await ingest.bind("T-1", mode="single", capacity=1, subject="item", sample_kind="food", unit_code="U-1")
    await ingest.post(ingest.row(tube_code="T-1", outcome="positive"))
    result_id = await reviewable(ingest)
    here = ingest.client("t1", "reviews:write", area_code="TOWN-1", area_level="township")
    there = ingest.client("t2", "reviews:write", area_code="TOWN-2", area_level="township")
    assert [r["unit_code"] for r in (await here.get("/v1/reviews")).json()["reviews"]] == ["U-1"]
    assert (await there.get("/v1/reviews")).json()["reviews"] == []
    assert (await say(here, result_id, "confirmed")).status_code == 404


async def test_the_list_goes_by_cursor(ingest: Ingest) -> None:
    for n in range(3):
        await ingest.person(f"HC-{n:04}")
    await ingest.post(*(ingest.row(health_code_id=f"HC-{n:04}", outcome="positive") for n in range(3)))
    page = (await ingest.cdc.get("/v1/reviews?limit=2")).json()
    rest = (await ingest.cdc.get("/v1/reviews", params={"limit": 2, "cursor": page["next_cursor"]})).json()
    assert (len(page["reviews"]), len(rest["reviews"]), rest["next_cursor"]) == (2, 1, None)
    assert (await ingest.cdc.get("/v1/reviews?cursor=nonsense")).status_code == 422
