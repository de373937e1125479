"""Orders of a test that events open before there is a tube: registry follows them, results-ingest times them."""

from alembic import op

revision = "0045_test_orders"
down_revision = "0044_rechecks"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE registry.test_order (
        event_id uuid CONSTRAINT test_order_pkey PRIMARY KEY
            CONSTRAINT test_order_event_fkey REFERENCES registry.event (event_id),
        person_id uuid NOT NULL,
        kind text NOT NULL,
        unit_code text,
        township_code text,
        opened_at timestamptz NOT NULL,
        registered_at timestamptz NOT NULL,
        state text NOT NULL DEFAULT 'open' CONSTRAINT test_order_state_check
            CHECK (state IN ('open', 'sampled', 'resulted', 'ended')),
        sampled_at timestamptz,
        resulted_at timestamptz,
        revision integer NOT NULL DEFAULT 1
    )
    """,
    """
    CREATE INDEX test_order_awaited ON registry.test_order (opened_at) WHERE state IN ('open', 'sampled')
    """,
    """
    CREATE TABLE ingest.test_order (
        order_id uuid CONSTRAINT test_order_pkey PRIMARY KEY,
        revision integer NOT NULL,
        kind text NOT NULL,
        person_id uuid NOT NULL,
        unit_code text,
        township_code text,
        opened_at timestamptz NOT NULL,
        registered_at timestamptz NOT NULL,
        state text NOT NULL CONSTRAINT test_order_state_check
            CHECK (state IN ('open', 'sampled', 'resulted', 'ended')),
        sampled_at timestamptz,
        resulted_at timestamptz
    )
    """,
    "CREATE INDEX test_order_state ON ingest.test_order (state, order_id)",
)


def upgrade() -> None:
    """Create the tables."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
