"""What the system holds, read by the database's owner in one transaction: the other side of the comparison."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

BATCHES: Final = """
    SELECT batch_id, lab_code, batch_no, rows, accepted, rejected, duplicates FROM ingest.batch
"""
RESULTS: Final = """
    SELECT b.batch_no, r."row", r.state, r.outcome, r.tested_at, r.lab_code, r.tube_code,
           p.health_code_id AS code, r.person_id IS NOT NULL AND p.person_id IS NULL AS orphan
    FROM ingest.result r JOIN ingest.batch b USING (batch_id)
    LEFT JOIN registry.person p ON p.person_id = r.person_id
"""
REFUSED: Final = """
    SELECT b.batch_no, f."row", f.verdict FROM ingest.refused_row f JOIN ingest.batch b USING (batch_id)
"""
FACTS: Final = """
    SELECT p.health_code_id AS code, e.outcome, e.mode, e.collected_at, e.tested_at, e.lab_code,
           e.replaces IS NOT NULL AS replaces, count(*) AS times
    FROM registry.ledger_entry e LEFT JOIN registry.person p USING (person_id)
    WHERE e.kind = 'result' GROUP BY 1, 2, 3, 4, 5, 6, 7
"""
STATUSES: Final = """
    SELECT p.health_code_id AS code, s.hold, s.last_outcome, s.last_collected_at, s.version, s.changed_at,
           f.at AS numbered_at
    FROM registry.person_status s JOIN registry.person p USING (person_id)
    LEFT JOIN (SELECT u.person_id, max(b.at) AS at
               FROM registry.feed_block b CROSS JOIN unnest(b.person_ids) AS u (person_id)
               GROUP BY 1) f USING (person_id)
"""
FEED: Final = """
    SELECT CAST(coalesce(sum(last_seq - first_seq + 1), 0) AS bigint) AS numbers,
           coalesce(max(last_seq), 0) AS newest FROM registry.feed_block
"""
NOTICES: Final = """
    SELECT n.notice_id, n.kind, n.recipient_type, n.recipient_code, n.subject_code, n.status,
           array_agg(d.delivery_id) FILTER (WHERE d.channel = 'gateway' AND d.reason = 'issue') AS deliveries
    FROM notifier.notice n LEFT JOIN notifier.delivery d USING (notice_id)
    WHERE n.kind IN ('alert.positive', 'alert.pool') GROUP BY n.notice_id
"""
DELIVERIES: Final = "SELECT delivery_id, attempt FROM notifier.delivery WHERE channel = 'gateway'"
UNDONE: Final = """
    SELECT m.name, d.consumer, d.state, d.attempt FROM bus.delivery d JOIN bus.message m USING (message_id)
    WHERE d.state NOT IN ('done', 'dropped') AND NOT m.message_id = ANY($1::uuid[])
"""
HEARD: Final = """
    SELECT m.message_id, m.name, array_agg(d.consumer ORDER BY d.consumer) AS consumers
    FROM bus.message m LEFT JOIN bus.delivery d USING (message_id)
    WHERE NOT m.message_id = ANY($1::uuid[]) GROUP BY 1, 2
"""
STRUCK: Final = """
    SELECT count(*) FROM registry.audit_link l LEFT JOIN registry.audit a USING (audit_id)
    WHERE a.audit_id IS NULL
"""
LOOKS: Final = "SELECT count(*) FROM registry.audit WHERE client_id = 'cdc'"


@dataclass(frozen=True, slots=True)
class Fact:
    """A result as registry's ledger has it."""

    outcome: str
    mode: str
    tested_at: datetime
    lab_code: str
    replaces: bool
    times: int


@dataclass(frozen=True, slots=True)
class Stored:
    """Everything that the invariants look at."""

    batches: dict[str, Any]
    results: dict[tuple[str, int], Any]
    refused: dict[tuple[str, int], str]
    facts: dict[str | None, list[Fact]]
    statuses: dict[str | None, Any]
    feed: tuple[int, int]
    notices: list[Any]
    gateway: dict[str, int]
    """How often each delivery was claimed."""
    undone: list[Any]
    messages: list[tuple[str, tuple[str, ...]]]
    looks: int
    struck: int
    """Rows of the trail that its chain still knows."""


async def read(owner: asyncpg.Connection, *, poison: Collection[UUID] = ()) -> Stored:
    """Read everything; `poison` are messages that were broken on purpose."""
    facts: dict[str | None, list[Fact]] = defaultdict(list)
    for row in await owner.fetch(FACTS):
        facts[row["code"]].append(
            Fact(
                row["outcome"], row["mode"], row["tested_at"], row["lab_code"], row["replaces"], row["times"]
            )
        )
    feed = await owner.fetchrow(FEED)
    ignored = list(poison)
    return Stored(
        batches={row["batch_no"]: row for row in await owner.fetch(BATCHES)},
        results={(row["batch_no"], row["row"]): row for row in await owner.fetch(RESULTS)},
        refused={(row["batch_no"], row["row"]): row["verdict"] for row in await owner.fetch(REFUSED)},
        facts=dict(facts),
        statuses={row["code"]: row for row in await owner.fetch(STATUSES)},
        feed=(feed["numbers"], feed["newest"]),
        notices=list(await owner.fetch(NOTICES)),
        gateway={str(row["delivery_id"]): row["attempt"] for row in await owner.fetch(DELIVERIES)},
        undone=list(await owner.fetch(UNDONE, ignored)),
        messages=[(row["name"], tuple(row["consumers"])) for row in await owner.fetch(HEARD, ignored)],
        looks=await owner.fetchval(LOOKS),
        struck=await owner.fetchval(STRUCK),
    )
