"""Sheets that are being taken in, and the headers of people's own that are known."""

from alembic import op

revision = "0017_sheets"
down_revision = "0016_findings"
branch_labels = None
depends_on = None

STATEMENTS = (
    # A sheet as it was sent: its header sealed here, its rows sealed in parts, one transaction each.
    # `processed` and the counts move with the part that they count.
    """
    CREATE TABLE registry.sheet_import (
        import_id uuid NOT NULL,
        kind text NOT NULL,
        format text NOT NULL,
        sha256 text NOT NULL,
        dry_run boolean NOT NULL,
        client_id text NOT NULL,
        area_code text,
        area_level text,
        sealed_head bytea NOT NULL,
        state text NOT NULL DEFAULT 'received',
        rows integer NOT NULL,
        parts integer NOT NULL,
        next_part integer NOT NULL DEFAULT 0,
        processed integer NOT NULL DEFAULT 0,
        accepted integer NOT NULL DEFAULT 0,
        updated integer NOT NULL DEFAULT 0,
        failures integer NOT NULL DEFAULT 0,
        again_at timestamptz,
        created_at timestamptz NOT NULL,
        finished_at timestamptz,
        CONSTRAINT sheet_import_pk PRIMARY KEY (import_id),
        CONSTRAINT sheet_import_state_ck CHECK (state IN ('received', 'running', 'done', 'failed')),
        CONSTRAINT sheet_import_counts_ck CHECK (accepted + updated <= processed AND processed <= rows)
    )
    """,
    "CREATE INDEX sheet_import_open ON registry.sheet_import (import_id) WHERE state IN ('received', 'running')",
    """
    CREATE TABLE registry.sheet_part (
        import_id uuid NOT NULL,
        part integer NOT NULL,
        sealed_rows bytea NOT NULL,
        CONSTRAINT sheet_part_pk PRIMARY KEY (import_id, part),
        CONSTRAINT sheet_part_import_fk FOREIGN KEY (import_id)
            REFERENCES registry.sheet_import ON DELETE CASCADE
    )
    """,
    # Codes and places, never a value.
    """
    CREATE TABLE registry.sheet_error (
        error_id bigint GENERATED ALWAYS AS IDENTITY,
        import_id uuid NOT NULL,
        row_no integer NOT NULL,
        field text,
        code text NOT NULL,
        CONSTRAINT sheet_error_pk PRIMARY KEY (error_id),
        CONSTRAINT sheet_error_import_fk FOREIGN KEY (import_id)
            REFERENCES registry.sheet_import ON DELETE CASCADE
    )
    """,
    "CREATE INDEX sheet_error_row ON registry.sheet_error (import_id, row_no, error_id)",
    # `area_code` is '' for the whole district. `columns`: header to field, '' for a column to leave out.
    """
    CREATE TABLE registry.sheet_mapping (
        kind text NOT NULL,
        name text NOT NULL,
        area_code text NOT NULL,
        columns jsonb NOT NULL,
        constants jsonb NOT NULL,
        changed_by text NOT NULL,
        changed_at timestamptz NOT NULL,
        CONSTRAINT sheet_mapping_pk PRIMARY KEY (kind, name, area_code)
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
