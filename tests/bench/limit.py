"""The bare limit: the same rows straight into PostgreSQL, with nothing of a product round it.

COPY to a temporary table, one joined INSERT … SELECT into an equally indexed table, one UPDATE of the
people's status; 1,000 rows a transaction; the look-up pinned to the index as the product does. Equally
indexed: by its own key, by person and, uniquely, by what makes a row a duplicate, as the product's
`ingest.result`, `registry.ledger_entry` and `ingest.fingerprint` are together. As full, too: it starts with
the rows that the product has by then, since an index that fits into a cache is no match for one that does not.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

import asyncpg

from tests.bench import cpu
from tests.bench.rows import Rows

IN_A_TRANSACTION: Final = 1_000
Chunk = list[tuple[int, str, datetime, datetime]]

TABLES: Final = (
    "CREATE SCHEMA bench",
    """CREATE TABLE bench.result (LIKE ingest.result INCLUDING DEFAULTS INCLUDING CONSTRAINTS,
       PRIMARY KEY (batch_id, "row"))""",
    """CREATE INDEX ON bench.result (person_id, batch_id, "row")""",
    "CREATE UNIQUE INDEX ON bench.result (tested_at, health_code_id)",
    "INSERT INTO bench.result SELECT * FROM ingest.result ON CONFLICT DO NOTHING",
    "VACUUM ANALYZE bench.result",
    """CREATE TABLE bench.person_status (LIKE registry.person_status INCLUDING ALL)
       WITH (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05)""",
    "INSERT INTO bench.person_status SELECT * FROM registry.person_status ORDER BY person_id",
    "VACUUM ANALYZE bench.person_status",
)
STAGE: Final = """
    CREATE TEMP TABLE stage (place smallint, code text, collected timestamptz, tested timestamptz)
    ON COMMIT DELETE ROWS
"""
INSERT: Final = """
    INSERT INTO bench.result (batch_id, "row", lab_code, state, person_id, reported_at, tested_at,
                              collected_at, outcome, mode, test_kind, health_code_id)
    SELECT $1, s.place, 'LAB01', CASE WHEN i.person_id IS NULL THEN 'unmatched' ELSE 'matched' END,
           i.person_id, now(), s.tested, s.collected, 'negative', 'single', 'pcr', s.code
    FROM stage s LEFT JOIN LATERAL (
        SELECT person_id FROM ingest.identity_code WHERE health_code_id = s.code OFFSET 0
    ) i ON true
"""
UPDATE: Final = """
    UPDATE bench.person_status p
    SET last_outcome = r.outcome, last_mode = r.mode, last_collected_at = r.collected_at,
        last_tested_at = r.tested_at, last_reported_at = r.reported_at, last_lab_code = r.lab_code,
        counted_on = CAST(r.collected_at AS date), due_on = CAST(r.collected_at AS date) + 7,
        version = p.version + 1, changed_at = r.reported_at
    FROM bench.result r WHERE r.batch_id = $1 AND p.person_id = r.person_id
"""


@dataclass(frozen=True, slots=True)
class Bare:
    """What one run of the limit did: rows, seconds, and processor seconds of its client and of PostgreSQL."""

    rows: int
    seconds: float
    cpu: float

    @property
    def rate(self) -> float:
        """Rows per second."""
        return self.rows / self.seconds

    @property
    def cpu_per_1000(self) -> float:
        """Processor seconds per 1,000 rows."""
        return self.cpu / self.rows * 1000


async def prepare(owner: asyncpg.Connection) -> None:
    """Make the tables of the comparison."""
    for statement in TABLES:
        await owner.execute(statement)


async def measure(
    url: str, rows: Rows, *, root: int, connections: int, seconds: float, expected: float
) -> Bare:
    """Write rows over `connections` for some seconds; `expected` says how many to make beforehand.

    PostgreSQL's processor time counts whole, as it does for the product: the server stands under `root`.
    """
    chunks = [_chunk(rows) for _ in range(max(8, int(expected * seconds / IN_A_TRANSACTION)))]
    queue = iter(chunks)
    async with AsyncExitStack() as stack:
        opened = []
        for _ in range(connections):
            connection = await asyncpg.connect(url)
            stack.push_async_callback(connection.close)
            await connection.execute(STAGE)
            opened.append(connection)
        used = _used(root)
        started = time.perf_counter()

        async def work(connection: asyncpg.Connection) -> int:
            done = 0
            for chunk in queue:
                await _write(connection, chunk)
                done += len(chunk)
                if time.perf_counter() - started > seconds:
                    break
            return done

        done = await asyncio.gather(*(work(connection) for connection in opened))
        took = time.perf_counter() - started
        return Bare(sum(done), took, _used(root) - used)


def _used(root: int) -> float:
    return time.process_time() + cpu.postgres_of(cpu.under(root, cpu.read_processes()))


async def _write(connection: asyncpg.Connection, chunk: Chunk) -> None:
    batch_id = uuid4()
    async with connection.transaction():
        await connection.copy_records_to_table("stage", records=chunk)
        await connection.execute(INSERT, batch_id)
        await connection.execute(UPDATE, batch_id)


def _chunk(rows: Rows) -> Chunk:
    taken: Sequence[tuple[str, datetime, datetime]] = rows.take(IN_A_TRANSACTION)
    return [(place, *row) for place, row in enumerate(taken, start=1)]
