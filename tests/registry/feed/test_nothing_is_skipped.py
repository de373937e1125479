"""The feed skips nothing, however late and in whatever order its writers commit (contract §4)."""

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from registry.feed import service as feed
from registry.feed.service import Page
from registry.ledger import jobs
from registry.sequencer import service as sequencer
from shared.db import execute, sql
from tests.support.world import NOON, PLATFORM, World, applied, code_of, result

WRITERS = 3
ROUNDS = 12


async def pull(world: World, cursor: str | None, *, limit: int = 7) -> Page:
    """Read one page."""
    fetch = world.context.reads.fetch
    position = await feed.start(fetch, world.context, cursor=cursor, now=world.now)
    return await feed.page(fetch, world.context, position=position, limit=limit, now=world.now, who=PLATFORM)


async def read_all(world: World, cursor: str | None, *, limit: int = 7) -> tuple[list[dict[str, Any]], str]:
    """Read pages until there is no more."""
    changes: list[dict[str, Any]] = []
    while True:
        page = await pull(world, cursor, limit=limit)
        changes += [json.loads(line) for lines in page.lines for line in lines.split("\n")]
        cursor = page.next_cursor
        if not page.more:
            return changes, cursor


class Reader:
    """A platform that keeps its cursor and the newest version of everybody."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.cursor: str | None = None
        self.versions: dict[str, int] = {}

    async def follow(self) -> None:
        """Read on as far as there is anything."""
        changes, self.cursor = await read_all(self.world, self.cursor)
        for change in changes:
            code = change["health_code_id"]
            if change.get("removed"):
                self.versions.pop(code, None)
            else:
                self.versions[code] = max(change["version"], self.versions.get(code, 0))


async def write(world: World, people: Sequence[UUID], *, number: int) -> None:
    """Commit changes of these people, holding each transaction open for a while after the writing."""
    random = Random(number)
    for turn in range(ROUNDS):
        some = random.sample(list(people), random.randint(1, 6))
        at = NOON - timedelta(hours=100 - turn, minutes=number)
        async with world.context.db.transaction() as session:
            await jobs.results_applied(
                session, applied([result(each, collected_at=at) for each in some]), world.context
            )
            await asyncio.sleep(random.choice((0, 0, 0.01, 0.15)))


async def test_readers_that_page_while_writers_commit_out_of_order_miss_nothing(world: World) -> None:
    people = await world.people(30)
    reader, late = Reader(world), Reader(world)
    await reader.follow()
    parts = [people[number::WRITERS] for number in range(WRITERS)]
    writers = asyncio.gather(*(write(world, part, number=number) for number, part in enumerate(parts)))
    while not writers.done():
        await reader.follow()
        await late.follow() if late.cursor is None else None
        await sequencer.sequence(world.context)
        await asyncio.sleep(0)
    await writers
    await sequencer.sequence(world.context)
    await reader.follow()
    await late.follow()
    shown = await world.statuses(people)
    table = {code_of(person): shown[person]["version"] for person in people}
    assert reader.versions == table
    assert late.versions == table


async def test_a_sequencer_that_is_held_open_loses_nothing_to_a_reader(world: World) -> None:
    (person,) = await world.people(1)
    reader = Reader(world)
    await reader.follow()
    async with world.context.db.transaction() as session:
        await execute(session, sql("SELECT seq FROM registry.feed_head FOR UPDATE"))
        await world.tell(applied([result(person)]))
        assert await sequencer.sequence(world.context) == 0
        await reader.follow()
    await sequencer.sequence(world.context)
    await reader.follow()
    assert reader.versions[code_of(person)] == (await world.status(person))["version"]


async def test_a_slow_transaction_elsewhere_delays_no_status_but_its_own(world: World) -> None:
    slow, quick = await world.people(2)
    reader = Reader(world)
    await reader.follow()
    async with world.context.db.transaction() as session:
        await execute(session, sql("CREATE TEMP TABLE elsewhere (one int)"))
        await jobs.results_applied(session, applied([result(slow)]), world.context)
        await world.tell(applied([result(quick)]))
        await reader.follow()
        assert reader.versions[code_of(quick)] == (await world.status(quick))["version"]
        before = reader.versions[code_of(slow)]
    await reader.follow()
    assert reader.versions[code_of(slow)] == before + 1


async def test_a_commit_rings_the_sequencer_that_runs_in_its_process(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sequencer, "ROUTINE_SECONDS", 600)
    person = await world.person()
    await world.sequence()
    running = asyncio.create_task(sequencer.keep_sequencing(world.context))
    async with asyncio.timeout(10):
        for hour in range(1, 4):
            await world.tell(applied([result(person, collected_at=NOON - timedelta(hours=5 - hour))]))
            while await world.value("SELECT count(*) FROM registry.feed_pending"):
                await asyncio.sleep(0.02)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


@pytest.mark.parametrize("ticks", range(5))
async def test_the_sequencer_ends_when_the_bell_rings_as_it_is_told_to(
    world: World, monkeypatch: pytest.MonkeyPatch, ticks: int
) -> None:
    monkeypatch.setattr(sequencer, "ROUTINE_SECONDS", 600)
    running = asyncio.create_task(sequencer.keep_sequencing(world.context))
    await asyncio.sleep(0.1)  # it has looked, and waits at the bell
    async with world.context.db.transaction() as session:
        sequencer.number_after_commit(session, world.context)
    for _ in range(ticks):
        await asyncio.sleep(0)
    running.cancel()
    _, still = await asyncio.wait({running}, timeout=5)

    assert not still
