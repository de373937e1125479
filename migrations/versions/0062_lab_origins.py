"""Where laboratories are from, as it was told: a result keeps the place of the day that it came."""

from alembic import op

revision = "0062_lab_origins"
down_revision = "0061_recheck_clocks"
branch_labels = None
depends_on = None

# `region` is null for a laboratory of this district; the newest that was told before a result came holds for it.
TABLE = """
    CREATE TABLE {schema}.lab_origin (
        lab_code text NOT NULL,
        told_at timestamptz NOT NULL,
        region text,
        CONSTRAINT lab_origin_pkey PRIMARY KEY (lab_code, told_at)
    )
"""
FILL = """
    INSERT INTO {schema}.lab_origin (lab_code, told_at, region)
    SELECT lab_code, created_at, outside_region FROM ingest.lab WHERE outside_region IS NOT NULL
"""


def upgrade() -> None:
    """Create the tables, and fill them with what laboratories are now."""
    for schema in ("ingest", "registry"):
        op.execute(TABLE.format(schema=schema))
        op.execute(FILL.format(schema=schema))


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
