"""registry: compliance figures week by week, with the people behind them."""

from alembic import op

revision = "0022_figures"
down_revision = "0021_appeals"
branch_labels = None
depends_on = None

STATEMENTS = (
    # `after_unit` and `part` say how far the running count has come.
    """
    CREATE TABLE registry.figure_week (
        week_on date CONSTRAINT figure_week_pkey PRIMARY KEY
            CONSTRAINT figure_week_monday_check CHECK (extract(isodow FROM week_on) = 1),
        again_at timestamptz,
        after_unit text NOT NULL DEFAULT '',
        part smallint,
        started_at timestamptz,
        counted_at timestamptz,
        closed_at timestamptz
    )
    """,
    "CREATE INDEX figure_week_again_idx ON registry.figure_week (again_at) WHERE again_at IS NOT NULL",
    # unit_code '': without a unit, in parts.
    """
    CREATE TABLE registry.figure (
        week_on date NOT NULL CONSTRAINT figure_week_fkey REFERENCES registry.figure_week (week_on),
        unit_code text NOT NULL,
        category_code text NOT NULL,
        part smallint NOT NULL,
        township_code text,
        department_code text,
        met integer NOT NULL,
        late integer NOT NULL,
        missed integer NOT NULL,
        never_tested integer NOT NULL,
        met_people uuid[] NOT NULL,
        late_people uuid[] NOT NULL,
        missed_people uuid[] NOT NULL,
        never_tested_people uuid[] NOT NULL,
        as_of timestamptz NOT NULL,
        closed_met integer,
        closed_owed integer,
        CONSTRAINT figure_pkey PRIMARY KEY (week_on, unit_code, category_code, part),
        CONSTRAINT figure_part_check CHECK (part = 0 OR unit_code = ''),
        CONSTRAINT figure_people_check CHECK (met = cardinality(met_people) AND late = cardinality(late_people)
            AND missed = cardinality(missed_people) AND never_tested = cardinality(never_tested_people)),
        CONSTRAINT figure_closed_check CHECK ((closed_met IS NULL) = (closed_owed IS NULL))
    )
    """,
)


def upgrade() -> None:
    """Create the tables."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
