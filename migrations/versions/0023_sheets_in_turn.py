"""registry: what a sheet does to what stands already, and when an import was last served."""

from alembic import op

revision = "0023_sheets_in_turn"
down_revision = "0022_figures"
branch_labels = None
depends_on = None

STATEMENTS = (
    # Imports that wait while this is applied were sent to bring up to date what stands.
    """
    ALTER TABLE registry.sheet_import
        ADD COLUMN existing text NOT NULL DEFAULT 'update'
            CONSTRAINT sheet_import_existing_ck CHECK (existing IN ('update', 'refuse'))
    """,
    # Real time, not business time: it orders who waits.
    """
    ALTER TABLE registry.sheet_import
        ADD COLUMN served_at timestamptz NOT NULL DEFAULT clock_timestamp()
    """,
    """
    CREATE INDEX sheet_import_turn ON registry.sheet_import (served_at, import_id)
        WHERE state IN ('received', 'running')
    """,
    "DROP INDEX registry.sheet_import_open",
)


def upgrade() -> None:
    """Add the columns."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
