"""notifier: packages of proofs that were handed over, and why."""

from alembic import op

revision = "0065_proof_packages"
down_revision = "0064_addresses"
branch_labels = None
depends_on = None

STATEMENTS = (
    # `sha256`: of the manifest, by which a package that comes back is known.
    """
    CREATE TABLE notifier.proof_package (
        package_id uuid NOT NULL,
        body_type text NOT NULL,
        body_code text NOT NULL,
        first_day date NOT NULL,
        last_day date NOT NULL,
        notices integer NOT NULL,
        sha256 text NOT NULL,
        client_id text NOT NULL,
        reason bytea NOT NULL,
        made_at timestamptz NOT NULL,
        CONSTRAINT proof_package_pkey PRIMARY KEY (package_id)
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
