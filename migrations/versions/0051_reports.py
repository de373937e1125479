"""notifier: reports that are owed (forms, obligations, slots), what was filed, and signed summaries of days."""

from alembic import op

revision = "0051_reports"
down_revision = "0050_ladder"
branch_labels = None
depends_on = None

# What an obligation may choose units by; filled once from where it stands, and by messages from then on.
UNITS = (
    "ALTER TABLE notifier.unit ADD COLUMN attributes jsonb NOT NULL DEFAULT '{}'",
    "ALTER TABLE notifier.unit ADD COLUMN closed_on date",
    """
    UPDATE notifier.unit n
    SET attributes = r.attributes, closed_on = r.closed_on
    FROM registry.unit r WHERE r.unit_code = n.unit_code
    """,
)

OWED = (
    # In force from their day until the next version begins.
    """
    CREATE TABLE notifier.report_form (
        form_code text NOT NULL,
        effective_from date NOT NULL,
        kind text NOT NULL,
        title text NOT NULL,
        fields jsonb NOT NULL,
        cutoffs text[] NOT NULL,
        days text NOT NULL,
        basis text NOT NULL,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT report_form_pkey PRIMARY KEY (form_code, effective_from),
        CONSTRAINT report_form_kind CHECK (kind IN ('fever_clinic', 'daily', 'school_check', 'arrivals', 'other')),
        CONSTRAINT report_form_days CHECK (days IN ('every', 'workday')),
        CONSTRAINT report_form_cutoffs CHECK (cardinality(cutoffs) BETWEEN 1 AND 12)
    )
    """,
    # Bodies named, or all of a level, or the units of industries and attributes.
    """
    CREATE TABLE notifier.report_obligation (
        obligation_id uuid NOT NULL,
        form_code text NOT NULL,
        body_type text NOT NULL,
        everybody boolean NOT NULL,
        codes text[] NOT NULL,
        industry_prefixes text[] NOT NULL,
        attributes jsonb NOT NULL,
        from_day date NOT NULL,
        to_day date,
        basis text NOT NULL,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        ended_by text,
        ended_at timestamptz,
        ended_basis text,
        CONSTRAINT report_obligation_pkey PRIMARY KEY (obligation_id),
        CONSTRAINT report_obligation_type CHECK (body_type IN ('unit', 'department', 'township')),
        CONSTRAINT report_obligation_days CHECK (to_day >= from_day),
        CONSTRAINT report_obligation_ended CHECK (num_nulls(ended_by, ended_at, ended_basis) IN (0, 3))
    )
    """,
    "CREATE INDEX report_obligation_form ON notifier.report_obligation (form_code, from_day)",
    """
    CREATE TABLE notifier.report_day (
        day date NOT NULL,
        opened_at timestamptz NOT NULL,
        CONSTRAINT report_day_pkey PRIMARY KEY (day)
    )
    """,
    # `chase_at`: when whoever is missing is told next; `until_at`: when the next slot takes over.
    """
    CREATE TABLE notifier.report_slot (
        slot_id uuid NOT NULL,
        form_code text NOT NULL,
        day date NOT NULL,
        slot text NOT NULL,
        effective_from date NOT NULL,
        opens_at timestamptz NOT NULL,
        cutoff_at timestamptz NOT NULL,
        until_at timestamptz NOT NULL,
        chase_at timestamptz,
        told_at timestamptz,
        CONSTRAINT report_slot_pkey PRIMARY KEY (slot_id),
        CONSTRAINT report_slot_once UNIQUE (form_code, day, slot),
        CONSTRAINT report_slot_form FOREIGN KEY (form_code, effective_from)
            REFERENCES notifier.report_form (form_code, effective_from)
    )
    """,
    "CREATE INDEX report_slot_chase ON notifier.report_slot (chase_at) WHERE chase_at IS NOT NULL",
    "CREATE INDEX report_slot_cutoff ON notifier.report_slot (cutoff_at)",
    # Where a body lay on that day. The first filing decides whether it was late, the newest what it says.
    """
    CREATE TABLE notifier.report_owed (
        owed_id uuid NOT NULL,
        slot_id uuid NOT NULL,
        body_type text NOT NULL,
        body_code text NOT NULL,
        township_code text,
        department_code text,
        version integer NOT NULL DEFAULT 0,
        filed_at timestamptz,
        late boolean,
        zero boolean,
        counts jsonb,
        CONSTRAINT report_owed_pkey PRIMARY KEY (owed_id),
        CONSTRAINT report_owed_slot FOREIGN KEY (slot_id) REFERENCES notifier.report_slot (slot_id),
        CONSTRAINT report_owed_once UNIQUE (slot_id, body_type, body_code),
        CONSTRAINT report_owed_filed CHECK (
            num_nulls(filed_at, late, zero, counts) IN (0, 4) AND (filed_at IS NULL) = (version = 0))
    )
    """,
    "CREATE INDEX report_owed_body ON notifier.report_owed (body_type, body_code, slot_id)",
    """
    CREATE TABLE notifier.report_filing (
        filing_id uuid NOT NULL,
        owed_id uuid NOT NULL,
        version integer NOT NULL,
        counts jsonb NOT NULL,
        zero boolean NOT NULL,
        client_id text NOT NULL,
        filed_at timestamptz NOT NULL,
        said bytea NOT NULL,
        CONSTRAINT report_filing_pkey PRIMARY KEY (filing_id),
        CONSTRAINT report_filing_owed FOREIGN KEY (owed_id) REFERENCES notifier.report_owed (owed_id),
        CONSTRAINT report_filing_once UNIQUE (owed_id, version)
    )
    """,
    # Something was filed for a slot: read and deleted by the worker, which then looks at the facts.
    """
    CREATE TABLE notifier.report_hint (
        hint_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT report_hint_pkey PRIMARY KEY,
        slot_id uuid NOT NULL
    )
    """,
)

SUMMARIES = (
    """
    CREATE TABLE notifier.report_summary (
        summary_id uuid NOT NULL,
        form_code text NOT NULL,
        day date NOT NULL,
        township_code text,
        department_code text,
        version integer NOT NULL,
        figures jsonb NOT NULL,
        client_id text NOT NULL,
        signed_at timestamptz NOT NULL,
        said bytea NOT NULL,
        CONSTRAINT report_summary_pkey PRIMARY KEY (summary_id),
        CONSTRAINT report_summary_area CHECK (num_nonnulls(township_code, department_code) <= 1),
        CONSTRAINT report_summary_once UNIQUE NULLS NOT DISTINCT
            (form_code, day, township_code, department_code, version)
    )
    """,
)


def upgrade() -> None:
    """Create the tables."""
    for statement in (*UNITS, *OWED, *SUMMARIES):
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
