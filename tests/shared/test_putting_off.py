"""One item that always fails is put off alone, and is done when its time comes and its cause is gone."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from shared.bus.putting_off import in_parts
from shared.context import Context, open_context
from shared.db import Session, execute, fetch_all, fetch_value, sql
from shared.logging import configure_logging
from shared.settings import Settings
from tests.support.servers import Address

MAKE = sql("CREATE TABLE IF NOT EXISTS ingest.effect (part int CHECK (part <> 3))")
ADD = sql("INSERT INTO ingest.effect VALUES (:part)")
EFFECTS = sql("SELECT part FROM ingest.effect ORDER BY part")
PUT_OFF = sql("SELECT item, failures, error, again_at - clock_timestamp() AS wait FROM bus.put_off")
ALLOW = sql("ALTER TABLE ingest.effect DROP CONSTRAINT effect_part_check")


@pytest.fixture
async def context(servers: Address, database: str, tmp_path: Path) -> AsyncIterator[Context[Settings]]:
    values = servers.values(database) | {"data_dir": tmp_path}
    settings = Settings(**(values | {"ingest_database_url": values["database_url"]}))
    configure_logging(service="test", level="WARNING", form="json")
    async with open_context(settings, service="results-ingest") as opened:
        async with opened.db.transaction() as session:
            await execute(session, MAKE)
        yield opened


async def take(context: Context[Any], items: Sequence[int]) -> list[int]:
    async with context.db.transaction() as session:

        async def work(part: Sequence[int]) -> None:
            for each in part:
                await execute(session, ADD, part=each)

        return await in_parts(session, context, "test", items, work, key=str)


async def test_all_but_the_one_that_fails_are_done(context: Context[Any]) -> None:
    assert await take(context, range(10)) == [3]

    async with context.db.transaction() as session:
        assert [row["part"] for row in await fetch_all(session, EFFECTS)] == [0, 1, 2, 4, 5, 6, 7, 8, 9]
        [row] = await fetch_all(session, PUT_OFF)
    assert (row["item"], row["failures"], row["error"]) == ("3", 1, "23514")


async def test_each_failure_waits_longer_and_success_forgets(context: Context[Any]) -> None:
    rows: list[Any] = []
    for _ in range(3):
        await take(context, [3])
        async with context.db.transaction() as session:
            rows += await fetch_all(session, PUT_OFF)
    assert [row["failures"] for row in rows] == [1, 2, 3]
    assert [row["wait"] for row in rows] == sorted(row["wait"] for row in rows)

    async with context.db.transaction() as session:
        await execute(session, ALLOW)
    assert await take(context, [3]) == []
    async with context.db.transaction() as session:
        assert await fetch_all(session, PUT_OFF) == []


async def test_an_outage_is_nobody_s_fault(context: Context[Any]) -> None:
    async def lost(_: Sequence[int]) -> None:
        raise asyncpg.ConnectionDoesNotExistError

    async def whole(session: Session) -> None:
        await in_parts(session, context, "test", [1, 2], lost, key=str)

    with pytest.raises(asyncpg.ConnectionDoesNotExistError):
        await context.db.run(whole)

    async with context.db.transaction() as session:
        assert await fetch_value(session, sql("SELECT count(*) FROM bus.put_off")) == 0
