"""Statements of the pending list and the sequencer."""

from shared.db import sql

APPEND_PEOPLE = sql("""
    INSERT INTO registry.feed_pending (person_ids) VALUES (CAST(:person_ids AS uuid[]))
""")

APPEND_REMOVED = sql("""
    INSERT INTO registry.feed_pending (removed, replaced_by)
    VALUES (CAST(:removed AS text[]), CAST(:replaced_by AS text[]))
""")

# The first statement of a pass. Nobody waits for it: who finds it locked leaves the work to its holder.
TAKE_HEAD = sql("SELECT seq FROM registry.feed_head FOR UPDATE SKIP LOCKED")

# The next statement: its snapshot is taken with the lock held, so what it does not see commits later
# and is numbered later. Deleting, numbering and inserting are one statement and one transaction.
NUMBER_PENDING = sql("""
    WITH taken AS (
        DELETE FROM registry.feed_pending
        WHERE pending_id IN (SELECT pending_id FROM registry.feed_pending ORDER BY pending_id LIMIT :limit)
        RETURNING pending_id, person_ids, removed, replaced_by
    ),
    change AS (
        SELECT pending_id, CAST(NULL AS uuid) AS person_id, old AS removed_code, new AS replaced_by
        FROM taken, unnest(taken.removed, taken.replaced_by) AS codes (old, new)
        UNION ALL
        SELECT max(pending_id), person_id, NULL, NULL
        FROM taken, unnest(taken.person_ids) AS people (person_id)
        GROUP BY person_id
    ),
    numbered AS (
        INSERT INTO registry.feed (seq, person_id, removed_code, replaced_by, at)
        SELECT :seq + row_number() OVER (ORDER BY pending_id), person_id, removed_code, replaced_by, :now
        FROM change
        RETURNING seq
    ),
    head AS (
        UPDATE registry.feed_head SET seq = :seq + (SELECT count(*) FROM numbered)
        WHERE EXISTS (SELECT FROM numbered)
    )
    SELECT (SELECT count(*) FROM taken) AS taken, (SELECT count(*) FROM numbered) AS numbered
""")

ANYTHING_PENDING = sql("SELECT EXISTS (SELECT FROM registry.feed_pending)")
