"""registry: fever patients referred by grass-roots institutions, until they have arrived and been tested.

notifier: which state of a referral it has told of.
"""

from alembic import op

revision = "0026_referrals"
down_revision = "0025_hospital_departments"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    INSERT INTO registry.attribute (dimension, value, name_zh, name_en, created_by, created_at)
    VALUES ('fever_clinic', 'standard', '规范设置发热门诊', 'Fever clinic up to standard', 'shipped', now()),
        ('fever_clinic', 'none', '未规范设置发热门诊', 'No fever clinic up to standard', 'shipped', now())
    ON CONFLICT DO NOTHING
    """,
    """
    CREATE TABLE registry.referral (
        referral_id uuid CONSTRAINT referral_pkey PRIMARY KEY,
        person_id uuid NOT NULL CONSTRAINT referral_person_fkey REFERENCES registry.person (person_id),
        sealed_patient bytea NOT NULL,
        from_unit_code text NOT NULL CONSTRAINT referral_from_fkey REFERENCES registry.unit (unit_code),
        from_unit_name text NOT NULL,
        to_unit_code text NOT NULL CONSTRAINT referral_to_fkey REFERENCES registry.unit (unit_code),
        to_unit_name text NOT NULL,
        state text NOT NULL DEFAULT 'open' CONSTRAINT referral_state_check CHECK (state IN
            ('open', 'arrived', 'closed', 'lost', 'cancelled')),
        outcome text CONSTRAINT referral_outcome_check CHECK (outcome IN ('negative', 'positive')),
        reported_at timestamptz NOT NULL,
        due_at timestamptz NOT NULL,
        late_at timestamptz,
        arrived_at timestamptz,
        event_id uuid,
        result_id uuid,
        ended_at timestamptz,
        opened_by text NOT NULL,
        opened_at timestamptz NOT NULL,
        revision integer NOT NULL DEFAULT 1,
        CONSTRAINT referral_units_check CHECK (from_unit_code <> to_unit_code),
        CONSTRAINT referral_arrived_check CHECK (state <> 'arrived' OR arrived_at IS NOT NULL),
        CONSTRAINT referral_closed_check CHECK
            ((state = 'closed') = (outcome IS NOT NULL) AND (outcome IS NULL) = (result_id IS NULL)),
        CONSTRAINT referral_ended_check CHECK ((state IN ('closed', 'cancelled')) = (ended_at IS NOT NULL))
    )
    """,
    # One patient is followed once by each institution.
    """
    CREATE UNIQUE INDEX referral_running_key ON registry.referral (person_id, from_unit_code)
        WHERE state IN ('open', 'arrived', 'lost')
    """,
    """
    CREATE INDEX referral_running_idx ON registry.referral (due_at)
        WHERE state IN ('open', 'arrived', 'lost')
    """,
    "CREATE INDEX referral_ended_idx ON registry.referral (ended_at) WHERE state = 'closed'",
    "CREATE INDEX referral_from_idx ON registry.referral (from_unit_code, referral_id)",
    "CREATE INDEX referral_to_idx ON registry.referral (to_unit_code, referral_id)",
    """
    CREATE TABLE registry.referral_step (
        referral_id uuid NOT NULL
            CONSTRAINT referral_step_referral_fkey REFERENCES registry.referral (referral_id),
        n integer NOT NULL CONSTRAINT referral_step_n_check CHECK (n > 0),
        kind text NOT NULL CONSTRAINT referral_step_kind_check CHECK (kind IN
            ('reported', 'follow_up', 'redirected', 'arrived', 'late', 'lost', 'closed', 'reopened',
             'cancelled')),
        client_id text NOT NULL,
        at timestamptz NOT NULL,
        sealed_content bytea,
        CONSTRAINT referral_step_pkey PRIMARY KEY (referral_id, n)
    )
    """,
    # The content alone may be sealed anew, under another key.
    """
    CREATE TRIGGER referral_step_append_only
        BEFORE UPDATE OF referral_id, n, kind, client_id, at OR DELETE OR TRUNCATE ON registry.referral_step
        FOR EACH STATEMENT EXECUTE FUNCTION bus.refuse_change()
    """,
    """
    CREATE TABLE notifier.referral (
        referral_id uuid CONSTRAINT referral_pkey PRIMARY KEY,
        revision integer NOT NULL
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
