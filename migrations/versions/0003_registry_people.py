"""registry: departments, units, the industry map, people, enrolments, exemptions, categories and rules.

Names, numbers, phones and free-text reasons lie sealed; numbers, names and phones are found again
by keyed indexes (contract §7.3).
"""

from alembic import op

revision = "0003_registry_people"
down_revision = "0002_identity"
branch_labels = None
depends_on = None

ORGANISATION = (
    """
    CREATE TABLE registry.department (
        code text CONSTRAINT department_pkey PRIMARY KEY
            CONSTRAINT department_code_check CHECK (code ~ '^[A-Za-z0-9._-]{1,64}$'),
        name text NOT NULL,
        level text NOT NULL
            CONSTRAINT department_level_check CHECK (level IN ('district', 'department', 'township')),
        role text
            CONSTRAINT department_role_check CHECK (role IN
                ('headquarters', 'leaders', 'cdc', 'health_bureau', 'bureau_section', 'approvals')),
        parent_code text
            CONSTRAINT department_parent_fkey REFERENCES registry.department (code)
            CONSTRAINT department_parent_check CHECK (parent_code <> code),
        sealed_contact bytea NOT NULL,
        revision integer NOT NULL DEFAULT 1
            CONSTRAINT department_revision_check CHECK (revision >= 1),
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE registry.industry_map (
        map_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT industry_map_pkey PRIMARY KEY,
        industry_prefix text NOT NULL
            CONSTRAINT industry_map_prefix_check CHECK (industry_prefix ~ '^[A-T]([0-9]{2,4})?$'),
        department_code text NOT NULL
            CONSTRAINT industry_map_department_fkey REFERENCES registry.department (code),
        basis text NOT NULL,
        effective_from date NOT NULL,
        effective_to date,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT industry_map_days_check CHECK (effective_to >= effective_from),
        CONSTRAINT industry_map_key UNIQUE (industry_prefix, department_code, effective_from)
    )
    """,
    """
    CREATE TABLE registry.unit (
        unit_id uuid CONSTRAINT unit_pkey PRIMARY KEY,
        unit_code text NOT NULL CONSTRAINT unit_code_key UNIQUE
            CONSTRAINT unit_code_check CHECK (unit_code ~ '^[A-Za-z0-9._-]{1,64}$'),
        unit_code_type text NOT NULL
            CONSTRAINT unit_code_type_check CHECK (unit_code_type IN ('uscc', 'licence')),
        name text NOT NULL,
        industry_code text NOT NULL,
        industry_key text NOT NULL
            CONSTRAINT unit_industry_key_check CHECK (industry_key ~ '^[A-T][0-9]{2,4}$'),
        township_code text NOT NULL
            CONSTRAINT unit_township_fkey REFERENCES registry.department (code),
        department_given text
            CONSTRAINT unit_department_given_fkey REFERENCES registry.department (code),
        department_code text
            CONSTRAINT unit_department_fkey REFERENCES registry.department (code),
        department_basis text NOT NULL,
        defects text[] NOT NULL DEFAULT '{}',
        sealed_contact bytea NOT NULL,
        revision integer NOT NULL DEFAULT 1 CONSTRAINT unit_revision_check CHECK (revision >= 1),
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT unit_department_check CHECK (department_given IS NULL OR department_code = department_given)
    )
    """,
    "CREATE INDEX unit_township_idx ON registry.unit (township_code, unit_code)",
    "CREATE INDEX unit_department_idx ON registry.unit (department_code, unit_code)",
    "CREATE INDEX unit_mapped_idx ON registry.unit (industry_key) WHERE department_given IS NULL",
)

CATEGORIES = (
    """
    CREATE TABLE registry.category (
        category_code text CONSTRAINT category_pkey PRIMARY KEY
            CONSTRAINT category_code_check CHECK (category_code ~ '^[A-Za-z0-9._-]{1,64}$'),
        name_zh text NOT NULL,
        name_en text NOT NULL,
        vaccinated_as text
            CONSTRAINT category_vaccinated_fkey REFERENCES registry.category (category_code)
                DEFERRABLE INITIALLY DEFERRED
            CONSTRAINT category_vaccinated_check CHECK (vaccinated_as <> category_code),
        details jsonb NOT NULL DEFAULT '{}',
        effective_from date NOT NULL,
        effective_to date,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT category_days_check CHECK (effective_to >= effective_from)
    )
    """,
    """
    CREATE TABLE registry.rule (
        rule_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT rule_pkey PRIMARY KEY,
        category_code text NOT NULL
            CONSTRAINT rule_category_fkey REFERENCES registry.category (category_code),
        version integer NOT NULL CONSTRAINT rule_version_check CHECK (version >= 1),
        effective_from date NOT NULL,
        effective_to date,
        area_code text CONSTRAINT rule_area_fkey REFERENCES registry.department (code),
        shape text NOT NULL
            CONSTRAINT rule_shape_check CHECK (shape IN ('every_n_days', 'every_n_months', 'on_event',
                'times_per_week', 'rolling_share', 'nested_share', 'day_list', 'times_per_day')),
        params jsonb NOT NULL,
        source text,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT rule_key UNIQUE (category_code, version),
        CONSTRAINT rule_days_check CHECK (effective_to >= effective_from)
    )
    """,
    """
    CREATE TABLE registry.category_refresh (
        category_code text CONSTRAINT category_refresh_pkey PRIMARY KEY
            CONSTRAINT category_refresh_fkey REFERENCES registry.category (category_code),
        after_person uuid,
        requested_at timestamptz NOT NULL
    )
    """,
)

PEOPLE = (
    """
    CREATE TABLE registry.person (
        person_id uuid CONSTRAINT person_pkey PRIMARY KEY,
        id_type text NOT NULL
            CONSTRAINT person_id_type_check CHECK (id_type IN
                ('resident_id', 'passport', 'hk_mo_permit', 'tw_permit', 'foreign_pr', 'other')),
        id_index bytea NOT NULL,
        sealed_id_no bytea NOT NULL,
        name_index bytea NOT NULL,
        phone_index bytea,
        sealed_contact bytea NOT NULL,
        health_code_id text
            CONSTRAINT person_health_code_check CHECK (health_code_id ~ '^[A-Za-z0-9_-]{4,64}$')
            CONSTRAINT person_health_code_key UNIQUE DEFERRABLE INITIALLY IMMEDIATE,
        vaccination_completed_on date,
        version bigint NOT NULL DEFAULT 1 CONSTRAINT person_version_check CHECK (version >= 1),
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT person_document_key UNIQUE (id_type, id_index)
    )
    """,
    """
    CREATE TABLE registry.health_code_history (
        history_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT health_code_history_pkey PRIMARY KEY,
        health_code_id text NOT NULL,
        person_id uuid NOT NULL
            CONSTRAINT health_code_history_person_fkey REFERENCES registry.person (person_id),
        replaced_by text,
        held_until timestamptz NOT NULL,
        changed_by text NOT NULL
    )
    """,
    "CREATE INDEX health_code_history_code_idx ON registry.health_code_history (health_code_id, history_id)",
    "CREATE INDEX health_code_history_person_idx ON registry.health_code_history (person_id)",
    """
    CREATE TABLE registry.enrolment (
        enrolment_id uuid CONSTRAINT enrolment_pkey PRIMARY KEY,
        person_id uuid NOT NULL
            CONSTRAINT enrolment_person_fkey REFERENCES registry.person (person_id),
        unit_code text CONSTRAINT enrolment_unit_fkey REFERENCES registry.unit (unit_code),
        category_code text
            CONSTRAINT enrolment_category_fkey REFERENCES registry.category (category_code),
        department_in_unit text,
        employment_type text,
        enrolled_on date NOT NULL,
        left_on date,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT enrolment_key UNIQUE NULLS NOT DISTINCT (person_id, unit_code, category_code),
        CONSTRAINT enrolment_place_check CHECK (unit_code IS NOT NULL OR category_code IS NOT NULL),
        CONSTRAINT enrolment_days_check CHECK (left_on >= enrolled_on)
    )
    """,
    "CREATE INDEX enrolment_unit_idx ON registry.enrolment (unit_code, person_id)",
    "CREATE INDEX enrolment_category_idx ON registry.enrolment (category_code, person_id)",
    "CREATE INDEX enrolment_left_idx ON registry.enrolment (left_on) WHERE left_on IS NOT NULL",
    "CREATE INDEX enrolment_begins_idx ON registry.enrolment (enrolled_on)",
    """
    CREATE TABLE registry.exemption (
        exemption_id uuid CONSTRAINT exemption_pkey PRIMARY KEY,
        person_id uuid NOT NULL
            CONSTRAINT exemption_person_fkey REFERENCES registry.person (person_id),
        kind text NOT NULL
            CONSTRAINT exemption_kind_check CHECK (kind IN ('exempt', 'leave', 'suspended')),
        from_on date NOT NULL,
        to_on date NOT NULL,
        sealed_reason bytea NOT NULL,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT exemption_days_check CHECK (to_on >= from_on)
    )
    """,
    "CREATE INDEX exemption_person_idx ON registry.exemption (person_id, from_on)",
    """
    CREATE TABLE registry.exemption_history (
        history_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT exemption_history_pkey PRIMARY KEY,
        exemption_id uuid NOT NULL,
        person_id uuid NOT NULL
            CONSTRAINT exemption_history_person_fkey REFERENCES registry.person (person_id),
        kind text NOT NULL,
        from_on date NOT NULL,
        to_on date NOT NULL,
        sealed_reason bytea NOT NULL,
        change text NOT NULL
            CONSTRAINT exemption_history_change_check CHECK (change IN ('changed', 'cancelled')),
        changed_by text NOT NULL,
        changed_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX exemption_history_person_idx ON registry.exemption_history (person_id)",
)

AUDIT = (
    """
    CREATE TABLE registry.audit (
        audit_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT audit_pkey PRIMARY KEY,
        at timestamptz NOT NULL,
        client_id text NOT NULL,
        action text NOT NULL,
        person_id uuid,
        subject text,
        purpose text,
        rows integer NOT NULL DEFAULT 1
    )
    """,
    "CREATE INDEX audit_person_idx ON registry.audit (person_id, audit_id)",
    """
    CREATE FUNCTION registry.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'registry.audit is append-only' USING ERRCODE = 'restrict_violation';
    END
    $$
    """,
    """
    CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON registry.audit
        FOR EACH STATEMENT EXECUTE FUNCTION registry.refuse_change()
    """,
)


def upgrade() -> None:
    """Create the tables."""
    for statement in (*ORGANISATION, *CATEGORIES, *PEOPLE, *AUDIT):
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
