"""results-ingest: lots of goods, the tubes taken of them, and what was done with each."""

from alembic import op

revision = "0059_lots"
down_revision = "0058_site_teams"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE ingest.lot (
        lot_code text CONSTRAINT lot_pkey PRIMARY KEY,
        unit_code text NOT NULL CONSTRAINT lot_unit_fkey REFERENCES ingest.unit (unit_code),
        goods text NOT NULL CONSTRAINT lot_goods_check
            CHECK (goods IN ('container', 'cold_chain', 'cold_chain_import', 'other')),
        arrived_at timestamptz NOT NULL,
        client_id text NOT NULL,
        recorded_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX lot_unit ON ingest.lot (unit_code, lot_code)",
    """
    CREATE TABLE ingest.lot_tube (
        tube_id uuid CONSTRAINT lot_tube_pkey PRIMARY KEY
            CONSTRAINT lot_tube_tube_fkey REFERENCES ingest.tube (tube_id),
        lot_code text NOT NULL CONSTRAINT lot_tube_lot_fkey REFERENCES ingest.lot (lot_code),
        client_id text NOT NULL,
        recorded_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX lot_tube_lot ON ingest.lot_tube (lot_code)",
    """
    CREATE TABLE ingest.lot_step (
        lot_code text NOT NULL CONSTRAINT lot_step_lot_fkey REFERENCES ingest.lot (lot_code),
        n integer NOT NULL CONSTRAINT lot_step_n_check CHECK (n > 0),
        kind text NOT NULL
            CONSTRAINT lot_step_kind_check CHECK (kind IN ('reported', 'disinfected', 'released')),
        at timestamptz NOT NULL,
        client_id text NOT NULL,
        recorded_at timestamptz NOT NULL,
        CONSTRAINT lot_step_pkey PRIMARY KEY (lot_code, n)
    )
    """,
    "CREATE UNIQUE INDEX lot_step_released ON ingest.lot_step (lot_code) WHERE kind = 'released'",
    """
    CREATE TRIGGER lot_step_append_only
        BEFORE UPDATE OR DELETE OR TRUNCATE ON ingest.lot_step
        FOR EACH STATEMENT EXECUTE FUNCTION bus.refuse_change()
    """,
)


def upgrade() -> None:
    """Create the tables."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
