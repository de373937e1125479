"""Cursors of the feed: how long they live, what they promise, what they refuse."""

from datetime import timedelta

import pytest

from registry.feed import service as feed
from registry.sequencer import service as sequencer
from registry.statuses import service as statuses
from shared.db import execute, sql
from shared.errors import Problem
from tests.registry.feed.test_nothing_is_skipped import pull, read_all
from tests.support.world import NOON, World, applied, code_of, result

RENAME = sql("UPDATE registry.person SET health_code_id = :code WHERE person_id = :person_id")


async def test_without_a_cursor_it_begins_with_everybody_and_then_follows_the_changes(world: World) -> None:
    people = await world.people(5)
    await world.people(2, codes=False)
    changes, cursor = await read_all(world, None, limit=2)
    assert [each["health_code_id"] for each in changes] == [code_of(person) for person in people]
    assert await read_all(world, cursor) == ([], (await pull(world, cursor)).next_cursor)
    await world.tell(applied([result(people[3])]))
    (change,), _ = await read_all(world, cursor)
    assert (change["health_code_id"], change["display"]) == (code_of(people[3]), "negative")


async def test_what_changes_while_the_snapshot_is_read_comes_after_it(world: World) -> None:
    people = await world.people(4)
    first = await pull(world, None, limit=2)
    await world.tell(applied([result(people[0])]))
    changes, _ = await read_all(world, first.next_cursor, limit=2)
    assert changes[-1]["health_code_id"] == code_of(people[0])
    assert changes[-1]["display"] == "negative"


async def test_a_replaced_code_appears_once_as_removed_with_what_replaced_it(world: World) -> None:
    person = await world.person()
    _, cursor = await read_all(world, None)
    before = (await world.status(person))["version"]
    async with world.context.db.transaction() as session:
        await execute(session, RENAME, code="HC-new-code", person_id=person)
        await statuses.code_changed(session, removed=[(code_of(person), "HC-new-code")])
        await statuses.refresh(session, world.context, person_ids=[person], now=world.now)
    changes, cursor = await read_all(world, cursor)
    assert changes[0] == {"health_code_id": code_of(person), "removed": True, "replaced_by": "HC-new-code"}
    assert changes[1]["health_code_id"] == "HC-new-code"
    assert changes[1]["version"] > before
    assert (await read_all(world, cursor))[0] == []


async def test_a_code_that_goes_to_somebody_else_is_not_removed_and_its_version_goes_up(world: World) -> None:
    one, other = await world.people(2)
    for hours in range(5, 0, -1):
        await world.tell(applied([result(one, collected_at=NOON - timedelta(hours=hours))]))
    _, cursor = await read_all(world, None)
    before = (await world.status(one))["version"]
    world.clock.moment += timedelta(seconds=1)
    async with world.context.db.transaction() as session:
        await execute(session, RENAME, code=None, person_id=one)
        await execute(session, RENAME, code=code_of(one), person_id=other)
        await statuses.code_changed(session, removed=[(code_of(one), None), (code_of(other), code_of(one))])
        await statuses.refresh(session, world.context, person_ids=[one, other], now=world.now)
    changes, _ = await read_all(world, cursor)
    removed = [each["health_code_id"] for each in changes if each.get("removed")]
    (shown,) = [each for each in changes if not each.get("removed")]
    assert removed == [code_of(other)]
    assert (shown["health_code_id"], shown["display"]) == (code_of(one), "none")
    assert shown["version"] > before


async def refused(world: World, cursor: str) -> tuple[int, str] | None:
    """Return status and code with which a cursor is refused, or None."""
    try:
        await pull(world, cursor)
    except Problem as problem:
        return problem.message.status, problem.message.code
    return None


EXPIRED = (410, "cursor_expired")


async def test_a_cursor_lives_thirty_days(world: World) -> None:
    await world.people(1)
    _, cursor = await read_all(world, None)
    world.clock.moment += timedelta(days=30)
    assert await refused(world, cursor) is None
    world.clock.moment += timedelta(days=1)
    assert await refused(world, cursor) == EXPIRED


async def test_a_cursor_of_another_epoch_or_beyond_the_head_has_expired(world: World) -> None:
    (person,) = await world.people(1)
    _, old = await read_all(world, None)
    await world.tell(applied([result(person)]))
    _, cursor = await read_all(world, old)
    async with world.context.db.transaction() as session:
        await execute(session, sql("DELETE FROM registry.feed_block"))
        await execute(session, sql("UPDATE registry.feed_head SET seq = 1"))
    assert await refused(world, cursor) == EXPIRED
    async with world.context.db.transaction() as session:
        await execute(session, sql("UPDATE registry.feed_head SET epoch = epoch + 1, seq = 100"))
    assert await refused(world, cursor) == EXPIRED


async def test_changes_past_their_time_are_forgotten_and_a_reader_behind_them_is_told(world: World) -> None:
    (person,) = await world.people(1)
    _, cursor = await read_all(world, None)
    await world.tell(applied([result(person)]))
    await sequencer.sequence(world.context)
    world.clock.moment += timedelta(days=20)
    fresh = (await pull(world, cursor)).position
    assert fresh.seq > 0
    world.clock.moment += timedelta(days=45)
    async with world.context.db.transaction() as session:
        assert await feed.forget(session, world.context)
    assert await world.value("SELECT count(*) FROM registry.feed_block") == 0
    assert await world.value("SELECT kept_from FROM registry.feed_head") == await world.value(
        "SELECT seq FROM registry.feed_head"
    )


@pytest.mark.parametrize("cursor", ["", "nonsense", "e30", "bnVsbA", "eyJlIjoxfQ"])
async def test_what_is_no_cursor_is_as_good_as_expired(world: World, cursor: str) -> None:
    assert await refused(world, cursor) == (410, "cursor_expired")
