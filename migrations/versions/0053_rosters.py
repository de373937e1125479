"""notifier: who is on duty around the clock, and who leads them."""

from alembic import op

revision = "0053_rosters"
down_revision = "0052_events"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE notifier.roster (
        department_code text NOT NULL,
        from_day date NOT NULL,
        to_day date,
        changed_by text NOT NULL,
        changed_at timestamptz NOT NULL,
        CONSTRAINT roster_pkey PRIMARY KEY (department_code),
        CONSTRAINT roster_days CHECK (to_day >= from_day)
    )
    """,
    # A shift is withdrawn, never changed. Its contacts are sealed like those of a department.
    """
    CREATE TABLE notifier.roster_shift (
        shift_id uuid NOT NULL,
        department_code text NOT NULL,
        starts_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL,
        on_call bytea NOT NULL,
        leader bytea NOT NULL,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        withdrawn_by text,
        withdrawn_at timestamptz,
        CONSTRAINT roster_shift_pkey PRIMARY KEY (shift_id),
        CONSTRAINT roster_shift_roster FOREIGN KEY (department_code) REFERENCES notifier.roster (department_code),
        CONSTRAINT roster_shift_time CHECK (ends_at > starts_at),
        CONSTRAINT roster_shift_withdrawn CHECK (num_nulls(withdrawn_by, withdrawn_at) IN (0, 2))
    )
    """,
    """
    CREATE INDEX roster_shift_standing ON notifier.roster_shift (department_code, ends_at)
        WHERE withdrawn_at IS NULL
    """,
    """
    CREATE TABLE notifier.roster_day (
        day date NOT NULL,
        told_at timestamptz NOT NULL,
        CONSTRAINT roster_day_pkey PRIMARY KEY (day)
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
