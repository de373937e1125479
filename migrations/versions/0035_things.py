"""registry: results of goods and premises, which fulfil what a unit's plan asks for.

No foreign key: a laboratory's result may name a unit that is registered later.
"""

from alembic import op

revision = "0035_things"
down_revision = "0034_organisation_history"
branch_labels = None
depends_on = None

STATEMENTS = (
    # A row without a unit marks a result that was replaced before it came.
    """
    CREATE TABLE registry.thing_result (
        result_id uuid CONSTRAINT thing_result_pkey PRIMARY KEY,
        unit_code text,
        subject text CONSTRAINT thing_result_subject_check CHECK (subject IN ('item', 'environment')),
        sample_kind text,
        outcome text CONSTRAINT thing_result_outcome_check
            CHECK (outcome IN ('negative', 'positive', 'indeterminate', 'invalid')),
        collected_at timestamptz,
        replaced boolean NOT NULL DEFAULT false,
        CONSTRAINT thing_result_told_check CHECK (
            num_nonnulls(unit_code, subject, sample_kind, outcome, collected_at) = 5
            OR (replaced AND num_nonnulls(unit_code, subject, sample_kind, outcome, collected_at) = 0)
        )
    )
    """,
    "CREATE INDEX thing_result_unit ON registry.thing_result (unit_code, subject, collected_at)",
)


def upgrade() -> None:
    """Create the table."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
