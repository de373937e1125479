"""What backup, restore and recovery keep."""

from alembic import op

revision = "0013_recovery"
down_revision = "0012_lean_results"
branch_labels = None
depends_on = None

STATEMENTS = (
    # What a schedule could not do, so that it does not stand in the way of everything behind it.
    # `item` is an id or a code, never a name.
    """
    CREATE TABLE bus.put_off (
        consumer text NOT NULL,
        task text NOT NULL,
        item text NOT NULL,
        failures integer NOT NULL DEFAULT 1,
        error text NOT NULL,
        since timestamptz NOT NULL DEFAULT clock_timestamp(),
        again_at timestamptz NOT NULL,
        CONSTRAINT put_off_pk PRIMARY KEY (consumer, task, item)
    )
    """,
    # Restores, oldest first: from what, to which moment, and which epoch of the feed began with it.
    """
    CREATE TABLE bus.restoration (
        restored_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        backup text NOT NULL,
        moment timestamptz,
        epoch bigint NOT NULL,
        CONSTRAINT restoration_pk PRIMARY KEY (restored_at)
    )
    """,
    # When an evaluation that was given up is taken up again by itself.
    "ALTER TABLE registry.evaluation ADD COLUMN again_at timestamptz",
    # A late result of a tube whose code stands for another tube by now.
    "CREATE INDEX tube_retired ON ingest.tube (tube_code) WHERE NOT current",
)


def upgrade() -> None:
    """Create the tables and the column."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
