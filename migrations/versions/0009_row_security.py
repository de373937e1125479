"""Row-level security: what the policies of `migrations/row_security.py` compare rows with.

Policies and rights name roles, which belong to the cluster, so they are set after the migrations.
"""

from alembic import op

revision = "0009_row_security"
down_revision = "0008_client_keys"
branch_labels = None
depends_on = None

# Set for a transaction by shared/db.py; once that has happened on a connection, unset reads as ''.
LIMIT = """
    CREATE FUNCTION bus.limit_of(kind text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('yingjian.' || kind, true), '')
"""


def upgrade() -> None:
    """Create the function."""
    op.execute(LIMIT)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
