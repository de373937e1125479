"""notifier: until when evidence of a repair is checked again, and when that was last chased."""

from alembic import op

revision = "0060_recheck_deadline"
down_revision = "0059_lots"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE notifier.problem ADD COLUMN recheck_due_on date",
    "ALTER TABLE notifier.problem ADD COLUMN recheck_chased_on date",
    # What waits already has waited from its last step on; three days, as the setting's workdays are by default.
    """
    UPDATE notifier.problem p
    SET recheck_due_on = 3 + (
        SELECT CAST(max(s.at) AT TIME ZONE 'Asia/Shanghai' AS date) FROM notifier.problem_step s
        WHERE s.problem_id = p.problem_id AND s.kind IN ('evidence', 'recheck_passed'))
    WHERE p.state IN ('answered', 'passed')
    """,
    "CREATE INDEX problem_recheck ON notifier.problem (recheck_due_on) WHERE recheck_due_on IS NOT NULL",
)


def upgrade() -> None:
    """Add the columns and give what waits for a re-check a day."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
