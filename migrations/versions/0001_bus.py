"""The four schemas, the bus, its schedules and the business clock."""

from alembic import op

revision = "0001_bus"
down_revision = None
branch_labels = None
depends_on = None

STATEMENTS = (
    "CREATE SCHEMA IF NOT EXISTS registry",
    "CREATE SCHEMA IF NOT EXISTS ingest",
    "CREATE SCHEMA IF NOT EXISTS notifier",
    "CREATE SCHEMA IF NOT EXISTS bus",
    """
    CREATE TABLE bus.message (
        message_id uuid CONSTRAINT message_pk PRIMARY KEY,
        name text NOT NULL,
        version smallint NOT NULL,
        body bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
    )
    """,
    # Bodies are read once and gone within a day: compressing them would cost more than it saves.
    "ALTER TABLE bus.message ALTER COLUMN body SET STORAGE EXTERNAL",
    """
    CREATE TABLE bus.delivery (
        message_id uuid NOT NULL
            CONSTRAINT delivery_message_fk REFERENCES bus.message ON DELETE CASCADE,
        consumer text NOT NULL,
        urgent boolean NOT NULL,
        state text NOT NULL DEFAULT 'pending'
            CONSTRAINT delivery_state CHECK (state IN ('pending', 'claimed', 'done', 'dead', 'dropped')),
        attempt int NOT NULL DEFAULT 0,
        due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        lease_until timestamptz,
        token uuid,
        error text,
        settled_at timestamptz,
        settled_by text,
        reason text,
        CONSTRAINT delivery_pk PRIMARY KEY (message_id, consumer),
        CONSTRAINT delivery_claim CHECK ((state = 'claimed') = (token IS NOT NULL))
    ) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 1000)
    """,
    """
    CREATE INDEX delivery_undone ON bus.delivery (consumer, urgent, due_at)
        WHERE state IN ('pending', 'claimed')
    """,
    "CREATE INDEX delivery_dead ON bus.delivery (consumer, message_id) WHERE state = 'dead'",
    "CREATE INDEX message_age ON bus.message USING brin (created_at)",
    """
    CREATE TABLE bus.schedule (
        name text NOT NULL,
        consumer text NOT NULL,
        due_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT schedule_pk PRIMARY KEY (consumer, name)
    )
    """,
    """
    CREATE TABLE bus.business_clock (
        one boolean NOT NULL DEFAULT true CONSTRAINT business_clock_pk PRIMARY KEY
            CONSTRAINT business_clock_one CHECK (one),
        ahead interval NOT NULL DEFAULT interval '0'
            CONSTRAINT business_clock_forward CHECK (ahead >= interval '0')
    )
    """,
    "INSERT INTO bus.business_clock DEFAULT VALUES",
)


def upgrade() -> None:
    """Create the schemas and the bus."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
