"""registry: what departments, duties, teams and divisions were before they were changed; see 0015 for the way.

Their revision says that something changed: contacts that are merely sealed anew keep theirs. The history is not closed
to updates, for its contacts are sealed anew too.
"""

from alembic import op

revision = "0034_organisation_history"
down_revision = "0033_event_history"
branch_labels = None
depends_on = None

KEPT = (
    ("department", "department", "code"),
    ("duty_entry", "duty", "entry_code"),
    ("sampling_team", "team", "team_code"),
    ("division", "division", "division_code"),
)
STATEMENTS = (
    *(
        f"ALTER TABLE registry.{table} ADD COLUMN updated_by text"
        for table in ("department", "sampling_team", "division")
    ),
    """
    CREATE TABLE registry.organisation_history (
        history_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT organisation_history_pkey PRIMARY KEY,
        what text NOT NULL CONSTRAINT organisation_history_what_check
            CHECK (what IN ('department', 'duty', 'team', 'division')),
        code text NOT NULL,
        revision integer NOT NULL,
        details jsonb NOT NULL,
        sealed_contact bytea,
        sealed_leader bytea,
        changed_by text,
        changed_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX organisation_history_idx ON registry.organisation_history (what, code, history_id)",
    """
    CREATE FUNCTION registry.keep_organisation() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        old_row jsonb := to_jsonb(OLD);
        new_row jsonb := to_jsonb(NEW);
    BEGIN
        INSERT INTO registry.organisation_history
            (what, code, revision, details, sealed_contact, sealed_leader, changed_by, changed_at)
        VALUES (TG_ARGV[0], old_row ->> TG_ARGV[1], OLD.revision,
                old_row - ARRAY[TG_ARGV[1], 'revision', 'sealed_contact', 'sealed_leader', 'created_by',
                                'created_at', 'updated_by', 'updated_at'],
                CAST(old_row ->> 'sealed_contact' AS bytea), CAST(old_row ->> 'sealed_leader' AS bytea),
                new_row ->> 'updated_by', NEW.updated_at);
        RETURN NULL;
    END
    $$
    """,
    *(
        f"""
        CREATE TRIGGER {table}_kept AFTER UPDATE ON registry.{table} FOR EACH ROW
            WHEN (OLD.revision IS DISTINCT FROM NEW.revision)
            EXECUTE FUNCTION registry.keep_organisation('{what}', '{key}')
        """
        for table, what, key in KEPT
    ),
)


def upgrade() -> None:
    """Add what is kept, and what keeps it."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
