"""results-ingest: what laboratories sent, sealed and kept for its time; legal holds; what was dropped."""

from alembic import op

revision = "0048_originals"
down_revision = "0047_onboarding"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE ingest.batch_original (
        batch_id uuid NOT NULL,
        content_type text NOT NULL,
        size integer NOT NULL,
        sealed bytea NOT NULL,
        CONSTRAINT batch_original_pk PRIMARY KEY (batch_id),
        CONSTRAINT batch_original_batch FOREIGN KEY (batch_id) REFERENCES ingest.batch (batch_id)
    )
    """,
    # Compressed before it is sealed: a second compression would only cost time.
    "ALTER TABLE ingest.batch_original ALTER COLUMN sealed SET STORAGE EXTERNAL",
    """
    CREATE TABLE ingest.legal_hold (
        hold_code text NOT NULL,
        lab_code text,
        received_from timestamptz NOT NULL,
        received_to timestamptz,
        sealed_reason bytea NOT NULL,
        held_by text NOT NULL,
        held_at timestamptz NOT NULL,
        released_by text,
        released_at timestamptz,
        sealed_release bytea,
        CONSTRAINT legal_hold_pk PRIMARY KEY (hold_code),
        CONSTRAINT legal_hold_period CHECK (received_to >= received_from),
        CONSTRAINT legal_hold_released CHECK (num_nulls(released_by, released_at, sealed_release) IN (0, 3))
    )
    """,
    """
    CREATE TABLE ingest.retention_drop (
        class text NOT NULL,
        month text NOT NULL,
        dropped_on date NOT NULL,
        items bigint NOT NULL,
        bytes bigint NOT NULL,
        CONSTRAINT retention_drop_pk PRIMARY KEY (dropped_on, class, month)
    )
    """,
    "CREATE INDEX webhook_delivery_completed ON ingest.webhook_delivery (completed_at) WHERE state <> 'waiting'",
)


def upgrade() -> None:
    """Create the tables."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
