"""A small town with grids, residents and teams, entered over HTTP."""

from typing import Any, Final

from tests.support.district import District, coded

DISTRICT: Final = "420100"
TOWN: Final = "420100001"
COMMUNITY: Final = "420100001001"
FIRST: Final = "420100001001001"
SECOND: Final = "420100001001002"
START: Final = "2030-11-20T08:00:00+08:00"


def team(code: str = "TEAM-1", *members: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """Return a row about a team."""
    people = members or ({"name": "王芳", "phone": "13900139000"},)
    leader = {"name": "李明", "phone": "13800138000"}
    return {"team_code": code, "name": code, "township_code": "TOWN-01", "leader": leader,
            "members": list(people), **fields}  # fmt: skip


def division(code: str, **fields: Any) -> dict[str, Any]:
    """Return a row about a division."""
    return {"division_code": code, "name": f"区划{code[-3:]}", **fields}


def grid(code: str = FIRST, **fields: Any) -> dict[str, Any]:
    """Return a row about a grid that has what a round needs."""
    return division(code, **{"head_count": 3, "lab_code": "LAB01", "team_code": "TEAM-1", **fields})


async def divisions(district: District, *rows: dict[str, Any]) -> dict[str, Any]:
    """Post rows about divisions."""
    verdict: dict[str, Any] = await district.post("/v1/divisions", {"divisions": list(rows)})
    return verdict


async def build(district: District, *grids: dict[str, Any], people: int = 0) -> None:
    """Enter TOWN-01 with its divisions, a team, grids, and people who live in the first grid."""
    await district.township()
    assert (await district.post("/v1/teams", {"teams": [team()]}))["accepted"] == 1
    above = (division(DISTRICT), division(TOWN, township_code="TOWN-01"), division(COMMUNITY))
    verdict = await divisions(district, *above, *(grids or (grid(),)))
    assert verdict["rejected"] == 0, verdict
    if people:
        await district.people(*(coded(number) for number in range(1, people + 1)))
        await live(district, *range(1, people + 1))


async def live(district: District, *numbers: int, grid_code: str | None = FIRST) -> None:
    """Let people live in a grid."""
    rows = [{"health_code_id": f"HC-{number:06d}", "grid_code": grid_code} for number in numbers]
    verdict = await district.post("/v1/residents", {"residents": rows})
    assert verdict["rejected"] == 0, verdict


async def plan(district: District, code: str = "R1", **fields: Any) -> dict[str, Any]:
    """Plan a round over the town."""
    wanted = {"round_code": code, "name": "第一轮", "division_codes": [TOWN], "starts_at": START, **fields}
    planned: dict[str, Any] = await district.post("/v1/rounds", wanted)
    return planned
