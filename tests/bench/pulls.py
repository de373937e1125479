"""Reads of statuses: one, a thousand at once, and the feed from end to end, each beside its bare limit.

The limit of a single read is an empty FastAPI route in a process of its own, with the options of our
own APIs; of a query the same ids by one prepared statement; of the feed a COPY of the same rows. All
name the columns that an answer shows.
"""

import asyncio
import re
import time
from collections.abc import Callable, Coroutine, Sequence
from random import Random
from typing import Any, Final
from urllib.parse import quote

import asyncpg
import msgspec

from deploy.demo.client import Api
from shared.web.paging import decode_cursor, encode_cursor
from tests.bench import wire
from tests.bench.figures import Figure, against
from tests.bench.running import empty_route
from tests.bench.stand import Stand

SINGLES: Final = 16
ASKERS: Final = 4
ASKED: Final = 1_000
PAGE: Final = 10_000
SHOWN: Final = (
    *("hold", "last_outcome", "last_mode", "last_collected_at", "last_tested_at", "last_reported_at"),
    *("last_lab_code", "last_reviewed", "counted_on", "due_on", "version", "changed_at"),
)
COLUMNS: Final = ", ".join(("p.health_code_id", *(f"s.{column}" for column in SHOWN)))
MANY: Final = f"""
    SELECT {COLUMNS}
    FROM unnest($1::text[]) AS wanted (code)
    CROSS JOIN LATERAL (SELECT * FROM registry.person WHERE health_code_id = wanted.code OFFSET 0) p
    CROSS JOIN LATERAL (SELECT * FROM registry.person_status WHERE person_id = p.person_id OFFSET 0) s
"""
EVERYBODY: Final = f"""
    SELECT {COLUMNS} FROM registry.person p JOIN registry.person_status s ON s.person_id = p.person_id
    WHERE p.health_code_id IS NOT NULL
"""
CHANGES: Final = f"""
    SELECT b.first_seq + cardinality(b.removed) + f.n - 1 AS seq, {COLUMNS} FROM registry.feed_block b
    CROSS JOIN LATERAL unnest(b.person_ids) WITH ORDINALITY AS f (person_id, n)
    JOIN registry.person p ON p.person_id = f.person_id
    JOIN registry.person_status s ON s.person_id = p.person_id
    WHERE b.last_seq > $1
"""
_TAIL: Final = re.compile(rb'"next_cursor":"([^"]+)","more":(true|false)}$')
Work = Callable[[int], Coroutine[Any, Any, int]]


async def figures(stand: Stand) -> list[Figure]:
    """Measure all of them, each and its limit in turn."""
    rng = Random(11)
    codes = stand.rows.codes
    single, many = await _single(stand, rng, codes), await _many(stand, rng, codes)
    everybody, changes = await _feed(stand)
    return [
        against("single statuses, 16 connections", *single, unit="/s", at_least=0.8),
        against("statuses by queries of 1,000", *many, unit="/s", at_least=0.5),
        against("the feed from its beginning: everybody", *everybody, unit="/s", at_least=0.3),
        against("the feed's changes, pages of 10,000", *changes, unit="/s", at_least=0.3),
    ]


Pair = tuple[list[float], list[float]]


async def _single(stand: Stand, rng: Random, codes: Sequence[str]) -> Pair:
    token = await stand.platform.valid_token()
    wanted = [wire.request("GET", f"/v1/statuses/{code}", token=token) for code in rng.sample(codes, 20_000)]
    values: list[float] = []
    limits: list[float] = []
    with empty_route(stand.running.owner_url) as bare_url:
        for number in range(stand.length.runs + 1):
            rates = [
                await _rate(_asking(url, wanted), workers=SINGLES, seconds=stand.length.pull_seconds)
                for url in (bare_url, stand.platform.base_url)
            ]
            if number:
                limits.append(rates[0])
                values.append(rates[1])
    return values, limits


def _asking(url: str, heads: Sequence[bytes]) -> list[Work]:
    lines = [wire.line_to(url) for _ in range(SINGLES)]

    def asker(place: int, line: wire.Line) -> Work:
        async def ask(turn: int) -> int:
            _ok(await line.send(heads[(turn * SINGLES + place) % len(heads)]))
            return 1

        return ask

    return [asker(place, line) for place, line in enumerate(lines)]


async def _many(stand: Stand, rng: Random, codes: Sequence[str]) -> Pair:
    asked = [rng.sample(codes, ASKED) for _ in range(100)]
    bodies = [msgspec.json.encode({"health_code_ids": each}) for each in asked]
    values: list[float] = []
    limits: list[float] = []
    opened = [await asyncpg.connect(stand.running.owner_url) for _ in range(ASKERS)]
    for connection in opened:
        await connection.execute("SET timezone = 'Asia/Shanghai'")
    prepared = [await connection.prepare(MANY) for connection in opened]
    token = await stand.platform.valid_token()

    def bare(statement: asyncpg.prepared_stmt.PreparedStatement) -> Work:
        async def ask(turn: int) -> int:
            return len(await statement.fetch(asked[turn % len(asked)]))

        return ask

    def ours(line: wire.Line) -> Work:
        async def ask(turn: int) -> int:
            body = bodies[turn % len(bodies)]
            head = wire.request("POST", "/v1/statuses/query", token=token, length=len(body))
            answer = _ok(await line.send(head, body))
            return answer.body.count(b'"health_code_id"')

        return ask

    for number in range(stand.length.runs + 1):
        seconds = stand.length.pull_seconds
        limit = await _rate([bare(each) for each in prepared], workers=ASKERS, seconds=seconds)
        lines = [wire.line_to(stand.platform.base_url) for _ in opened]
        value = await _rate([ours(line) for line in lines], workers=ASKERS, seconds=seconds)
        if number:
            limits.append(limit)
            values.append(value)
    for connection in opened:
        await connection.close()
    return values, limits


async def _feed(stand: Stand) -> tuple[Pair, Pair]:
    everybody: Pair = ([], [])
    changes: Pair = ([], [])
    connection = await asyncpg.connect(stand.running.owner_url)
    newest = await stand.system.seq()
    behind = max(0, newest - stand.length.people)
    cursor = await _cursor_at(stand.platform, behind)
    for number in range(stand.length.runs + 1):
        bare = [
            await _copied(connection, EVERYBODY),
            await _copied(connection, CHANGES, behind),
        ]
        ours = [await _read(stand.platform, None, until_changes=True), await _read(stand.platform, cursor)]
        if number:
            for pair, value, limit in zip((everybody, changes), ours, bare, strict=True):
                pair[0].append(value)
                pair[1].append(limit)
    await connection.close()
    return everybody, changes


async def _copied(connection: asyncpg.Connection, statement: str, *arguments: object) -> float:
    """Return rows per second of a COPY whose output is thrown away."""

    async def output(data: bytes) -> None:
        pass

    started = time.perf_counter()
    told = await connection.copy_from_query(statement, *arguments, output=output)
    return int(told.split()[1]) / (time.perf_counter() - started)


async def _read(api: Api, cursor: str | None, *, until_changes: bool = False) -> float:
    """Return rows per second of reading the feed page by page, to the end of its snapshot or of all."""
    line, token = wire.line_to(api.base_url), await api.valid_token()
    rows, page_rows, more = 0, PAGE, True
    started = time.perf_counter()
    while more and (page_rows == PAGE or not until_changes):
        after = "" if cursor is None else f"&cursor={quote(cursor)}"
        path = f"/v1/status-changes?limit={PAGE}{after}"
        body = _ok(await line.send(wire.request("GET", path, token=token))).body
        page_rows = body.count(b'"health_code_id"')
        cursor, more = end_of(body)
        rows += page_rows
    took = time.perf_counter() - started
    line.close()
    return rows / took


async def _cursor_at(api: Api, seq: int) -> str:
    """Return the cursor of a reader that has had everything up to a number."""
    first = await api.get("/v1/status-changes", limit=1)
    position = decode_cursor(first["next_cursor"])
    return encode_cursor(position | {"p": "feed", "n": seq, "a": None})


def end_of(page: bytes) -> tuple[str, bool]:
    """Return the cursor and whether there is more, as the last members of a page."""
    found = _TAIL.search(page, max(0, len(page) - 2_000))
    if found is None:
        message = "a page that does not end with its cursor"
        raise ValueError(message)
    return found[1].decode(), found[2] == b"true"


def _ok(answer: wire.Answer) -> wire.Answer:
    if answer.status != 200:
        message = f"a read was answered with {answer.status}: {answer.body[:300]!r}"
        raise RuntimeError(message)
    return answer


async def _rate(works: Sequence[Work], *, workers: int, seconds: float) -> float:
    """Return what some do per second, each one thing after another."""
    started = time.perf_counter()
    until = started + seconds

    async def work(each: Work) -> int:
        done = turn = 0
        while time.perf_counter() < until:
            done += await each(turn)
            turn += 1
        return done

    assert len(works) == workers
    done = await asyncio.gather(*(work(each) for each in works))
    return sum(done) / (time.perf_counter() - started)
