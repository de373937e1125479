"""A laboratory follows what becomes of its rows: later fates come, nothing is skipped, nobody else's is seen."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import text

from results_ingest.changes import service
from tests.results_ingest.support import Ingest
from tests.support.waiting import until


async def released(ingest: Ingest) -> None:
    """Wait until no transaction holds back what is committed: those of other tests on this server do too."""
    async with ingest.context.db.transaction() as session:
        mine = (
            await session.execute(text("SELECT CAST(CAST(pg_current_xact_id() AS text) AS bigint)"))
        ).scalar()
    lowest = "SELECT CAST(CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text) AS bigint)"

    async def gone() -> bool:
        async with ingest.context.db.transaction() as session:
            return bool((await session.execute(text(lowest))).scalar_one() > mine)

    await until(gone)


async def follow(
    ingest: Ingest, cursor: str | None = None, *, lab: str = "LAB01", limit: int = 100, wait: bool = True
) -> tuple[list[dict[str, Any]], str]:
    """Read every page from a cursor on; return the changes and the last cursor."""
    if wait:
        await released(ingest)
    client = await ingest.lab(lab)
    seen: list[dict[str, Any]] = []
    while True:
        query = {"limit": str(limit), **({"cursor": cursor} if cursor else {})}
        answer = await client.get("/v1/row-changes", params=query)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page["changes"]) <= limit
        seen += page["changes"]
        cursor = page["next_cursor"]
        if not page["more"]:
            return seen, str(cursor)


def newest(changes: list[dict[str, Any]]) -> dict[tuple[str, int], str]:
    """Return the last verdict of each row."""
    return {(each["batch_no"], each["row"]): each["verdict"] for each in changes}


async def test_every_later_fate_of_a_row_comes_after_the_cursor(ingest: Ingest) -> None:
    await ingest.person("HC-0001")
    batch = await ingest.post(
        ingest.row(health_code_id="HC-0001", outcome="positive", row_ref="p"),
        ingest.row(tube_code="T-1"),
        ingest.row(tube_code="T-2", outcome="阴"),
        settle=False,
    )
    changes, cursor = await follow(ingest)
    assert list(newest(changes).values()) == ["waiting", "waiting", "rejected"]
    assert await follow(ingest, cursor) == ([], cursor) or (await follow(ingest, cursor))[0] == []

    await ingest.settle()
    changes, cursor = await follow(ingest, cursor)
    assert list(newest(changes).values()) == ["matched", "unmatched", "rejected"]

    await ingest.bind("T-1", {"health_code_id": "HC-0001"})
    changes, cursor = await follow(ingest, cursor)
    assert [(each["row"], each["verdict"]) for each in changes] == [(2, "matched")]

    positive = (await ingest.rows(batch))[0]["result_id"]
    answer = await ingest.cdc.post(
        f"/v1/reviews/{positive}", json={"verdict": "confirmed", "reviewer": "王医生", "note": "复核"}
    )
    assert answer.status_code == 200, answer.text
    changes, cursor = await follow(ingest, cursor)
    assert [(each["row_ref"], each["review"]) for each in changes] == [("p", "confirmed")]

    corrects = {"result_id": positive, "reason": "录入有误"}
    correcting = await ingest.post(ingest.row(health_code_id="HC-0001", corrects=corrects))
    changes, _ = await follow(ingest, cursor)
    told = {(each["batch_no"], each["row"]): each for each in changes}
    corrected = told[batch["batch_no"], 1]
    assert corrected["replaced_by"] == told[correcting["batch_no"], 1]["result_id"]


async def test_small_pages_tell_the_same_as_large_ones_and_a_laboratory_sees_its_own(ingest: Ingest) -> None:
    for lab in ("LAB01", "LAB02", "LAB01"):
        await ingest.post(*(ingest.row(tube_code=f"{lab}-{number}") for number in range(5)), lab=lab)
    large, _ = await follow(ingest)
    small, cursor = await follow(ingest, limit=3)
    assert newest(small) == newest(large)
    assert len(newest(small)) == 10
    assert {each["lab_code"] for each in small} == {"LAB01"}
    assert (await follow(ingest, cursor))[0] == []
    other = await ingest.lab("LAB02")
    asked = {"lab_code": "LAB01"}
    assert (await other.get("/v1/row-changes", params=asked)).json()["changes"] == []
    # Another's cursor is only a place.
    assert (await follow(ingest, cursor, lab="LAB02"))[0] == []
    district = ingest.client("district", "records:read")
    answer = await district.get("/v1/row-changes", params={"limit": "1000"})
    assert {each["lab_code"] for each in answer.json()["changes"]} == {"LAB01", "LAB02"}
    town = ingest.client("town", "records:read", area_code="TOWN-01", area_level="township")
    assert (await town.get("/v1/row-changes")).status_code == 403


async def test_what_commits_late_is_not_skipped(ingest: Ingest) -> None:
    await ingest.post(ingest.row(tube_code="T-1"), ingest.row(tube_code="T-2"))
    _, cursor = await follow(ingest)
    began, finish = asyncio.Event(), asyncio.Event()

    async def late() -> None:
        async with ingest.context.db.transaction() as session:
            await session.execute(text("""UPDATE ingest.result SET code = 'late' WHERE "row" = 1"""))
            began.set()
            await finish.wait()

    task = asyncio.create_task(late())
    await began.wait()
    await ingest.post(ingest.row(tube_code="T-3"), settle=False)
    early, cursor = await follow(ingest, cursor, wait=False)
    finish.set()
    await task
    changes, _ = await follow(ingest, cursor)
    codes = [each.get("code") for each in early + changes]
    assert codes.count("late") == 1
    assert {each["tube_code"] for each in early + changes if "tube_code" in each} >= {"T-1"}
    assert len(newest(early + changes)) == 2


async def test_a_cursor_that_no_longer_leads_on_is_refused(ingest: Ingest) -> None:
    await ingest.post(ingest.row(tube_code="T-1"))
    client = await ingest.lab("LAB01")
    first = (await client.get("/v1/row-changes", params={"limit": "1"})).json()
    await ingest.run("UPDATE ingest.row_change SET at = at - interval '31 days'")
    async with ingest.context.db.transaction() as session:
        assert await service.forget(session, ingest.context) is False
    gone = await client.get("/v1/row-changes", params={"cursor": first["next_cursor"]})
    changes, cursor = await follow(ingest)
    assert changes == []
    if gone.status_code != 410:  # the page had reached the end, past everything that was forgotten
        assert gone.json()["changes"] == []
    assert (await client.get("/v1/row-changes", params={"cursor": cursor})).status_code == 200
    for wrong in ("bm9wZQ", "eyJlIjoiMSJ9"):
        answer = await client.get("/v1/row-changes", params={"cursor": wrong})
        assert (answer.status_code, answer.json()["code"]) == (410, "cursor_expired")


@pytest.mark.parametrize("rows", [3])
async def test_a_place_inside_what_was_forgotten_is_refused(ingest: Ingest, rows: int) -> None:
    await ingest.post(*(ingest.row(tube_code=f"T-{number}") for number in range(rows)))
    client = await ingest.lab("LAB01")
    page = (await client.get("/v1/row-changes", params={"limit": "1"})).json()
    assert page["more"]
    await ingest.run("UPDATE ingest.row_change SET at = at - interval '31 days'")
    async with ingest.context.db.transaction() as session:
        await service.forget(session, ingest.context)
    answer = await client.get("/v1/row-changes", params={"cursor": page["next_cursor"]})
    assert (answer.status_code, answer.json()["code"]) == (410, "cursor_expired")
