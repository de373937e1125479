"""The bus on real servers: effect and acknowledgement never part, and Redis may vanish."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from redis.asyncio import Redis

from shared.bus import nudger, publish, publish_all, queries, runner
from shared.bus.delivering import Inbox
from shared.bus.runner import work
from shared.bus.scheduling import run_once
from shared.bus.types import Handler, Schedule
from shared.context import Context, open_context
from shared.db import Session, execute, fetch_all, fetch_value, sql
from shared.messages import BatchPartReceived
from shared.retry import MAX_ATTEMPTS
from shared.settings import Settings
from tests.chaos.proxy import Proxy
from tests.support.inbox import drain
from tests.support.servers import Address
from tests.support.waiting import until

CONSUMER = "results-ingest"
FLOOD = 20
DELIVERIES = sql("SELECT state, attempt, error, urgent FROM bus.delivery ORDER BY message_id")
MAKE_EFFECTS = sql("CREATE TABLE IF NOT EXISTS ingest.effect (part int)")
EFFECTS = sql("SELECT part FROM ingest.effect ORDER BY part")
ADD_EFFECT = sql("INSERT INTO ingest.effect VALUES (:part)")
EXPIRE = sql("UPDATE bus.delivery SET lease_until = clock_timestamp() - interval '1 second'")
EXPIRE_LONG_AGO = sql("UPDATE bus.delivery SET lease_until = clock_timestamp() - interval '1 hour'")
DUE_NOW = sql("UPDATE bus.delivery SET due_at = clock_timestamp() WHERE state = 'pending'")

Make = Callable[..., Any]


@pytest.fixture
async def context(servers: Address, database: str, tmp_path: Path) -> AsyncIterator[Context[Settings]]:
    values = servers.values(database) | {"data_dir": tmp_path, "queue_prefix": f"{database}:", "pool_size": 6}
    owner = values["database_url"]
    settings = Settings(**(values | {"ingest_database_url": owner}))
    async with open_context(settings, service=CONSUMER) as opened:
        async with opened.db.transaction() as session:
            await execute(session, MAKE_EFFECTS)
        yield opened


async def take_effect(session: Session, message: BatchPartReceived, _: Context[Any]) -> None:
    await execute(session, ADD_EFFECT, part=message.part)


async def send(context: Context[Any], *parts: int, urgent: bool = False) -> None:
    async with context.db.transaction() as session:
        now = await context.clock.now(session)
        for part in parts:
            message = BatchPartReceived(batch_id=uuid4(), part=part)
            await publish(session, message, now=now, urgent=urgent)


async def effects(context: Context[Any]) -> list[int]:
    async with context.db.transaction() as session:
        return [row["part"] for row in await fetch_all(session, EFFECTS)]


async def deliveries(context: Context[Any]) -> list[dict[str, Any]]:
    async with context.db.transaction() as session:
        return [dict(row) for row in await fetch_all(session, DELIVERIES)]


async def test_what_a_rolled_back_transaction_published_was_never_said(context: Context[Any]) -> None:
    with suppress(RuntimeError):
        async with context.db.transaction() as session:
            await publish(
                session, BatchPartReceived(batch_id=uuid4(), part=1), now=await context.clock.now(session)
            )
            raise RuntimeError

    assert await deliveries(context) == []


async def test_every_delivery_takes_effect_once(context: Context[Any]) -> None:
    async with running(context, take_effect):
        await send(context, *range(20))
        await until(lambda: count_done(context, 20))

    assert await effects(context) == list(range(20))


async def test_a_failing_handler_leaves_no_effect_and_is_tried_again(context: Context[Any]) -> None:
    async def fail(session: Session, message: BatchPartReceived, context: Context[Any]) -> None:
        await take_effect(session, message, context)
        raise RuntimeError

    await send(context, 1)
    await drain(Inbox(context, {BatchPartReceived: fail}))

    assert await effects(context) == []
    assert await deliveries(context) == [
        {"state": "pending", "attempt": 1, "error": "RuntimeError", "urgent": False}
    ]


async def test_a_poisoned_delivery_dies_alone(context: Context[Any]) -> None:
    async def fail_on_one(session: Session, message: BatchPartReceived, context: Context[Any]) -> None:
        if message.part == 1:
            raise RuntimeError
        await take_effect(session, message, context)

    inbox = Inbox(context, {BatchPartReceived: fail_on_one})
    await send(context, 0, 1, 2)
    for _ in range(12):
        await drain(inbox)
        async with context.db.transaction() as session:
            await execute(session, DUE_NOW)

    assert await effects(context) == [0, 2]
    states = sorted((row["state"], row["attempt"]) for row in await deliveries(context))
    assert states == [("dead", 12), ("done", 1), ("done", 1)]


async def test_a_worker_that_slept_past_its_lease_is_fenced_off(context: Context[Any]) -> None:
    await send(context, 1)
    claim = await claimed(context)
    async with context.db.transaction() as session:
        await execute(session, EXPIRE)
    await drain(Inbox(context, {BatchPartReceived: take_effect}))
    async with context.db.transaction() as session:
        mine = await fetch_value(session, queries.LOCK_MINE, consumer=CONSUMER, **claim)

    assert mine is None
    assert await effects(context) == [1]
    assert [row["attempt"] for row in await deliveries(context)] == [2]


async def claimed(context: Context[Any]) -> dict[str, UUID]:
    """Claim the one delivery there is, as a worker that dies at once would."""
    token = uuid4()
    async with context.db.transaction() as session:
        row = await session.execute(
            queries.CLAIM_DUE, {"token": token, "consumer": CONSUMER, "lease": 10, "urgent": False, "age": 0}
        )
        return {"message_id": row.mappings().one()["message_id"], "token": token}


async def test_a_claim_whose_worker_was_killed_is_taken_over_after_its_lease(context: Context[Any]) -> None:
    await send(context, 1)
    await claimed(context)
    inbox = Inbox(context, {BatchPartReceived: take_effect})

    assert await drain(inbox) == 0
    async with context.db.transaction() as session:
        await execute(session, EXPIRE)
    assert await drain(inbox) == 1
    assert await effects(context) == [1]


async def test_a_delivery_that_takes_every_worker_down_dies_in_the_end(context: Context[Any]) -> None:
    await send(context, 1)
    for _ in range(MAX_ATTEMPTS):
        await claimed(context)
        async with context.db.transaction() as session:
            await execute(session, EXPIRE_LONG_AGO)

    await drain(Inbox(context, {BatchPartReceived: take_effect}))

    assert await effects(context) == []
    assert [(row["state"], row["error"]) for row in await deliveries(context)] == [("dead", "WorkerLost")]


async def test_what_has_taken_workers_down_waits_longer_each_time(context: Context[Any]) -> None:
    await send(context, 1)
    inbox = Inbox(context, {BatchPartReceived: take_effect})
    for _ in range(4):
        await claimed(context)
        async with context.db.transaction() as session:
            await execute(session, EXPIRE)
    await claimed(context)
    async with context.db.transaction() as session:
        await execute(session, EXPIRE)

    assert await drain(inbox) == 0, "five workers are gone: a second is not enough any more"
    async with context.db.transaction() as session:
        await execute(session, EXPIRE_LONG_AGO)
    assert await drain(inbox) == 1


async def test_a_cancelled_worker_gives_its_claim_back_uncounted(context: Context[Any]) -> None:
    began = asyncio.Event()

    async def hang(*_: object) -> None:
        began.set()
        await asyncio.sleep(60)

    await send(context, 1)
    task = asyncio.create_task(drain(Inbox(context, {BatchPartReceived: hang})))
    await began.wait()
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task

    assert await deliveries(context) == [{"state": "pending", "attempt": 0, "error": None, "urgent": False}]


async def test_deliveries_go_on_without_redis(
    servers: Address, database: str, tmp_path: Path, context: Context[Any]
) -> None:
    values = servers.values(database) | {"data_dir": tmp_path, "redis_url": "redis://127.0.0.1:1/0"}
    settings = Settings(**(values | {"ingest_database_url": values["database_url"]}))
    async with open_context(settings, service=CONSUMER) as alone, running(alone, take_effect):
        await send(alone, 1, 2, 3)
        await until(lambda: count_done(alone, 3))

    assert await effects(context) == [1, 2, 3]


async def test_without_redis_a_delivery_that_takes_long_holds_up_no_other(
    servers: Address, database: str, tmp_path: Path, context: Context[Any]
) -> None:
    async def hang_on_one(session: Session, message: BatchPartReceived, context: Context[Any]) -> None:
        await take_effect(session, message, context)
        if message.part == 0:
            await asyncio.sleep(60)

    values = servers.values(database) | {"data_dir": tmp_path, "redis_url": "redis://127.0.0.1:1/0"}
    settings = Settings(**(values | {"ingest_database_url": values["database_url"]}))
    async with open_context(settings, service=CONSUMER) as alone, running(alone, hang_on_one):
        await send(alone, 0, urgent=True)
        await until(lambda: count_state(alone, "claimed", 1))
        for part in range(1, 6):
            await send(alone, part, urgent=True)
        await until(lambda: count_done(alone, 5))

    assert await effects(context) == [1, 2, 3, 4, 5]


async def test_redis_is_known_to_be_away_until_it_answers(
    servers: Address, database: str, tmp_path: Path
) -> None:
    place = urlsplit(servers.redis_url)
    async with Proxy(place.port or 6379) as line:
        through = servers.redis_url.replace(f":{place.port}", f":{line.port}")
        values = servers.values(database) | {"data_dir": tmp_path, "redis_url": through}
        settings = Settings(**(values | {"ingest_database_url": values["database_url"]}))
        async with open_context(settings, service=CONSUMER) as alone, running(alone, take_effect):
            line.cut()
            await until(lambda: healthy(alone, expected=False))
            line.mend()
            await until(lambda: healthy(alone, expected=True))


async def test_nothing_left_to_push_does_not_mean_that_redis_is_back(
    servers: Address, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hears_and_says_nothing(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.read()

    monkeypatch.setattr(nudger, "SOCKET_SECONDS", 0.2)
    silent = await asyncio.start_server(hears_and_says_nothing, "127.0.0.1", 0)
    url = f"redis://127.0.0.1:{silent.sockets[0].getsockname()[1]}/0"
    values = servers.values(database) | {"data_dir": tmp_path, "redis_url": url}
    async with open_context(Settings(**values), service=CONSUMER) as alone:
        alone.nudger.nudge("queue", [uuid4()])
        await asyncio.sleep(0.1)  # the first is on its way: the second is given up together with it
        alone.nudger.nudge("queue", [uuid4()])
        await until(lambda: healthy(alone, expected=False))
        with pytest.raises(TimeoutError):
            await until(lambda: healthy(alone, expected=True), seconds=2 * nudger.PAUSE_SECONDS)
    silent.close()


async def test_an_emptied_redis_loses_nothing(
    servers: Address, database: str, tmp_path: Path, own_redis: str, context: Context[Any]
) -> None:
    values = servers.values(database) | {"data_dir": tmp_path, "redis_url": own_redis}
    settings = Settings(**(values | {"ingest_database_url": values["database_url"]}))
    redis = Redis.from_url(own_redis)
    async with open_context(settings, service=CONSUMER) as alone:
        await send(alone, *range(50))
        await until(redis.dbsize)
        await redis.flushall()
        async with running(alone, take_effect):
            await until(lambda: count_done(alone, 50))
    await redis.aclose()

    assert await effects(context) == list(range(50))


async def test_the_deliveries_of_one_wake_up_are_handled_one_after_another(context: Context[Any]) -> None:
    inside: list[int] = []
    order: list[int] = []

    async def alone(_: Session, message: BatchPartReceived, __: Context[Any]) -> None:
        inside.append(message.part)
        await asyncio.sleep(0)
        order.extend(inside)
        inside.clear()

    await send(context, 1, 2, 3)
    async with context.db.transaction() as session:
        rows = await fetch_all(session, sql("SELECT message_id FROM bus.delivery ORDER BY message_id DESC"))
    await Inbox(context, {BatchPartReceived: alone}).take_named([row["message_id"] for row in rows])

    assert order == [1, 2, 3], "the oldest first"
    assert await count_done(context, 3)


async def test_a_flood_of_one_transaction_is_taken_by_several_lanes(
    servers: Address, database: str, tmp_path: Path, own_redis: str, context: Context[Any]
) -> None:
    values = servers.values(database) | {"data_dir": tmp_path, "redis_url": own_redis}
    values |= {"ingest_database_url": values["database_url"], "bus_relay_seconds": 600}
    both = asyncio.Event()
    inside = 0

    async def meet(session: Session, message: BatchPartReceived, context: Context[Any]) -> None:
        nonlocal inside
        inside += 1
        if inside > 1:
            both.set()
        await both.wait()
        inside -= 1
        await take_effect(session, message, context)

    async with open_context(Settings(**values), service=CONSUMER) as alone, running(alone, meet):
        await until(lambda: healthy(alone, expected=True))
        await send(alone, *range(FLOOD))
        await until(lambda: count_done(alone, FLOOD))

    assert await effects(context) == list(range(FLOOD))


async def test_a_worker_with_nothing_to_do_waits_for_the_bell_instead_of_asking(
    servers: Address, database: str, tmp_path: Path, own_redis: str, context: Context[Any]
) -> None:
    values = servers.values(database) | {"data_dir": tmp_path, "redis_url": own_redis}
    values |= {"ingest_database_url": values["database_url"], "bus_relay_seconds": 600}
    redis = Redis.from_url(own_redis)

    async def calls(command: str) -> int:
        stats = await redis.info("commandstats")
        return int(stats.get(f"cmdstat_{command}", {}).get("calls", 0))

    async def waited() -> bool:
        return await calls("blpop") >= 4

    async with open_context(Settings(**values), service=CONSUMER) as alone, running(alone, take_effect):
        await until(waited)
        asked, waits = await calls("zrangebyscore"), await calls("blpop")
        await send(alone, 1)
        await until(lambda: count_done(alone, 1))
    await redis.aclose()

    assert asked <= 2 * waits
    assert await effects(context) == [1]


async def test_redis_carries_delivery_ids_and_nothing_else(
    servers: Address, database: str, tmp_path: Path, own_redis: str
) -> None:
    values = servers.values(database) | {"data_dir": tmp_path, "redis_url": own_redis}
    settings = Settings(**(values | {"ingest_database_url": values["database_url"]}))
    redis = Redis.from_url(own_redis)
    async with open_context(settings, service=CONSUMER) as alone:
        await send(alone, 7)
        await until(redis.dbsize)
        keys = await redis.keys("arq:job:*")
        job = await redis.get(keys[0])
    await redis.aclose()

    assert b"batch" not in job
    assert b"part" not in job


async def test_a_schedule_runs_once_for_two_workers_and_is_caught_up(context: Context[Any]) -> None:
    runs = 0
    inside, told = asyncio.Event(), asyncio.Event()

    async def run(*_: object) -> bool:
        nonlocal runs
        runs += 1
        inside.set()
        await told.wait()
        return runs < 3

    schedule = Schedule("test", timedelta(hours=1), run)
    async with context.db.transaction() as session:
        await execute(session, queries.ENSURE_SCHEDULE, consumer=CONSUMER, name="test")
    first = asyncio.create_task(run_once(context, schedule))
    await inside.wait()

    assert not await run_once(context, schedule), "it is under way"
    told.set()
    assert await first
    assert [await run_once(context, schedule) for _ in range(3)] == [True, False, False]
    assert runs == 3


async def healthy(context: Context[Any], *, expected: bool) -> bool:
    return context.nudger.healthy is expected


async def count_done(context: Context[Any], wanted: int) -> bool:
    return await count_state(context, "done", wanted)


async def count_state(context: Context[Any], state: str, wanted: int) -> bool:
    return len([row for row in await deliveries(context) if row["state"] == state]) == wanted


@asynccontextmanager
async def running(context: Context[Any], handler: Handler) -> AsyncIterator[None]:
    """Run a worker of the given handler for as long as the block lasts."""
    task = asyncio.create_task(work(context, handlers={BatchPartReceived: handler}))
    yield
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_many_are_published_like_one_by_one(context: Context[Any]) -> None:
    async with context.db.transaction() as session:
        now = await context.clock.now(session)
        await publish_all(session, [], now=now)
        many = [BatchPartReceived(batch_id=uuid4(), part=part) for part in range(5)]
        await publish_all(session, many, now=now)

    async with running(context, take_effect):
        await until(lambda: count_done(context, 5))
    assert await effects(context) == list(range(5))


async def test_a_worker_ends_though_a_library_swallows_what_it_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runner, "END_SECONDS", 0.1)
    monkeypatch.setattr(runner, "AGAIN_SECONDS", 0.1)
    swallowed = 0

    async def deaf() -> None:
        nonlocal swallowed
        while swallowed < 2:
            try:
                await asyncio.sleep(3600)
            except asyncio.CancelledError:
                swallowed += 1
        await asyncio.sleep(3600)

    async def whole() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(deaf())

    spared = asyncio.all_tasks()
    task = asyncio.create_task(whole())
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await runner.end(task, spared=spared)

    assert task.done()
    assert swallowed == 2


async def test_a_worker_that_fails_says_so_when_it_ends() -> None:
    async def whole() -> None:
        raise RuntimeError

    task = asyncio.create_task(whole())
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError):
        await runner.end(task, spared=asyncio.all_tasks())
