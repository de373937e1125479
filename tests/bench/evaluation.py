"""`make bench-evaluation`: what a night costs, and a changed rule, beside a bare UPDATE of as many rows.

PEOPLE=200000 and RUNS=3 by default with QUICK=1; a million without.
"""

import asyncio
import json
import os
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import asyncpg
from rich.console import Console

from deploy.local import postgres
from registry.categories import service as categories
from registry.evaluations import service as evaluations
from registry.statuses import service as statuses
from registry.statuses.display import midnight
from shared.context import spare_collector
from shared.db import LONG_SECONDS, Session, execute, sql
from tests.bench.figures import Figure, against, measured, print_figures, write_figures
from tests.bench.stand import is_quick
from tests.support.servers import Address, Clones, Servers
from tests.support.world import World, open_world

RUNS: Final = int(os.environ.get("RUNS", "3"))
PEOPLE: Final = int(os.environ.get("PEOPLE", "200000" if is_quick() else "1000000"))
UNITS: Final = max(1, PEOPLE // 50)
DUE_PERCENT: Final = 3
CATEGORY: Final = "BENCH"

_UNITS: Final = """
    INSERT INTO registry.unit (unit_id, unit_code, unit_code_type, name, industry_code, industry_key,
        township_code, department_basis, sealed_contact, created_by, created_at, updated_at)
    SELECT gen_random_uuid(), 'UNIT-' || n, 'licence', 'unit', 'H62', 'H62', 'TOWN-01', 'none', '', 'bench',
           now(), now()
    FROM generate_series(1, CAST($1 AS integer)) AS n
"""
# Ids in the order of entry, as `shared.ids.new_id` gives them.
_PEOPLE: Final = """
    INSERT INTO registry.person (person_id, id_type, id_index, sealed_id_no, name_index, sealed_contact,
        health_code_id, created_by, created_at, updated_at)
    SELECT uuidv7(), 'other', uuid_send(gen_random_uuid()), '', '', '', 'BENCH-' || n, 'bench', now(),
           now()
    FROM generate_series(1, CAST($1 AS integer)) AS n
"""
_ENROLMENTS: Final = """
    INSERT INTO registry.enrolment (enrolment_id, person_id, unit_code, category_code, enrolled_on, created_by,
        created_at, updated_at)
    SELECT gen_random_uuid(), person_id,
           'UNIT-' || (1 + CAST(substr(health_code_id, 7) AS integer) % CAST($1 AS integer)), $2, '2026-01-01',
           'bench', now(), now()
    FROM registry.person WHERE health_code_id LIKE 'BENCH-%'
"""
# Everybody has been tested; of a hundred, three become due soon on each of the coming nights.
_STATUSES: Final = """
    INSERT INTO registry.person_status (person_id, last_outcome, last_mode, last_collected_at, last_tested_at,
        last_reported_at, last_lab_code, counted_on, duty_from, interval_days, plain_from, soon_days,
        category_code, rule_id, due_on, next_change_at, shown_code, shown_at, version, changed_at)
    SELECT person_id, 'negative', 'single', at, at, at, 'LAB01', day, '2026-01-01', 14, '2020-01-01', 2, $1,
           (SELECT rule_id FROM registry.rule WHERE category_code = $1), day + 14,
           CAST(day + 12 AS timestamp) AT TIME ZONE 'Asia/Shanghai', health_code_id, at, 1, at
    FROM (
        SELECT p.*, CAST(day AS timestamp) AT TIME ZONE 'Asia/Shanghai' + interval '9 hours' AS at
        FROM (
            SELECT person_id, health_code_id, CAST($2 AS date) - 12
                   + CASE WHEN hundredth < CAST($3 AS integer) * CAST($4 AS integer) THEN 1 + hundredth / $3
                          ELSE $4 + 2 + hundredth % 4 END AS day
            FROM (SELECT person_id, health_code_id,
                         CAST(substr(health_code_id, 7) AS integer) % 100 AS hundredth
                  FROM registry.person WHERE health_code_id LIKE 'BENCH-%') AS numbered
        ) AS p
    ) AS sampled
"""
_BARE: Final = """
    UPDATE registry.person_status
    SET due_on = due_on + 1, next_change_at = next_change_at + interval '1 day', version = version + 1,
        changed_at = clock_timestamp()
"""
_RULE = sql("""
    INSERT INTO registry.rule (category_code, version, effective_from, shape, params, created_by, created_at)
    VALUES (:category, :version, '2026-01-01', 'every_n_days', CAST(:params AS jsonb), 'bench', now())
""")
# Whoever was told of is tested the next morning: each night finds its own.
_TESTED: Final = """
    UPDATE registry.person_status s
    SET counted_on = counted_on + 14, due_on = due_on + 14, next_change_at = s.shown_at + interval '12 days'
    FROM registry.due_watch w WHERE w.person_id = s.person_id
"""
_TOLD: Final = "SELECT counts FROM registry.evaluation ORDER BY day DESC LIMIT 1"
_VACUUM: Final = "VACUUM ANALYZE registry.person_status"


async def fill(world: World, owner: asyncpg.Connection) -> None:
    """Store people as they are after some weeks of testing."""
    await world.category(CATEGORY, days=14)
    await world.unit("FIRST")
    await owner.execute(_UNITS, UNITS)
    await owner.execute(_PEOPLE, PEOPLE)
    await owner.execute(_ENROLMENTS, UNITS, CATEGORY)
    await owner.execute("ANALYZE")
    await owner.execute(_STATUSES, CATEGORY, world.now.date(), DUE_PERCENT, RUNS)


async def week_begins(world: World) -> None:
    """Let the week that is over be judged of nobody yet, on a Tuesday: the nights that follow are of one week."""
    world.clock.moment += timedelta(days=(7 - world.now.weekday()) % 7)
    await night(world)


async def night(world: World) -> None:
    """Let a day begin: what changed by time alone, then the evaluation to its end."""
    world.clock.moment = midnight(world.now.date() + timedelta(days=1)) + timedelta(minutes=1)
    await _until_done(world, lambda session: statuses.run_timer(session, world.context))
    async with world.context.db.transaction() as session:
        await evaluations.ask(session, as_of=None, asked_by="bench", now=world.now)
    await _until_done(world, lambda session: evaluations.run(session, world.context))


async def changed_rule(world: World, *, version: int, days: int) -> None:
    """Recompute everybody under another version of their rule."""
    async with world.context.db.transaction() as session:
        params = f'{{"days": {days}}}'
        await execute(session, _RULE, category=CATEGORY, version=version, params=params)
    after, more = categories.NOBODY, True
    while more:
        async with world.context.db.transaction(seconds=LONG_SECONDS) as session:
            after, more = await categories.refresh_some(
                session, world.context, code=CATEGORY, after=after, now=world.now, limit=categories.A_STEP
            )


async def bare(owner: asyncpg.Connection) -> float:
    """Update as many rows in one statement, and undo it; return the seconds it took."""
    transaction = owner.transaction()
    await transaction.start()
    took = await _timed(owner.execute(_BARE))
    await transaction.rollback()
    return took


async def _until_done(world: World, step: Callable[[Session], Awaitable[bool]]) -> None:
    more = True
    while more:
        async with world.context.db.transaction(seconds=LONG_SECONDS) as session:
            more = await step(session)


async def _timed(work: Awaitable[Any]) -> float:
    began = time.monotonic()
    await work
    return time.monotonic() - began


async def measure(address: Address, console: Console) -> list[Figure]:
    """Return the figures of interleaved runs."""
    spare_collector()  # as each process of a service does
    async with Clones(address, "bench") as clones:
        database = await clones.make()
        owner = await asyncpg.connect(address.database_url(database))
        with tempfile.TemporaryDirectory() as data:
            async with open_world(address, database, Path(data)) as world:
                console.print(f"{PEOPLE:,} people in {UNITS:,} units …")
                await week_begins(world)
                await fill(world, owner)
                runs = [await _run(world, owner, number, console) for number in range(RUNS)]
        await owner.close()
    nights, rules, bares, told = map(list, zip(*runs, strict=True))
    evaluation = f"evaluation, {DUE_PERCENT} % due, to recomputing all"
    return [
        against(evaluation, nights, rules, unit="s", at_most=0.1),
        against("recomputing all under a changed rule to a bare UPDATE", rules, bares, unit="s", at_most=5),
        measured("people told of in a night", sum(told) / len(told), unit="people"),
    ]


async def _run(
    world: World, owner: asyncpg.Connection, number: int, console: Console
) -> tuple[float, float, float, float]:
    """Return the seconds of a night, of a changed rule and of a bare update, and how many were told of."""
    await owner.execute(_VACUUM)
    a_night = await _timed(night(world))
    told = float(json.loads(await owner.fetchval(_TOLD))["people"])
    await owner.execute(_TESTED)
    await owner.execute(_VACUUM)
    a_rule = await _timed(changed_rule(world, version=2 + 2 * number, days=21 + number))
    await owner.execute(_VACUUM)
    a_bare = await bare(owner)
    await owner.execute(_VACUUM)
    await changed_rule(world, version=3 + 2 * number, days=14)
    console.print(f"night {a_night:.1f} s, rule {a_rule:.1f} s, bare {a_bare:.1f} s; {told:,.0f} told of")
    return a_night, a_rule, a_bare, told


def main() -> None:
    """Measure, print the table, write `.run/bench-evaluation.json`."""
    console = Console(width=130)
    servers = Servers(shared_buffers=postgres.SETTINGS["shared_buffers"])  # as `make run` has it
    try:
        figures = asyncio.run(measure(servers.address(), console))
    finally:
        servers.stop()
    print_figures(console, figures, title=f"make bench-evaluation, {PEOPLE:,} people")
    path = Path(os.environ.get("DATA_DIR") or ".run") / "bench-evaluation.json"
    write_figures(path, figures, {"quick": is_quick(), "people": PEOPLE})
    raise SystemExit(0 if all(figure.holds is not False for figure in figures) else 1)


if __name__ == "__main__":
    main()
