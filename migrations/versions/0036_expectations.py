"""results-ingest: void tubes, what laboratories say they tested, what the platform shows, plans of sites.

`matched_at` and `known_at` say when a result or a member went to registry, where that was later than its
receipt; null, as for nearly all rows, costs nothing.
"""

from alembic import op

revision = "0036_expectations"
down_revision = "0035_things"
branch_labels = None
depends_on = None

VOID = """
    CREATE TABLE ingest.tube_void (
        tube_id uuid CONSTRAINT tube_void_pkey PRIMARY KEY
            CONSTRAINT tube_void_tube_fkey REFERENCES ingest.tube (tube_id),
        reason text NOT NULL,
        voided_at timestamptz NOT NULL,
        client_id text NOT NULL,
        recorded_at timestamptz NOT NULL
    )
"""
MANIFESTS = (
    """
    CREATE TABLE ingest.manifest (
        lab_code text NOT NULL CONSTRAINT manifest_lab_fkey REFERENCES ingest.lab (lab_code),
        manifest_no text NOT NULL,
        day date NOT NULL,
        tubes integer NOT NULL CONSTRAINT manifest_tubes_check CHECK (tubes > 0),
        digest text NOT NULL,
        client_id text NOT NULL,
        recorded_at timestamptz NOT NULL,
        CONSTRAINT manifest_pkey PRIMARY KEY (lab_code, manifest_no)
    )
    """,
    # Led by the tube: the reconciliation asks who says to have tested it.
    """
    CREATE TABLE ingest.manifest_tube (
        tube_code text NOT NULL,
        lab_code text NOT NULL CONSTRAINT manifest_tube_lab_fkey REFERENCES ingest.lab (lab_code),
        day date NOT NULL,
        CONSTRAINT manifest_tube_pkey PRIMARY KEY (tube_code, lab_code, day)
    )
    """,
    "CREATE INDEX manifest_tube_day ON ingest.manifest_tube (day, lab_code)",
    """
    CREATE TABLE ingest.manifest_explanation (
        lab_code text NOT NULL,
        day date NOT NULL,
        kind text NOT NULL CONSTRAINT manifest_explanation_kind_check
            CHECK (kind IN ('not_uploaded', 'not_listed', 'not_registered')),
        tube_code text NOT NULL,
        reason text NOT NULL,
        client_id text NOT NULL,
        at timestamptz NOT NULL,
        CONSTRAINT manifest_explanation_pkey PRIMARY KEY (lab_code, day, kind, tube_code)
    )
    """,
)
SENT = (
    "ALTER TABLE ingest.result ADD COLUMN matched_at timestamptz",
    "ALTER TABLE ingest.tube_member ADD COLUMN known_at timestamptz",
)
# What was sent before `watermark` is shown, but for the people who wait: of theirs what was sent before `since`.
DISPLAY = (
    """
    CREATE TABLE ingest.display_head (
        one boolean NOT NULL DEFAULT true CONSTRAINT display_head_pkey PRIMARY KEY
            CONSTRAINT display_head_one_check CHECK (one),
        watermark timestamptz,
        acknowledged bigint NOT NULL DEFAULT 0
    )
    """,
    "INSERT INTO ingest.display_head DEFAULT VALUES",
    """
    CREATE TABLE ingest.display_waiting (
        person_id uuid CONSTRAINT display_waiting_pkey PRIMARY KEY,
        seq bigint NOT NULL,
        since timestamptz,
        failed text
    )
    """,
    "CREATE INDEX display_waiting_seq ON ingest.display_waiting (seq) WHERE failed IS NULL",
    """
    CREATE TABLE ingest.display_posted (
        person_id uuid CONSTRAINT display_posted_pkey PRIMARY KEY,
        as_of timestamptz NOT NULL,
        display text NOT NULL,
        collected_at timestamptz,
        client_id text NOT NULL
    )
    """,
)
STATEMENTS = (VOID, *MANIFESTS, *SENT, *DISPLAY)


def upgrade() -> None:
    """Create the tables."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
