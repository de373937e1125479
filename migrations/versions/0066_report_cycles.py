"""notifier: a report can be owed on one day of each week or month."""

from alembic import op

revision = "0066_report_cycles"
down_revision = "0065_proof_packages"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE notifier.report_form ADD COLUMN on_day integer",
    """
    ALTER TABLE notifier.report_form
        DROP CONSTRAINT report_form_days,
        ADD CONSTRAINT report_form_days CHECK (CASE days
            WHEN 'weekly' THEN on_day IS NOT NULL AND on_day BETWEEN 1 AND 7
            WHEN 'monthly' THEN on_day IS NOT NULL AND on_day BETWEEN 1 AND 31
            WHEN 'every' THEN on_day IS NULL
            WHEN 'workday' THEN on_day IS NULL
            ELSE false END)
    """,
)


def upgrade() -> None:
    """Add the column and the new cycles."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
