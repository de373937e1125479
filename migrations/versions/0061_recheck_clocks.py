"""registry: what each member of a pool owes, as it was told. results-ingest: limits of the stage re-check."""

from alembic import op

revision = "0061_recheck_clocks"
down_revision = "0060_recheck_deadline"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE registry.recheck_order (
        order_id uuid CONSTRAINT recheck_order_pkey PRIMARY KEY,
        person_id uuid NOT NULL,
        pool_id uuid NOT NULL,
        route text NOT NULL CONSTRAINT recheck_order_route_check CHECK (route IN ('retained', 'new')),
        pool_code text NOT NULL,
        lab_code text,
        unit_code text,
        township_code text,
        opened_at timestamptz NOT NULL,
        registered_at timestamptz NOT NULL,
        state text NOT NULL CONSTRAINT recheck_order_state_check
            CHECK (state IN ('waiting', 'sampled', 'resulted', 'ended')),
        sampled_at timestamptz,
        resulted_at timestamptz,
        due_at timestamptz,
        revision integer NOT NULL DEFAULT 1
    )
    """,
    "CREATE INDEX recheck_order_person ON registry.recheck_order (person_id)",
    "ALTER TABLE ingest.test_order ADD COLUMN tube_code text, ADD COLUMN lab_code text",
    "ALTER TABLE ingest.clock_limit DROP CONSTRAINT clock_limit_stage_check",
    """
    ALTER TABLE ingest.clock_limit ADD CONSTRAINT clock_limit_stage_check
        CHECK (stage IN ('sampling', 'handover', 'delivery', 'result', 'recheck'))
    """,
    """
    INSERT INTO ingest.clock_limit (stage, applies_to, code, effective_from, limit_minutes, warn_minutes,
        starts, basis, created_by, created_at)
    VALUES
        ('recheck', 'category', 'recheck_retained', '2020-01-01', 240, NULL, 'opened',
         '混采阳性或可疑,留样单管复核,时限为本系统默认(4小时)', 'migration', now()),
        ('recheck', 'category', 'recheck_new', '2020-01-01', 240, NULL, 'opened',
         '混采阳性或可疑,重新单采复核,时限为本系统默认(4小时)', 'migration', now())
    """,
)


def upgrade() -> None:
    """Create the table and the limits."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
