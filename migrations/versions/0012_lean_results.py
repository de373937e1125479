"""Fewer writes per result on the way from POST to feed."""

revision = "0012_lean_results"
down_revision = "0011_request_limits"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
