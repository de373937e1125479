"""`make bench-lists`: a survey compared with the licences, beside a bare join of the same rows.

LICENCES=100000 and PLACES=100000 by default, a tenth with QUICK=1; a tenth of the places have neither a code
nor a number, so that they are looked for by name and address. Made-up businesses in 20 townships.
"""

import asyncio
import os
import resource
import tempfile
import time
from pathlib import Path
from typing import Final

import asyncpg
from rich.console import Console

from registry.surveys import comparing
from shared.db import LONG_SECONDS
from tests.bench.figures import Figure, against, measured, print_figures, write_figures
from tests.bench.stand import is_quick
from tests.support.servers import Address, Clones, Servers
from tests.support.world import World, open_world

SIZE: Final = "10000" if is_quick() else "100000"
LICENCES: Final = int(os.environ.get("LICENCES", SIZE))
PLACES: Final = int(os.environ.get("PLACES", SIZE))
ALONE_PERCENT: Final = int(os.environ.get("ALONE_PERCENT", "10"))
RUNS: Final = int(os.environ.get("RUNS", "3"))
TOWNS: Final = 20
ROUND: Final = "BENCH"
MEGABYTE: Final = 1024

_TOWNS: Final = """
    INSERT INTO registry.department (code, name, level, sealed_contact, created_by, created_at, updated_at)
    SELECT 'BENCH-' || n, 'town', 'township', '', 'bench', now(), now() FROM generate_series(0, CAST($1 AS integer) - 1) n
"""
_ROUND: Final = """
    INSERT INTO registry.survey_round (round_code, name, trade_codes, begins_on, ends_on, created_by, created_at)
    VALUES ($1, 'bench', '{CATERING}', '2030-01-01', '2030-01-31', 'bench', now())
"""
# Of the n-th business: some letters that many share, some of its own, one of 400 houses in one of 64 streets.
_NAME: Final = (
    "'示范区' || substr('海棠春风长乐福安金玉满堂顺发兴隆东来', 1 + n * 7 % 16, 2)"
    " || substr('和平新华建国胜利人民解放中山四季', 1 + n * 11 % 15, 2) || chr(19968 + n * 97 % 5000) || '餐厅'"
)
_ADDRESS: Final = "'示范市示范区' || chr(20000 + n * 13 % 64) || '城路' || n * 31 % 400 || '号'"
_CODE: Final = "'C' || lpad(CAST(n AS text), 17, '0')"
_NUMBER: Final = "'JY' || lpad(CAST(n AS text), 14, '0')"
_LICENCES: Final = f"""
    INSERT INTO registry.licence (licence_id, licence_no, licence_key, credit_code, name, address, trade_code,
        industry_key, township_code, department_basis, listed_on, created_by, created_at, updated_at)
    SELECT gen_random_uuid(), {_NUMBER}, {_NUMBER}, {_CODE}, {_NAME}, {_ADDRESS}, 'CATERING', 'H62',
        'BENCH-' || n % {TOWNS}, 'none', '2030-01-01', 'bench', now(), now()
    FROM generate_series(1, CAST($1 AS integer)) n
"""
_PLACES: Final = f"""
    INSERT INTO registry.surveyed (surveyed_id, round_code, found_key, name, address, credit_code, licence_no,
        licence_key, trade_code, industry_key, township_code, department_basis, found, surveyed_on,
        created_by, created_at, updated_at)
    SELECT gen_random_uuid(), $2, 'F' || n, {_NAME}, {_ADDRESS},
        CASE WHEN known THEN {_CODE} END, CASE WHEN known THEN {_NUMBER} END,
        CASE WHEN known THEN {_NUMBER} END, 'CATERING', 'H62', 'BENCH-' || n % {TOWNS}, 'none', 'open',
        '2030-01-10', 'bench', now(), now()
    FROM (SELECT n, n * 37 % 100 >= CAST($3 AS integer) AS known FROM generate_series(1, CAST($1 AS integer)) n) AS place
"""
# The least that any comparison must do: find the pairs by code, and keep one row of each.
_BARE: Final = """
    CREATE TEMPORARY TABLE bare AS
    SELECT gen_random_uuid() AS outcome_id, l.licence_id, s.surveyed_id, s.name, s.address, s.credit_code,
        s.licence_no, s.trade_code, s.township_code
    FROM registry.surveyed s FULL JOIN registry.licence l ON l.credit_code = s.credit_code
"""


async def _bare(owner: asyncpg.Connection) -> float:
    began = time.monotonic()
    await owner.execute(_BARE)
    took = time.monotonic() - began
    await owner.execute("DROP TABLE bare")
    return took


async def _compare(world: World) -> tuple[float, float, float]:
    """Return the seconds of a comparison, this process's part of them, and its most memory (MB)."""
    began, cpu = time.monotonic(), time.process_time()
    async with world.context.db.transaction(seconds=LONG_SECONDS) as session:
        await comparing.compare(session, world.context, round_code=ROUND, now=world.now)
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
    return time.monotonic() - began, time.process_time() - cpu, most


async def measure(address: Address, console: Console) -> list[Figure]:
    """Return the figures of interleaved runs."""
    async with Clones(address, "bench") as clones:
        database = await clones.make()
        owner = await asyncpg.connect(address.database_url(database))
        with tempfile.TemporaryDirectory() as data:
            async with open_world(address, database, Path(data)) as world:
                await owner.execute(_TOWNS, TOWNS)
                await owner.execute(_ROUND, ROUND)
                await owner.execute(_LICENCES, LICENCES)
                await owner.execute(_PLACES, PLACES, ROUND, ALONE_PERCENT)
                await owner.execute("ANALYZE")
                at_first = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
                runs = []
                for number in range(RUNS):
                    bare = await _bare(owner)
                    runs.append((*await _compare(world), bare))
                    took, cpu, most, _ = runs[-1]
                    console.print(
                        f"run {number}: {took:.1f} s ({cpu:.1f} s CPU here), {most:.0f} MB; bare {bare:.2f} s"
                    )
        await owner.close()
    times, cpus, memory, bares = map(list, zip(*runs, strict=True))
    return [
        against(
            f"{PLACES:,} places with {LICENCES:,} licences, to a bare join",
            times,
            bares,
            unit="s",
            at_most=100,
        ),
        measured("processor time of the comparing process", sum(cpus) / len(cpus), unit="s"),
        measured("memory of the comparing process, over an idle one", max(memory) - at_first, unit="MB"),
    ]


def main() -> None:
    """Measure, print the table, write `.run/bench-lists.json`."""
    console = Console(width=130)
    servers = Servers()
    try:
        figures = asyncio.run(measure(servers.address(), console))
    finally:
        servers.stop()
    print_figures(console, figures, title=f"make bench-lists, {PLACES:,} places, {LICENCES:,} licences")
    path = Path(os.environ.get("DATA_DIR") or ".run") / "bench-lists.json"
    write_figures(path, figures, {"quick": is_quick(), "licences": LICENCES, "places": PLACES})
    raise SystemExit(0 if all(figure.holds is not False for figure in figures) else 1)


if __name__ == "__main__":
    main()
