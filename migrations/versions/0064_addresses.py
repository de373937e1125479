"""notifier: how laboratories and sampling sites are reached."""

from alembic import op

revision = "0064_addresses"
down_revision = "0063_quiet_backlog"
branch_labels = None
depends_on = None

STATEMENTS = (
    # The contact is sealed like those of departments and units, which registry tells of.
    """
    CREATE TABLE notifier.address (
        body_type text NOT NULL,
        code text NOT NULL,
        name text NOT NULL,
        township_code text,
        contact bytea NOT NULL,
        changed_by text NOT NULL,
        changed_at timestamptz NOT NULL,
        CONSTRAINT address_pkey PRIMARY KEY (body_type, code),
        CONSTRAINT address_body_type CHECK (body_type IN ('lab', 'site')),
        CONSTRAINT address_township CHECK (body_type = 'site' OR township_code IS NULL)
    )
    """,
)


def upgrade() -> None:
    """Create the table."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
