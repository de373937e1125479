"""registry: what events were before they were moved, released or taken back; see 0015 for the way.

A trigger keeps the old version, which held until the `changed_at` of its row.
"""

from alembic import op

revision = "0033_event_history"
down_revision = "0032_sheets_of_results"
branch_labels = None
depends_on = None

STATEMENTS = (
    "ALTER TABLE registry.event ADD COLUMN updated_by text",
    """
    CREATE TABLE registry.event_history (
        history_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT event_history_pkey PRIMARY KEY,
        event_id uuid NOT NULL CONSTRAINT event_history_event_fkey REFERENCES registry.event (event_id),
        person_id uuid NOT NULL CONSTRAINT event_history_person_fkey REFERENCES registry.person (person_id),
        happens_at timestamptz NOT NULL,
        released_on date,
        ended_on date,
        changed_by text,
        changed_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX event_history_person_idx ON registry.event_history (person_id, history_id)",
    """
    CREATE FUNCTION registry.keep_event() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO registry.event_history
            (event_id, person_id, happens_at, released_on, ended_on, changed_by, changed_at)
        VALUES (OLD.event_id, OLD.person_id, OLD.happens_at, OLD.released_on, OLD.ended_on, NEW.updated_by,
                NEW.updated_at);
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE TRIGGER event_kept AFTER UPDATE ON registry.event FOR EACH ROW
        WHEN ((OLD.happens_at, OLD.released_on, OLD.ended_on)
              IS DISTINCT FROM (NEW.happens_at, NEW.released_on, NEW.ended_on))
        EXECUTE FUNCTION registry.keep_event()
    """,
    """
    CREATE TRIGGER event_history_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON registry.event_history
        FOR EACH STATEMENT EXECUTE FUNCTION bus.refuse_change()
    """,
)


def upgrade() -> None:
    """Add what is kept, and what keeps it."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
