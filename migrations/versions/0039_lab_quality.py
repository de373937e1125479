"""ingest: what was wrong in the data of a day, how soon each laboratory was, and which days were counted."""

from alembic import op

revision = "0039_lab_quality"
down_revision = "0038_clocks"
branch_labels = None
depends_on = None

STATEMENTS = (
    # A refused row's own tube says whose site it came from.
    "ALTER TABLE ingest.refused_row ADD COLUMN tube_code text",
    # A day that somebody has asked for has no as_of until it is counted.
    """
    CREATE TABLE ingest.night_count (
        what text NOT NULL,
        day date NOT NULL,
        as_of timestamptz,
        CONSTRAINT night_count_pk PRIMARY KEY (what, day),
        CONSTRAINT night_count_what CHECK (what IN ('quality', 'league'))
    )
    """,
    # One row is one fault; the place is the one that the tube had when it was counted.
    """
    CREATE TABLE ingest.quality_fault (
        day date NOT NULL,
        fault_no integer NOT NULL,
        kind text NOT NULL,
        code text NOT NULL,
        lab_code text NOT NULL,
        site_code text,
        township_code text,
        department_code text,
        batch_id uuid NOT NULL,
        "row" smallint,
        row_ref text,
        tube_code text,
        CONSTRAINT quality_fault_pk PRIMARY KEY (day, fault_no),
        CONSTRAINT quality_fault_kind CHECK (kind IN (
            'bad_number', 'duplicate_sample', 'impossible_time', 'unknown_code', 'contradiction', 'malformed'
        ))
    )
    """,
    """
    CREATE TABLE ingest.league_day (
        day date NOT NULL,
        stage text NOT NULL,
        category text NOT NULL,
        lab_code text NOT NULL,
        tubes integer NOT NULL,
        in_time integer,
        median double precision NOT NULL,
        p90 double precision NOT NULL,
        p95 double precision NOT NULL,
        longest double precision NOT NULL,
        CONSTRAINT league_day_pk PRIMARY KEY (day, stage, category, lab_code),
        CONSTRAINT league_day_stage CHECK (stage IN ('sampling', 'delivery', 'testing', 'entry', 'total')),
        CONSTRAINT league_day_in_time CHECK (in_time BETWEEN 0 AND tubes)
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
