"""registry: the licences of the approvals bureau, rounds of the survey, and the gaps between the two.

Names and addresses here are those of businesses. What somebody writes about a gap lies sealed.
"""

from alembic import op

revision = "0019_licences"
down_revision = "0018_rules_of_every_shape"
branch_labels = None
depends_on = None

_CODE = "~ '^[A-Za-z0-9._-]{1,64}$'"

TRADES = (
    f"""
    CREATE TABLE registry.trade (
        trade_code text CONSTRAINT trade_pkey PRIMARY KEY CONSTRAINT trade_code_check CHECK (trade_code {_CODE}),
        name_zh text NOT NULL,
        name_en text NOT NULL,
        industry_code text,
        industry_prefixes text[] NOT NULL
            CONSTRAINT trade_prefixes_check CHECK (cardinality(industry_prefixes) > 0),
        revision integer NOT NULL DEFAULT 1,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL
    )
    """,
    # The two lists that the inspection named first (requirements row 39). Bath and beauty are one list
    # of the bureau and two industries: a row says which, or its department stays open.
    """
    INSERT INTO registry.trade
        (trade_code, name_zh, name_en, industry_code, industry_prefixes, created_by, created_at, updated_at)
    VALUES ('CATERING', '餐饮', 'Catering', '6210', '{H62}', 'shipped', now(), now()),
           ('BATH-BEAUTY', '洗浴美容', 'Bath and beauty', NULL, '{O804,O805}', 'shipped', now(), now())
    """,
)

LISTS = (
    """
    CREATE TABLE registry.licence (
        licence_id uuid CONSTRAINT licence_pkey PRIMARY KEY,
        licence_no text NOT NULL,
        licence_key text NOT NULL CONSTRAINT licence_key_key UNIQUE
            CONSTRAINT licence_key_check CHECK (licence_key <> ''),
        credit_code text,
        name text NOT NULL,
        address text NOT NULL,
        trade_code text NOT NULL CONSTRAINT licence_trade_fkey REFERENCES registry.trade (trade_code),
        industry_key text,
        township_code text NOT NULL
            CONSTRAINT licence_township_fkey REFERENCES registry.department (code),
        department_code text CONSTRAINT licence_department_fkey REFERENCES registry.department (code),
        department_basis text NOT NULL,
        issued_on date,
        cancelled_on date,
        listed_on date NOT NULL,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT licence_days_check CHECK (cancelled_on >= issued_on)
    )
    """,
    "CREATE INDEX licence_credit_idx ON registry.licence (credit_code) WHERE credit_code IS NOT NULL",
    "CREATE INDEX licence_trade_idx ON registry.licence (trade_code, township_code)",
    "CREATE INDEX licence_township_idx ON registry.licence (township_code, licence_id)",
    f"""
    CREATE TABLE registry.survey_round (
        round_code text CONSTRAINT survey_round_pkey PRIMARY KEY
            CONSTRAINT survey_round_code_check CHECK (round_code {_CODE}),
        name text NOT NULL,
        trade_codes text[] NOT NULL
            CONSTRAINT survey_round_trades_check CHECK (cardinality(trade_codes) > 0),
        township_codes text[] NOT NULL DEFAULT '{{}}',
        begins_on date NOT NULL,
        ends_on date NOT NULL,
        compared_at timestamptz,
        sent_at timestamptz,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT survey_round_days_check CHECK (ends_on >= begins_on),
        CONSTRAINT survey_round_sent_check CHECK (sent_at IS NULL OR compared_at IS NOT NULL)
    )
    """,
    """
    CREATE TABLE registry.surveyed (
        surveyed_id uuid CONSTRAINT surveyed_pkey PRIMARY KEY,
        round_code text NOT NULL CONSTRAINT surveyed_round_fkey REFERENCES registry.survey_round (round_code),
        found_key text NOT NULL,
        name text NOT NULL,
        address text NOT NULL,
        credit_code text,
        licence_no text,
        licence_key text,
        trade_code text NOT NULL CONSTRAINT surveyed_trade_fkey REFERENCES registry.trade (trade_code),
        industry_key text,
        township_code text NOT NULL
            CONSTRAINT surveyed_township_fkey REFERENCES registry.department (code),
        department_code text CONSTRAINT surveyed_department_fkey REFERENCES registry.department (code),
        department_basis text NOT NULL,
        found text NOT NULL CONSTRAINT surveyed_found_check CHECK (found IN ('open', 'closed')),
        surveyed_on date NOT NULL,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT surveyed_key UNIQUE (round_code, found_key)
    )
    """,
    "CREATE INDEX surveyed_page_idx ON registry.surveyed (round_code, surveyed_id)",
    """
    CREATE TABLE registry.survey_outcome (
        outcome_id uuid CONSTRAINT survey_outcome_pkey PRIMARY KEY,
        round_code text NOT NULL
            CONSTRAINT survey_outcome_round_fkey REFERENCES registry.survey_round (round_code),
        outcome text NOT NULL CONSTRAINT survey_outcome_check CHECK (outcome IN
            ('both', 'only_licensed', 'only_surveyed', 'closed', 'closed_unlicensed', 'doubled')),
        basis text CONSTRAINT survey_outcome_basis_check CHECK (basis IN
            ('credit_code', 'licence_no', 'person', 'cancelled')),
        licence_id uuid CONSTRAINT survey_outcome_licence_fkey REFERENCES registry.licence (licence_id),
        surveyed_id uuid CONSTRAINT survey_outcome_surveyed_fkey REFERENCES registry.surveyed (surveyed_id),
        gap_key text NOT NULL,
        name text NOT NULL,
        address text NOT NULL,
        credit_code text,
        licence_no text,
        trade_code text NOT NULL,
        township_code text NOT NULL,
        department_code text,
        department_basis text NOT NULL,
        elsewhere boolean NOT NULL,
        CONSTRAINT survey_outcome_sides_check CHECK (licence_id IS NOT NULL OR surveyed_id IS NOT NULL),
        CONSTRAINT survey_outcome_licence_key UNIQUE (round_code, licence_id),
        CONSTRAINT survey_outcome_surveyed_key UNIQUE (round_code, surveyed_id)
    )
    """,
    "CREATE INDEX survey_outcome_page_idx ON registry.survey_outcome (round_code, outcome_id)",
    """
    CREATE TABLE registry.licence_suggestion (
        suggestion_id uuid CONSTRAINT licence_suggestion_pkey PRIMARY KEY,
        licence_id uuid NOT NULL
            CONSTRAINT licence_suggestion_licence_fkey REFERENCES registry.licence (licence_id),
        found_key text NOT NULL,
        round_code text NOT NULL,
        surveyed_id uuid NOT NULL
            CONSTRAINT licence_suggestion_surveyed_fkey REFERENCES registry.surveyed (surveyed_id),
        score numeric(4, 3) NOT NULL,
        reason text NOT NULL,
        state text NOT NULL CONSTRAINT licence_suggestion_state_check CHECK (state IN
            ('open', 'confirmed', 'rejected')),
        township_code text NOT NULL,
        department_code text,
        decided_by text,
        decided_at timestamptz,
        sealed_note bytea,
        created_at timestamptz NOT NULL,
        CONSTRAINT licence_suggestion_key UNIQUE (licence_id, found_key)
    )
    """,
    "CREATE INDEX licence_suggestion_round_idx ON registry.licence_suggestion (round_code, suggestion_id)",
)

GAPS = (
    """
    CREATE TABLE registry.gap (
        gap_id uuid CONSTRAINT gap_pkey PRIMARY KEY,
        gap_key text NOT NULL CONSTRAINT gap_key_key UNIQUE,
        kind text NOT NULL CONSTRAINT gap_kind_check CHECK (kind IN ('only_licensed', 'only_surveyed')),
        name text NOT NULL,
        address text NOT NULL,
        credit_code text,
        licence_no text,
        trade_code text NOT NULL,
        township_code text NOT NULL CONSTRAINT gap_township_fkey REFERENCES registry.department (code),
        department_code text CONSTRAINT gap_department_fkey REFERENCES registry.department (code),
        department_basis text NOT NULL,
        round_code text NOT NULL,
        state text NOT NULL CONSTRAINT gap_state_check CHECK (state IN
            ('open', 'received', 'answered', 'closed')),
        opened_at timestamptz NOT NULL,
        due_on date NOT NULL,
        township_received_at timestamptz,
        department_received_at timestamptz,
        answered_at timestamptz,
        answered_by text,
        closed_at timestamptz,
        closed_reason text,
        revision integer NOT NULL DEFAULT 1,
        CONSTRAINT gap_closed_check CHECK ((state = 'closed') = (closed_reason IS NOT NULL))
    )
    """,
    "CREATE INDEX gap_township_idx ON registry.gap (township_code, gap_id)",
    "CREATE INDEX gap_department_idx ON registry.gap (department_code, gap_id)",
    "CREATE INDEX gap_round_idx ON registry.gap (round_code, gap_id)",
    """
    CREATE TABLE registry.gap_step (
        step_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT gap_step_pkey PRIMARY KEY,
        gap_id uuid NOT NULL CONSTRAINT gap_step_gap_fkey REFERENCES registry.gap (gap_id),
        kind text NOT NULL CONSTRAINT gap_step_kind_check CHECK (kind IN
            ('opened', 'reopened', 'assigned', 'received', 'answered', 'returned', 'closed')),
        body text CONSTRAINT gap_step_body_check CHECK (body IN ('township', 'department')),
        reason text,
        round_code text,
        township_code text,
        department_code text,
        sealed_note bytea,
        client_id text NOT NULL,
        at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX gap_step_gap_idx ON registry.gap_step (gap_id, step_id)",
    """
    CREATE FUNCTION registry.refuse_gap_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'registry.gap_step is append-only' USING ERRCODE = 'restrict_violation';
    END
    $$
    """,
    # A data key may be replaced: only the envelope may change, and nothing may go.
    """
    CREATE TRIGGER gap_step_append_only
        BEFORE UPDATE OF gap_id, kind, body, reason, round_code, township_code, department_code, client_id, at
            OR DELETE ON registry.gap_step
        FOR EACH STATEMENT EXECUTE FUNCTION registry.refuse_gap_change()
    """,
)


def upgrade() -> None:
    """Create the tables."""
    for statement in (*TRADES, *LISTS, *GAPS):
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
