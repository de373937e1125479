"""Batches that came as sheets, and what laboratories save of their own headers and words."""

from alembic import op

revision = "0032_sheets_of_results"
down_revision = "0031_sampling_days"
branch_labels = None
depends_on = None

STATEMENTS = (
    # The numbers of a batch's rows as a person sees them; the sheet itself, sealed, until it is forgotten.
    """
    CREATE TABLE ingest.batch_sheet (
        batch_id uuid NOT NULL,
        row_numbers integer[] NOT NULL,
        sealed bytea,
        CONSTRAINT batch_sheet_pk PRIMARY KEY (batch_id),
        CONSTRAINT batch_sheet_batch FOREIGN KEY (batch_id) REFERENCES ingest.batch (batch_id)
    )
    """,
    "ALTER TABLE ingest.batch_sheet ALTER COLUMN sealed SET STORAGE EXTERNAL",
    "CREATE INDEX batch_sheet_kept ON ingest.batch_sheet (batch_id) WHERE sealed IS NOT NULL",
    """
    CREATE TABLE ingest.sheet_mapping (
        lab_code text NOT NULL,
        name text NOT NULL,
        columns jsonb NOT NULL,
        constants jsonb NOT NULL,
        words jsonb NOT NULL,
        changed_by text NOT NULL,
        changed_at timestamptz NOT NULL,
        CONSTRAINT sheet_mapping_pk PRIMARY KEY (lab_code, name)
    )
    """,
)


def upgrade() -> None:
    """Create the tables."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
