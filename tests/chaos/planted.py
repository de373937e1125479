"""Twelve defects that the checker must find. Each is planted in a transaction that is rolled back."""

from collections.abc import Collection
from typing import Any, Final
from uuid import UUID

import asyncpg

from tests.chaos import stored
from tests.chaos.stored import Stored

# Constraints and triggers are there to prevent these: the checker must not rest on them.
FREELY: Final = "SET LOCAL session_replication_role = replica"
_MATCHED: Final = "state = 'matched' AND person_id IS NOT NULL AND tube_id IS NULL"
_ONE: Final = f'SELECT batch_id, "row" FROM ingest.result WHERE {_MATCHED} ORDER BY batch_id, "row" LIMIT 1'
_NOTICE: Final = """SELECT notice_id FROM notifier.notice
    WHERE kind = 'alert.positive' AND recipient_type = 'cdc' AND status <> 'revoked'
    ORDER BY notice_id LIMIT 1"""

DEFECTS: Final[dict[str, tuple[str, ...]]] = {
    "a result lost": (f'DELETE FROM ingest.result WHERE (batch_id, "row") = ({_ONE})',),
    "a fact doubled": (
        """INSERT INTO registry.ledger_entry SELECT (jsonb_populate_record(e,
               jsonb_build_object('entry_id', gen_random_uuid()))).*
           FROM registry.ledger_entry e WHERE kind = 'result' ORDER BY entry_id LIMIT 1""",
    ),
    "two people swapped": (
        f"""UPDATE ingest.result r SET person_id = o.person_id FROM ingest.result o
            WHERE (r.batch_id, r."row") = ({_ONE}) AND o.person_id <> r.person_id
              AND (o.batch_id, o."row") = (SELECT x.batch_id, x."row" FROM ingest.result x
                  WHERE x.state = 'matched' AND x.person_id <> r.person_id LIMIT 1)""",
    ),
    "another outcome": (
        f"UPDATE ingest.result SET outcome = 'invalid' WHERE (batch_id, \"row\") = ({_ONE})",
    ),
    "a batch that nobody sent": (
        """INSERT INTO ingest.batch SELECT (jsonb_populate_record(b,
               jsonb_build_object('batch_id', gen_random_uuid(), 'batch_no', 'NOBODY-1'))).*
           FROM ingest.batch b ORDER BY batch_id LIMIT 1""",
    ),
    "a silent refusal": (
        """DELETE FROM ingest.refused_row WHERE (batch_id, "row") =
           (SELECT batch_id, "row" FROM ingest.refused_row LIMIT 1)""",
    ),
    "an alert missing": (
        f"DELETE FROM notifier.delivery WHERE notice_id = ({_NOTICE})",
        f"DELETE FROM notifier.notice WHERE notice_id = ({_NOTICE})",
    ),
    "an alert to somebody else": (
        f"""INSERT INTO notifier.notice SELECT (jsonb_populate_record(n, jsonb_build_object(
                'notice_id', gen_random_uuid(), 'dedupe_key', 'planted', 'recipient_type', 'unit'))).*
            FROM notifier.notice n WHERE notice_id = ({_NOTICE})""",
    ),
    "a look struck from the trail": (
        """DELETE FROM registry.audit WHERE audit_id =
           (SELECT min(audit_id) FROM registry.audit WHERE client_id = 'cdc')""",
    ),
    "a negative over a positive": (
        """UPDATE registry.person_status SET hold = NULL, last_outcome = 'negative'
           WHERE person_id = (SELECT person_id FROM registry.person_status WHERE hold IS NOT NULL
               AND last_outcome IS NOT NULL ORDER BY person_id LIMIT 1)""",
    ),
    "an event left undone": (
        """UPDATE bus.delivery SET state = 'pending' WHERE (message_id, consumer) =
           (SELECT message_id, consumer FROM bus.delivery WHERE state = 'done' LIMIT 1)""",
    ),
    "a change that skips the feed": (
        """DELETE FROM registry.feed_block WHERE first_seq =
           (SELECT first_seq FROM registry.feed_block ORDER BY first_seq DESC OFFSET 1 LIMIT 1)""",
    ),
}


async def with_defect(
    owner: asyncpg.Connection, statements: tuple[str, ...], *, poison: Collection[UUID] = ()
) -> Stored:
    """Return what would be stored with the defect in it; nothing of it stays."""
    transaction = owner.transaction()
    await transaction.start()
    try:
        await owner.execute(FREELY)
        for statement in statements:
            done: Any = await owner.execute(statement)
            if done.endswith(" 0"):
                raise RuntimeError(f"there is nothing to plant this in: {statement}")
        return await stored.read(owner, poison=poison)
    finally:
        await transaction.rollback()
