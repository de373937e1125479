"""Faults of processes, of Redis and of what is sent. Each does its harm, undoes it and returns."""

import asyncio
import os
import signal
import time
from collections.abc import Awaitable, Callable
from typing import Final
from uuid import UUID, uuid4

from redis.asyncio import Redis

from shared.bus.nudger import open_redis
from tests.chaos.driver import LABS
from tests.chaos.ledger import Row
from tests.chaos.processes import APIS, NAMES
from tests.chaos.scene import Scene

Fault = Callable[[Scene], Awaitable[None]]
# What has failed before and waits for its next attempt is not held up by anything that is done now.
WAITING: Final = """
    SELECT message_id FROM bus.delivery
    WHERE consumer = ANY($1) AND (state = 'claimed' OR (state = 'pending' AND due_at <= clock_timestamp()))
"""
LEFT: Final = """
    SELECT count(*) FROM bus.delivery
    WHERE consumer = ANY($1) AND message_id = ANY($2::uuid[]) AND state IN ('pending', 'claimed')
"""
PATIENCE: Final = 20.0
STEPS: Final = (-86400, -3600, -600, 1, 600, 3600, 86400)
REDELIVER: Final = """
    UPDATE bus.delivery SET state = 'pending', attempt = 0, due_at = clock_timestamp(), settled_at = NULL
    WHERE (message_id, consumer) IN (
        SELECT message_id, consumer FROM bus.delivery WHERE state = 'done' ORDER BY random() LIMIT $1)
"""
POISON: Final = """
    WITH message AS (INSERT INTO bus.message (message_id, name, version, body)
                     VALUES ($1, $2, 1, '\\x7b226e6f6e73656e7365') RETURNING message_id)
    INSERT INTO bus.delivery (message_id, consumer, urgent) SELECT message_id, $3, false FROM message
"""


async def kill(scene: Scene, name: str) -> None:
    """SIGKILL from outside; of a worker, measure when what waited for it is done."""
    service, _, part = name.rpartition("-")
    held = await _waiting(scene, service) if part == "worker" else []
    began, pid = time.monotonic(), scene.stand.processes.pids[name]
    scene.stand.processes.send(name, signal.SIGKILL)
    await scene.stand.processes.replaced(name, pid)
    if part == "api":
        await scene.stand.processes.ready()
        scene.figures["api killed → answers again"].append(time.monotonic() - began)
        return
    if held:
        await _until_done(scene, held, service)
        scene.figures["worker killed → its work is done"].append(time.monotonic() - began)


async def kill_each(scene: Scene) -> None:
    """Kill each of the six once, an API and a worker within a moment of each other, as the seed says."""
    apis, workers = [[name for name in NAMES if name.endswith(part)] for part in ("-api", "-worker")]
    for names in (apis, workers):
        scene.rng.shuffle(names)
    for pair in zip(apis, workers, strict=True):
        await scene.calm()
        await asyncio.gather(*(_kill_soon(scene, name, scene.rng.uniform(0.0, 0.3)) for name in pair))


async def _kill_soon(scene: Scene, name: str, seconds: float) -> None:
    await scene.pause(seconds)
    await kill(scene, name)
    scene.faults[f"kill {name}"] += 1


async def worker_paused(scene: Scene) -> None:
    """A worker sleeps past its lease while another does its work, then wakes up and is fenced."""
    processes, name = scene.stand.processes, "results-ingest-worker"
    processes.add(f"{name}+")
    pid = processes.pids[name]
    os.kill(pid, signal.SIGSTOP)
    await scene.pause(6)
    os.kill(pid, signal.SIGCONT)
    await scene.pause(1)
    processes.remove(f"{name}+")


async def registry_gone(scene: Scene) -> None:
    """Registry's API is paused: laboratories post on with the keys that are known."""
    processes = scene.stand.processes
    before = sum(1 for _ in scene.driver.ledger.acknowledged())
    processes.send("registry-api", signal.SIGSTOP)
    await scene.pause(5)
    taken = sum(1 for _ in scene.driver.ledger.acknowledged()) - before
    processes.send("registry-api", signal.SIGCONT)
    processes.send("registry-api", signal.SIGKILL)
    await processes.ready()
    if not taken:
        scene.problems.append("no batch was taken while registry was away")
    scene.figures["batches taken while registry was away"].append(taken)


async def rolling_restart(scene: Scene) -> None:
    """Every process is told to end and started again, one after the other, under load."""
    for name in NAMES:
        pid = scene.stand.processes.pids[name]
        scene.stand.processes.send(name, signal.SIGTERM)
        await scene.stand.processes.replaced(name, pid)
        await scene.stand.processes.ready()


async def redis_flush(scene: Scene) -> None:
    """Everything in Redis is deleted while deliveries wait."""
    redis = Redis.from_url(scene.stand.redis.url)
    try:
        for _ in range(5 if scene.long else 3):
            await scene.calm()
            held, began = await _waiting(scene, *APIS), time.monotonic()
            await redis.flushall()
            await _until_done(scene, held, *APIS)
            scene.figures["Redis emptied → what waited is done"].append(time.monotonic() - began)
    finally:
        await redis.aclose()


async def redis_killed(scene: Scene) -> None:
    """Redis is killed and starts with nothing."""
    held, began = await _waiting(scene, *APIS), time.monotonic()
    await scene.stand.redis.lose_everything()
    await _until_done(scene, held, *APIS)
    scene.figures["Redis emptied → what waited is done"].append(time.monotonic() - began)


async def redis_paused(scene: Scene) -> None:
    """Redis stops answering and hangs whoever waits for it."""
    scene.stand.redis.send(signal.SIGSTOP)
    await scene.pause(30 if scene.long else 6)
    scene.stand.redis.send(signal.SIGCONT)


async def redis_absent(scene: Scene) -> None:
    """Redis is gone; positives must reach their channel all the same."""
    await scene.stand.redis.stop()
    scene.driver.without_redis.append(time.time())
    until = time.monotonic() + (600 if scene.long else 60)
    while time.monotonic() < until:
        scene.driver.send(scene.driver.traffic.positive_step(scene.rng.choice(LABS)))
        await scene.pause(10 if scene.long else 1)
    scene.driver.without_redis.append(time.time())
    await scene.stand.redis.start()


async def _waiting(scene: Scene, *services: str) -> list[UUID]:
    """Return the messages that wait for these services now, but for those that no handler can read."""
    found = [row[0] for row in await scene.rows(WAITING, list(services))]
    return [each for each in found if each not in scene.poison]


async def _until_done(scene: Scene, held: list[UUID], *services: str) -> None:
    until = time.monotonic() + PATIENCE
    while await scene.value(LEFT, list(services), held) and time.monotonic() < until:
        await asyncio.sleep(0.05)


async def wakes_again(scene: Scene) -> None:
    """Wake-ups of long ago come once more, ten times each and in any order."""
    ids = [
        str(row[0])
        for row in await scene.rows("SELECT message_id FROM bus.message ORDER BY random() LIMIT 200")
    ]
    redis = open_redis(scene.stand.redis.url)
    try:
        for _ in range(10):
            scene.rng.shuffle(ids)
            for service in APIS:
                for queue in (service, f"{service}-urgent"):
                    await redis.enqueue_job("wake", ids, _job_id=uuid4().hex, _queue_name=queue)
    finally:
        await redis.aclose(close_connection_pool=True)


async def delivered_again(scene: Scene) -> None:
    """What was done before is delivered again, in any order: the effects must stay as they are."""
    for _ in range(10 if scene.long else 3):
        await scene.rows(REDELIVER, 200 if scene.long else 40)
        await scene.pause(0.5)


async def sent_at_once(scene: Scene) -> None:
    """The same batch a hundred times at once: one is made, everybody gets its receipt."""
    driver = scene.driver
    step = driver.traffic.step(LABS[0], rows=3)
    await driver.sent(step)
    fresh = driver.traffic.step(LABS[0], rows=2)
    await driver.call(fresh.before)  # its rows may name tubes
    await asyncio.gather(*(driver.post(fresh.batch) for _ in range(100)))
    await asyncio.gather(*(driver.post(step.batch) for _ in range(10)))
    await driver.sent(fresh)


async def poison_rows(scene: Scene) -> None:
    """Rows that would break whatever reads them without care, among good ones."""
    wrong = (
        {"row_ref": "a\u0000b"}, {"tested_at": "9999-12-31T23:59:59+08:00"}, {"ct_n": 1e300},
        {"health_code_id": "\u202eHC-1"}, {"outcome": ["negative"]}, {"id_type": "resident_id", "id_no": "1" * 400},
    )  # fmt: skip
    for lab in LABS:
        step = scene.driver.traffic.step(lab, rows=5)
        step.batch.rows += [Row({**scene.driver.traffic.plain_row(), **each}, "rejected") for each in wrong]
        scene.driver.send(step)


async def poison_deliveries(scene: Scene) -> None:
    """Messages that no handler can read: they alone are put off, again and again."""
    for name, consumer in (
        ("batch.part_received", "results-ingest"), ("results.applied", "registry"), ("alarm.raised", "notifier"),
    ):  # fmt: skip
        message = uuid4()
        scene.poison.append(message)
        await scene.rows(POISON, message, name, consumer)


async def overload(scene: Scene) -> None:
    """Five times as much as before."""
    usual = scene.driver.pace
    scene.driver.pace, scene.driver.followed = 5 * usual, False
    try:
        await scene.pause(60 if scene.long else 4)
    finally:
        scene.driver.pace, scene.driver.followed = usual, True


async def provider_troubles(scene: Scene) -> None:
    """The provider fails, takes messages without an answer, and is slow."""
    provider = scene.stand.provider
    provider.failing = True
    scene.driver.send(scene.driver.traffic.positive_step(LABS[0]))
    await scene.pause(2)
    provider.failing, provider.silent = False, 5
    scene.driver.send(scene.driver.traffic.positive_step(LABS[1]))
    await scene.pause(3)
    provider.silent, provider.slow = 0, 1.0
    await scene.pause(3)
    provider.slow = 0.0


async def clock_steps(scene: Scene) -> None:
    """The business clock goes ahead: minutes, an hour, a day."""
    for step in ("10 minutes", "1 hour", "1 day"):
        ahead = await scene.value(
            "SELECT clock_timestamp() + ahead + $1::text::interval FROM bus.business_clock", step
        )
        await scene.driver.clients["admin"].until_done("PUT", "/v1/clock", body={"now": ahead.isoformat()})
        await scene.pause(1)


async def process_clock(scene: Scene) -> None:
    """The own clocks of some processes step, each by another time; the others' and the servers' are right."""
    folder = scene.stand.home / "faults"
    for _ in range(10 if scene.long else 3):
        wrong = scene.rng.sample(NAMES, 3)
        for name in wrong:
            (folder / f"{name}.clock").write_text(str(scene.rng.choice(STEPS)))
        before = sum(1 for _ in scene.driver.ledger.acknowledged())
        await scene.pause(2)
        await scene.driver.sent(scene.driver.traffic.step(scene.rng.choice(LABS)))
        if sum(1 for _ in scene.driver.ledger.acknowledged()) == before:
            scene.problems.append(f"no batch was taken while clocks were wrong: {wrong}")
        for name in wrong:
            (folder / f"{name}.clock").unlink()


FAULTS: Final[dict[str, Fault]] = {
    "worker paused past its lease": worker_paused,
    "registry gone": registry_gone,
    "rolling restart": rolling_restart,
    "redis flushed": redis_flush,
    "redis killed and empty": redis_killed,
    "redis paused": redis_paused,
    "overload five times": overload,
}
BESIDE: Final[dict[str, Fault]] = {
    "wake-ups again, ten times": wakes_again,
    "deliveries again": delivered_again,
    "one batch a hundred times": sent_at_once,
    "poison rows": poison_rows,
    "poison deliveries": poison_deliveries,
    "provider fails, silent, slow": provider_troubles,
    "clock steps": clock_steps,
    "a process's own clock steps": process_clock,
}
"""These happen while processes die at their crash points: nothing is measured by them."""
