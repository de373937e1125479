"""results-ingest: packets by the day of their seal, for the reconciliation and the backlogs."""

from alembic import op

revision = "0043_packets_by_day"
down_revision = "0042_rounds_and_display"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index."""
    op.execute("CREATE INDEX packet_sealed ON ingest.packet (sealed_at)")


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
