"""A service's worker process: two arq workers, the relay, schedules and routines.

One of the two files that know arq. arq only says "look at these": attempts, back-off and dead
letters live in PostgreSQL, and everything goes on, a little later, without Redis.
"""

import asyncio
import signal
from collections.abc import Callable, Collection, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, Final, cast
from uuid import UUID

import structlog
import uvloop
from arq.connections import ArqRedis
from arq.worker import Worker, func
from redis.exceptions import RedisError

from shared import faults
from shared.audit import sealing as audit
from shared.bus.delivering import Inbox
from shared.bus.nudger import WAKE, deserialize, open_redis, serialize
from shared.bus.scheduling import RETENTION, keep_running, run_schedules
from shared.bus.types import Handlers, Routine, Schedule
from shared.context import Context, open_context, spare_collector
from shared.db import LONG_SECONDS, Session, fetch_value, sql
from shared.logging import configure_logging
from shared.routing import queue_name
from shared.selfcheck.looking import stop_if_unsafe
from shared.settings import Settings

JOBS: Final = 4
WITHOUT_REDIS_SECONDS: Final = 0.1
END_SECONDS: Final = 5.0
AGAIN_SECONDS: Final = 0.5
SCHEMA_READY: Final = sql("SELECT to_regclass('bus.delivery') IS NOT NULL")

_log = structlog.get_logger()


async def work(
    context: Context[Any],
    *,
    handlers: Handlers,
    schedules: Sequence[Schedule] = (),
    routines: Sequence[Routine] = (),
    handler_seconds: float = LONG_SECONDS,
) -> None:
    """Run everything of a worker until cancelled."""
    inbox = Inbox(context, handlers, handler_seconds)
    async with asyncio.TaskGroup() as group:
        for urgent in (True, False):
            group.create_task(_listen(inbox, urgent=urgent))
            group.create_task(_relay(inbox, urgent=urgent))
        group.create_task(run_schedules(context, [*schedules, RETENTION, *audit.SCHEDULES]))
        for routine in routines:
            group.create_task(keep_running(context, routine))


def run_worker(
    *,
    service: str,
    settings: Settings,
    handlers: Handlers,
    schedules: Sequence[Schedule] = (),
    routines: Sequence[Routine] = (),
    handler_seconds: float = LONG_SECONDS,
) -> None:
    """Run a worker process until SIGTERM or SIGINT; what it holds is given back."""
    configure_logging(service=f"{service}-worker", level=settings.log_level, form=settings.log_format)
    faults.arm(settings, f"{service}-worker")
    whole = partial(
        work, handlers=handlers, schedules=schedules, routines=routines, handler_seconds=handler_seconds
    )
    uvloop.run(_main(service, settings, whole))


async def _main(
    service: str, settings: Settings, whole: Callable[[Context[Any]], Coroutine[Any, Any, None]]
) -> None:
    spare_collector()
    await stop_if_unsafe(settings, service=service)
    async with open_context(settings, service=service, part="worker") as context:
        await _wait_for_schema(context)
        spared, told = asyncio.all_tasks(), asyncio.Event()
        task = asyncio.create_task(whole(context))
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, told.set)
        _log.info("worker_started")
        hearing = asyncio.create_task(told.wait())
        await asyncio.wait({task, hearing}, return_when=asyncio.FIRST_COMPLETED)
        await end(task, spared=spared)
        _log.info("worker_stopped")


async def end(task: asyncio.Task[None], *, spared: Collection[asyncio.Task[Any]]) -> None:
    """Cancel a worker's task until it has ended, and raise what else ended it.

    Whatever it has started hears of it from the task, once. Now and then a library swallows that; after
    `END_SECONDS` all tasks but the `spared` are told again, until they hear it.
    """
    task.cancel()
    await asyncio.wait({task}, timeout=END_SECONDS)
    while not task.done():
        _log.warning("worker_told_again")
        for each in asyncio.all_tasks().difference(spared, {asyncio.current_task()}):
            each.cancel()
        await asyncio.wait({task}, timeout=AGAIN_SECONDS)
    with suppress(asyncio.CancelledError):
        await task


async def _wait_for_schema(context: Context[Any]) -> None:
    async def look(session: Session) -> bool:
        return bool(await fetch_value(session, SCHEMA_READY))

    while True:
        with suppress(Exception):
            if await context.db.run(look):
                return
        await asyncio.sleep(1)


async def _listen(inbox: Inbox, *, urgent: bool) -> None:
    """Run one arq worker for one queue, and a new one whenever Redis has thrown it out."""
    settings = inbox.context.settings
    queue = settings.queue_prefix + queue_name(inbox.context.service, urgent=urgent)

    nudger = inbox.context.nudger

    async def wake(_: dict[Any, Any], ids: list[str]) -> None:  # called by name, with a context of arq's
        await inbox.take_named([UUID(each) for each in ids])

    async def listening(_: dict[Any, Any]) -> None:  # called once Redis has answered
        nudger.found()

    while True:
        redis = open_redis(settings.redis_url, queue=queue)
        worker = Worker(
            functions=[func(cast("Any", wake), name=WAKE, keep_result=0, max_tries=1, timeout=60)],
            queue_name=queue,
            redis_pool=redis,
            on_startup=cast("Any", listening),
            poll_delay=settings.bus_poll_seconds,
            max_jobs=JOBS,
            handle_signals=False,
            log_results=False,
            job_serializer=serialize,
            job_deserializer=deserialize,
        )
        running = asyncio.create_task(worker.async_run())
        try:
            await asyncio.wait({running})
            # Whatever ended it, also what only somebody else's entry in the queue can cause.
            error = None if running.cancelled() else running.exception()
            nudger.lost(error)
        finally:
            await _close(worker, running, redis)
        await asyncio.sleep(WITHOUT_REDIS_SECONDS)


async def _close(worker: Worker, running: asyncio.Task[None], redis: ArqRedis) -> None:
    # Not arq's own close: it stops half-way when a job was cancelled and leaves connections open.
    # Its loop is cancelled until it hears it: now and then the Redis client swallows a cancellation.
    while not running.done():
        running.cancel()
        await asyncio.wait({running}, timeout=0.1)
    jobs = list(worker.tasks.values())
    for job in jobs:
        job.cancel()
    await asyncio.gather(running, *jobs, return_exceptions=True)
    with suppress(RedisError, OSError):
        await redis.aclose(close_connection_pool=True)


async def _relay(inbox: Inbox, *, urgent: bool) -> None:
    """Take straight from PostgreSQL whatever no wake-up has brought within a moment."""
    looking = asyncio.Lock()
    async with asyncio.TaskGroup() as group:
        for number in range(JOBS):
            group.create_task(_lane(inbox, looking, urgent=urgent, spare=number > 0))


async def _lane(inbox: Inbox, looking: asyncio.Lock, *, urgent: bool, spare: bool) -> None:
    """Look, handle what is found, and look again; of all lanes that are free one looks at a time.

    With Redis one lane is enough, and it is patient. While Redis is away nothing else finds any work:
    then the lanes look often, and one delivery that takes long holds up no other.
    """
    patience, nudger = inbox.context.settings.bus_relay_seconds, inbox.context.nudger
    while True:
        away = not nudger.healthy
        pause = WITHOUT_REDIS_SECONDS if away else patience / (4 if urgent else 2)
        try:
            if spare and not away:
                await asyncio.sleep(pause)
                continue
            async with looking:
                claim = await inbox.claim_due(urgent=urgent, older_than=0.0 if away else patience)
                if claim is None:
                    await asyncio.sleep(pause)
            if claim is not None:
                await inbox.handle(claim)
        except Exception:  # noqa: BLE001 - logged, and the work comes round again
            _log.exception("relay_failed")
            await asyncio.sleep(patience)
