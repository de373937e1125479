"""The bureau's list against a sweep, over HTTP."""

from typing import Any

import pytest

from tests.registry.surveys.conftest import ROUND, Bureau
from tests.support.licensing import credit_code, licence, place


def short(report: dict[str, Any]) -> dict[str, int]:
    names = ("licensed", "surveyed", "both", "only_licensed", "only_surveyed", "closed")
    return {name: report[name] for name in names}


@pytest.mark.requirement(38)
async def test_120_licences_and_95_places_with_90_in_common_leave_30_and_5(bureau: Bureau) -> None:
    """Fixture 7 of the requirements."""
    await bureau.licences(*(licence(number) for number in range(120)))
    verdict = await bureau.sweep(*(place(number) for number in (*range(90), *range(200, 205))))
    assert verdict["accepted"] == 95
    report = await bureau.compare()
    assert short(report["total"]) == {
        "licensed": 120,
        "surveyed": 95,
        "both": 90,
        "only_licensed": 30,
        "only_surveyed": 5,
        "closed": 0,
    }
    assert report["total"]["only_licensed_share"] == 0.25
    assert report["total"]["both_share"] == 0.75
    assert report["total"]["only_surveyed_share"] == round(5 / 95, 4)
    assert {each["licence_no"] for each in await bureau.outcomes("only_licensed")} == {
        licence(number)["licence_no"] for number in range(90, 120)
    }
    assert {each["licence_no"] for each in await bureau.outcomes("only_surveyed")} == {
        licence(number)["licence_no"] for number in range(200, 205)
    }


@pytest.mark.requirement(38)
async def test_the_report_counts_each_trade_in_each_town_and_what_has_closed(bureau: Bureau) -> None:
    bath = {"trade_code": "BATH-BEAUTY", "industry_code": "8051", "township_code": "TOWN-02"}
    await bureau.licences(licence(1), licence(2), licence(3, **bath), licence(4, **bath))
    await bureau.sweep(
        place(1),
        place(2, found="closed"),
        place(3, **bath),
        place(9, **bath),
        place(10, **bath, found="closed"),
    )
    report = await bureau.compare()
    rows = {(row["trade_code"], row["township_code"]): row for row in report["rows"]}
    assert set(rows) == {("BATH-BEAUTY", "TOWN-02"), ("CATERING", "TOWN-01")}
    catering, baths = rows["CATERING", "TOWN-01"], rows["BATH-BEAUTY", "TOWN-02"]
    assert (catering["both"], catering["closed"], catering["closed_share"]) == (1, 1, 0.5)
    assert short(baths) == {
        "licensed": 2,
        "surveyed": 3,
        "both": 1,
        "only_licensed": 1,
        "only_surveyed": 1,
        "closed": 0,
    }
    assert baths["closed_unlicensed"] == 1
    only = await bureau.district.get("/v1/survey-rounds/2030-11/report", trade_code="CATERING")
    assert [row["trade_code"] for row in only["rows"]] == ["CATERING"]


@pytest.mark.requirement(39)
async def test_catering_and_baths_are_there_and_another_trade_is_data(bureau: Bureau) -> None:
    listed = await bureau.district.get("/v1/trades")
    assert [trade["trade_code"] for trade in listed["trades"]] == ["BATH-BEAUTY", "CATERING"]
    unknown = await bureau.licences(licence(1, trade_code="KTV"))
    assert unknown["errors"][0]["code"] == "unknown_trade_code"
    trade = {"name_zh": "歌厅", "name_en": "Karaoke", "industry_code": "9011", "industry_prefixes": ["901"]}
    put = await bureau.district.http.put("/v1/trades/KTV", json=trade)
    assert put.status_code == 201, put.text
    assert (await bureau.licences(licence(1, trade_code="KTV")))["accepted"] == 1
    again = await bureau.district.http.put("/v1/trades/KTV", json=trade)
    assert (again.status_code, again.json()["revision"]) == (200, 1)


async def test_without_a_credit_code_the_licence_number_joins_however_it_is_written(bureau: Bureau) -> None:
    await bureau.licences(licence(1, licence_no="卫公证字[2020]第0123号", credit_code=None))
    await bureau.sweep(place(8, licence_no="卫公证字〔2020〕第 0123 号", credit_code=None))
    assert (await bureau.compare())["total"]["both"] == 1
    assert (await bureau.outcomes("both"))[0]["basis"] == "licence_no"


@pytest.mark.requirement(38)
async def test_what_resembles_is_suggested_and_joined_only_when_a_person_confirms(bureau: Bureau) -> None:
    """Name and address alone never join."""
    await bureau.licences(licence(1, name="海棠餐厅", address="长城路1号"))
    await bureau.sweep(place(1, name="海棠饭店餐厅", address="长城路1号", credit_code=None, licence_no=None))
    report = await bureau.compare()
    assert (report["total"]["both"], report["suggestions_open"]) == (0, 1)
    [found] = (await bureau.district.get("/v1/survey-rounds/2030-11/suggestions"))["suggestions"]
    assert (found["licence"]["name"], found["place"]["name"]) == ("海棠餐厅", "海棠饭店餐厅")
    path = f"/v1/licence-suggestions/{found['suggestion_id']}/decision"
    machine = await bureau.district.http.post(path, json={"decision": "confirm"})
    assert (machine.status_code, machine.json()["code"]) == (403, "named_person_decides")
    person = await bureau.district.system.client("registry", scopes=["admin"], kind="person")
    assert (await person.post(path, json={"decision": "confirm", "note": "同一家店"})).status_code == 200
    stale = await bureau.district.get("/v1/survey-rounds/2030-11/report")
    assert (stale["stale"], stale["total"]["both"]) == (True, 0)
    assert (await bureau.compare())["total"]["both"] == 1
    assert (await bureau.outcomes("both"))[0]["basis"] == "person"
    later = {**ROUND, "round_code": "2030-12", "ends_on": "2030-11-20"}
    await bureau.district.post("/v1/survey-rounds", later)
    renewed = place(1, name="海棠饭店餐厅", address="长城路1号", credit_code=None, licence_no=None)
    await bureau.sweep(renewed, code="2030-12")
    assert (await bureau.compare("2030-12"))["total"]["both"] == 1


async def test_a_rejected_suggestion_does_not_come_again(bureau: Bureau) -> None:
    await bureau.licences(licence(1, name="海棠餐厅", address="长城路1号"))
    await bureau.sweep(place(1, name="海棠餐厅", address="长城路1号", credit_code=None, licence_no=None))
    await bureau.compare()
    [found] = (await bureau.district.get("/v1/survey-rounds/2030-11/suggestions"))["suggestions"]
    person = await bureau.district.system.client("registry", scopes=["admin"], kind="person")
    path = f"/v1/licence-suggestions/{found['suggestion_id']}/decision"
    assert (await person.post(path, json={"decision": "reject"})).status_code == 200
    assert (await bureau.compare())["suggestions_open"] == 0


async def test_one_credit_code_with_several_licences_joins_only_what_is_singled_out(bureau: Bureau) -> None:
    """Two shops of one business: the address decides for one, nothing decides for the others."""
    same = {"credit_code": credit_code(1)}
    await bureau.licences(
        *(licence(number, **same, address=f"解放路{number}号", name="连锁餐厅") for number in (1, 2, 3))
    )
    bare = {**same, "licence_no": None, "name": "连锁餐厅"}
    await bureau.sweep(place(1, **bare, address="解放路2号"), place(1, **bare, address="火车站"),
                       place(1, **bare, address="汽车站"))  # fmt: skip
    report = await bureau.compare()
    assert (report["total"]["both"], report["total"]["only_licensed"]) == (1, 2)
    assert report["suggestions_open"] == 4
    assert {each["address"] for each in await bureau.outcomes("both")} == {"解放路2号"}


async def test_a_place_said_twice_counts_once_and_a_cancelled_licence_is_none(bureau: Bureau) -> None:
    await bureau.licences(licence(1), licence(2, cancelled_on="2030-11-10"))
    await bureau.sweep(place(1), place(1, name="别名餐厅"), place(2))
    total = (await bureau.compare())["total"]
    assert (total["both"], total["doubled"], total["only_surveyed"]) == (1, 1, 1)
    assert (await bureau.outcomes("only_surveyed"))[0]["basis"] == "cancelled"


async def test_a_licence_found_in_another_town_counts_where_it_is_and_says_so(bureau: Bureau) -> None:
    await bureau.licences(licence(1, township_code="TOWN-02"))
    await bureau.sweep(place(1))
    report = await bureau.compare()
    assert [(row["township_code"], row["both"], row["elsewhere"]) for row in report["rows"]] == [
        ("TOWN-01", 1, 1)
    ]


@pytest.mark.requirement(41)
async def test_units_that_the_last_sweep_did_not_find_are_listed_with_when_they_were_seen(
    bureau: Bureau,
) -> None:
    district = bureau.district
    for number in (1, 2, 3):
        await district.unit(credit_code(number), unit_code_type="uscc")
    await district.unit("SCHOOL", industry_code="8321")
    before = {**ROUND, "round_code": "2030-10", "begins_on": "2030-10-01", "ends_on": "2030-10-31"}
    await district.post("/v1/survey-rounds", before)
    await bureau.sweep(place(2, surveyed_on="2030-10-15"), code="2030-10")
    await bureau.sweep(place(1), place(9))
    await district.system.owner.execute("UPDATE registry.unit SET created_at = '2030-01-01'")
    absent = (await district.get("/v1/survey-rounds/2030-11/absent-units"))["units"]
    assert [(unit["unit_code"], unit["last_found_on"]) for unit in absent] == sorted(
        [(credit_code(2), "2030-10-15"), (credit_code(3), None)]
    )
    unknown = await district.get("/v1/survey-rounds/2030-11/places", registered="false")
    assert [each["credit_code"] for each in unknown["places"]] == [credit_code(9)]
