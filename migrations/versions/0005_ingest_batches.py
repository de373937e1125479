"""Labs, their batches as received, and the fingerprints by which a repeated row is known."""

from alembic import op

revision = "0005_ingest_batches"
down_revision = "0004_registry_statuses"
branch_labels = None
depends_on = None

LAB = """
CREATE TABLE ingest.lab (
    lab_code text NOT NULL,
    name text NOT NULL,
    opens_at text,
    closes_at text,
    turnaround_limit_hours smallint NOT NULL DEFAULT 24,
    active boolean NOT NULL DEFAULT true,
    changed_by text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT lab_pk PRIMARY KEY (lab_code),
    CONSTRAINT lab_code_shape CHECK (lab_code ~ '^[A-Za-z0-9._-]{1,64}$'),
    CONSTRAINT lab_opens_and_closes CHECK (num_nulls(opens_at, closes_at) IN (0, 2)),
    CONSTRAINT lab_opens_at CHECK (opens_at ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
    CONSTRAINT lab_closes_at CHECK (closes_at ~ '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$'),
    CONSTRAINT lab_turnaround CHECK (turnaround_limit_hours BETWEEN 1 AND 168)
)
"""

# The last 16 bits of a batch id are zero: they are the row's place in a result id.
BATCH = """
CREATE TABLE ingest.batch (
    batch_id uuid NOT NULL,
    lab_code text NOT NULL,
    batch_no text NOT NULL,
    client_id text NOT NULL,
    received_at timestamptz NOT NULL,
    sha256 bytea NOT NULL,
    rows_digest bytea NOT NULL,
    rows integer NOT NULL,
    accepted integer NOT NULL,
    rejected integer NOT NULL,
    duplicates integer NOT NULL,
    errors jsonb NOT NULL,
    errors_total integer NOT NULL,
    warnings jsonb NOT NULL,
    warnings_total integer NOT NULL,
    CONSTRAINT batch_pk PRIMARY KEY (batch_id),
    CONSTRAINT batch_number UNIQUE (lab_code, batch_no),
    CONSTRAINT batch_lab FOREIGN KEY (lab_code) REFERENCES ingest.lab (lab_code),
    CONSTRAINT batch_rows_add_up CHECK (rows = accepted + rejected + duplicates),
    CONSTRAINT batch_rows_range CHECK (rows BETWEEN 1 AND 10000)
)
"""
BATCH_BY_LAB = "CREATE INDEX batch_by_lab ON ingest.batch (lab_code, batch_id)"

# What was accepted, sealed; opened by matching, kept as the proof of what the lab sent.
BATCH_PART = """
CREATE TABLE ingest.batch_part (
    batch_id uuid NOT NULL,
    part smallint NOT NULL,
    rows integer NOT NULL,
    urgent boolean NOT NULL,
    sealed bytea NOT NULL,
    CONSTRAINT batch_part_pk PRIMARY KEY (batch_id, part),
    CONSTRAINT batch_part_batch FOREIGN KEY (batch_id) REFERENCES ingest.batch (batch_id),
    CONSTRAINT batch_part_rows CHECK (rows BETWEEN 1 AND 5000)
)
"""
# Compressed before it is sealed: a second compression would only cost time.
BATCH_PART_STORAGE = "ALTER TABLE ingest.batch_part ALTER COLUMN sealed SET STORAGE EXTERNAL"

# Written with its batch or not at all; a foreign key would be checked once per row.
REFUSED_ROW = """
CREATE TABLE ingest.refused_row (
    batch_id uuid NOT NULL,
    "row" smallint NOT NULL,
    row_ref text,
    verdict text NOT NULL,
    code text NOT NULL,
    field text,
    CONSTRAINT refused_row_pk PRIMARY KEY (batch_id, "row"),
    CONSTRAINT refused_row_verdict CHECK (verdict IN ('rejected', 'duplicate'))
)
"""

# The key begins with the time of testing: rows of a day lie together (a random key costs half more).
FINGERPRINT = """
CREATE TABLE ingest.fingerprint (
    tested_at timestamptz NOT NULL,
    key bytea NOT NULL,
    outcome smallint NOT NULL,
    result_id uuid NOT NULL,
    others jsonb,
    CONSTRAINT fingerprint_pk PRIMARY KEY (tested_at, key),
    CONSTRAINT fingerprint_outcome CHECK (outcome BETWEEN 1 AND 4)
)
"""


def upgrade() -> None:
    """Create the tables."""
    for statement in (LAB, BATCH, BATCH_BY_LAB, BATCH_PART, BATCH_PART_STORAGE, REFUSED_ROW, FINGERPRINT):
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
