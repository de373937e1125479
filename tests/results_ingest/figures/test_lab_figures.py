"""What each laboratory reported on a day, over HTTP: counts that add up, hours, and nobody else's."""

from datetime import timedelta
from typing import Any

import pytest

from results_ingest.figures import counting
from tests.results_ingest.support import NOW, Ingest


async def counted(ingest: Ingest) -> None:
    """Let the worker's schedule count every day that lacks its count."""
    more = True
    while more:
        async with ingest.context.db.transaction() as session:
            more = await counting.count(session, ingest.context)


async def some_results(ingest: Ingest) -> None:
    """Let two laboratories report: four rows in two batches, of which one is bad, and one row."""
    people = [await ingest.person(f"HC-{number}") for number in range(4)]
    hours = (2, 4, 10)
    rows = [
        ingest.row(
            health_code_id=person.code, collected_at=ingest.at(hours=-each), tested_at=ingest.at(hours=-1)
        )
        for person, each in zip(people, hours, strict=False)
    ]
    await ingest.post(*rows[:2])
    await ingest.post(rows[2], ingest.row(health_code_id="x"))
    await ingest.post(
        ingest.row(health_code_id="HC-3", outcome="positive", collected_at=ingest.at(hours=-20)), lab="LAB02"
    )


async def days(ingest: Ingest, **query: Any) -> list[dict[str, Any]]:
    """Return the days that the district's administrator sees."""
    answer = await ingest.client("district", "records:read").get("/v1/figures", params=query)
    assert answer.status_code == 200, answer.text
    listed: list[dict[str, Any]] = answer.json()["days"]
    return listed


async def test_batches_rows_outcomes_and_hours_are_counted_by_laboratory_and_day(ingest: Ingest) -> None:
    await some_results(ingest)
    await counted(ingest)
    today = NOW.date().isoformat()
    shown = {row["lab_code"]: row for row in await days(ingest, **{"from": today, "to": today})}
    assert set(shown) == {None, "LAB01", "LAB02"}
    names = ("batches", "rows", "accepted", "rejected", "negative", "positive")
    assert [shown["LAB01"][name] for name in names] == [2, 4, 3, 1, 3, 0]
    assert [shown["LAB02"][name] for name in names] == [1, 1, 1, 0, 0, 1]
    assert [shown[None][name] for name in names] == [3, 5, 4, 1, 3, 1]
    assert (round(shown["LAB01"]["hours_median"]), round(shown["LAB01"]["hours_most"])) == (4, 10)
    assert round(shown[None]["hours_most"]) == 20


async def test_a_day_without_results_is_nought_and_divides_by_nothing(ingest: Ingest) -> None:
    await counted(ingest)
    rows = await days(ingest)
    assert len(rows) == 14
    assert {(row["rows"], row["hours_median"], row["lab_code"]) for row in rows} == {(0, None, None)}


async def test_the_running_day_is_counted_again_and_a_past_one_is_not(ingest: Ingest) -> None:
    await counted(ingest)
    before = await days(ingest)
    await some_results(ingest)
    await counted(ingest)
    assert [row["rows"] for row in await days(ingest, lab_code="LAB01")] == []
    await ingest.run("UPDATE ingest.figure_day SET as_of = as_of - interval '61 minutes'")
    await counted(ingest)
    after = await days(ingest)
    assert [row["rows"] for row in after if row["lab_code"] is None][-1] == 5
    past = [(row["day"], row["as_of"]) for row in after if row["lab_code"] is None][:-1]
    assert [day for day, _ in past] == [row["day"] for row in before][:-1]
    assert {row["as_of"] < before[0]["as_of"] for row in after if row["day"] == before[0]["day"]} == {True}


async def test_a_laboratory_sees_itself_and_an_area_nothing(ingest: Ingest) -> None:
    await some_results(ingest)
    await counted(ingest)
    lab = await ingest.lab("LAB02")
    assert {row["lab_code"] for row in (await lab.get("/v1/figures")).json()["days"]} == {"LAB02"}
    assert (await lab.get("/v1/figures", params={"lab_code": "LAB01"})).json()["days"] == []
    town = ingest.client("town", "records:read", area_code="TOWN-01", area_level="township")
    assert (await town.get("/v1/figures")).status_code == 403
    nobody = ingest.client("nobody", "results:write")
    assert (await nobody.get("/v1/figures")).status_code == 403


async def test_the_list_goes_on_page_by_page(ingest: Ingest) -> None:
    await some_results(ingest)
    await counted(ingest)
    whole = await days(ingest, limit=1000)
    client = ingest.client("district", "records:read")
    seen: list[Any] = []
    cursor: str | None = None
    while cursor or not seen:
        page = (
            await client.get("/v1/figures", params={"limit": 3, **({"cursor": cursor} if cursor else {})})
        ).json()
        seen += page["days"]
        cursor = page["next_cursor"]
    assert seen == whole


@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        ({"from": "2030-01-16"}, "from", "day_in_future"),
        ({"to": "2031-01-16"}, "to", "day_in_future"),
        ({"from": "2030-01-15", "to": "2030-01-14"}, "to", "period_reversed"),
        ({"from": "2020-01-01"}, "to", "period_too_long"),
        ({"to": "2030-1-1"}, "to", "day_malformed"),
        ({"lab_code": "a b"}, "lab_code", "bad_format"),
    ],
)
async def test_bad_parameters_are_refused_by_name(
    ingest: Ingest, query: dict[str, str], field: str, code: str
) -> None:
    answer = await ingest.client("district", "records:read").get("/v1/figures", params=query)
    assert answer.status_code == 422
    assert [(each["field"], each["code"]) for each in answer.json()["errors"]] == [(field, code)]


async def test_the_page_draws_the_same_numbers_without_an_address_from_outside(ingest: Ingest) -> None:
    await some_results(ingest)
    await counted(ingest)
    client = ingest.client("district", "records:read")
    answer = await client.get("/figures")
    assert answer.status_code == 200, answer.text
    text = answer.text
    assert (text.count("<svg"), text.count("<table")) == (4, 4)
    assert "<script" not in text
    assert "<th scope='row'>LAB01 LAB01</th><td>4</td><td>2</td><td>3</td><td>1</td><td>0</td>" in text
    assert (NOW - timedelta(days=13)).date().isoformat() in text
    own = (await (await ingest.lab("LAB02")).get("/figures")).text
    assert "LAB02" in own
    assert "LAB01" not in own
