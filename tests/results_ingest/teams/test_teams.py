"""Teams at their sites: who stands where and when, and what each has sampled."""

import asyncio
from typing import Any

import pytest

from shared.messages import RoundChanged, RoundGrid, SamplingTeam, TeamsChanged
from tests.results_ingest.intake.test_intake import hear
from tests.results_ingest.quality.test_quality import ask
from tests.results_ingest.support import NOW, Ingest

DAY = NOW.date().isoformat()
TEAMS = (
    SamplingTeam("TEAM-1", "TOWN-01", 6, active=True, revision=2),
    SamplingTeam("TEAM-2", "TOWN-02", 4, active=True, revision=1),
    SamplingTeam("TEAM-3", "TOWN-01", 0, active=True, revision=1),
    SamplingTeam("TEAM-4", "TOWN-01", 5, active=False, revision=1),
)
GRIDS = tuple(
    RoundGrid(f"42010000{town}00100{number}", f"TOWN-0{town}", "LAB01", 5, f"TEAM-{number}")
    for number, town in ((1, 1), (2, 2), (3, 1))
)


@pytest.fixture
async def town(ingest: Ingest) -> Ingest:
    """Let registry tell of teams and of a round that runs, and register a site in each of two towns."""
    for number in (1, 2):
        site = {"site_code": f"SITE-0{number}", "name": "采样点", "kind": "community",
                "township_code": f"TOWN-0{number}"}  # fmt: skip
        assert (await ingest.sampling.post("/v1/sites", json=site)).is_success
    running = RoundChanged(
        "R1", drill=False, state="active", revision=2, title="第一轮", starts_at=ingest.at(hours=-8),
        deadline_at=ingest.at(hours=16), activated_at=ingest.at(hours=-8), setup_due_at=ingest.at(hours=-4),
        grids=GRIDS,
    )  # fmt: skip
    await hear(ingest, TeamsChanged(TEAMS), running)
    return ingest


def posting(ingest: Ingest, team: int, site: int, first: float, last: float, **more: Any) -> dict[str, Any]:
    """Return a posting between two hours from now."""
    return {"team_code": f"TEAM-{team}", "site_code": f"SITE-0{site}", "begins_at": ingest.at(hours=first),
            "ends_at": ingest.at(hours=last), **more}  # fmt: skip


async def post(ingest: Ingest, *postings: dict[str, Any]) -> dict[str, int]:
    """Post teams; return what became of the postings."""
    answer = await ingest.sampling.put("/v1/team-postings", json={"postings": list(postings)})
    assert answer.status_code == 200, answer.text
    counts: dict[str, int] = answer.json()
    return {name: count for name, count in counts.items() if count}


async def refused(ingest: Ingest, *postings: dict[str, Any]) -> list[tuple[str, str]]:
    """Post teams and return for each fault its field and code."""
    answer = await ingest.sampling.put("/v1/team-postings", json={"postings": list(postings)})
    problem = answer.json()
    assert answer.status_code == 422, answer.text
    assert problem["code"] == problem["errors"][0]["code"]
    return [(each["field"], each["code"]) for each in problem["errors"]]


@pytest.mark.requirement(85)
async def test_a_sample_is_the_teams_that_stood_at_its_site_and_what_is_nobodys_is_flagged(
    town: Ingest,
) -> None:
    await post(town, posting(town, 1, 1, -6, -2), posting(town, 2, 2, -6, -1))
    pool = [{"health_code_id": f"hc-000{n}"} for n in range(3)]
    at = {"round_code": "R1", "site_code": "SITE-01", "collected_at": town.at(hours=-5)}
    await town.bind("M-1", *pool, **at)
    await town.bind("S-kept", pool[0], paired_with="M-1", **at)
    await town.bind("S-first", {"health_code_id": "hc-0008"}, **at | {"collected_at": town.at(hours=-6)})
    await town.bind("S-void", {"health_code_id": "hc-0009"}, **at)
    void = {"reason": "leaked", "voided_at": town.at(hours=-2)}
    assert (await town.sampling.post("/v1/tubes/S-void/voiding", json=void)).is_success
    await town.bind("S-late", {"health_code_id": "hc-0010"}, **at | {"collected_at": town.at(hours=-2)})
    await town.bind("S-nowhere", {"health_code_id": "hc-0011"}, round_code="R1")
    await town.post(town.row(tube_code="M-1", outcome="clean"), town.row(tube_code="M-1"))
    await ask(town)

    found = (await town.cdc.get("/v1/team-figures", params={"round_code": "R1"})).json()
    one, two, three = found["teams"]
    assert [one[name] for name in ("team_code", "site_codes", "tubes", "samples", "faults", "faulty_tubes")] == [
        "TEAM-1", ["SITE-01"], 2, 4, 4, 1,
    ]  # fmt: skip
    assert (one["first_sample_at"], one["last_sample_at"]) == (town.at(hours=-6), town.at(hours=-5))
    assert (one["error_rate"], one["flags"], two["flags"]) == (50.0, [], ["no_sample"])
    assert (two["samples"], two["error_rate"], two["first_sample_at"]) == (0, None, None)
    assert three["flags"] == ["no_sample", "not_posted", "no_members"]
    nobody = found["nobody"]
    assert (nobody["tubes"], nobody["site_codes"], nobody["flags"]) == (2, ["SITE-01"], ["no_team"])
    assert (found["sums"]["tubes"], found["sums"]["samples"]) == (4, 6)
    day = (await town.cdc.get("/v1/team-figures", params={"day": DAY})).json()
    assert [(each["team_code"], each["flags"]) for each in day["teams"]] == [
        ("TEAM-1", []), ("TEAM-2", ["no_sample"]),
    ]  # fmt: skip
    silent: dict[str, Any] = {"round_code": "R1", "flag": "no_sample", "limit": 1}
    page = (await town.cdc.get("/v1/team-figures", params=silent)).json()
    rest = await town.cdc.get("/v1/team-figures", params=silent | {"cursor": page["next_cursor"]})
    assert [each["team_code"] for each in (*page["teams"], *rest.json()["teams"])] == ["TEAM-2", "TEAM-3"]
    whose = [(await town.cdc.get(f"/v1/tubes/{code}")).json()["team_code"] for code in ("M-1", "S-late")]
    assert whose == ["TEAM-1", None]


@pytest.mark.requirement(85)
async def test_a_township_sees_and_posts_nothing_beyond_its_own_sites(town: Ingest) -> None:
    await post(town, posting(town, 1, 1, -6, -2), posting(town, 2, 2, -6, -1))
    await town.bind("S-1", {"health_code_id": "hc-0001"}, site_code="SITE-01", round_code="R1")
    theirs = town.client("t2", "samples:write", area_level="township", area_code="TOWN-02")
    for query in ({"day": DAY}, {"round_code": "R1"}):
        found = (await theirs.get("/v1/team-figures", params=query)).json()
        assert [each["team_code"] for each in found["teams"]] == ["TEAM-2"]
        assert (found["sums"]["samples"], found["nobody"]["flags"]) == (0, [])
    listed = (await theirs.get("/v1/team-postings", params={"day": DAY})).json()["postings"]
    assert [each["site_code"] for each in listed] == ["SITE-02"]
    for beyond, code in ((posting(town, 2, 1, 1, 2), "posting_site_unknown"), (posting(town, 1, 2, 1, 2), "posting_team_unknown")):  # fmt: skip
        answer = await theirs.put("/v1/team-postings", json={"postings": [beyond]})
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    # A team of another town that helps out is seen by what it did here, and by nothing else.
    await post(town, posting(town, 3, 2, 0, 1))
    [_, helper] = (await theirs.get("/v1/team-figures", params={"day": DAY})).json()["teams"]
    assert (helper["team_code"], helper["township_code"], helper["members"]) == ("TEAM-3", None, None)
    assert helper["flags"] == ["no_sample"]


async def test_a_site_has_one_team_at_a_time_and_a_team_one_site(town: Ingest) -> None:
    first = posting(town, 1, 1, -6, -2)
    assert await post(town, first) == {"added": 1}
    assert await post(town, first) == {"unchanged": 1}
    assert await refused(town, posting(town, 3, 1, -3, 0)) == [("postings.0.site_code", "posting_site_taken")]
    assert await refused(town, posting(town, 3, 2, -6, -5), posting(town, 1, 2, -3, 0)) == [
        ("postings.1.team_code", "posting_team_elsewhere")
    ]
    assert await refused(
        town,
        posting(town, 4, 1, 0, 1),
        posting(town, 9, 9, 0, 1),
        posting(town, 2, 2, 1, 1),
        posting(town, 2, 2, 0, 25),
    ) == [
        ("postings.0.team_code", "posting_team_unknown"),
        ("postings.1.team_code", "posting_team_unknown"),
        ("postings.1.site_code", "posting_site_unknown"),
        ("postings.2.ends_at", "posting_reversed"),
        ("postings.3.ends_at", "posting_too_long"),
    ]
    # The shift is shortened, the next one follows at once, and a third is taken back.
    assert await post(town, posting(town, 1, 1, -6, -3), posting(town, 3, 1, -3, 0)) == {
        "added": 1, "replaced": 1,
    }  # fmt: skip
    assert await post(town, posting(town, 3, 1, -3, 0, withdrawn=True)) == {"withdrawn": 1}
    assert await post(town, posting(town, 3, 1, -3, 0, withdrawn=True)) == {"unchanged": 1}
    await hear(town, TeamsChanged((SamplingTeam("TEAM-1", "TOWN-01", 6, active=False, revision=3),)))
    await hear(town, TeamsChanged((SamplingTeam("TEAM-1", "TOWN-01", 6, active=True, revision=2),)))
    assert await post(town, posting(town, 1, 1, -6, -3, withdrawn=True)) == {"withdrawn": 1}
    assert (await refused(town, posting(town, 1, 1, -6, -3)))[0][1] == "posting_team_unknown"
    everything = await town.cdc.get("/v1/team-postings", params={"day": DAY, "withdrawn": True})
    shown = [(each["team_code"], each["withdrawn_at"] is None) for each in everything.json()["postings"]]
    assert sorted(shown) == [("TEAM-1", False), ("TEAM-1", False), ("TEAM-3", False)]
    assert (await town.cdc.get("/v1/team-postings", params={"day": DAY})).json()["postings"] == []
    at_once = [
        town.sampling.put("/v1/team-postings", json={"postings": [posting(town, team, 2, first, 5)]})
        for team, first in ((2, 1), (3, 2), (2, 3))
    ]
    statuses = sorted(answer.status_code for answer in await asyncio.gather(*at_once))
    assert statuses == [200, 422, 422]
