"""Lists and sweeps with faults in them: every row has a verdict and nothing is guessed."""

from typing import Any

import pytest

from tests.registry.surveys.conftest import ROUND, Bureau
from tests.support.licensing import credit_code, licence, place


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"credit_code": "91350100M000100Y4Z"}, "credit_code", "credit_code_checksum"),
        ({"credit_code": "12345"}, "credit_code", "credit_code_checksum"),
        ({"licence_no": "【】-"}, "licence_no", "licence_no_empty"),
        ({"licence_no": None}, "licence_no", "wrong_type"),
        ({"township_code": "MARKET"}, "township_code", "not_a_township"),
        ({"township_code": "TOWN-99"}, "township_code", "unknown_township_code"),
        ({"trade_code": "NOTHING"}, "trade_code", "unknown_trade_code"),
        ({"industry_code": "0000"}, "industry_code", "industry_code_malformed"),
        ({"issued_on": "2030-02-30"}, "issued_on", "day_malformed"),
        (
            {"issued_on": "2030-02-02", "cancelled_on": "2030-02-01"},
            "cancelled_on",
            "cancelled_before_issued",
        ),
        ({"name": "\u202e"}, "name", "character_forbidden"),
        ({"owner": "x"}, "owner", "unknown_field"),
    ],
)
async def test_a_bad_licence_is_rejected_with_row_and_field_and_the_good_one_kept(
    bureau: Bureau, fields: dict[str, Any], field: str, code: str
) -> None:
    verdict = await bureau.licences(licence(1), licence(2, **fields))
    assert (verdict["accepted"], verdict["rejected"]) == (1, 1)
    assert [(each["row"], each["field"], each["code"]) for each in verdict["errors"]] == [(2, field, code)]


async def test_a_number_twice_in_one_list_counts_once_and_contradictions_not_at_all(bureau: Bureau) -> None:
    verdict = await bureau.licences(licence(1), licence(1), licence(2), licence(2, name="另一家"))
    assert (verdict["accepted"], verdict["rejected"]) == (1, 3)
    assert [(each["row"], each["code"]) for each in verdict["errors"]] == [
        (2, "listed_twice"),
        (3, "listed_differently"),
        (4, "listed_differently"),
    ]


async def test_an_older_list_never_overwrites_a_newer_one(bureau: Bureau) -> None:
    await bureau.licences(licence(1, name="新名餐厅"), as_of="2030-11-10")
    older = await bureau.licences(licence(1), licence(2), as_of="2030-11-01")
    assert [(each["row"], each["code"]) for each in older["errors"]] == [(1, "older_than_known")]
    assert (await bureau.licences(licence(1, name="更名餐厅"), as_of="2030-11-10"))["updated"] == 1
    listed = (await bureau.district.get("/v1/licences", credit_code=credit_code(1)))["licences"]
    assert [each["name"] for each in listed] == ["更名餐厅"]
    body = {"as_of": "2030-11-21", "licences": [licence(3)]}
    problem = await bureau.district.post("/v1/licences/bulk", body, status=422)
    assert problem["errors"][0]["code"] == "day_in_future"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"surveyed_on": "2030-10-31"}, "day_outside_round"),
        ({"surveyed_on": "2030-11-21"}, "day_in_future"),
        ({"found": "moved"}, "not_allowed"),
        ({"credit_code": "92110105MA0000001A"}, "credit_code_checksum"),
    ],
)
async def test_a_place_outside_its_round_is_rejected(
    bureau: Bureau, fields: dict[str, Any], code: str
) -> None:
    verdict = await bureau.sweep(place(1), place(2, **fields))
    assert verdict["accepted"] == 1
    assert [each["code"] for each in verdict["errors"]] == [code]


async def test_a_round_names_what_exists_and_stands_as_it_was_entered(bureau: Bureau) -> None:
    district = bureau.district
    for fields, code in (
        ({"ends_on": "2030-10-01"}, "days_reversed"),
        ({"trade_codes": ["NOTHING"]}, "unknown_trade_code"),
        ({"township_codes": ["MARKET"]}, "not_a_township"),
        ({"township_codes": ["NOBODY"]}, "unknown_township_code"),
    ):
        problem = await district.post("/v1/survey-rounds", {**ROUND, "round_code": "R", **fields}, status=422)
        assert problem["code"] == code
    assert (await district.post("/v1/survey-rounds", ROUND, status=200))["round_code"] == "2030-11"
    other = await district.post("/v1/survey-rounds", {**ROUND, "name": "别的"}, status=409)
    assert other["code"] == "survey_round_in_use"


async def test_nothing_is_sent_before_a_comparison_or_after_a_change_since(bureau: Bureau) -> None:
    assert (await bureau.send(status=409))["code"] == "round_not_compared"
    assert (await bureau.district.get("/v1/survey-rounds/2030-11/report", status=409))["code"] == (
        "round_not_compared"
    )
    await bureau.licences(licence(1))
    await bureau.compare()
    await bureau.sweep(place(2))
    assert (await bureau.send(status=409))["code"] == "comparison_stale"


async def test_a_place_again_updates_it_and_after_sending_nothing_is_taken(bureau: Bureau) -> None:
    assert (await bureau.sweep(place(1)))["accepted"] == 1
    assert (await bureau.sweep(place(1, found="closed")))["updated"] == 1
    await bureau.compare()
    await bureau.send()
    body = {"places": [place(2)]}
    late = await bureau.district.post("/v1/survey-rounds/2030-11/places/bulk", body, status=409)
    assert late["code"] == "round_sent"


async def test_a_town_reports_its_own_places_and_a_department_none(bureau: Bureau) -> None:
    client = bureau.district.system.client
    town = await client("registry", scopes=["admin"], area_code="TOWN-02", area_level="township")
    body = {"places": [place(1), place(2, township_code="TOWN-02")]}
    verdict = (await town.post("/v1/survey-rounds/2030-11/places/bulk", json=body)).json()
    assert (verdict["accepted"], verdict["errors"][0]["code"]) == (1, "unknown_township_code")
    sector = await client("registry", scopes=["admin"], area_code="MARKET", area_level="department")
    assert (await sector.post("/v1/survey-rounds/2030-11/places/bulk", json=body)).status_code == 403
    assert (await sector.post("/v1/licences/bulk", json={})).status_code in (403, 422)


async def test_a_place_in_signs_that_stand_for_many_letters_is_the_same_one_again(bureau: Bureau) -> None:
    """NFKC spells them out: 412 signs make a key that no index would hold."""
    words = "".join(map(chr, (*range(0x3300, 0x3358), *range(0xFD50, 0xFD90), *range(0xFD92, 0xFDC2))))
    rare = [chr(code) for start in range(0x20000, 0x2A600, 64) for code in (start + start // 64 % 64,)]
    fields = {"name": words, "address": "".join(rare[:200]), "licence_no": "".join(rare[200:300])}
    found = place(1, **fields)
    assert (await bureau.sweep(found))["accepted"] == 1
    assert (await bureau.sweep({**found, "found": "closed"}))["updated"] == 1
    other = {**found, "address": "".join(rare[1:201])}
    assert (await bureau.sweep(other))["accepted"] == 1
    await bureau.compare()
    await bureau.send()
