"""registry: events that open orders and schedules, plans of units for things, draws, and who is due soon."""

from alembic import op

revision = "0018_rules_of_every_shape"
down_revision = "0017_sheets"
branch_labels = None
depends_on = None

EVENTS = (
    """
    CREATE TABLE registry.event (
        event_id uuid CONSTRAINT event_pkey PRIMARY KEY,
        person_id uuid NOT NULL CONSTRAINT event_person_fkey REFERENCES registry.person (person_id),
        kind text NOT NULL CONSTRAINT event_kind_check CHECK (kind ~ '^[a-z][a-z0-9_]{0,39}$'),
        category_code text NOT NULL
            CONSTRAINT event_category_fkey REFERENCES registry.category (category_code),
        happens_at timestamptz NOT NULL,
        variant text CONSTRAINT event_variant_check CHECK (variant ~ '^[a-z][a-z0-9_]{0,39}$'),
        unit_code text CONSTRAINT event_unit_fkey REFERENCES registry.unit (unit_code),
        released_on date,
        released_by text,
        sealed_responsible bytea,
        ended_on date,
        sealed_reason bytea,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT event_key UNIQUE (person_id, kind, happens_at),
        CONSTRAINT event_released_check CHECK
            ((released_on IS NULL) = (sealed_responsible IS NULL) AND (released_on IS NULL) = (released_by IS NULL)),
        CONSTRAINT event_ended_check CHECK ((ended_on IS NULL) = (sealed_reason IS NULL))
    )
    """,
    "CREATE INDEX event_category_idx ON registry.event (category_code, person_id)",
    "CREATE INDEX event_unit_idx ON registry.event (unit_code, event_id) WHERE unit_code IS NOT NULL",
)

THINGS = (
    """
    CREATE TABLE registry.unit_plan (
        plan_id uuid CONSTRAINT unit_plan_pkey PRIMARY KEY,
        unit_code text NOT NULL CONSTRAINT unit_plan_unit_fkey REFERENCES registry.unit (unit_code),
        category_code text NOT NULL
            CONSTRAINT unit_plan_category_fkey REFERENCES registry.category (category_code),
        effective_from date NOT NULL,
        effective_to date,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT unit_plan_key UNIQUE (unit_code, category_code, effective_from),
        CONSTRAINT unit_plan_days_check CHECK (effective_to >= effective_from)
    )
    """,
    """
    CREATE TABLE registry.unit_sampling (
        sampling_id uuid CONSTRAINT unit_sampling_pkey PRIMARY KEY,
        unit_code text NOT NULL CONSTRAINT unit_sampling_unit_fkey REFERENCES registry.unit (unit_code),
        subject text NOT NULL
            CONSTRAINT unit_sampling_subject_check CHECK (subject IN ('item', 'environment')),
        what text NOT NULL CONSTRAINT unit_sampling_what_check CHECK (what IN ('sample', 'arrival')),
        at timestamptz NOT NULL,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT unit_sampling_key UNIQUE (unit_code, subject, what, at)
    )
    """,
)

DRAWS = (
    """
    CREATE TABLE registry.draw (
        draw_id uuid CONSTRAINT draw_pkey PRIMARY KEY,
        unit_code text NOT NULL CONSTRAINT draw_unit_fkey REFERENCES registry.unit (unit_code),
        category_code text NOT NULL
            CONSTRAINT draw_category_fkey REFERENCES registry.category (category_code),
        department_in_unit text,
        week date NOT NULL CONSTRAINT draw_week_check CHECK (extract(isodow FROM week) = 1),
        seed text NOT NULL,
        percent integer NOT NULL CONSTRAINT draw_percent_check CHECK (percent BETWEEN 1 AND 100),
        rule_id bigint NOT NULL CONSTRAINT draw_rule_fkey REFERENCES registry.rule (rule_id),
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT draw_key UNIQUE NULLS NOT DISTINCT (unit_code, category_code, department_in_unit, week)
    )
    """,
    # Everybody who could be drawn, as they stood: what makes a draw repeatable.
    """
    CREATE TABLE registry.draw_member (
        draw_id uuid NOT NULL CONSTRAINT draw_member_draw_fkey REFERENCES registry.draw (draw_id),
        place integer NOT NULL,
        person_id uuid NOT NULL
            CONSTRAINT draw_member_person_fkey REFERENCES registry.person (person_id),
        last_sampled_on date,
        drawn boolean NOT NULL,
        CONSTRAINT draw_member_pkey PRIMARY KEY (draw_id, person_id)
    )
    """,
    "CREATE INDEX draw_member_person_idx ON registry.draw_member (person_id)",
)

# Whose day has come or is near, by unit ('' for none): written by whatever works duties out, taken out by
# the evaluation that finds nothing to tell. A result leaves it alone, so it says "look here", not "is due".
DUE_WATCH = (
    """
    CREATE TABLE registry.due_watch (
        unit_code text NOT NULL,
        person_id uuid NOT NULL
            CONSTRAINT due_watch_person_fkey REFERENCES registry.person (person_id),
        CONSTRAINT due_watch_pkey PRIMARY KEY (unit_code, person_id)
    )
    """,
    """
    INSERT INTO registry.due_watch (unit_code, person_id)
    SELECT DISTINCT coalesce(e.unit_code, ''), s.person_id
    FROM registry.person_status s JOIN registry.enrolment e USING (person_id)
    WHERE s.due_on IS NOT NULL AND e.category_code IS NOT NULL
    """,
)

# The shipped lists of days, now that a schedule follows from them: isolation, home watch, and as many
# tests as the origin asks for (row 27). Only as shipped: what a district has entered stays.
QUARANTINE = (
    """
    UPDATE registry.rule
    SET params = '{"event": "quarantine","days": [1,4,7,14],"variants": {"medium": [1,7,14],"high": [1,4,7,14]},
                   "isolation_days": 14,"watch_days": 7,"antibody": true}'
    WHERE category_code = 'LOCAL-QUARANTINE' AND created_by = 'shipped' AND version = 1
      AND params = '{"event": "quarantine","days": [1,4,7,14]}'
    """,
    """
    UPDATE registry.rule
    SET params = '{"event": "quarantine","days": [1,2,3,5,7,10],"isolation_days": 7,"watch_days": 3}'
    WHERE category_code = 'LOCAL-QUARANTINE' AND created_by = 'shipped' AND version = 2
      AND params = '{"event": "quarantine","days": [1,2,3,5,7,10]}'
    """,
    """
    UPDATE registry.rule SET params = '{"event": "arrival","notice_days": 3}'
    WHERE category_code = 'LOCAL-ARRIVAL' AND created_by = 'shipped' AND version = 1
      AND params = '{"event": "arrival"}'
    """,
)


def upgrade() -> None:
    """Create the tables."""
    for statement in (*EVENTS, *THINGS, *DRAWS, *DUE_WATCH, *QUARANTINE):
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
