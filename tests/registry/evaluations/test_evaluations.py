"""Evaluations: who is told of, once a day, and that it runs by itself after midnight."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from registry.evaluations import service
from registry.statuses import service as statuses
from shared.db import execute, fetch_all, sql
from shared.errors import Problem
from shared.messages import EvaluationFinished, UnitEvaluated
from tests.support.world import NOON, World, applied, bound, result

MESSAGES = sql("SELECT body FROM bus.message WHERE name = :name ORDER BY created_at, message_id")


async def evaluate(world: World, **more: Any) -> UUID:
    """Ask for an evaluation and let it run to its end."""
    async with world.context.db.transaction() as session:
        asked = await service.ask(session, asked_by="test", now=world.now, **{"as_of": None, **more})
    await run(world)
    evaluation_id: UUID = asked["evaluation_id"]
    return evaluation_id


async def run(world: World) -> None:
    """Do every step that is due."""
    more = True
    while more:
        async with world.context.db.transaction() as session:
            more = await service.run(session, world.context)


async def told(world: World) -> list[UnitEvaluated]:
    """Return what was told, unit by unit."""
    async with world.context.db.transaction() as session:
        rows = await fetch_all(session, MESSAGES, name="unit.evaluated")
    return [msgspec.json.decode(row["body"], type=UnitEvaluated) for row in rows]


LISTED = (
    "SELECT array_agg(unit_code || ' ' || person_id ORDER BY unit_code, person_id) FROM registry.due_watch"
)
ALSO_IN = """
    INSERT INTO registry.enrolment (enrolment_id, person_id, unit_code, category_code, enrolled_on, created_by,
        created_at, updated_at)
    SELECT gen_random_uuid(), person_id, :unit_code, category_code, enrolled_on, 'test', now(), now()
    FROM registry.enrolment WHERE person_id = :person_id RETURNING 1
"""
LEFT = """
    UPDATE registry.enrolment SET left_on = :day WHERE person_id = :person_id AND unit_code = :unit_code RETURNING 1
"""


async def finished(world: World) -> list[EvaluationFinished]:
    """Return the evaluations that were told to be finished."""
    async with world.context.db.transaction() as session:
        rows = await fetch_all(session, MESSAGES, name="evaluation.finished")
    return [msgspec.json.decode(row["body"], type=EvaluationFinished) for row in rows]


async def swabbed(world: World, person: UUID, *, days_ago: int) -> None:
    """Give somebody a negative result."""
    await world.tell(applied([result(person, collected_at=NOON - timedelta(days=days_ago))]))


async def test_each_unit_is_told_of_those_due_soon_due_and_overdue(world: World) -> None:
    await world.category(days=7)
    await world.unit("U1", department="DEPT-01")
    await world.unit("U2")
    soon, due, late, well, never = await world.people(5, category="8A1", unit="U1")
    for person, ago in ((soon, 6), (due, 7), (late, 8), (well, 1)):
        await swabbed(world, person, days_ago=ago)
    await swabbed(world, await world.person(category="8A1", unit="U2"), days_ago=1)
    await evaluate(world)
    (unit,) = await told(world)
    assert (unit.unit_code, unit.township_code, unit.department_code) == ("U1", "TOWN-01", "DEPT-01")
    assert {(each.person_id, each.stage, each.due_state) for each in unit.people} == {
        (soon, "due_soon", "due_soon"),
        (due, "due", "due_soon"),
        (late, "overdue", "overdue"),
        (never, "overdue", "never_tested"),
    }
    (end,) = await finished(world)
    assert (end.day, end.units, end.people) == ("2026-11-21", 1, 4)


async def test_again_for_the_same_day_nothing_changes_and_nobody_is_told_twice(world: World) -> None:
    await world.category(days=7)
    await world.unit("U1")
    await world.people(2, category="8A1", unit="U1")
    first = await evaluate(world)
    world.clock.moment += timedelta(hours=2)
    assert await evaluate(world) == first
    assert (len(await told(world)), len(await finished(world))) == (1, 1)
    async with world.context.db.transaction() as session:
        shown = await service.get(session, evaluation_id=first)
    assert (shown["status"], shown["counts"]["overdue"], shown["counts"]["units"]) == ("done", 2, 1)


async def test_the_list_keeps_whose_day_is_near_and_only_in_the_units_that_have_them(world: World) -> None:
    await world.category(days=7)
    for code in ("U1", "U2"):
        await world.unit(code)
    stays, moved, well = await world.people(3, category="8A1", unit="U1")
    await world.value(ALSO_IN, person_id=moved, unit_code="U2")
    async with world.context.db.transaction() as session:
        await statuses.refresh(session, world.context, person_ids=[moved], now=world.now)
    await world.value(LEFT, person_id=moved, unit_code="U1", day=NOON.date())
    await swabbed(world, well, days_ago=0)
    assert await world.value(LISTED) == sorted(f"{code} {each}" for code, each in (
        ("U1", stays), ("U1", moved), ("U2", moved), ("U1", well)))  # fmt: skip
    await evaluate(world)
    assert {unit.unit_code: [each.person_id for each in unit.people] for unit in await told(world)} == {
        "U1": [stays],
        "U2": [moved],
    }
    assert await world.value(LISTED) == sorted(
        f"{code} {each}" for code, each in (("U1", stays), ("U2", moved))
    )


async def test_people_without_a_unit_are_told_of_without_one(world: World) -> None:
    await world.category(days=7)
    person = await world.person(category="8A1")
    await evaluate(world)
    (unit,) = await told(world)
    assert (unit.unit_code, [each.person_id for each in unit.people]) == (None, [person])


async def test_somebody_on_leave_or_already_sampled_is_not_told_to_be_overdue(world: World) -> None:
    await world.category(days=7)
    await world.unit("U1")
    away, sampled = await world.people(2, category="8A1", unit="U1")
    for person in (away, sampled):
        await swabbed(world, person, days_ago=8)
    await world.exempt(away, "leave", NOON.date(), NOON.date())
    await world.tell(bound(sampled, collected_at=NOON - timedelta(hours=20)))
    await evaluate(world)
    assert await told(world) == []


async def test_it_runs_by_itself_after_midnight_but_not_on_the_day_of_the_first_start(world: World) -> None:
    await world.category(days=7)
    await world.unit("U1")
    await run(world)
    await world.people(1, category="8A1", unit="U1")
    await run(world)
    assert await finished(world) == []
    world.clock.moment = NOON.replace(hour=0, minute=1) + timedelta(days=1)
    await run(world)
    await run(world)
    assert [each.day for each in await finished(world)] == ["2026-11-22"]


async def test_a_jump_over_several_days_evaluates_only_the_new_day(world: World) -> None:
    await run(world)
    world.clock.moment += timedelta(days=5)
    await run(world)
    assert [each.day for each in await finished(world)] == ["2026-11-26"]


async def test_a_day_gone_by_is_judged_by_what_was_known_then(world: World) -> None:
    await world.category(days=7)
    await world.unit("U1")
    person = await world.person(category="8A1", unit="U1")
    yesterday = world.now
    world.clock.moment += timedelta(days=1)
    await swabbed(world, person, days_ago=0)
    await evaluate(world, as_of=yesterday)
    (unit,) = await told(world)
    assert (unit.day, unit.people[0].due_state) == ("2026-11-21", "never_tested")


async def test_a_time_to_come_is_refused(world: World) -> None:
    try:
        await evaluate(world, as_of=world.now + timedelta(minutes=1))
        refused = None
    except Problem as problem:
        refused = (problem.message.status, problem.errors[0].code)
    assert refused == (422, "time_in_future")


async def test_a_failed_day_is_taken_up_again_by_request_and_by_itself(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(service, "MOST_ATTEMPTS", 2)
    with monkeypatch.context() as broken:
        broken.setattr(service, "_step", fail)
        evaluation_id = await evaluate(world)
        await run(world)
        assert (await found(world, evaluation_id))["status"] == "failed"
        await run(world)
        assert (await found(world, evaluation_id))["status"] == "failed"

    assert await evaluate(world) == evaluation_id
    assert (await found(world, evaluation_id))["status"] == "done"

    await fail_at_once(world, evaluation_id)
    await run(world)
    assert (await found(world, evaluation_id))["status"] == "done"


async def test_a_day_that_fails_does_not_stop_the_next(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = service._step
    yesterday = world.now - timedelta(days=1)

    async def fail_on_the_first(session: Any, context: Any, evaluation: Any, **more: Any) -> None:
        if evaluation["as_of"] == yesterday:
            raise RuntimeError
        await whole(session, context, evaluation, **more)

    monkeypatch.setattr(service, "_step", fail_on_the_first)
    stuck = await evaluate(world, as_of=yesterday)
    well = await evaluate(world)
    for _ in range(3):
        await run(world)

    assert (await found(world, stuck))["status"] == "running"
    assert (await found(world, well))["status"] == "done"


async def found(world: World, evaluation_id: UUID) -> dict[str, Any]:
    async with world.context.db.transaction() as session:
        return await service.get(session, evaluation_id=evaluation_id)


async def fail_at_once(world: World, evaluation_id: UUID) -> None:
    """Leave an evaluation as one that was given up longer ago than the pause."""
    given_up = sql("""
        UPDATE registry.evaluation SET status = 'failed', again_at = clock_timestamp() - interval '1 second'
        WHERE evaluation_id = :evaluation_id
    """)
    async with world.context.db.transaction() as session:
        await execute(session, given_up, evaluation_id=evaluation_id)
