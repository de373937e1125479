"""notifier: what waits for the end of quiet hours is passed over within the index; an index nobody used goes."""

from alembic import op

revision = "0063_quiet_backlog"
down_revision = "0062_lab_origins"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE INDEX delivery_claimed ON notifier.delivery
        (channel, urgent, due_at, COALESCE(not_before, '-infinity'))
        WHERE state IN ('queued', 'sending', 'unknown')
    """,
    "DROP INDEX notifier.delivery_channel_due",
    "DROP INDEX notifier.reminder_day",
)


def upgrade() -> None:
    """Replace the senders' index, and drop the other."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
