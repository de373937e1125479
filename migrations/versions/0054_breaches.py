"""registry: which units were in breach when a week ended, judged once, with whoever and whatever it was about."""

from alembic import op

revision = "0054_breaches"
down_revision = "0053_rosters"
branch_labels = None
depends_on = None

STATEMENTS = (
    # The evaluation that judges a week, and how far it has come; without `judged_at` it is at it.
    """
    CREATE TABLE registry.breach_week (
        week_on date CONSTRAINT breach_week_pkey PRIMARY KEY
            CONSTRAINT breach_week_monday_check CHECK (extract(isodow FROM week_on) = 1),
        evaluation_id uuid NOT NULL
            CONSTRAINT breach_week_evaluation_fkey REFERENCES registry.evaluation (evaluation_id),
        after_unit text NOT NULL DEFAULT '',
        units integer NOT NULL DEFAULT 0,
        breached integer NOT NULL DEFAULT 0,
        begun_at timestamptz NOT NULL,
        judged_at timestamptz
    )
    """,
    "CREATE INDEX breach_week_evaluation_idx ON registry.breach_week (evaluation_id)",
    # Township and department of the week's end; the counts are of the people below.
    """
    CREATE TABLE registry.breach (
        breach_id uuid CONSTRAINT breach_pkey PRIMARY KEY,
        week_on date NOT NULL CONSTRAINT breach_week_fkey REFERENCES registry.breach_week (week_on),
        unit_code text NOT NULL CONSTRAINT breach_unit_fkey REFERENCES registry.unit (unit_code),
        township_code text NOT NULL,
        department_code text,
        kinds text[] NOT NULL CONSTRAINT breach_kinds_check
            CHECK (cardinality(kinds) > 0 AND kinds <@ ARRAY['coverage', 'frequency']),
        overdue integer NOT NULL,
        never_tested integer NOT NULL,
        not_enrolled integer NOT NULL,
        shares integer NOT NULL,
        judged_at timestamptz NOT NULL,
        CONSTRAINT breach_key UNIQUE (week_on, unit_code),
        CONSTRAINT breach_cause_check CHECK (overdue + never_tested + not_enrolled + shares > 0)
    )
    """,
    "CREATE INDEX breach_unit_idx ON registry.breach (unit_code, week_on)",
    # Whom nobody had registered when the week was judged is found through the entry of the spot check's finding.
    """
    CREATE TABLE registry.breach_person (
        breach_id uuid NOT NULL CONSTRAINT breach_person_breach_fkey REFERENCES registry.breach (breach_id),
        number integer NOT NULL CONSTRAINT breach_person_number_check CHECK (number > 0),
        reason text NOT NULL CONSTRAINT breach_person_reason_check
            CHECK (reason IN ('overdue', 'never_tested', 'not_enrolled')),
        since date NOT NULL,
        category_code text,
        person_id uuid,
        entry_id uuid,
        CONSTRAINT breach_person_pkey PRIMARY KEY (breach_id, number),
        CONSTRAINT breach_person_who_check CHECK (person_id IS NOT NULL OR entry_id IS NOT NULL)
    )
    """,
    """
    CREATE TABLE registry.breach_share (
        breach_id uuid NOT NULL CONSTRAINT breach_share_breach_fkey REFERENCES registry.breach (breach_id),
        finding_id uuid NOT NULL
            CONSTRAINT breach_share_finding_fkey REFERENCES registry.share_finding (finding_id),
        CONSTRAINT breach_share_pkey PRIMARY KEY (breach_id, finding_id)
    )
    """,
    # Contract §6: who is short of a share has not covered everybody.
    "UPDATE registry.finding SET kind = 'coverage' WHERE source = 'share' AND kind = 'frequency'",
    "ALTER TABLE registry.evaluation DROP CONSTRAINT evaluation_phase_check",
    """
    ALTER TABLE registry.evaluation
        ADD CONSTRAINT evaluation_phase_check CHECK (phase IN ('units', 'people', 'week'))
    """,
)


def upgrade() -> None:
    """Create the tables, and let an evaluation judge a week."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
