"""results-ingest: of which days the slowest bodies were told."""

from alembic import op

revision = "0046_stage_digest"
down_revision = "0045_test_orders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.execute(
        """
        CREATE TABLE ingest.stage_digest (
            day date CONSTRAINT stage_digest_pkey PRIMARY KEY,
            told_at timestamptz NOT NULL
        )
        """
    )


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
