"""notifier: answers to notices, work lists with their items and steps, names of bodies, periodic bulletins."""

from alembic import op

revision = "0056_work_lists"
down_revision = "0055_templates"
branch_labels = None
depends_on = None

STATEMENTS = (
    # A notice that nobody has answered has no row: it is open.
    """
    CREATE TABLE notifier.feedback (
        notice_id uuid CONSTRAINT feedback_pkey PRIMARY KEY CONSTRAINT feedback_notice REFERENCES notifier.notice,
        state text NOT NULL CONSTRAINT feedback_state CHECK (state IN ('open', 'answered', 'closed')),
        opened_at timestamptz NOT NULL,
        answered_client text,
        steps integer NOT NULL,
        CONSTRAINT feedback_answered CHECK ((state = 'open') OR (answered_client IS NOT NULL))
    )
    """,
    """
    CREATE TABLE notifier.feedback_step (
        notice_id uuid NOT NULL CONSTRAINT feedback_step_of REFERENCES notifier.feedback,
        number integer NOT NULL,
        kind text NOT NULL CONSTRAINT feedback_step_kind CHECK (kind IN (
            'interim', 'answered', 'closed', 'reopened')),
        client_id text NOT NULL,
        at timestamptz NOT NULL,
        sealed bytea NOT NULL,
        CONSTRAINT feedback_step_pkey PRIMARY KEY (notice_id, number)
    )
    """,
    """
    CREATE TABLE notifier.body_name (
        name text CONSTRAINT body_name_pkey PRIMARY KEY,
        printed text NOT NULL,
        codes text[] NOT NULL,
        everyone text CONSTRAINT body_name_everyone CHECK (everyone IN ('townships', 'departments')),
        set_client text NOT NULL,
        set_at timestamptz NOT NULL,
        CONSTRAINT body_name_meaning CHECK ((everyone IS NULL) = (cardinality(codes) > 0))
    )
    """,
    """
    CREATE TABLE notifier.work_list (
        list_id uuid CONSTRAINT work_list_pkey PRIMARY KEY,
        title text NOT NULL,
        issued_on date NOT NULL,
        drill boolean NOT NULL,
        sections text[] NOT NULL,
        digest text NOT NULL,
        made_client text NOT NULL,
        made_at timestamptz NOT NULL,
        CONSTRAINT work_list_once UNIQUE (title, issued_on)
    )
    """,
    """
    CREATE TABLE notifier.work_item (
        item_id uuid CONSTRAINT work_item_pkey PRIMARY KEY,
        list_id uuid NOT NULL CONSTRAINT work_item_list REFERENCES notifier.work_list,
        parent_id uuid CONSTRAINT work_item_parent REFERENCES notifier.work_item,
        position integer NOT NULL,
        section integer NOT NULL,
        sealed bytea NOT NULL,
        deadline text NOT NULL,
        due_on date,
        review_on date,
        drill boolean NOT NULL,
        lead_type text,
        lead_code text,
        bodies jsonb NOT NULL,
        department_codes text[] NOT NULL,
        township_codes text[] NOT NULL,
        state text NOT NULL DEFAULT 'open' CONSTRAINT work_item_state CHECK (state IN (
            'open', 'reported', 'done')),
        reported_client text,
        progress_on date,
        asked_on date,
        asked_client text,
        steps integer NOT NULL DEFAULT 0,
        chase integer NOT NULL DEFAULT 0,
        look_on date,
        CONSTRAINT work_item_when CHECK ((due_on IS NULL) = (review_on IS NOT NULL)),
        CONSTRAINT work_item_lead CHECK ((lead_type IS NULL) = (lead_code IS NULL)),
        CONSTRAINT work_item_reported CHECK (state <> 'reported' OR reported_client IS NOT NULL),
        CONSTRAINT work_item_asked CHECK ((asked_on IS NULL) = (asked_client IS NULL))
    )
    """,
    "CREATE INDEX work_item_of_list ON notifier.work_item (list_id, position)",
    "CREATE INDEX work_item_parts ON notifier.work_item (parent_id) WHERE parent_id IS NOT NULL",
    "CREATE INDEX work_item_look ON notifier.work_item (look_on) WHERE state = 'open'",
    """
    CREATE TABLE notifier.work_item_step (
        item_id uuid NOT NULL CONSTRAINT work_item_step_of REFERENCES notifier.work_item,
        number integer NOT NULL,
        kind text NOT NULL CONSTRAINT work_item_step_kind CHECK (kind IN (
            'progress', 'done', 'accepted', 'reopened', 'extension_asked', 'extended', 'extension_refused')),
        client_id text NOT NULL,
        body_code text,
        at timestamptz NOT NULL,
        due_before date,
        due_after date,
        sealed bytea NOT NULL,
        CONSTRAINT work_item_step_pkey PRIMARY KEY (item_id, number)
    )
    """,
    """
    CREATE TABLE notifier.bulletin_period (
        until date CONSTRAINT bulletin_period_pkey PRIMARY KEY,
        made_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE notifier.bulletin (
        until date NOT NULL CONSTRAINT bulletin_of REFERENCES notifier.bulletin_period,
        recipient_type text NOT NULL,
        recipient_code text NOT NULL,
        year integer NOT NULL,
        number integer NOT NULL,
        CONSTRAINT bulletin_pkey PRIMARY KEY (until, recipient_type, recipient_code),
        CONSTRAINT bulletin_number UNIQUE (recipient_type, recipient_code, year, number)
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
