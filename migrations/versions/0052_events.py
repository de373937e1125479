"""notifier: suspected cases, the clocks of their report and tracing, and every step on them."""

from alembic import op

revision = "0052_events"
down_revision = "0051_reports"
branch_labels = None
depends_on = None

# Limits in minutes, in force from their day until the next version begins; what the sources give stands first.
STATEMENTS = (
    """
    CREATE TABLE notifier.event_limit (
        clock text NOT NULL,
        effective_from date NOT NULL,
        limit_minutes integer NOT NULL,
        warn_minutes integer,
        starts text NOT NULL,
        basis text NOT NULL,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT event_limit_pkey PRIMARY KEY (clock, effective_from),
        CONSTRAINT event_limit_clock CHECK (clock IN ('national_report', 'tracing')),
        CONSTRAINT event_limit_starts CHECK (starts IN ('recorded', 'suspected')),
        CONSTRAINT event_limit_minutes CHECK (limit_minutes > 0 AND warn_minutes BETWEEN 1 AND limit_minutes - 1)
    )
    """,
    """
    INSERT INTO notifier.event_limit
        (clock, effective_from, limit_minutes, warn_minutes, starts, basis, created_by, created_at)
    VALUES ('national_report', '2020-01-01', 120, 90, 'recorded',
            '必须在2小时内通过传染病监测系统上报', 'migration', clock_timestamp()),
           ('tracing', '2020-01-01', 1440, 1200, 'recorded',
            '24小时完成精准流调溯源', 'migration', clock_timestamp())
    """,
    """
    CREATE TABLE notifier.event (
        event_id uuid NOT NULL,
        event_code text NOT NULL,
        kind text NOT NULL,
        township_code text,
        department_code text,
        unit_code text,
        health_code_id text,
        suspected_at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        client_id text NOT NULL,
        state text NOT NULL DEFAULT 'open',
        ended_at timestamptz,
        CONSTRAINT event_pkey PRIMARY KEY (event_id),
        CONSTRAINT event_once UNIQUE (event_code),
        CONSTRAINT event_kind CHECK (kind IN ('suspected_case')),
        CONSTRAINT event_area CHECK (num_nonnulls(township_code, department_code) > 0),
        CONSTRAINT event_state CHECK (state IN ('open', 'ending', 'closed')),
        CONSTRAINT event_ended CHECK ((state = 'closed') = (ended_at IS NOT NULL))
    )
    """,
    # `next_at`: when something is to be told next; nothing once it has ended or the breach was told.
    """
    CREATE TABLE notifier.event_clock (
        event_id uuid NOT NULL,
        clock text NOT NULL,
        limit_minutes integer NOT NULL,
        starts_at timestamptz NOT NULL,
        due_at timestamptz NOT NULL,
        next_at timestamptz,
        warned_at timestamptz,
        broken_at timestamptz,
        ended_at timestamptz,
        state text NOT NULL,
        CONSTRAINT event_clock_pkey PRIMARY KEY (event_id, clock),
        CONSTRAINT event_clock_event FOREIGN KEY (event_id) REFERENCES notifier.event (event_id),
        CONSTRAINT event_clock_state CHECK (state IN ('running', 'warned', 'broken', 'met', 'late', 'stopped')),
        CONSTRAINT event_clock_ended CHECK ((ended_at IS NULL) = (state IN ('running', 'warned', 'broken')))
    )
    """,
    "CREATE INDEX event_clock_next ON notifier.event_clock (next_at) WHERE next_at IS NOT NULL",
    # Added and never changed: who, when, what, and sealed what they said.
    """
    CREATE TABLE notifier.event_step (
        step_id uuid NOT NULL,
        event_id uuid NOT NULL,
        kind text NOT NULL,
        client_id text NOT NULL,
        at timestamptz NOT NULL,
        details jsonb NOT NULL,
        said bytea NOT NULL,
        CONSTRAINT event_step_pkey PRIMARY KEY (step_id),
        CONSTRAINT event_step_event FOREIGN KEY (event_id) REFERENCES notifier.event (event_id),
        CONSTRAINT event_step_kind CHECK (kind IN (
            'recorded', 'national_report', 'tracing', 'end_requested', 'end_approved', 'end_refused'))
    )
    """,
    "CREATE INDEX event_step_of ON notifier.event_step (event_id, step_id)",
)


def upgrade() -> None:
    """Create the tables, and the limits that the sources give."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
