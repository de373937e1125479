"""registry: shares that a period ended without become findings, looked for period by period."""

from alembic import op

revision = "0029_missed_shares"
down_revision = "0028_packets"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE registry.finding DROP CONSTRAINT finding_source_check",
    """
    ALTER TABLE registry.finding ADD CONSTRAINT finding_source_check
        CHECK (source IN ('spot_check', 'evaluation', 'share'))
    """,
    "ALTER TABLE registry.finding_person DROP CONSTRAINT finding_person_reason_check",
    """
    ALTER TABLE registry.finding_person ADD CONSTRAINT finding_person_reason_check
        CHECK (reason IN ('not_enrolled', 'no_record', 'never_tested', 'overdue', 'not_sampled'))
    """,
    # What a finding of source 'share' is about, as it was counted first; the finding itself has the period.
    """
    CREATE TABLE registry.share_finding (
        finding_id uuid CONSTRAINT share_finding_pkey PRIMARY KEY
            CONSTRAINT share_finding_finding_fkey REFERENCES registry.finding (finding_id),
        unit_code text NOT NULL,
        department_in_unit text NOT NULL,
        category_code text NOT NULL,
        rule_id bigint NOT NULL CONSTRAINT share_finding_rule_fkey REFERENCES registry.rule (rule_id),
        "check" text NOT NULL CONSTRAINT share_finding_check_check CHECK ("check" IN ('share', 'cover')),
        first_day date NOT NULL,
        last_day date NOT NULL,
        percent integer NOT NULL,
        numerator integer NOT NULL,
        denominator integer NOT NULL,
        CONSTRAINT share_finding_key
            UNIQUE (unit_code, department_in_unit, category_code, "check", first_day, last_day)
    )
    """,
    # How far the units have been looked at for the last period of each kind.
    """
    CREATE TABLE registry.share_look (
        period text CONSTRAINT share_look_pkey PRIMARY KEY
            CONSTRAINT share_look_period_check CHECK (period IN ('day', 'week', 'month')),
        first_day date NOT NULL,
        after_unit text NOT NULL,
        done boolean NOT NULL
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
