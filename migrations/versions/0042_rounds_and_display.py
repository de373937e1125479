"""What the platform shows is told by registry; results-ingest knows rounds, their grids, sites and plans."""

from alembic import op

revision = "0042_rounds_and_display"
down_revision = "0041_row_changes"
branch_labels = None
depends_on = None

STATEMENTS = (
    # What stands in the feed at this moment counts as told.
    """
    CREATE TABLE registry.display_progress (
        one boolean NOT NULL DEFAULT true CONSTRAINT display_progress_pkey PRIMARY KEY
            CONSTRAINT display_progress_one_check CHECK (one),
        told_seq bigint NOT NULL,
        acknowledged bigint NOT NULL DEFAULT 0,
        told_ack bigint NOT NULL DEFAULT 0,
        candidate_at timestamptz,
        candidate_real timestamptz,
        candidate_xid text,
        confirmed_at timestamptz,
        told_at timestamptz
    )
    """,
    "INSERT INTO registry.display_progress (told_seq) SELECT seq FROM registry.feed_head",
    "ALTER TABLE registry.round ADD COLUMN told_at timestamptz",
    """
    ALTER TABLE ingest.round
        ADD COLUMN title text, ADD COLUMN township_code text, ADD COLUMN starts_at timestamptz,
        ADD COLUMN deadline_at timestamptz, ADD COLUMN activated_at timestamptz,
        ADD COLUMN setup_due_at timestamptz, ADD COLUMN ended_at timestamptz,
        ADD COLUMN late_told_at timestamptz, ADD COLUMN visible_told_at timestamptz
    """,
    """
    CREATE TABLE ingest.round_grid (
        round_code text NOT NULL,
        grid_code text NOT NULL,
        township_code text NOT NULL,
        lab_code text NOT NULL,
        expected integer NOT NULL,
        residents integer,
        sampled integer,
        resulted integer,
        counted_at timestamptz,
        CONSTRAINT round_grid_pkey PRIMARY KEY (round_code, grid_code)
    )
    """,
    """
    CREATE TABLE ingest.intake_plan (
        day date NOT NULL,
        site_code text NOT NULL CONSTRAINT intake_plan_site_fkey REFERENCES ingest.site (site_code),
        round_code text NOT NULL,
        expected integer NOT NULL CONSTRAINT intake_plan_expected_check CHECK (expected >= 0),
        client_id text NOT NULL,
        planned_at timestamptz NOT NULL,
        CONSTRAINT intake_plan_pkey PRIMARY KEY (day, site_code, round_code)
    )
    """,
    "CREATE INDEX intake_plan_round ON ingest.intake_plan (round_code, site_code) WHERE round_code <> ''",
    """
    CREATE TABLE ingest.digest_day (
        told_on date CONSTRAINT digest_day_pkey PRIMARY KEY
    )
    """,
    "CREATE TABLE ingest.intake_told (told_on date CONSTRAINT intake_told_pkey PRIMARY KEY)",
    """
    CREATE TABLE ingest.round_site_ready (
        round_code text NOT NULL,
        site_code text NOT NULL,
        ready_at timestamptz NOT NULL,
        staff integer NOT NULL CONSTRAINT round_site_ready_staff_check CHECK (staff > 0),
        client_id text NOT NULL,
        recorded_at timestamptz NOT NULL,
        CONSTRAINT round_site_ready_pkey PRIMARY KEY (round_code, site_code)
    )
    """,
    "CREATE INDEX tube_round ON ingest.tube (round_code, tube_id) WHERE current AND round_code IS NOT NULL",
)


def upgrade() -> None:
    """Create the tables."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
