"""registry: the conformance reports of laboratories' clients, and who released whom on which."""

from alembic import op

revision = "0047_onboarding"
down_revision = "0046_stage_digest"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE registry.conformance_report (
        report_id uuid NOT NULL,
        client_id text NOT NULL,
        script text NOT NULL,
        run text NOT NULL,
        at timestamptz NOT NULL,
        passed boolean NOT NULL,
        cases jsonb NOT NULL,
        received_at timestamptz NOT NULL,
        released_by text,
        released_at timestamptz,
        CONSTRAINT conformance_report_pk PRIMARY KEY (report_id),
        CONSTRAINT conformance_report_client FOREIGN KEY (client_id) REFERENCES registry.client (client_id),
        CONSTRAINT conformance_report_run UNIQUE (client_id, run),
        CONSTRAINT conformance_report_released CHECK (
            num_nulls(released_by, released_at) IN (0, 2) AND (released_at IS NULL OR passed)
        )
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
