"""Wake-ups on their way to Redis. They never hold up a request and may all be lost.

One of the two files that know arq. What is pushed names deliveries; a body never reaches Redis.
"""

import asyncio
import json
from contextlib import suppress
from typing import Any, Final
from uuid import UUID, uuid4

import structlog
from arq.connections import ArqRedis
from arq.constants import default_queue_name
from arq.utils import timestamp_ms
from redis.asyncio.connection import BlockingConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from typing_extensions import override

WAKE: Final = "wake"
# One lane takes those of a job one after another; more at a time would be fewer jobs, and idle lanes.
IDS_PER_JOB: Final = 10
KEPT: Final = 10_000
SOCKET_SECONDS: Final = 2.0
PAUSE_SECONDS: Final = 0.5
BELL: Final = ":bell"
# Shorter than SOCKET_SECONDS, after which a silent Redis is taken for gone.
BELL_SECONDS: Final = 1.0
RINGS_KEPT: Final = 8

_log = structlog.get_logger()


def serialize(job: dict[str, Any]) -> bytes:
    """Write a job as JSON: pickle would run what whoever can reach Redis has put there."""
    return json.dumps(job, default=str).encode()


def deserialize(raw: bytes) -> dict[str, Any]:
    """Read a job."""
    job: dict[str, Any] = json.loads(raw)
    return job


class WaitingRedis(ArqRedis):
    """A worker's client: where its queue is empty it waits for the bell instead of asking again and again."""

    @override
    async def zrangebyscore(self, name: Any, *args: Any, **kwargs: Any) -> Any:
        """Return what is queued; when that is nothing, ask once more at the bell or after a moment."""
        found = await super().zrangebyscore(name, *args, **kwargs)
        if found:
            return found
        client: Any = self
        await client.blpop([name + BELL], timeout=BELL_SECONDS)
        return await super().zrangebyscore(name, *args, **kwargs | {"max": timestamp_ms()})


def open_redis(url: str, *, queue: str | None = None) -> ArqRedis:
    """Return a client that gives up after two seconds instead of hanging; one of a queue waits at it."""
    pool: Any = BlockingConnectionPool.from_url(
        url,
        max_connections=8,
        timeout=SOCKET_SECONDS,
        socket_timeout=SOCKET_SECONDS,
        socket_connect_timeout=SOCKET_SECONDS,
        socket_keepalive=True,
        retry=Retry(NoBackoff(), 1),
    )
    kind = ArqRedis if queue is None else WaitingRedis
    return kind(
        pool,
        job_serializer=serialize,
        job_deserializer=deserialize,
        default_queue_name=queue or default_queue_name,
    )


class Nudger:
    """Collects wake-ups and pushes them from a task of its own.

    `healthy` says whether Redis carries them as far as this process knows, from its pushes and its
    listeners: while it does not, a relay looks by itself, often.
    """

    def __init__(self, redis: ArqRedis, *, prefix: str = "") -> None:
        self.redis = redis
        self.prefix = prefix
        self.healthy = True
        self._waiting: dict[str, list[UUID]] = {}
        self._ready = asyncio.Event()
        self._closing = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to push."""
        self._task = asyncio.create_task(self._push_for_ever(), name="nudger")

    async def close(self) -> None:
        """Push what is left, within a moment, and stop."""
        # Told to end, not cancelled: now and then the Redis client swallows a cancellation.
        self._closing = True
        self._ready.set()
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=2 * SOCKET_SECONDS)
            self._task.cancel()
        with suppress(RedisError, OSError):
            await self.redis.aclose(close_connection_pool=True)

    def nudge(self, queue: str, ids: list[UUID]) -> None:
        """Ask for these deliveries of a queue to be looked at soon; never waits, never fails."""
        waiting = self._waiting.setdefault(queue, [])
        if len(waiting) < KEPT:
            waiting.extend(ids)
        self._ready.set()

    def lost(self, error: BaseException | None) -> None:
        """Note that Redis did not answer, to a push or to a listener."""
        if self.healthy:
            _log.warning("redis_unreachable", error_type=type(error).__name__)
        self.healthy = False

    def found(self) -> None:
        """Note that Redis answered."""
        if not self.healthy:
            _log.info("redis_back")
        self.healthy = True

    async def _push_for_ever(self) -> None:
        while not self._closing:
            await self._ready.wait()
            self._ready.clear()
            if not self._waiting:  # nothing that could show whether Redis is there
                continue
            try:
                await self._push()
                self.found()
            except (RedisError, OSError, TimeoutError) as error:
                self.lost(error)
                self._waiting.clear()
                if not self._closing:
                    await asyncio.sleep(PAUSE_SECONDS)

    async def _push(self) -> None:
        waiting, self._waiting = self._waiting, {}
        # Urgent queues first: a positive must not stand behind a burst of wake-ups.
        for queue in sorted(waiting, key=lambda name: not name.endswith("-urgent")):
            ids = waiting[queue]
            for start in range(0, len(ids), IDS_PER_JOB):
                await self.redis.enqueue_job(
                    WAKE,
                    [str(each) for each in ids[start : start + IDS_PER_JOB]],
                    _job_id=uuid4().hex,
                    _queue_name=self.prefix + queue,
                    _expires=3600,
                )
            await self._ring(self.prefix + queue)

    async def _ring(self, queue: str) -> None:
        """Wake one of those who wait at a queue; a few rings are kept for those who are busy."""
        async with self.redis.pipeline(transaction=False) as pipe:
            pipe.lpush(queue + BELL, 1)
            pipe.ltrim(queue + BELL, 0, RINGS_KEPT - 1)
            pipe.expire(queue + BELL, 3600)
            await pipe.execute()
