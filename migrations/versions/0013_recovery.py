"""What backup, restore and recovery keep."""

revision = "0013_recovery"
down_revision = "0012_lean_results"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
