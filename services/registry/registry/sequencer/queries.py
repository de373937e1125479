"""Statements of the pending list and the sequencer."""

from shared.db import sql

APPEND_PEOPLE = sql("""
    INSERT INTO registry.feed_pending (person_ids) VALUES (CAST(:person_ids AS uuid[]))
""")

APPEND_LISTED = sql("""
    INSERT INTO registry.feed_pending (person_ids)
    SELECT array_agg(p.person_id) FROM unnest(CAST(:lists AS text[])) AS l (person_ids)
    CROSS JOIN LATERAL unnest(CAST(l.person_ids AS uuid[])) AS p (person_id)
""")

APPEND_REMOVED = sql("""
    INSERT INTO registry.feed_pending (removed, replaced_by)
    VALUES (CAST(:removed AS text[]), CAST(:replaced_by AS text[]))
""")

# The first statement of a pass. Nobody waits for it: who finds it locked leaves the work to its holder.
TAKE_HEAD = sql("SELECT seq FROM registry.feed_head FOR UPDATE SKIP LOCKED")

# The next statement: its snapshot is taken with the lock held, so what it does not see commits later
# and is numbered later. Deleting, numbering and inserting are one statement and one transaction. What
# one writer left becomes one block: the work does not grow with the people in it.
NUMBER_PENDING = sql("""
    WITH taken AS (
        DELETE FROM registry.feed_pending
        WHERE pending_id IN (SELECT pending_id FROM registry.feed_pending ORDER BY pending_id LIMIT :limit)
        RETURNING pending_id, person_ids, removed, replaced_by,
                  cardinality(person_ids) + cardinality(removed) AS size
    ),
    placed AS (
        SELECT taken.*, :seq + sum(size) OVER (ORDER BY pending_id) AS last_seq FROM taken WHERE size > 0
    ),
    numbered AS (
        INSERT INTO registry.feed_block (first_seq, last_seq, person_ids, removed, replaced_by, at)
        SELECT last_seq - size + 1, last_seq, person_ids, removed, replaced_by, :now FROM placed
        RETURNING last_seq
    ),
    head AS (
        UPDATE registry.feed_head SET seq = (SELECT max(last_seq) FROM numbered)
        WHERE EXISTS (SELECT FROM numbered)
    )
    SELECT (SELECT count(*) FROM taken) AS taken,
           coalesce((SELECT max(last_seq) FROM numbered) - :seq, 0) AS numbered
""")

# For `Reads`.
ANYTHING_PENDING = "SELECT FROM registry.feed_pending LIMIT 1"
