"""Divisions and grids over HTTP: codes, head counts, what is missing, who sees what."""

from datetime import date
from typing import Any

import pytest

from registry.residents.rules import Residence, moved
from tests.registry.rounds.scene import (
    COMMUNITY,
    DISTRICT,
    FIRST,
    SECOND,
    TOWN,
    build,
    division,
    divisions,
    grid,
    live,
)
from tests.support.district import District, coded, id_no


@pytest.mark.requirement(51)
async def test_each_grid_has_a_head_count_a_laboratory_and_a_team_or_is_listed(district: District) -> None:
    await build(district, grid(), grid(SECOND, lab_code=None, team_code=None))
    listed = await district.get("/v1/divisions", level="grid")
    assert [(row["division_code"], row["missing"]) for row in listed["divisions"]] == [
        (FIRST, []),
        (SECOND, ["lab_code", "team_code"]),
    ]
    lacking = await district.get("/v1/divisions", missing="team_code")
    assert [row["division_code"] for row in lacking["divisions"]] == [SECOND]


async def test_a_code_names_its_level_and_its_parent(district: District) -> None:
    await build(district)
    shown = await district.get(f"/v1/divisions/{FIRST}")
    assert (shown["level"], shown["parent_code"], shown["township_code"]) == ("grid", COMMUNITY, "TOWN-01")
    top = await district.get(f"/v1/divisions/{DISTRICT}")
    assert (top["level"], top["parent_code"], top["township_code"]) == ("district", None, None)
    below = await district.get("/v1/divisions", within=COMMUNITY)
    assert [row["division_code"] for row in below["divisions"]] == [COMMUNITY, FIRST]


async def test_what_is_not_sent_stays_and_null_clears(district: District) -> None:
    await build(district)
    verdict = await divisions(district, {"division_code": FIRST, "lab_code": None})
    assert (verdict["updated"], verdict["rejected"]) == (1, 0)
    shown = await district.get(f"/v1/divisions/{FIRST}")
    assert (shown["head_count"], shown["lab_code"], shown["team_code"]) == (3, None, "TEAM-1")


async def test_a_township_that_is_given_away_takes_its_grids_along(district: District) -> None:
    await build(district)
    await district.township("TOWN-02")
    await divisions(district, {"division_code": TOWN, "township_code": "TOWN-02"})
    assert (await district.get(f"/v1/divisions/{FIRST}"))["township_code"] == "TOWN-02"


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [
        (division("42010"), "division_code", "bad_format"),
        (division("420100009001"), "division_code", "unknown_parent_division"),
        (division("420100002"), "township_code", "field_required"),
        (division("420100002", township_code="NOBODY"), "township_code", "unknown_township_code"),
        (division("420100002", township_code="BUREAU"), "township_code", "not_a_township"),
        (division("420100001002", head_count=3), "head_count", "not_at_this_level"),
        (grid(SECOND, township_code="TOWN-01"), "township_code", "not_at_this_level"),
        (grid(SECOND, team_code="NOBODY"), "team_code", "unknown_team_code"),
        (grid(SECOND, head_count=-1), "head_count", "out_of_range"),
        ({"division_code": SECOND}, "name", "field_required"),
        ({"division_code": FIRST, "name": None}, "name", "field_required"),
        ({**grid(SECOND), "mayor": "x"}, "mayor", "unknown_field"),
    ],
)
async def test_a_bad_row_is_refused_with_its_field_and_the_good_one_is_kept(
    district: District, row: dict[str, Any], field: str, code: str
) -> None:
    await build(district)
    await district.department("BUREAU")
    verdict = await divisions(district, row, grid("420100001001009"))
    assert (verdict["accepted"], verdict["rejected"]) == (1, 1)
    [error] = verdict["errors"]
    assert (error["row"], error["field"], error["code"]) == (1, field, code)
    assert (await district.get("/v1/divisions/420100001001009"))["head_count"] == 3


async def test_a_client_of_a_township_sees_and_changes_its_own_grids_only(district: District) -> None:
    await build(district, people=1)
    await district.township("TOWN-02")
    await divisions(district, division("420100002", township_code="TOWN-02"), division("420100002001"))
    theirs = await district.system.client(
        "registry", scopes=["admin"], area_code="TOWN-02", area_level="township"
    )
    listed = (await theirs.get("/v1/divisions")).json()["divisions"]
    assert [row["division_code"] for row in listed] == ["420100002", "420100002001"]
    assert (await theirs.get(f"/v1/divisions/{FIRST}")).status_code == 404
    assert (await theirs.get(f"/v1/divisions/{FIRST}/residents")).status_code == 404
    rows = [grid("420100002001001", team_code=None), grid(SECOND, team_code=None), grid(FIRST, name="夺")]
    verdict = (await theirs.post("/v1/divisions", json={"divisions": rows})).json()
    assert verdict["accepted"] == 1
    assert [(error["row"], error["code"]) for error in verdict["errors"]] == [
        (2, "unknown_parent_division"),
        (3, "unknown_parent_division"),
    ]


async def test_residents_are_placed_by_code_or_number_and_moved_with_their_history(
    district: District,
) -> None:
    await build(district, grid(), grid(SECOND))
    await district.people(coded(1), coded(2))
    rows = [
        {"health_code_id": "HC-000001", "grid_code": FIRST, "from_on": "2030-11-01"},
        {"id_type": "resident_id", "id_no": id_no(2), "grid_code": FIRST},
    ]
    verdict = await district.post("/v1/residents", {"residents": rows})
    assert (verdict["accepted"], verdict["rejected"]) == (2, 0)
    listed = (await district.get(f"/v1/divisions/{FIRST}/residents"))["residents"]
    assert {row["health_code_id"] for row in listed} == {"HC-000001", "HC-000002"}
    assert {row["name_masked"] for row in listed} == {"张*"}
    await live(district, 1, grid_code=SECOND)
    await live(district, 2, grid_code=None)
    assert (await district.get(f"/v1/divisions/{FIRST}/residents"))["residents"] == []
    kept = await district.system.owner.fetch(
        "SELECT grid_code, from_on, to_on FROM registry.residence ORDER BY grid_code, from_on"
    )
    today = date(2030, 11, 20)
    assert [tuple(row) for row in kept] == [
        (FIRST, date(2030, 11, 1), today),
        (FIRST, today, today),
        (SECOND, today, None),
    ]


@pytest.mark.parametrize(
    ("row", "field", "code"),
    [
        ({"health_code_id": "HC-999999", "grid_code": FIRST}, None, "unknown_person"),
        ({"health_code_id": "HC-000001", "grid_code": COMMUNITY}, "grid_code", "not_a_grid"),
        ({"health_code_id": "HC-000001", "grid_code": SECOND}, "grid_code", "unknown_division_code"),
        ({"health_code_id": "HC-000001", "id_type": "passport", "id_no": "E1", "grid_code": FIRST},
         "health_code_id", "resident_identifier"),
        ({"grid_code": FIRST}, "health_code_id", "resident_identifier"),
        ({"id_type": "resident_id", "id_no": "110105194912310021", "grid_code": FIRST}, "id_no", "id_no_checksum"),
        ({"health_code_id": "HC-000001", "grid_code": FIRST, "from_on": "2030-11-21"}, "from_on", "day_in_future"),
        ({"health_code_id": "HC-000001", "grid_code": None, "from_on": "2030-11-19"},
         "from_on", "residence_before_last"),
        ({"health_code_id": "HC-000002", "grid_code": None}, "grid_code", "not_a_resident"),
    ],
)  # fmt: skip
async def test_a_bad_row_about_a_resident_is_refused_and_never_echoed(
    district: District, row: dict[str, Any], field: str | None, code: str
) -> None:
    await build(district, people=1)
    await district.people(coded(2))
    answer = await district.http.post("/v1/residents", json={"residents": [row]})
    assert answer.status_code == 200
    [error] = answer.json()["errors"]
    assert (error["row"], error["field"], error["code"]) == (1, field, code)
    assert "110105194912310021" not in answer.text


async def test_whoever_leaves_and_comes_in_one_list_does_not_come_before_they_came_first(
    district: District,
) -> None:
    await build(district, grid(), grid(SECOND), people=1)
    left = {"health_code_id": "HC-000001", "grid_code": None}
    for day, found in (("2030-11-19", [(2, "from_on", "residence_before_last")]), ("2030-11-20", [])):
        again = {"health_code_id": "HC-000001", "grid_code": SECOND, "from_on": day}
        verdict = await district.post("/v1/residents", {"residents": [left, again]})
        assert [(e["row"], e["field"], e["code"]) for e in verdict["errors"]] == found
        if found:
            await live(district, 1)
    listed = (await district.get(f"/v1/divisions/{SECOND}/residents"))["residents"]
    assert [row["health_code_id"] for row in listed] == ["HC-000001"]


def test_the_same_grid_again_changes_nothing_whatever_the_day() -> None:
    there = Residence(FIRST, date(2030, 11, 1))
    assert moved(there, FIRST, date(2020, 1, 1)) == there
