"""What became of every row, taken out whole, and days that add up, over HTTP."""

import csv
import io
import json
from datetime import datetime
from typing import Any

import httpx
import pytest
from python_calamine import CalamineWorkbook

from tests.results_ingest.support import Ingest

SUMS = ("posted", "accepted", "refused", "duplicates", "waiting", "matched", "unmatched", "held", "replaced")


async def every_fate(ingest: Ingest) -> dict[str, Any]:
    """Post a batch whose rows end in every way there is; return where it stands."""
    for code in ("HC-0001", "HC-0002"):
        await ingest.person(code)
    known = ingest.row(health_code_id="HC-0001", row_ref="a")
    other = {"health_code_id": "HC-0001", "id_type": "passport", "id_no": "E12345678", "name": "张三"}
    rows = [
        known,
        known | {"row_ref": "b"},
        ingest.row(tube_code="T-1", row_ref="-c"),
        ingest.row(health_code_id="HC-0002", outcome="positive"),
        ingest.row(health_code_id="HC-0002", outcome="阴性"),
        ingest.row(tube_code="T-2", mode="mixed"),
        ingest.row(**other, outcome="invalid") | {"tested_at": ingest.at(hours=-3)},
    ]
    await ingest.bind("T-2", {"health_code_id": "HC-0002"})
    return await ingest.post(*rows)


async def taken_out(ingest: Ingest, batch: dict[str, Any], form: str, **headers: str) -> httpx.Response:
    """Return the file of a batch."""
    answer = await (await ingest.lab("LAB01")).get(
        f"{batch['links']['self']}/outcomes", params={"format": form}, headers=headers
    )
    assert answer.status_code == 200, answer.text
    return answer


async def lines(ingest: Ingest, batch: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the lines of a batch."""
    return [json.loads(line) for line in (await taken_out(ingest, batch, "ndjson")).text.splitlines()]


async def test_every_row_is_taken_out_with_its_fate_in_three_forms(ingest: Ingest) -> None:
    batch = await every_fate(ingest)
    *rows, last = await lines(ingest, batch)
    assert [(row["row"], row["verdict"], row.get("code")) for row in rows] == [
        (1, "matched", None),
        (2, "duplicate", "duplicate_row"),
        (3, "unmatched", "tube_not_bound"),
        (4, "matched", None),
        (5, "rejected", "not_allowed"),
        (6, "held", "mode_mismatch"),
        (7, "matched", None),
    ]
    assert last == {
        "rows": 7,
        "counts": {"matched": 3, "duplicate": 1, "unmatched": 1, "rejected": 1, "held": 1},
    }
    assert (rows[4]["field"], rows[3]["review"], rows[2]["row_ref"]) == ("outcome", "open", "-c")
    assert all("message" in row for row in rows if "code" in row)

    text = (await taken_out(ingest, batch, "csv")).content.decode("utf-8-sig")
    table = list(csv.reader(io.StringIO(text)))
    assert table[0][:4] == ["行号", "行标识", "结论", "代码"]
    assert [row[2] for row in table[1:]] == [
        "已匹配",
        "重复",
        "未匹配",
        "已匹配",
        "拒收",
        "挂起待核",
        "已匹配",
    ]
    assert (table[3][1], table[4][7]) == ("'-c", "阳性")
    book = CalamineWorkbook.from_filelike(io.BytesIO((await taken_out(ingest, batch, "xlsx")).content))
    assert [row[2] for row in book.get_sheet_by_index(0).to_python()[1:]] == [row[2] for row in table[1:]]

    english = (await taken_out(ingest, batch, "csv", **{"Accept-Language": "en"})).content.decode("utf-8-sig")
    assert english.splitlines()[0].startswith("Row,Reference,Verdict")
    assert "HC-000" not in text + english + json.dumps(rows)


async def test_rows_that_wait_are_there_and_a_later_fate_shows(ingest: Ingest) -> None:
    await ingest.person("HC-0001")
    rows = [ingest.row(health_code_id="HC-0001", outcome="positive"), ingest.row(tube_code="T-1")]
    batch = await ingest.post(*rows, settle=False)
    *waiting, last = await lines(ingest, batch)
    assert [row["verdict"] for row in waiting] == ["waiting", "waiting"]
    assert last["counts"] == {"waiting": 2}
    await ingest.settle()
    await ingest.bind("T-1", {"health_code_id": "HC-0001"})
    corrects = {"result_id": waiting[0]["result_id"], "reason": "录入有误"}
    correcting = await ingest.post(ingest.row(health_code_id="HC-0001", corrects=corrects))
    first, second, last = await lines(ingest, batch)
    assert (first["verdict"], second["verdict"], last["counts"]) == ("matched", "matched", {"matched": 2})
    assert first["replaced_by"] == (await ingest.rows(correcting))[0]["result_id"]


async def at_time(ingest: Ingest, moment: str) -> None:
    """Put the business clock."""
    await ingest.run(
        "UPDATE bus.business_clock SET ahead = CAST(:moment AS timestamptz) - clock_timestamp()",
        moment=datetime.fromisoformat(moment),
    )


async def totals(ingest: Ingest, lab: str = "LAB01", **query: str) -> list[dict[str, Any]]:
    """Return what a laboratory sees of its days."""
    answer = await (await ingest.lab(lab)).get("/v1/daily-totals", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["days"]
    return found


def sums(day: dict[str, Any]) -> dict[str, int]:
    """Return the sums of a day, once they have been added up."""
    assert day["posted"] == day["accepted"] + day["refused"] + day["duplicates"]
    assert day["accepted"] == day["waiting"] + day["matched"] + day["unmatched"] + day["held"]
    outcomes = day["negative"] + day["positive"] + day["indeterminate"] + day["invalid"]
    assert day["waiting"] or day["accepted"] == outcomes
    return {name: day[name] for name in SUMS}


async def test_days_add_up_and_end_at_midnight_in_shanghai(ingest: Ingest) -> None:
    await every_fate(ingest)
    [day] = await totals(ingest)
    assert sums(day) == dict(zip(SUMS, (7, 5, 1, 1, 0, 3, 1, 1, 0), strict=True))
    await ingest.post(ingest.row(tube_code="T-3"), lab="LAB02")
    await at_time(ingest, "2030-01-15T23:55:00+08:00")
    await ingest.post(ingest.row(tube_code="T-8"), settle=False)
    await at_time(ingest, "2030-01-16T00:00:00+08:00")
    await ingest.post(ingest.row(tube_code="T-9"), ingest.row(tube_code="T-10"), settle=False)
    today, tomorrow = await totals(ingest)
    assert [(each["day"], each["posted"]) for each in (today, tomorrow)] == [
        ("2030-01-15", 8),
        ("2030-01-16", 2),
    ]
    assert (sums(today)["waiting"], sums(tomorrow)["waiting"]) == (1, 2)
    [only] = await totals(ingest, **{"from": "2030-01-16", "to": "2030-01-16"})
    assert only == tomorrow
    assert await totals(ingest, to="1901-11-19") == [], "a day from before the first id"


async def test_a_laboratory_sees_its_own_days_and_the_district_pages_through_all(ingest: Ingest) -> None:
    for lab in ("LAB01", "LAB02", "LAB03"):
        await ingest.post(ingest.row(tube_code=f"T-{lab}"), lab=lab)
    assert [day["lab_code"] for day in await totals(ingest, "LAB02")] == ["LAB02"]
    assert await totals(ingest, "LAB02", lab_code="LAB01") == []
    district = ingest.client("district", "records:read")
    seen: list[str] = []
    cursor: str | None = None
    while cursor or not seen:
        query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = (await district.get("/v1/daily-totals", params=query)).json()
        seen += [day["lab_code"] for day in page["days"]]
        cursor = page["next_cursor"]
    assert seen == ["LAB01", "LAB02", "LAB03"]
    town = ingest.client("town", "records:read", area_code="TOWN-01", area_level="township")
    assert (await town.get("/v1/daily-totals")).status_code == 403
    wrong = await district.get("/v1/daily-totals", params={"cursor": "bm9wZQ"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "cursor_invalid")


@pytest.mark.parametrize("what", ["csv", "xlsx", "ndjson"])
async def test_another_laboratorys_batch_is_not_there(ingest: Ingest, what: str) -> None:
    batch = await ingest.post(ingest.row(tube_code="T-1"))
    other = await ingest.lab("LAB02")
    answer = await other.get(f"{batch['links']['self']}/outcomes", params={"format": what})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
