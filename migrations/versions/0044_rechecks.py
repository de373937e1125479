"""registry: who is under re-check, found without reading everybody. results-ingest: reviews by age."""

from alembic import op

revision = "0044_rechecks"
down_revision = "0043_packets_by_day"
branch_labels = None
depends_on = None

STATEMENTS = (
    "CREATE INDEX person_status_recheck ON registry.person_status (person_id) WHERE hold = 'under_recheck'",
    "CREATE INDEX review_age ON ingest.review (opened_at, result_id)",
)


def upgrade() -> None:
    """Create the indexes."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
