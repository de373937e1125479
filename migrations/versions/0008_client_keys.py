"""registry and the bus: clients' public keys, spent token ids, signing keys that rotate."""

revision = "0008_client_keys"
down_revision = "0007_notifier"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
