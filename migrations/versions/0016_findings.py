"""registry: findings and spot checks; notifier: which findings it has told of.

A spot check is evidence: its rows stay as they were found. Whoever the registry does not know is kept
sealed, so that they can be enrolled without being asked again.
"""

from alembic import op

revision = "0016_findings"
down_revision = "0015_ledger_history"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE registry.spot_check (
        spot_check_id uuid CONSTRAINT spot_check_pkey PRIMARY KEY,
        unit_code text NOT NULL CONSTRAINT spot_check_unit_fkey REFERENCES registry.unit (unit_code),
        check_no text,
        content_index bytea NOT NULL,
        checked_at timestamptz NOT NULL,
        sealed_note bytea,
        made_by text NOT NULL,
        made_at timestamptz NOT NULL,
        CONSTRAINT spot_check_no_key UNIQUE (unit_code, check_no)
    )
    """,
    "CREATE INDEX spot_check_unit_idx ON registry.spot_check (unit_code, spot_check_id)",
    """
    CREATE TABLE registry.spot_check_person (
        spot_check_id uuid NOT NULL
            CONSTRAINT spot_check_person_check_fkey REFERENCES registry.spot_check (spot_check_id),
        "row" integer NOT NULL,
        person_id uuid,
        id_type text,
        id_index bytea,
        name_index bytea,
        sealed_identity bytea,
        registered boolean NOT NULL,
        enrolled boolean NOT NULL,
        records integer,
        last_sample_on date,
        valid_negative boolean,
        due_on date,
        due_state text,
        reasons text[] NOT NULL,
        kinds text[] NOT NULL,
        reason text,
        since date,
        enrolled_at timestamptz,
        enrolled_by text,
        CONSTRAINT spot_check_person_pkey PRIMARY KEY (spot_check_id, "row"),
        CONSTRAINT spot_check_person_who_check CHECK (person_id IS NOT NULL OR sealed_identity IS NOT NULL),
        CONSTRAINT spot_check_person_enrolled_check CHECK ((enrolled_at IS NULL) = (enrolled_by IS NULL))
    )
    """,
    """
    CREATE TABLE registry.finding (
        finding_id uuid CONSTRAINT finding_pkey PRIMARY KEY,
        unit_code text NOT NULL CONSTRAINT finding_unit_fkey REFERENCES registry.unit (unit_code),
        kind text NOT NULL CONSTRAINT finding_kind_check CHECK (kind IN ('coverage', 'frequency')),
        source text NOT NULL CONSTRAINT finding_source_check CHECK (source IN ('spot_check', 'evaluation')),
        spot_check_id uuid CONSTRAINT finding_spot_check_fkey REFERENCES registry.spot_check (spot_check_id),
        state text NOT NULL DEFAULT 'open'
            CONSTRAINT finding_state_check CHECK (state IN ('open', 'closed', 'withdrawn')),
        period_from date NOT NULL,
        period_to date NOT NULL,
        opened_at timestamptz NOT NULL,
        opened_by text NOT NULL,
        closed_at timestamptz,
        closed_by text,
        looked_at timestamptz NOT NULL,
        CONSTRAINT finding_source_of_check CHECK ((source = 'spot_check') = (spot_check_id IS NOT NULL)),
        CONSTRAINT finding_closed_check CHECK ((state = 'open') = (closed_at IS NULL)),
        CONSTRAINT finding_period_check CHECK (period_from <= period_to)
    )
    """,
    # One open finding of the nightly evaluation for each unit and kind; people come and go within it.
    """
    CREATE UNIQUE INDEX finding_open_key ON registry.finding (unit_code, kind)
        WHERE state = 'open' AND source = 'evaluation'
    """,
    "CREATE INDEX finding_unit_idx ON registry.finding (unit_code, finding_id)",
    "CREATE INDEX finding_looked_idx ON registry.finding (looked_at) WHERE state = 'open'",
    """
    CREATE TABLE registry.finding_person (
        entry_id uuid CONSTRAINT finding_person_pkey PRIMARY KEY,
        finding_id uuid NOT NULL
            CONSTRAINT finding_person_finding_fkey REFERENCES registry.finding (finding_id),
        person_id uuid,
        spot_row integer,
        reason text NOT NULL CONSTRAINT finding_person_reason_check
            CHECK (reason IN ('not_enrolled', 'no_record', 'never_tested', 'overdue')),
        since date NOT NULL,
        opened_at timestamptz NOT NULL,
        closed_at timestamptz,
        outcome text CONSTRAINT finding_person_outcome_check
            CHECK (outcome IN ('tested', 'released', 'withdrawn')),
        CONSTRAINT finding_person_who_check CHECK (person_id IS NOT NULL OR spot_row IS NOT NULL),
        CONSTRAINT finding_person_closed_check CHECK ((closed_at IS NULL) = (outcome IS NULL))
    )
    """,
    """
    CREATE UNIQUE INDEX finding_person_open_key ON registry.finding_person (finding_id, person_id)
        WHERE closed_at IS NULL AND person_id IS NOT NULL
    """,
    "CREATE INDEX finding_person_idx ON registry.finding_person (finding_id, entry_id)",
    # Says whether a finding has come to its end, also where that is heard before the finding itself.
    """
    CREATE TABLE notifier.finding (
        finding_id uuid CONSTRAINT finding_pkey PRIMARY KEY,
        ended text CONSTRAINT finding_ended_check CHECK (ended IN ('closed', 'withdrawn'))
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
