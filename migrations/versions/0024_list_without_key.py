"""registry: the list of whose day is near without a foreign key, which locked a person for each row added."""

from alembic import op

revision = "0024_list_without_key"
down_revision = "0023_sheets_in_turn"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop the key: people are never deleted, and a row of nobody would only be passed over."""
    op.execute("ALTER TABLE registry.due_watch DROP CONSTRAINT due_watch_person_fkey")


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
