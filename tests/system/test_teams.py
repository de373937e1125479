"""A sampling team from its entry to its figures: registry and results-ingest together."""

from datetime import datetime, timedelta
from typing import Any, Final

import pytest

from tests.support.system import System
from tests.system.people import TOWN, District, ok, text

NOW: Final = datetime.fromisoformat("2030-01-15T12:00:00+08:00")
NAME: Final = "慕容复兴"


def team(number: int, *phones: str) -> dict[str, Any]:
    """Return a row about a team with a member for each phone."""
    members = [{"name": NAME, "phone": phone} for phone in phones]
    leader = {"name": NAME, "phone": f"1380013800{number}"}
    return {"team_code": f"TEAM-{number}", "name": f"第{number}采样队", "township_code": TOWN,
            "leader": leader, "members": members}  # fmt: skip


async def grids(district: District) -> None:
    """Enter two grids that have what a round needs: TEAM-1 has the first, TEAM-2 the second."""
    place = "420100001001"
    needed = {"head_count": 10, "lab_code": "LAB01"}
    rows: list[dict[str, Any]] = [
        {"division_code": "420100"}, {"division_code": place[:9], "township_code": TOWN}, {"division_code": place},
        *({"division_code": f"{place}00{n}", "team_code": f"TEAM-{n}", **needed} for n in (1, 2)),
    ]  # fmt: skip
    answer = await ok(
        district.admin.post("/v1/divisions", json={"divisions": [{"name": "区划", **each} for each in rows]})
    )
    assert answer["rejected"] == 0, answer


@pytest.mark.requirement(85)
async def test_teams_with_members_phones_and_grids_are_known_where_they_sample(system: System) -> None:
    await system.set_clock(NOW)
    district = await District(system).build()
    phones = ("13900139001", "13900139002")
    teams = [team(1, phones[0]), team(2, phones[1]), team(3, phones[1]), team(4)]
    assert (await ok(district.admin.post("/v1/teams", json={"teams": teams})))["accepted"] == 4
    await grids(district)
    await ok(district.admin.post("/v1/teams/TEAM-1/calls", json={"result": "reached"}))
    listed = (await ok(district.admin.get("/v1/teams")))["teams"]
    assert {each["team_code"]: each["defects"] for each in listed} == {
        "TEAM-1": [],
        "TEAM-2": ["member_repeated", "not_called"],
        "TEAM-3": ["no_grid", "member_repeated", "not_called"],
        "TEAM-4": ["no_members", "no_grid", "not_called"],
    }
    planned = {"round_code": "R1", "name": "第一轮", "division_codes": ["420100"],
               "starts_at": text(NOW - timedelta(hours=6))}  # fmt: skip
    await ok(district.admin.post("/v1/rounds", json=planned))
    await ok(district.admin.post("/v1/rounds/R1/activation"))
    site = {"site_code": "SITE-1", "name": "采样点", "kind": "community", "township_code": TOWN}
    await ok(district.sampling.post("/v1/sites", json=site))
    await system.settle()

    shift = {"site_code": "SITE-1", "begins_at": text(NOW - timedelta(hours=5)), "ends_at": text(NOW)}
    posted = await ok(
        district.sampling.put("/v1/team-postings", json={"postings": [shift | {"team_code": "TEAM-1"}]})
    )
    assert posted["added"] == 1
    tube = {"tube_code": "T-1", "mode": "single", "capacity": 1, "subject": "person", "site_code": "SITE-1",
            "round_code": "R1", "members": [{"health_code_id": "HC-000001"}],
            "collected_at": text(NOW - timedelta(hours=4))}  # fmt: skip
    await ok(district.sampling.post("/v1/tubes", json=tube))
    answer = await district.cdc.get("/v1/team-figures", params={"round_code": "R1"})
    found = answer.json()
    shown = [(each["team_code"], each["members"], each["grids"], each["samples"], each["flags"]) for each in found["teams"]]  # fmt: skip
    assert shown == [("TEAM-1", 1, 1, 1, []), ("TEAM-2", 1, 1, 0, ["no_sample", "not_posted"])]
    assert found["nobody"]["samples"] == 0

    # A team that works no longer is posted nowhere, and nothing that was told holds a name or a phone.
    await ok(district.admin.post("/v1/teams", json={"teams": [teams[0] | {"active": False}]}))
    await system.settle()
    again = [shift | {"team_code": "TEAM-1", "ends_at": text(NOW + timedelta(hours=1))}]
    refused = await district.sampling.put("/v1/team-postings", json={"postings": again})
    assert (refused.status_code, refused.json()["code"]) == (422, "posting_team_unknown")
    flags = (await ok(district.cdc.get("/v1/team-figures", params={"round_code": "R1"})))["teams"][0]["flags"]
    assert flags == ["inactive"]
    told = await system.owner.fetch(
        "SELECT body FROM bus.message WHERE name IN ('teams.changed', 'round.changed')"
    )
    assert len(told) == 4
    assert not any(mark in row["body"].decode() for row in told for mark in (NAME, *phones, "1380013800"))
