"""Sampling teams over HTTP: members, phones, grids, calls; what is wrong with each."""

from datetime import timedelta
from typing import Any

import pytest

from tests.registry.conftest import NOON
from tests.registry.rounds.scene import build, divisions, grid, team
from tests.support.district import District


async def put(district: District, *teams: dict[str, Any]) -> dict[str, Any]:
    """Post rows about teams."""
    verdict: dict[str, Any] = await district.post("/v1/teams", {"teams": list(teams)})
    return verdict


async def defects(district: District) -> dict[str, list[str]]:
    """Return the defects of each team."""
    rows = (await district.get("/v1/teams"))["teams"]
    return {row["team_code"]: row["defects"] for row in rows}


def member(number: int, **fields: Any) -> dict[str, Any]:
    """Return the n-th member."""
    return {"name": "赵敏", "phone": f"139001390{number:02d}", **fields}


@pytest.mark.requirement(85)
async def test_158_teams_with_members_phones_and_grids_and_what_each_lacks(district: District) -> None:
    await build(district)
    teams = [team(f"TEAM-{n:03d}", {"name": "赵敏", "phone": f"1380000{n:04d}"}) for n in range(158)]
    assert (await put(district, *teams))["accepted"] == 158
    grids = [grid(f"420100001001{n:03d}", team_code=f"TEAM-{n:03d}") for n in range(2, 158)]
    assert (await divisions(district, *grids))["accepted"] == 156
    lacking = await district.get("/v1/teams", defect="no_grid", limit=1000)
    assert [row["team_code"] for row in lacking["teams"]] == ["TEAM-000", "TEAM-001"]
    shown = await district.get("/v1/teams/TEAM-002")
    assert (shown["members"], shown["grids"]) == (1, ["420100001001002"])
    assert shown["leader"] == {"name_masked": "李*", "phone_masked": "138****8000"}
    assert shown["people"][0]["phone_masked"] == "138****0002"


@pytest.mark.requirement(85)
async def test_a_member_in_two_active_teams_is_flagged_in_both(district: District) -> None:
    await build(district)
    await put(district, team("TEAM-1", member(1)), team("TEAM-2", member(1)), team("TEAM-3", member(2)))
    found = await defects(district)
    assert "member_repeated" in found["TEAM-1"]
    assert "member_repeated" in found["TEAM-2"]
    assert "member_repeated" not in found["TEAM-3"]
    await put(district, team("TEAM-2", member(1), active=False))
    found = await defects(district)
    assert ("member_repeated" in found["TEAM-1"], found["TEAM-2"]) == (False, [])


@pytest.mark.requirement(85)
async def test_a_call_confirms_a_team_for_its_days_and_an_unanswered_one_is_a_defect(
    district: District,
) -> None:
    await build(district)
    assert "not_called" in (await defects(district))["TEAM-1"]
    called = await district.post("/v1/teams/TEAM-1/calls", {"result": "not_reached"})
    assert called["defects"] == ["not_reached"]
    called = await district.post("/v1/teams/TEAM-1/calls", {"result": "reached"})
    assert (called["call_result"], called["defects"]) == ("reached", [])
    await district.system.set_clock(NOON + timedelta(days=31))
    assert (await defects(district))["TEAM-1"] == ["not_called"]


async def test_an_expired_certificate_and_an_empty_team_are_defects(district: District) -> None:
    await build(district)
    await put(district, team("TEAM-2", member(2, certificate_until="2030-11-19")), team("TEAM-4", member(4)))
    await put(district, {**team("TEAM-3"), "members": []})
    found = await defects(district)
    assert "certificate_expired" in found["TEAM-2"]
    assert "certificate_expired" not in found["TEAM-4"]
    assert "no_members" in found["TEAM-3"]


async def test_a_row_that_is_wrong_is_refused_and_the_others_are_kept(district: District) -> None:
    await build(district)
    await district.department("BUREAU")
    verdict = await put(
        district,
        team("TEAM-2", township_code="NOBODY"),
        team("TEAM-3", township_code="BUREAU"),
        team("TEAM-4"),
        team("TEAM-4"),
        team("TEAM-5", {"name": "赵敏", "phone": "1"}),
    )
    assert (verdict["accepted"], verdict["rejected"]) == (1, 4)
    assert [(error["row"], error["field"], error["code"]) for error in verdict["errors"]] == [
        (1, "township_code", "unknown_township_code"),
        (2, "township_code", "not_a_township"),
        (4, "team_code", "team_repeated"),
        (5, "members.0.phone", "phone_invalid"),
    ]


async def test_members_lie_sealed_and_never_in_clear(district: District) -> None:
    await build(district)
    owner = district.system.owner
    stored = await owner.fetchval("SELECT row_to_json(m)::text FROM registry.sampling_team_member m")
    stored += await owner.fetchval("SELECT row_to_json(t)::text FROM registry.sampling_team t")
    assert "王芳" not in stored
    assert "13900139000" not in stored


async def test_a_township_sees_and_changes_its_own_teams_only(district: District) -> None:
    await build(district)
    await district.township("TOWN-02")
    theirs = await district.system.client(
        "registry", scopes=["admin"], area_code="TOWN-02", area_level="township"
    )
    assert (await theirs.get("/v1/teams")).json()["teams"] == []
    assert (await theirs.get("/v1/teams/TEAM-1")).status_code == 404
    assert (await theirs.post("/v1/teams/TEAM-1/calls", json={"result": "reached"})).status_code == 404
    rows = [team("TEAM-1", township_code="TOWN-02"), team("TEAM-9", township_code="TOWN-02")]
    verdict = (await theirs.post("/v1/teams", json={"teams": rows})).json()
    assert (verdict["accepted"], [error["code"] for error in verdict["errors"]]) == (1, ["area_outside"])
