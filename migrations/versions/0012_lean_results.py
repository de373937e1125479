"""Fewer writes per result on the way from POST to feed.

The feed is kept in blocks: one row per change of many people, numbered as a whole. A release that knows
only the old table fails loudly on it and takes up again when it is replaced; nothing is lost meanwhile,
for what changed waits in the pending list.
"""

from alembic import op

revision = "0012_lean_results"
down_revision = "0011_request_limits"
branch_labels = None
depends_on = None

# A block's removals have its first numbers, its people the others. Its size has a bound so that a reader
# finds the block that its cursor lies in.
BLOCKS = """
CREATE TABLE registry.feed_block (
    first_seq bigint CONSTRAINT feed_block_pkey PRIMARY KEY,
    last_seq bigint NOT NULL,
    person_ids uuid[] NOT NULL,
    removed text[] NOT NULL,
    replaced_by text[] NOT NULL,
    at timestamptz NOT NULL,
    CONSTRAINT feed_block_numbers
        CHECK (last_seq - first_seq + 1 = cardinality(person_ids) + cardinality(removed)),
    CONSTRAINT feed_block_bound CHECK (last_seq - first_seq < 20000),
    CONSTRAINT feed_block_removed CHECK (cardinality(removed) = cardinality(replaced_by))
)
"""
CONVERT = """
INSERT INTO registry.feed_block (first_seq, last_seq, person_ids, removed, replaced_by, at)
SELECT min(seq), max(seq),
       coalesce(array_agg(person_id ORDER BY seq) FILTER (WHERE person_id IS NOT NULL), '{}'),
       coalesce(array_agg(removed_code ORDER BY seq) FILTER (WHERE person_id IS NULL), '{}'),
       coalesce(array_agg(replaced_by ORDER BY seq) FILTER (WHERE person_id IS NULL), '{}'),
       max(at)
FROM registry.feed GROUP BY seq / 5000
"""
# Ids do not compress: trying costs more than writing them.
STORAGE = (
    "ALTER TABLE registry.feed_block ALTER COLUMN person_ids SET STORAGE EXTERNAL",
    "ALTER TABLE registry.feed_pending ALTER COLUMN person_ids SET STORAGE EXTERNAL",
)


def upgrade() -> None:
    """Put the feed into blocks."""
    op.execute(BLOCKS)
    op.execute("LOCK TABLE registry.feed IN ACCESS EXCLUSIVE MODE")
    op.execute(CONVERT)
    op.execute("DROP TABLE registry.feed")
    for statement in STORAGE:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
