"""The pairs of divisions, teams, residents and rounds; `build` makes what they are about."""

from typing import Any, Final

import httpx

from tests.system.people import ok
from tests.system.scope.pairs import (
    Pair,
    Pairs,
    Request,
    ask,
    continued,
    listed,
    of,
    refuses,
    rejects,
    status,
)
from tests.system.scope.world import DISTRICT, World, area_of, contact

HIDDEN: Final = status(404)
A_TOWN: Final = area_of("A", "TOWN")
NUMBER: Final = {"A": "001", "B": "002"}
GRID_A: Final = "420100001001001"
TOWN_A: Final = "420100001"
ROUND: Final = of(round_code="ROUND-A")
GRID: Final = of(round_code="ROUND-A", division_code=GRID_A)


def round_of(code: str, division: str, **fields: Any) -> dict[str, Any]:
    """Return the body of a round."""
    return {"round_code": code, "name": "轮次", "division_codes": [division],
            "starts_at": "2030-03-05T08:00:00+08:00", **fields}  # fmt: skip


def team(code: str, side: str) -> dict[str, Any]:
    """Return a row about a team of a side."""
    return {"team_code": code, "name": code, "township_code": f"TOWN-{side}", "leader": contact(),
            "members": [contact()]}  # fmt: skip


async def build(world: World) -> None:
    """Give each side a town with two grids, a team, and a round; people of A live in its first grid."""
    admin = await world.admin()
    await ok(admin.post("/v1/divisions", json={"divisions": [{"division_code": "420100", "name": "区"}]}))
    for side, number in NUMBER.items():
        town = f"420100{number}"
        teams = [team(f"TEAM-{side}{each}", side) for each in (1, 2)]
        await ok(admin.post("/v1/teams", json={"teams": teams}))
        needed = {"head_count": 5, "lab_code": f"LAB-{side}", "team_code": f"TEAM-{side}1"}
        rows = [
            {"division_code": town, "name": "镇", "township_code": f"TOWN-{side}"},
            {"division_code": f"{town}001", "name": "社区"},
            *({"division_code": f"{town}00100{each}", "name": "网格", **needed} for each in (1, 2)),
        ]
        await ok(admin.post("/v1/divisions", json={"divisions": rows}))
        for code, fields in (
            (f"ROUND-{side}", {}),
            (f"ROUND-{side}2", {}),
            (f"DRILL-{side}", {"drill": True}),
        ):
            await ok(admin.post("/v1/rounds", json=round_of(code, town, **fields)))
        for code in (f"ROUND-{side}", f"DRILL-{side}"):
            await ok(admin.post(f"/v1/rounds/{code}/activation"))
    rows = [{"health_code_id": f"HC-A-000{each}", "grid_code": GRID_A} for each in range(3)]
    verdict = await ok(admin.post("/v1/residents", json={"residents": rows}))
    assert verdict["accepted"] == len(rows), verdict
    await ok(admin.post("/v1/rounds/DRILL-A/drill-samples", json={"health_code_ids": ["HC-A-0001"]}))


async def planned_round(world: World) -> Request:
    """Ask for a step of a planned round of A's, made for this."""
    code = f"ROUND-A-{len(world.ids)}"
    world.ids[code] = code
    await ok((await world.admin()).post("/v1/rounds", json=round_of(code, TOWN_A)))
    return Request({"round_code": code})


async def running_round(world: World) -> Request:
    """Ask for a step of a running round of A's, made for this."""
    asked = await planned_round(world)
    await ok((await world.admin()).post(f"/v1/rounds/{asked.path['round_code']}/activation"))
    return asked


def _refused_or_rejected(world: World, answer: httpx.Response) -> bool:
    return HIDDEN(world, answer) or rejects("not_in_round")(world, answer)


PAIRS: Final[Pairs] = {
    ("POST", "/v1/divisions"): (
        Pair(ask(body={"divisions": [{"division_code": GRID_A, "name": "新名"}]}),
             rejects("unknown_parent_division")),
        Pair(ask(body={"divisions": [{"division_code": "420100", "name": "新名"}]}),
             rejects("area_outside", "unknown_parent_division"), DISTRICT),
    ),
    ("GET", "/v1/divisions"): (
        *listed(GRID_A, TOWN_A, filters=({}, {"level": "grid", "within": TOWN_A})[:1]),
        continued("registry /v1/divisions", GRID_A),
    ),
    ("GET", "/v1/divisions/{division_code}"): (Pair(ask(of(division_code=GRID_A)), HIDDEN),),
    ("POST", "/v1/residents"): (
        Pair(ask(body={"residents": [{"health_code_id": "HC-A-0000", "grid_code": GRID_A}]}),
             rejects("unknown_person")),
        Pair(ask(body={"residents": [{"health_code_id": "HC-B-0003", "grid_code": GRID_A}]}),
             rejects("unknown_division_code", "unknown_person"), None),
    ),
    ("GET", "/v1/divisions/{division_code}/residents"): (Pair(ask(of(division_code=GRID_A)), HIDDEN),),
    ("POST", "/v1/teams"): (
        Pair(ask(body={"teams": [team("TEAM-A1", "A")]}), rejects("area_outside", "unknown_township_code")),
        Pair(ask(body={"teams": [team("TEAM-A1", "B")]}), rejects("area_outside", "unknown_township_code"), None),
    ),
    ("GET", "/v1/teams"): (*listed("TEAM-A1", "TEAM-A2"), continued("registry /v1/teams", "TEAM-A1", "TEAM-A2")),
    ("GET", "/v1/teams/{team_code}"): (Pair(ask(of(team_code="TEAM-A1")), HIDDEN),),
    ("POST", "/v1/teams/{team_code}/calls"): (
        Pair(ask(of(team_code="TEAM-A1"), body={"result": "reached"}), HIDDEN),
    ),
    ("POST", "/v1/rounds"): (
        Pair(ask(body=round_of("ROUND-A3", TOWN_A)), refuses("unknown_division_code")),
        Pair(ask(body=round_of("ROUND-X", "420100")), refuses("unknown_division_code"), DISTRICT),
    ),
    ("GET", "/v1/rounds"): (*listed("ROUND-A", "ROUND-A2"), continued("registry /v1/rounds", "ROUND-A")),
    ("GET", "/v1/rounds/{round_code}"): (Pair(ask(ROUND), HIDDEN),),
    ("POST", "/v1/rounds/{round_code}/activation"): (Pair(planned_round, HIDDEN),),
    ("POST", "/v1/rounds/{round_code}/closing"): (Pair(running_round, HIDDEN),),
    ("POST", "/v1/rounds/{round_code}/cancellation"): (Pair(planned_round, HIDDEN),),
    ("GET", "/v1/rounds/{round_code}/grids"): (Pair(ask(ROUND), HIDDEN),),
    ("POST", "/v1/rounds/{round_code}/grids/{division_code}/readiness"): (Pair(ask(GRID), HIDDEN),),
    ("GET", "/v1/rounds/{round_code}/grids/{division_code}/missing"): (Pair(ask(GRID), HIDDEN),),
    ("POST", "/v1/rounds/{round_code}/drill-samples"): (
        Pair(ask(of(round_code="DRILL-A"), body={"health_code_ids": ["HC-A-0000"]}), HIDDEN),
        Pair(ask(of(round_code="DRILL-B"), body={"health_code_ids": ["HC-A-0000"]}), _refused_or_rejected,
             None),
    ),
}  # fmt: skip
