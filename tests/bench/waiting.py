"""How long things take to show: a result in the feed at half the sustained rate, a positive in its channel."""

import asyncio
import os
import re
import signal
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

import msgspec

from deploy.demo.client import Api
from deploy.demo.district import make_person
from deploy.demo.loading import PEOPLE_AT_ONCE
from tests.bench import cpu
from tests.bench.follower import follower_at_the_end
from tests.bench.posting import LABS, ROWS, Lab, System, settled
from tests.bench.rows import Rows, body_of

LONGEST: Final = 60.0
HANDED: Final = """
    SELECT count(*) AS notices, count(d.handed_at) AS handed, max(d.handed_at) AS last
    FROM notifier.notice n LEFT JOIN notifier.delivery d USING (notice_id)
    WHERE n.kind = 'alert.positive' AND n.subject_code = $1
"""


async def to_the_feed(
    system: System, platform: Api, rows: Rows, *, rate: float, seconds: float
) -> list[float]:
    """Return the seconds from each answered POST to each of its people in the feed, sorted."""
    follower = await follower_at_the_end(platform)
    pause = ROWS / rate
    posts = [rows.take_texts(ROWS) for _ in range(max(4, int(seconds / pause)))]
    bodies = [body_of(f"pace-{time.time_ns()}-{number}", taken) for number, taken in enumerate(posts)]
    answered = [0.0] * len(posts)
    following = asyncio.create_task(follower.follow())
    started = time.monotonic()

    async def work(place: int, lab: Lab) -> None:
        for number in range(place, len(bodies), len(LABS)):
            await asyncio.sleep(max(0.0, started + number * pause - time.monotonic()))
            await lab.post(bodies[number])
            answered[number] = time.monotonic()

    await asyncio.gather(*(work(place, system.labs[lab]) for place, lab in enumerate(LABS)))
    expected = [
        (at, (code, tested)) for at, taken in zip(answered, posts, strict=True) for code, _, tested in taken
    ]
    until = time.monotonic() + LONGEST
    while time.monotonic() < until and not all(key in follower.shown for _, key in expected):
        await asyncio.sleep(0.1)
    following.cancel()
    with suppress(asyncio.CancelledError):
        await following
    follower.line.close()
    return sorted(max(0.0, follower.shown.get(key, until) - at) for at, key in expected)


async def register_positives(registry: Api, unit_code: str, category: str, count: int) -> list[str]:
    """Register people for the alerts through the API, so that notifier knows them; return their codes."""
    rng = Random(7)
    people = [
        make_person(rng, today=datetime.now().astimezone().date(), township_code="T01") for _ in range(count)
    ]
    rows = [
        person.rows()[0]
        | {"health_code_id": person.health_code_id, "unit_code": unit_code, "category_code": category}
        for person in people
    ]
    assert count <= PEOPLE_AT_ONCE
    answer = await registry.post("/v1/people/bulk", {"people": rows})
    assert answer["accepted"] == count, answer["errors"][:3]
    return [person.health_code_id for person in people]


async def to_the_channel(system: System, codes: Iterable[str], *, tag: str) -> list[float]:
    """Return the seconds from each POST of a positive to the last of its alerts handed over, sorted."""
    return sorted([await _one_positive(system, code, f"{tag}-{code}") for code in codes])


async def behind_negatives(
    system: System, rows: Rows, codes: Sequence[str], *, queued: int
) -> tuple[list[float], int]:
    """The same behind queued negatives: as many positives, one after another, as the queue lasts.

    The workers that match and that settle statuses are halted while the negatives are posted, so that all
    of them are queued when they go on and the first positive is posted; none is begun after half of the queue is gone. Returns
    the times and how many negatives were still queued at the last positive.
    """
    bodies = [rows.batch(ROWS, "queue") for _ in range(queued // ROWS)]
    before = await system.seq()
    workers = re.compile(r"(ingest|registry)\.worker")
    halted = [p.pid for p in cpu.under(system.root, cpu.read_processes()) if workers.search(p.command)]
    _signal(halted, signal.SIGSTOP)
    try:
        await asyncio.gather(
            *(_post_all(system.labs[lab], bodies[n :: len(LABS)]) for n, lab in enumerate(LABS))
        )
    finally:
        _signal(halted, signal.SIGCONT)
    took: list[float] = []
    left = queued
    for number, code in enumerate(codes):
        left = queued - (await system.seq() - before - len(took))
        if left < queued / 2 and took:
            break
        took.append(await _one_positive(system, code, f"behind-{number}-{code}"))
    await settled(system)
    return sorted(took), left


def _signal(pids: Iterable[int], number: signal.Signals) -> None:
    for pid in pids:
        os.kill(pid, number)


async def _post_all(lab: Lab, bodies: Iterable[bytes]) -> None:
    for body in bodies:
        await lab.post(body)


async def _one_positive(system: System, code: str, batch_no: str) -> float:
    tested = datetime.now().astimezone().replace(microsecond=0)
    row: dict[str, Any] = {
        "health_code_id": code,
        "outcome": "positive",
        "collected_at": (tested - timedelta(hours=3)).isoformat(),
        "tested_at": tested.isoformat(),
    }
    posted = time.time()
    await system.labs["LAB05"].post(msgspec.json.encode({"batch_no": batch_no, "results": [row]}))
    until = posted + LONGEST
    while time.time() < until:
        async with system.one_at_a_time:
            found = await system.database.fetchrow(HANDED, code)
        if found["notices"] and found["handed"] == found["notices"]:
            handed: float = found["last"].timestamp()
            return handed - posted
        await asyncio.sleep(0.02)
    message = "an alert was not handed to its channel within a minute"
    raise RuntimeError(message)
