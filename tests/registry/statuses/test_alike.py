"""Ordinary people settled by the group are told just what they are told one by one."""

from datetime import date, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from registry.statuses import alike, service
from registry.statuses.display import COLUMNS
from shared.db import Session, execute, fetch_all, sql
from tests.support.world import NOON, World, applied, bound, result

ROWS = sql(f"SELECT {', '.join(COLUMNS)} FROM registry.person_status ORDER BY person_id")
AREA_RULE = sql("""
    INSERT INTO registry.rule (category_code, version, effective_from, area_code, shape, params, created_by,
        created_at)
    SELECT :category, 1 + max(version), '2026-01-01', :area, 'every_n_days', '{"days": 3}', 'test', now()
    FROM registry.rule WHERE category_code = :category
""")
PENDING = sql("SELECT unnest(person_ids) AS person_id FROM registry.feed_pending ORDER BY 1")
WATCHED = sql("SELECT unit_code, person_id FROM registry.due_watch ORDER BY 1, 2")


async def stored(session: Session) -> tuple[list[Any], list[Any], list[Any]]:
    """Return every status, whom the feed is to tell of, and whose day is near."""
    found = [await fetch_all(session, each) for each in (ROWS, PENDING, WATCHED)]
    rows, pending, watched = ([tuple(row.values()) for row in each] for each in found)
    return rows, pending, watched


async def crowd(world: World, rng: Random) -> list[UUID]:
    """Fill a district with people of every kind, ordinary ones most of all."""
    await world.category("8A3", days=14, vaccinated_as="8A2")
    await world.category("8A2", days=None, months=1)
    await world.category("8A1", days=7)
    for number in (1, 2):
        await world.unit(f"U{number}", township=f"TOWN-0{number}", department="DEPT-01")
    people: list[UUID] = []
    for category in ("8A3", "8A1", None):
        for vaccinated_on in (None, date(2026, 10, 21), date(2026, 10, 22), date(2026, 1, 31)):
            unit = rng.choice(["U1", "U2"])
            people += await world.people(
                12, category=category, unit=unit, vaccinated_on=vaccinated_on, codes=rng.random() < 0.8
            )
    tested = [each for each in people if rng.random() < 0.8]
    taken = {each: NOON - timedelta(days=rng.randrange(0, 35), hours=rng.randrange(12)) for each in tested}
    outcomes = ["negative"] * 12 + ["positive", "indeterminate"]
    for start in range(0, len(tested), 40):
        some = tested[start : start + 40]
        rows = [result(each, outcome=rng.choice(outcomes), collected_at=taken[each]) for each in some]
        await world.tell(applied(rows))
    for each in rng.sample(people, 6):
        await world.tell(bound(each, collected_at=NOON - timedelta(hours=5)))
    for each in rng.sample(people, 6):
        await world.exempt(each, rng.choice(["leave", "suspended"]), NOON.date(), NOON.date())
    return people


async def one_by_one(world: World, people: list[UUID]) -> tuple[int, Any]:
    """Return how many would be told something else one by one, and what would be stored; store nothing."""
    async with world.context.db.transaction() as session:
        savepoint = await session.begin_nested()
        told = await service.one_by_one(session, world.context, person_ids=people, now=world.now)
        found = await stored(session)
        await savepoint.rollback()
    return told, found


@pytest.mark.parametrize("seed", range(3))
async def test_both_ways_store_and_tell_the_same(world: World, seed: int) -> None:
    rng = Random(seed)
    people = await crowd(world, rng)
    for days, ahead in ((5, 0), (20, 3), (2, 40)):
        await world.category("8A3", days=days, effective_from=NOON.date() - timedelta(days=rng.randrange(9)))
        world.clock.moment = NOON + timedelta(days=ahead)
        told, expected = await one_by_one(world, people)
        async with world.context.db.transaction() as session:
            assert await service.refresh(session, world.context, person_ids=people, now=world.now) == told
            assert await stored(session) == expected


@pytest.mark.parametrize(("category", "area"), [("8A1", "TOWN-01"), ("8A2", "DEPT-02")])
async def test_a_rule_of_an_area_binds_those_of_its_units_in_both_ways(
    world: World, category: str, area: str
) -> None:
    people = await crowd(world, Random(9))
    await world.unit("U3", department="DEPT-02")
    people += await world.people(12, category="8A3", unit="U3", vaccinated_on=date(2026, 1, 31))
    async with world.context.db.transaction() as session:
        await execute(session, AREA_RULE, category=category, area=area)
    told, expected = await one_by_one(world, people)
    async with world.context.db.transaction() as session:
        assert await service.refresh(session, world.context, person_ids=people, now=world.now) == told
        assert await stored(session) == expected
    assert len({row[COLUMNS.index("rule_id")] for row in expected[0]}) > len({"8A1", "8A2", "8A3", None})


async def test_most_people_are_settled_by_the_group(world: World) -> None:
    people = await crowd(world, Random(7))
    world.clock.moment = NOON + timedelta(days=1)
    async with world.context.db.transaction() as session:
        _, left = await alike.settle(session, world.context, person_ids=people, now=world.now)
    assert 0 < len(left) < len(people) // 3
