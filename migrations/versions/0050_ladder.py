"""notifier: the ladder: cases, breaches and their bulletins, what is owed, steps, extensions, numbers."""

from alembic import op

revision = "0050_ladder"
down_revision = "0049_inspections"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    CREATE TABLE notifier.ladder_case (
        case_id uuid NOT NULL,
        unit_code text,
        department_code text,
        stage text NOT NULL,
        run integer NOT NULL DEFAULT 1,
        opened_at timestamptz NOT NULL,
        rectified_at timestamptz,
        rectified_client text,
        closed_at timestamptz,
        superseded boolean NOT NULL DEFAULT false,
        CONSTRAINT ladder_case_pkey PRIMARY KEY (case_id),
        CONSTRAINT ladder_case_stage CHECK
            (stage IN ('open', 'written_report', 'interview', 'reported_upward', 'closed')),
        CONSTRAINT ladder_case_closed CHECK ((stage = 'closed') = (closed_at IS NOT NULL)),
        CONSTRAINT ladder_case_rectified CHECK (num_nulls(rectified_at, rectified_client) IN (0, 2)),
        CONSTRAINT ladder_case_of CHECK (num_nonnulls(unit_code, department_code) > 0)
    )
    """,
    """
    CREATE UNIQUE INDEX ladder_case_once ON notifier.ladder_case (unit_code, department_code)
        NULLS NOT DISTINCT WHERE NOT superseded
    """,
    "CREATE INDEX ladder_case_department ON notifier.ladder_case (department_code, case_id)",
    """
    CREATE TABLE notifier.ladder_breach (
        breach_id uuid NOT NULL,
        case_id uuid,
        run integer,
        seq integer,
        unit_code text NOT NULL,
        week date NOT NULL,
        judged_on date NOT NULL,
        outcome text NOT NULL,
        kinds text[] NOT NULL,
        people_total integer NOT NULL,
        shares integer NOT NULL,
        department_code text,
        township_code text,
        year integer,
        n integer,
        number text,
        level text,
        issued_at timestamptz,
        revoked_at timestamptz,
        CONSTRAINT ladder_breach_pkey PRIMARY KEY (breach_id),
        CONSTRAINT ladder_breach_case FOREIGN KEY (case_id) REFERENCES notifier.ladder_case (case_id),
        CONSTRAINT ladder_breach_once UNIQUE (unit_code, week),
        CONSTRAINT ladder_breach_seq UNIQUE (case_id, seq),
        CONSTRAINT ladder_breach_outcome CHECK (outcome IN ('bulletin', 'continues', 'early')),
        CONSTRAINT ladder_breach_monday CHECK (extract(isodow FROM week) = 1),
        CONSTRAINT ladder_breach_issued CHECK (
            num_nonnulls(seq, year, n, number, level, issued_at) = CASE outcome WHEN 'bulletin' THEN 6 ELSE 0 END),
        CONSTRAINT ladder_breach_revoked CHECK (revoked_at IS NULL OR outcome = 'bulletin')
    )
    """,
    """
    CREATE UNIQUE INDEX ladder_breach_number ON notifier.ladder_breach (department_code, year, n)
        WHERE n IS NOT NULL
    """,
    """
    CREATE TABLE notifier.bulletin_counter (
        department_code text NOT NULL,
        year integer NOT NULL,
        last integer NOT NULL,
        CONSTRAINT bulletin_counter_pkey PRIMARY KEY (department_code, year)
    )
    """,
    """
    CREATE TABLE notifier.ladder_task (
        breach_id uuid NOT NULL,
        kind text NOT NULL,
        state text NOT NULL DEFAULT 'open',
        owed_at timestamptz NOT NULL,
        due_on date,
        extended boolean NOT NULL DEFAULT false,
        chased integer NOT NULL DEFAULT 0,
        chase_on date,
        escalated boolean NOT NULL DEFAULT false,
        CONSTRAINT ladder_task_pkey PRIMARY KEY (breach_id, kind),
        CONSTRAINT ladder_task_breach FOREIGN KEY (breach_id) REFERENCES notifier.ladder_breach (breach_id),
        CONSTRAINT ladder_task_kind CHECK (kind IN ('task.written_report', 'task.interview', 'report.upward')),
        CONSTRAINT ladder_task_due CHECK ((kind = 'report.upward') = (due_on IS NULL)),
        CONSTRAINT ladder_task_state CHECK (state IN ('open', 'done', 'cancelled')),
        CONSTRAINT ladder_task_chase CHECK (chase_on IS NULL OR state = 'open')
    )
    """,
    "CREATE INDEX ladder_task_chase_on ON notifier.ladder_task (chase_on) WHERE chase_on IS NOT NULL",
    """
    CREATE TABLE notifier.ladder_step (
        step_id bigint GENERATED ALWAYS AS IDENTITY,
        case_id uuid NOT NULL,
        run integer NOT NULL,
        kind text NOT NULL,
        client_id text,
        at timestamptz NOT NULL,
        recorded_at timestamptz NOT NULL,
        after_seq integer NOT NULL,
        basis jsonb NOT NULL,
        sealed bytea,
        CONSTRAINT ladder_step_pkey PRIMARY KEY (step_id),
        CONSTRAINT ladder_step_case FOREIGN KEY (case_id) REFERENCES notifier.ladder_case (case_id),
        CONSTRAINT ladder_step_said CHECK ((client_id IS NULL) <= (sealed IS NULL))
    )
    """,
    "CREATE INDEX ladder_step_of ON notifier.ladder_step (case_id, step_id)",
    """
    CREATE TABLE notifier.ladder_extension (
        extension_id uuid NOT NULL,
        case_id uuid NOT NULL,
        breach_id uuid NOT NULL,
        kind text NOT NULL,
        state text NOT NULL DEFAULT 'asked',
        due_on date NOT NULL,
        asked_client text NOT NULL,
        asked_at timestamptz NOT NULL,
        request bytea NOT NULL,
        decided_client text,
        decided_at timestamptz,
        decision bytea,
        CONSTRAINT ladder_extension_pkey PRIMARY KEY (extension_id),
        CONSTRAINT ladder_extension_task FOREIGN KEY (breach_id, kind)
            REFERENCES notifier.ladder_task (breach_id, kind),
        CONSTRAINT ladder_extension_case FOREIGN KEY (case_id) REFERENCES notifier.ladder_case (case_id),
        CONSTRAINT ladder_extension_state CHECK (state IN ('asked', 'granted', 'refused')),
        CONSTRAINT ladder_extension_decided CHECK (
            num_nonnulls(decided_client, decided_at, decision) = CASE state WHEN 'asked' THEN 0 ELSE 3 END),
        CONSTRAINT ladder_extension_second CHECK (decided_client <> asked_client)
    )
    """,
    """
    CREATE UNIQUE INDEX ladder_extension_once ON notifier.ladder_extension (case_id) WHERE state = 'asked'
    """,
)


def upgrade() -> None:
    """Create the tables."""
    for statement in STATEMENTS:
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
