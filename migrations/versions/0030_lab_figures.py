"""ingest: what each laboratory reported on a day, and how soon."""

from alembic import op

revision = "0030_lab_figures"
down_revision = "0029_missed_shares"
branch_labels = None
depends_on = None

STATEMENTS = (
    # lab_code '': all together, whose hours do not follow from those of each.
    """
    CREATE TABLE ingest.figure_day (
        day date NOT NULL,
        lab_code text NOT NULL,
        batches integer NOT NULL,
        rows bigint NOT NULL,
        accepted bigint NOT NULL,
        rejected bigint NOT NULL,
        duplicates bigint NOT NULL,
        negative bigint NOT NULL,
        positive bigint NOT NULL,
        indeterminate bigint NOT NULL,
        invalid bigint NOT NULL,
        hours_median double precision,
        hours_p90 double precision,
        hours_most double precision,
        as_of timestamptz NOT NULL,
        CONSTRAINT figure_day_pk PRIMARY KEY (day, lab_code),
        CONSTRAINT figure_day_rows CHECK (rows = accepted + rejected + duplicates)
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
