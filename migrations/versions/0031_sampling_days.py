"""registry: where and when a unit is sampled, and how many samplers an institution has."""

from alembic import op

revision = "0031_sampling_days"
down_revision = "0030_lab_figures"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    ALTER TABLE registry.unit_tester
        ADD COLUMN place text,
        ADD COLUMN from_time text
            CONSTRAINT unit_tester_time_check CHECK (from_time ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$')
    """,
    # The newest that has begun holds.
    """
    CREATE TABLE registry.sampler_count (
        unit_code text NOT NULL CONSTRAINT sampler_count_unit_fkey REFERENCES registry.unit (unit_code),
        effective_from date NOT NULL,
        samplers integer NOT NULL CONSTRAINT sampler_count_check CHECK (samplers >= 0),
        updated_by text NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT sampler_count_pkey PRIMARY KEY (unit_code, effective_from)
    )
    """,
)


def upgrade() -> None:
    """Add the columns and the table."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
