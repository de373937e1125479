"""registry: appeals against a status or a finding, step by step; notifier: which step it has told of."""

from alembic import op

revision = "0021_appeals"
down_revision = "0020_responsibility"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE registry.appeal (
        appeal_id uuid CONSTRAINT appeal_pkey PRIMARY KEY,
        person_id uuid CONSTRAINT appeal_person_fkey REFERENCES registry.person (person_id),
        unit_code text CONSTRAINT appeal_unit_fkey REFERENCES registry.unit (unit_code),
        claim text NOT NULL CONSTRAINT appeal_claim_check CHECK (claim IN
            ('result_wrong', 'result_not_mine', 'result_missing', 'duty_wrong', 'identity_wrong',
             'finding_wrong')),
        result_id uuid,
        finding_id uuid CONSTRAINT appeal_finding_fkey REFERENCES registry.finding (finding_id),
        state text NOT NULL DEFAULT 'open' CONSTRAINT appeal_state_check CHECK (state IN
            ('open', 'upheld', 'rejected', 'corrected', 'withdrawn')),
        shown jsonb NOT NULL,
        opened_by text NOT NULL,
        opened_at timestamptz NOT NULL,
        due_at timestamptz NOT NULL,
        escalated_at timestamptz,
        ended_at timestamptz,
        revision integer NOT NULL DEFAULT 1,
        CONSTRAINT appeal_subject_check CHECK ((person_id IS NULL) = (unit_code IS NOT NULL)),
        CONSTRAINT appeal_unit_check CHECK ((unit_code IS NULL) = (finding_id IS NULL)),
        CONSTRAINT appeal_ended_check CHECK ((state IN ('open', 'upheld')) = (ended_at IS NULL))
    )
    """,
    "CREATE INDEX appeal_person_idx ON registry.appeal (person_id, appeal_id)",
    "CREATE INDEX appeal_unit_idx ON registry.appeal (unit_code, appeal_id)",
    "CREATE INDEX appeal_running_idx ON registry.appeal (due_at) WHERE state IN ('open', 'upheld')",
    # One running appeal for each thing disputed.
    """
    CREATE UNIQUE INDEX appeal_running_key ON registry.appeal
        (person_id, unit_code, claim, result_id, finding_id) NULLS NOT DISTINCT
        WHERE state IN ('open', 'upheld')
    """,
    """
    CREATE TABLE registry.appeal_step (
        appeal_id uuid NOT NULL CONSTRAINT appeal_step_appeal_fkey REFERENCES registry.appeal (appeal_id),
        n integer NOT NULL CONSTRAINT appeal_step_n_check CHECK (n > 0),
        kind text NOT NULL CONSTRAINT appeal_step_kind_check CHECK (kind IN
            ('opened', 'evidence', 'upheld', 'rejected', 'corrected', 'withdrawn', 'escalated')),
        client_id text NOT NULL,
        at timestamptz NOT NULL,
        sealed_content bytea,
        CONSTRAINT appeal_step_pkey PRIMARY KEY (appeal_id, n)
    )
    """,
    # The content alone may be sealed anew, under another key.
    """
    CREATE TRIGGER appeal_step_append_only
        BEFORE UPDATE OF appeal_id, n, kind, client_id, at OR DELETE OR TRUNCATE ON registry.appeal_step
        FOR EACH STATEMENT EXECUTE FUNCTION bus.refuse_change()
    """,
    """
    CREATE TABLE notifier.appeal (
        appeal_id uuid CONSTRAINT appeal_pkey PRIMARY KEY,
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
