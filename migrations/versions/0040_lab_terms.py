"""Laboratories' hours, capacity and patience as dated data, those of other districts for a period, and silences."""

from alembic import op

revision = "0040_lab_terms"
down_revision = "0039_lab_quality"
branch_labels = None
depends_on = None

STATEMENTS = (
    # Of another district, for a time: both or neither.
    "ALTER TABLE ingest.lab ADD COLUMN outside_region text",
    "ALTER TABLE ingest.lab ADD COLUMN enabled_from date",
    "ALTER TABLE ingest.lab ADD COLUMN enabled_to date",
    """
    ALTER TABLE ingest.lab ADD CONSTRAINT lab_outside CHECK (
        num_nulls(outside_region, enabled_from, enabled_to) IN (0, 3) AND enabled_to >= enabled_from
    ) NOT VALID
    """,
    "ALTER TABLE ingest.lab VALIDATE CONSTRAINT lab_outside",
    # In force from their day until the next ones begin.
    """
    CREATE TABLE ingest.lab_terms (
        lab_code text NOT NULL,
        effective_from date NOT NULL,
        opens_at text,
        closes_at text,
        capacity integer,
        silent_minutes integer,
        always_expected boolean NOT NULL,
        changed_by text NOT NULL,
        changed_at timestamptz NOT NULL,
        CONSTRAINT lab_terms_pk PRIMARY KEY (lab_code, effective_from),
        CONSTRAINT lab_terms_lab FOREIGN KEY (lab_code) REFERENCES ingest.lab (lab_code),
        CONSTRAINT lab_terms_hours CHECK (num_nulls(opens_at, closes_at) IN (0, 2)),
        CONSTRAINT lab_terms_capacity CHECK (capacity >= 0),
        CONSTRAINT lab_terms_silent CHECK (silent_minutes BETWEEN 1 AND 10080)
    )
    """,
    """
    CREATE TABLE ingest.lab_silence (
        silence_id uuid NOT NULL,
        lab_code text NOT NULL,
        since timestamptz NOT NULL,
        minutes integer NOT NULL,
        waiting integer NOT NULL,
        raised_at timestamptz NOT NULL,
        ended_at timestamptz,
        CONSTRAINT lab_silence_pk PRIMARY KEY (silence_id),
        CONSTRAINT lab_silence_lab FOREIGN KEY (lab_code) REFERENCES ingest.lab (lab_code)
    )
    """,
    "CREATE UNIQUE INDEX lab_silence_open ON ingest.lab_silence (lab_code) WHERE ended_at IS NULL",
    """
    CREATE TABLE notifier.lab_silence (
        silence_id uuid NOT NULL,
        revision integer NOT NULL,
        CONSTRAINT lab_silence_pk PRIMARY KEY (silence_id)
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
