"""Rate and cost limits per credential, kept in PostgreSQL: an emptied Redis resets nothing."""

from alembic import op

revision = "0011_request_limits"
down_revision = "0010_audit_chain"
branch_labels = None
depends_on = None

STATEMENTS = (
    # One row for each credential and kind: what all processes together have left of it.
    """
    CREATE TABLE bus.allowance (
        bucket text NOT NULL,
        kind text NOT NULL,
        level double precision NOT NULL,
        at timestamptz NOT NULL,
        per_second double precision NOT NULL,
        burst double precision NOT NULL,
        CONSTRAINT allowance_pk PRIMARY KEY (bucket, kind)
    ) WITH (fillfactor = 50)
    """,
    # What a client may that differs from the default of its class.
    """
    CREATE TABLE bus.client_limit (
        client_id text NOT NULL,
        kind text NOT NULL
            CONSTRAINT client_limit_kind CHECK (kind IN ('requests', 'rows', 'bytes', 'lookups', 'unknown')),
        per_second double precision NOT NULL CONSTRAINT client_limit_rate CHECK (per_second > 0),
        burst double precision NOT NULL CONSTRAINT client_limit_burst CHECK (burst >= 1),
        set_by text NOT NULL,
        set_at timestamptz NOT NULL,
        CONSTRAINT client_limit_pk PRIMARY KEY (client_id, kind)
    )
    """,
    # Who looked for more people than it may: ids only.
    """
    CREATE TABLE bus.limit_alarm (
        alarm_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT limit_alarm_pk PRIMARY KEY,
        at timestamptz NOT NULL,
        service text NOT NULL,
        client_id text NOT NULL,
        kind text NOT NULL
    )
    """,
    "CREATE INDEX limit_alarm_client ON bus.limit_alarm (client_id, at)",
)


def upgrade() -> None:
    """Create the tables."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
