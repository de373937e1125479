"""Mass testing rounds over HTTP: start, set-up clock, coverage with the missing names, drills."""

import json
from datetime import timedelta
from typing import Any

import pytest

from registry.divisions.service import put as put_divisions
from registry.rounds import counting
from shared.db import Session
from shared.security.principal import Principal
from tests.registry.conftest import NOON
from tests.registry.rounds.scene import (
    FIRST,
    SECOND,
    START,
    TOWN,
    build,
    division,
    divisions,
    grid,
    live,
    plan,
)
from tests.support.district import District, coded
from tests.support.meeting import meet

EMPTY = "420100001009"
CLERK = Principal("clerk", "clerk", "person", frozenset({"admin"}))


async def start(district: District, code: str = "R1", **fields: Any) -> None:
    """Plan a round and start it."""
    await plan(district, code, **fields)
    assert (await district.post(f"/v1/rounds/{code}/activation", None))["state"] == "active"


async def counted(district: District, code: str = "R1") -> dict[str, Any]:
    """Let the worker's schedule count and return the round."""
    context = district.system.context("registry")
    async with context.db.transaction() as session:
        while await counting.count(session, context):
            pass
    shown: dict[str, Any] = await district.get(f"/v1/rounds/{code}")
    return shown


async def missing(district: District, code: str = "R1", grid_code: str = FIRST) -> list[str]:
    """Return the health codes of those without a sample."""
    rows = (await district.get(f"/v1/rounds/{code}/grids/{grid_code}/missing"))["people"]
    return sorted(row["health_code_id"] for row in rows)


@pytest.mark.requirement(86)
async def test_a_round_has_an_area_a_start_a_deadline_and_an_expected_head_count(district: District) -> None:
    await build(district, grid(), grid(SECOND, head_count=5))
    planned = await plan(district)
    assert (planned["division_codes"], planned["state"]) == ([TOWN], "planned")
    assert (planned["starts_at"], planned["deadline_at"]) == (START, "2030-11-21T08:00:00+08:00")
    await district.post("/v1/rounds/R1/activation", None)
    shown = await district.get("/v1/rounds/R1")
    assert (shown["grids"], shown["head_count"], shown["state"]) == (2, 8, "active")


@pytest.mark.parametrize("field", ["starts_at", "deadline_at"])
async def test_a_time_that_is_none_in_the_district_is_refused(district: District, field: str) -> None:
    await build(district)
    wanted = {"round_code": "R1", "name": "第一轮", "division_codes": [TOWN], "starts_at": START}
    for moment in ("9999-12-31T23:00:00Z", "2200-01-01T00:00:00+08:00"):
        problem = await district.post("/v1/rounds", {**wanted, field: moment}, status=422)
        assert [(e["field"], e["code"]) for e in problem["errors"]] == [(field, "time_after_2199")]


@pytest.mark.requirement(51)
async def test_a_round_does_not_start_while_a_grid_lacks_one_of_the_three(district: District) -> None:
    await build(district, grid(), grid(SECOND, head_count=None, team_code=None))
    await plan(district)
    problem = await district.post("/v1/rounds/R1/activation", None, status=422)
    assert problem["code"] == "round_grids_incomplete"
    assert [(error["field"], error["code"]) for error in problem["errors"]] == [
        (f"{SECOND}.head_count", "missing_for_round"),
        (f"{SECOND}.team_code", "missing_for_round"),
    ]
    assert (await district.get("/v1/rounds/R1"))["state"] == "planned"
    await divisions(district, grid(SECOND))
    assert (await district.post("/v1/rounds/R1/activation", None))["state"] == "active"


async def test_a_round_does_not_start_over_a_grid_that_loses_its_laboratory_at_that_moment(
    district: District,
) -> None:
    await build(district, grid(), grid(SECOND))
    await plan(district)
    context = district.system.context("registry")

    async def losing(session: Session) -> None:
        row = {"division_code": SECOND, "lab_code": None}
        await put_divisions(session, context, [row], who=CLERK, now=NOON)

    problem = await meet(district.system, losing, district.post("/v1/rounds/R1/activation", None, status=422))
    assert [error["field"] for error in problem["errors"]] == [f"{SECOND}.lab_code"]


@pytest.mark.requirement(84)
async def test_grids_that_are_not_ready_four_hours_after_the_start_are_listed(district: District) -> None:
    third = "420100001001003"
    await build(district, grid(), grid(SECOND), grid(third))
    await start(district)
    await district.system.set_clock(NOON + timedelta(hours=3, minutes=59))
    answer = await district.http.post(f"/v1/rounds/R1/grids/{FIRST}/readiness")
    assert answer.status_code == 204
    assert (await district.get("/v1/rounds/R1/grids", readiness="late"))["grids"] == []
    await district.system.set_clock(NOON + timedelta(hours=4, minutes=5))
    await district.http.post(f"/v1/rounds/R1/grids/{SECOND}/readiness")
    await district.http.post(f"/v1/rounds/R1/grids/{FIRST}/readiness")
    rows = (await district.get("/v1/rounds/R1/grids"))["grids"]
    assert [(row["grid_code"], row["readiness"]) for row in rows] == [
        (FIRST, "ready"),
        (SECOND, "ready_late"),
        (third, "late"),
    ]
    late = (await district.get("/v1/rounds/R1/grids", readiness="late"))["grids"]
    assert [row["grid_code"] for row in late] == [third]
    totals = await district.get("/v1/rounds/R1")
    assert (totals["grids"], totals["ready"], totals["late"]) == (3, 2, 2)


@pytest.mark.requirement(87)
async def test_coverage_is_sampled_over_head_count_with_the_missing_by_name(district: District) -> None:
    await build(district, grid(head_count=5), people=4)
    await start(district)
    await district.negative(1, NOON)
    await district.negative(2, NOON - timedelta(days=1))
    assert (await district.get("/v1/rounds/R1"))["coverage"]["expected"] is None
    coverage = (await counted(district))["coverage"]
    assert coverage == {
        "expected": 5, "residents": 4, "sampled": 1, "resulted": 1, "missing": 3, "unnamed": 1, "share": 0.2,
    }  # fmt: skip
    assert await missing(district) == ["HC-000002", "HC-000003", "HC-000004"]
    rows = (await district.get("/v1/rounds/R1/grids"))["grids"]
    assert rows[0]["coverage"] == coverage


@pytest.mark.requirement(87)
async def test_more_residents_than_heads_are_all_expected(district: District) -> None:
    await build(district, grid(head_count=1), people=2)
    await start(district)
    coverage = (await counted(district))["coverage"]
    assert (coverage["expected"], coverage["unnamed"], coverage["share"]) == (2, 0, 0.0)


async def test_who_moves_away_is_missed_where_they_live_now(district: District) -> None:
    await build(district, grid(), grid(SECOND), people=2)
    await start(district)
    await live(district, 2, grid_code=SECOND)
    assert await missing(district) == ["HC-000001"]
    assert await missing(district, grid_code=SECOND) == ["HC-000002"]


async def test_a_sample_after_the_end_does_not_count_and_the_round_is_counted_once_more(
    district: District,
) -> None:
    await build(district, people=2)
    await start(district)
    await counted(district)
    await district.negative(1, NOON)
    await district.system.set_clock(NOON + timedelta(hours=1))
    assert (await district.post("/v1/rounds/R1/closing", None))["state"] == "closed"
    await district.negative(2, NOON + timedelta(hours=1, minutes=5))
    await district.system.set_clock(NOON + timedelta(hours=2))
    shown = await counted(district)
    assert shown["coverage"]["sampled"] == 1
    last = shown["counted_at"]
    await district.system.set_clock(NOON + timedelta(hours=3))
    assert (await counted(district))["counted_at"] == last


@pytest.mark.requirement(137)
async def test_a_drill_has_coverage_of_its_own_and_touches_nothing_real(district: District) -> None:
    await build(district, people=2)
    await start(district, "DRILL-1", drill=True)
    await start(district, "R1")
    sent = {"health_code_ids": ["HC-000001", "HC-999999"]}
    verdict = await district.post("/v1/rounds/DRILL-1/drill-samples", sent)
    assert (verdict["accepted"], verdict["rejected"]) == (1, 1)
    assert verdict["errors"][0]["code"] == "not_in_round"
    again = await district.post("/v1/rounds/DRILL-1/drill-samples", sent)
    assert (again["accepted"], again["updated"]) == (0, 1)
    await district.negative(2, NOON)
    assert (await counted(district, "DRILL-1"))["coverage"]["sampled"] == 1
    assert (await counted(district, "R1"))["coverage"]["sampled"] == 1
    assert await missing(district, "DRILL-1") == ["HC-000002"]
    assert await missing(district, "R1") == ["HC-000001"]
    assert (await district.status(1))["display"] == "none"
    person = (await district.found(1))["person_id"]
    assert (await district.get(f"/v1/people/{person}/ledger"))["entries"] == []
    problem = await district.post("/v1/rounds/R1/drill-samples", sent, status=409)
    assert problem["code"] == "not_a_drill"


async def test_the_same_plan_again_answers_200_and_other_content_409(district: District) -> None:
    await build(district)
    wanted = {"round_code": "R1", "name": "第一轮", "division_codes": [TOWN], "starts_at": START}
    first = await district.post("/v1/rounds", wanted, status=201)
    assert await district.post("/v1/rounds", wanted, status=200) == first
    problem = await district.post("/v1/rounds", {**wanted, "drill": True}, status=409)
    assert problem["code"] == "round_code_in_use"


async def test_steps_may_be_repeated_but_not_taken_out_of_order(district: District) -> None:
    await build(district)
    await plan(district)
    assert (await district.post("/v1/rounds/R1/closing", None, status=409))["code"] == "round_state"
    answer = await district.http.post(f"/v1/rounds/R1/grids/{FIRST}/readiness")
    assert answer.status_code == 409
    await district.post("/v1/rounds/R1/activation", None)
    again = await district.post("/v1/rounds/R1/activation", None)
    assert again["revision"] == 2
    assert (await district.post("/v1/rounds/R1/cancellation", None, status=409))["code"] == "round_state"
    await plan(district, "R2")
    assert (await district.post("/v1/rounds/R2/cancellation", None))["state"] == "cancelled"


@pytest.mark.parametrize(
    ("fields", "field", "code"),
    [
        ({"deadline_at": START}, "deadline_at", "deadline_before_start"),
        ({"division_codes": ["420100009"]}, "division_codes", "unknown_division_code"),
        ({"division_codes": [EMPTY]}, "division_codes", "round_without_grids"),
        ({"division_codes": []}, "division_codes", "too_short"),
        ({"division_codes": ["4201"]}, "division_codes.0", "bad_format"),
        ({"starts_at": "2030-11-20T08:00:00"}, "starts_at", "time_naive"),
        ({"setup_hours": 0}, "setup_hours", "out_of_range"),
    ],
)
async def test_a_plan_that_cannot_be_is_refused(
    district: District, fields: dict[str, Any], field: str, code: str
) -> None:
    await build(district)
    await divisions(district, division(EMPTY))
    wanted = {"round_code": "R1", "name": "第一轮", "division_codes": [TOWN], "starts_at": START, **fields}
    problem = await district.post("/v1/rounds", wanted, status=422)
    assert [(error["field"], error["code"]) for error in problem["errors"]] == [(field, code)]


async def test_a_township_sees_rounds_and_counts_of_its_own_grids_only(district: District) -> None:
    await build(district, people=1)
    await district.township("TOWN-02")
    other = "420100002001001"
    await divisions(
        district,
        {"division_code": "420100002", "name": "乙镇", "township_code": "TOWN-02"},
        {"division_code": "420100002001", "name": "社区"},
        grid(other, head_count=9),
    )
    await district.people(coded(2))
    await live(district, 2, grid_code=other)
    await start(district, "ALL", division_codes=["420100"])
    await start(district, "ONE")
    theirs = await district.system.client(
        "registry", scopes=["admin"], area_code="TOWN-02", area_level="township"
    )
    rounds = (await theirs.get("/v1/rounds")).json()["rounds"]
    assert [row["round_code"] for row in rounds] == ["ALL"]
    shown = (await theirs.get("/v1/rounds/ALL")).json()
    assert (shown["grids"], shown["head_count"]) == (1, 9)
    grids = (await theirs.get("/v1/rounds/ALL/grids")).json()["grids"]
    assert [row["grid_code"] for row in grids] == [other]
    people = (await theirs.get(f"/v1/rounds/ALL/grids/{other}/missing")).json()["people"]
    assert [row["health_code_id"] for row in people] == ["HC-000002"]
    for path in ("/v1/rounds/ONE", f"/v1/rounds/ALL/grids/{FIRST}/missing"):
        assert (await theirs.get(path)).status_code == 404
    for path in ("/v1/rounds/ALL/closing", f"/v1/rounds/ALL/grids/{FIRST}/readiness"):
        assert (await theirs.post(path)).status_code == 404


async def test_who_looked_and_who_changed_something_is_in_the_audit_log(district: District) -> None:
    await build(district, people=1)
    await district.get(f"/v1/divisions/{FIRST}/residents")
    await district.get("/v1/teams/TEAM-1")
    await district.post("/v1/teams/TEAM-1/calls", {"result": "reached"})
    await start(district)
    await district.http.post(f"/v1/rounds/R1/grids/{FIRST}/readiness")
    await missing(district)
    await district.post("/v1/rounds/R1/closing", None)
    await start(district, "D1", drill=True)
    await district.post("/v1/rounds/D1/drill-samples", {"health_code_ids": ["HC-000001"]})
    await plan(district, "R2")
    await district.post("/v1/rounds/R2/cancellation", None)
    rows = await district.system.owner.fetch("SELECT DISTINCT action FROM registry.audit")
    assert {row["action"] for row in rows} >= {
        "divisions.put", "residents.put", "residents.list", "teams.put", "team.read", "team.call", "round.plan",
        "round.activation", "round.ready", "round.missing", "round.closing", "round.drill", "round.cancellation",
    }  # fmt: skip


@pytest.mark.requirement(87)
async def test_the_others_are_told_of_a_rounds_grids_and_every_so_often_of_their_coverage(
    district: District,
) -> None:
    await build(district, grid(), people=2)
    await start(district)
    context = district.system.context("registry")

    async def told(kind: str) -> list[dict[str, Any]]:
        rows = await district.system.owner.fetch("SELECT body FROM bus.message WHERE name = $1", kind)
        return [json.loads(row["body"]) for row in rows]

    async def look() -> None:
        for schedule in (counting.count, counting.tell):
            async with context.db.transaction() as session:
                await schedule(session, context)

    changed = max(await told("round.changed"), key=lambda each: each["revision"])
    assert (changed["state"], changed["setup_due_at"] is not None) == ("active", True)
    assert changed["grids"] == [
        {
            "grid_code": FIRST,
            "township_code": "TOWN-01",
            "lab_code": "LAB01",
            "team_code": "TEAM-1",
            "expected": 3,
        }
    ]
    await look()
    assert await told("round.counted") == []
    await district.system.set_clock(NOON + timedelta(hours=4, minutes=1))
    await look()
    await look()
    [counted] = await told("round.counted")
    assert counted["grids"][0] | {"sampled": 0, "residents": 2, "expected": 3} == counted["grids"][0]
    await district.post("/v1/rounds/R1/closing", None)
    await look()
    await look()
    assert [each["final"] for each in await told("round.counted")] == [False, True]
