"""registry: what people, enrolments, exemptions and units were before they were changed.

Triggers keep the old version, so that no way of changing one can forget it. A version held until the
`changed_at` of its row; `again` marks a stay that had ended and stays true beside the new one.
"""

from alembic import op

revision = "0015_ledger_history"
down_revision = "0014_rounds"
branch_labels = None
depends_on = None

COLUMNS = (
    # When and by whom the first and the last day of a stay were entered; null before this release.
    """
    ALTER TABLE registry.enrolment
        ADD COLUMN entered_at timestamptz, ADD COLUMN entered_by text,
        ADD COLUMN left_entered_at timestamptz, ADD COLUMN updated_by text
    """,
    "CREATE INDEX enrolment_entered_idx ON registry.enrolment (unit_code, entered_at)",
    "ALTER TABLE registry.person ADD COLUMN updated_by text",
    # Of an exemption that is gone nothing else would say since when it was known.
    "ALTER TABLE registry.exemption_history ADD COLUMN created_at timestamptz, ADD COLUMN created_by text",
)

TABLES = (
    """
    CREATE TABLE registry.enrolment_history (
        history_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT enrolment_history_pkey PRIMARY KEY,
        enrolment_id uuid NOT NULL
            CONSTRAINT enrolment_history_enrolment_fkey REFERENCES registry.enrolment (enrolment_id),
        person_id uuid NOT NULL
            CONSTRAINT enrolment_history_person_fkey REFERENCES registry.person (person_id),
        unit_code text,
        category_code text,
        department_in_unit text,
        employment_type text,
        enrolled_on date NOT NULL,
        left_on date,
        entered_at timestamptz NOT NULL,
        entered_by text NOT NULL,
        left_entered_at timestamptz,
        change text NOT NULL
            CONSTRAINT enrolment_history_change_check CHECK (change IN ('changed', 'again')),
        changed_by text,
        changed_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX enrolment_history_person_idx ON registry.enrolment_history (person_id, history_id)",
    "CREATE INDEX enrolment_history_unit_idx ON registry.enrolment_history (unit_code, entered_at)",
    """
    CREATE TABLE registry.vaccination_history (
        history_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT vaccination_history_pkey PRIMARY KEY,
        person_id uuid NOT NULL
            CONSTRAINT vaccination_history_person_fkey REFERENCES registry.person (person_id),
        vaccination_completed_on date,
        changed_by text,
        changed_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX vaccination_history_person_idx ON registry.vaccination_history (person_id, history_id)",
    """
    CREATE TABLE registry.unit_place_history (
        history_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT unit_place_history_pkey PRIMARY KEY,
        unit_code text NOT NULL
            CONSTRAINT unit_place_history_unit_fkey REFERENCES registry.unit (unit_code),
        township_code text NOT NULL,
        department_code text,
        changed_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX unit_place_history_unit_idx ON registry.unit_place_history (unit_code, history_id)",
)

TRIGGERS = (
    """
    CREATE FUNCTION registry.keep_enrolment() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO registry.enrolment_history
            (enrolment_id, person_id, unit_code, category_code, department_in_unit, employment_type,
             enrolled_on, left_on, entered_at, entered_by, left_entered_at, change, changed_by, changed_at)
        VALUES (OLD.enrolment_id, OLD.person_id, OLD.unit_code, OLD.category_code, OLD.department_in_unit,
                OLD.employment_type, OLD.enrolled_on, OLD.left_on, coalesce(OLD.entered_at, OLD.created_at),
                coalesce(OLD.entered_by, OLD.created_by), OLD.left_entered_at,
                CASE WHEN OLD.left_on <= NEW.enrolled_on THEN 'again' ELSE 'changed' END,
                NEW.updated_by, NEW.updated_at);
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE TRIGGER enrolment_kept AFTER UPDATE ON registry.enrolment FOR EACH ROW
        WHEN ((OLD.enrolled_on, OLD.left_on, OLD.department_in_unit, OLD.employment_type)
              IS DISTINCT FROM (NEW.enrolled_on, NEW.left_on, NEW.department_in_unit, NEW.employment_type))
        EXECUTE FUNCTION registry.keep_enrolment()
    """,
    """
    CREATE FUNCTION registry.keep_vaccination() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO registry.vaccination_history (person_id, vaccination_completed_on, changed_by, changed_at)
        VALUES (OLD.person_id, OLD.vaccination_completed_on, NEW.updated_by, NEW.updated_at);
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE TRIGGER vaccination_kept AFTER UPDATE ON registry.person FOR EACH ROW
        WHEN (OLD.vaccination_completed_on IS DISTINCT FROM NEW.vaccination_completed_on)
        EXECUTE FUNCTION registry.keep_vaccination()
    """,
    """
    CREATE FUNCTION registry.keep_unit_place() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO registry.unit_place_history (unit_code, township_code, department_code, changed_at)
        VALUES (OLD.unit_code, OLD.township_code, OLD.department_code, NEW.updated_at);
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE TRIGGER unit_place_kept AFTER UPDATE ON registry.unit FOR EACH ROW
        WHEN ((OLD.township_code, OLD.department_code)
              IS DISTINCT FROM (NEW.township_code, NEW.department_code))
        EXECUTE FUNCTION registry.keep_unit_place()
    """,
    *(
        f"""
        CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON registry.{table}
            FOR EACH STATEMENT EXECUTE FUNCTION bus.refuse_change()
        """
        for table in ("enrolment_history", "vaccination_history", "unit_place_history")
    ),
)


def upgrade() -> None:
    """Add what is kept, and what keeps it."""
    for statement in (*COLUMNS, *TABLES, *TRIGGERS):
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
