"""How long things take to show: a result in the feed at half the sustained rate, a positive in its channel."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from random import Random
from typing import Any, Final

import asyncpg
import msgspec

from deploy.demo import watching
from deploy.demo.client import Api
from deploy.demo.district import make_person
from deploy.demo.loading import PEOPLE_AT_ONCE
from deploy.demo.watching import Watch
from tests.bench.posting import LABS, ROWS, drained, post
from tests.bench.rows import Rows, body_of

QUEUED: Final = 50_000
HANDED: Final = """
    SELECT count(*) AS notices, count(d.handed_at) AS handed, max(d.handed_at) AS last
    FROM notifier.notice n LEFT JOIN notifier.delivery d USING (notice_id)
    WHERE n.kind = 'alert.positive' AND n.subject_code = $1
"""


async def to_the_feed(
    labs: Mapping[str, Api], platform: Api, rows: Rows, *, rate: float, seconds: float
) -> list[float]:
    """Return the seconds from each answered POST to each of its people in the feed, sorted."""
    watch = Watch(platform)
    await watching.catch_up(watch)
    follower = asyncio.create_task(watching.follow(watch))
    answered: list[tuple[float, list[tuple[str, datetime, datetime]]]] = []
    sending: list[asyncio.Task[None]] = []
    pause = ROWS / rate

    async def send(api: Api, number: int) -> None:
        taken = rows.take(ROWS)
        body = body_of(f"pace-{number:06d}", taken)
        await post(api, body)
        answered.append((time.monotonic(), taken))

    started = time.monotonic()
    for number in range(max(4, int(seconds / pause))):
        await asyncio.sleep(max(0.0, started + number * pause - time.monotonic()))
        sending.append(asyncio.create_task(send(labs[LABS[number % len(LABS)]], number)))
    await asyncio.gather(*sending)
    keys = [(at, (code, tested)) for at, taken in answered for code, _, tested in taken]
    until = time.monotonic() + 60
    while time.monotonic() < until and not all(key in watch.shown for _, key in keys):
        await asyncio.sleep(0.1)
    follower.cancel()
    with suppress(asyncio.CancelledError):
        await follower
    return sorted(max(0.0, watch.shown.get(key, until) - at) for at, key in keys)


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


async def to_the_channel(
    owner: asyncpg.Connection, labs: Mapping[str, Api], codes: Sequence[str], *, tag: str
) -> list[float]:
    """Return the seconds from each POST of a positive to the last of its alerts handed over, sorted."""
    return sorted([await _one_positive(owner, labs["LAB05"], code, f"{tag}-{code}") for code in codes])


async def behind_negatives(
    owner: asyncpg.Connection, labs: Mapping[str, Api], rows: Rows, codes: Sequence[str]
) -> list[float]:
    """The same, each with 50,000 negatives queued before it."""
    took = []
    for number, code in enumerate(codes):
        bodies = [rows.batch(ROWS, f"queue-{number}") for _ in range(QUEUED // ROWS)]
        await asyncio.gather(
            *(post(labs[LABS[place % len(LABS)]], body) for place, body in enumerate(bodies))
        )
        took.append(await _one_positive(owner, labs["LAB05"], code, f"behind-{number}"))
        await drained(owner)
    return sorted(took)


async def _one_positive(owner: asyncpg.Connection, lab: Api, code: str, batch_no: str) -> float:
    tested = datetime.now().astimezone().replace(microsecond=0)
    row: dict[str, Any] = {
        "health_code_id": code,
        "outcome": "positive",
        "collected_at": (tested - timedelta(hours=3)).isoformat(),
        "tested_at": tested.isoformat(),
    }
    content = msgspec.json.encode({"batch_no": batch_no, "results": [row]})
    headers = {"Authorization": f"Bearer {await lab.valid_token()}", "Content-Type": "application/json"}
    posted = time.time()
    answer = await lab.http.post(lab.base_url + "/v1/batches", content=content, headers=headers)
    answer.raise_for_status()
    until = time.time() + 60
    while time.time() < until:
        found = await owner.fetchrow(HANDED, code)
        if found["notices"] and found["handed"] == found["notices"]:
            handed: float = found["last"].timestamp()
            return handed - posted
        await asyncio.sleep(0.02)
    message = "an alert was not handed to its channel within a minute"
    raise RuntimeError(message)
