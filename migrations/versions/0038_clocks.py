"""results-ingest: limits of the chain as dated data, a clock per sample and stage, and what was told of them."""

from alembic import op

revision = "0038_clocks"
down_revision = "0037_venues"
branch_labels = None
depends_on = None

# Versions are added and never changed: the newest that has begun holds, and what held before stays readable.
LIMITS = (
    """
    CREATE TABLE ingest.clock_limit (
        stage text NOT NULL CONSTRAINT clock_limit_stage_check
            CHECK (stage IN ('sampling', 'handover', 'delivery', 'result')),
        applies_to text NOT NULL CONSTRAINT clock_limit_applies_to_check
            CHECK (applies_to IN ('site', 'category', 'site_kind', 'everything')),
        code text NOT NULL,
        effective_from date NOT NULL,
        limit_minutes integer CONSTRAINT clock_limit_minutes_check CHECK (limit_minutes BETWEEN 1 AND 20160),
        warn_minutes integer CONSTRAINT clock_limit_warn_check CHECK (warn_minutes BETWEEN 1 AND 20160),
        starts text NOT NULL CONSTRAINT clock_limit_starts_check
            CHECK (starts IN ('sampled', 'registered', 'handed', 'received', 'opened')),
        basis text NOT NULL,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT clock_limit_pkey PRIMARY KEY (stage, applies_to, code, effective_from),
        CONSTRAINT clock_limit_code_check CHECK ((applies_to = 'everything') = (code = '')),
        CONSTRAINT clock_limit_order_check CHECK (warn_minutes IS NULL OR warn_minutes < limit_minutes)
    )
    """,
    """
    CREATE TRIGGER clock_limit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
        ON ingest.clock_limit FOR EACH STATEMENT EXECUTE FUNCTION bus.refuse_change()
    """,
    """
    INSERT INTO ingest.clock_limit (stage, applies_to, code, effective_from, limit_minutes, warn_minutes,
        starts, basis, created_by, created_at)
    SELECT v.stage, v.applies_to, v.code, '2020-01-01', v.limit_minutes, v.warn_minutes, v.starts, v.basis,
        'migration', now()
    FROM (VALUES
        ('handover', 'site_kind', 'checkpoint', 120, CAST(NULL AS integer), 'sampled',
         '高速等交通卡口必须严格执行2小时送一次'),
        ('handover', 'everything', '', 180, NULL, 'sampled', '规定时限未给出数值,本系统默认'),
        ('delivery', 'everything', '', 240, NULL, 'sampled', '采样后4小时内送达,本系统默认'),
        ('result', 'site_kind', 'fever_clinic', 360, 240, 'sampled', '核酸检测结果必须在4-6小时内予以反馈'),
        ('result', 'site_kind', 'emergency', 360, 240, 'sampled', '发热门诊、急诊6小时'),
        ('result', 'site_kind', 'outpatient', 720, NULL, 'sampled', '普通门诊、住院患者及陪护12小时'),
        ('result', 'site_kind', 'inpatient', 720, NULL, 'sampled', '普通门诊、住院患者及陪护12小时'),
        ('result', 'everything', '', 1440, NULL, 'sampled', '其他人员24小时'),
        ('sampling', 'category', 'arrival', 240, NULL, 'opened', '来人随到随采,时限为本系统默认'),
        ('sampling', 'category', 'fever_visit', 120, NULL, 'opened', '发热门诊患者实时监测,时限为本系统默认'),
        ('sampling', 'category', 'suspected_case', 120, NULL, 'opened', '疑似病例采样,时限为本系统默认'),
        ('result', 'category', 'fever_visit', 360, 240, 'sampled', '核酸检测结果必须在4-6小时内予以反馈'),
        ('result', 'category', 'suspected_case', 720, NULL, 'opened',
         '疑似病例由县疾控中心在12小时内完成核酸检测,自报告起')
    ) AS v (stage, applies_to, code, limit_minutes, warn_minutes, starts, basis)
    """,
)

# One row for each subject and stage. `next_at`: when something is to be found next, if nothing is heard
# before; `untold`: what was found and not yet told. Of a tube the stamps decide, so `starts_at` and
# `ended_at` are what they were when last looked at; of other subjects whoever opened the clock writes them.
CLOCKS = (
    """
    CREATE TABLE ingest.clock (
        subject_id uuid NOT NULL,
        stage text NOT NULL,
        subject text NOT NULL,
        code text NOT NULL,
        category text NOT NULL,
        site_code text,
        lab_code text,
        unit_code text,
        township_code text,
        starts text NOT NULL,
        limit_minutes integer NOT NULL,
        warn_minutes integer,
        opened_at timestamptz NOT NULL,
        starts_at timestamptz,
        due_at timestamptz,
        ended_at timestamptz,
        state text NOT NULL CONSTRAINT clock_state_check CHECK (
            state IN ('waiting', 'running', 'warned', 'broken', 'late', 'explained', 'met', 'void')),
        next_at timestamptz,
        answer_type text NOT NULL,
        answer_code text NOT NULL,
        warned_at timestamptz,
        broken_at timestamptz,
        untold text CONSTRAINT clock_untold_check CHECK (untold IN ('warning', 'breach')),
        breach_notice uuid,
        CONSTRAINT clock_pkey PRIMARY KEY (subject_id, stage)
    )
    """,
    "CREATE INDEX clock_next ON ingest.clock (next_at) WHERE next_at IS NOT NULL",
    "CREATE INDEX clock_by_due ON ingest.clock (due_at, subject_id, stage) WHERE due_at IS NOT NULL",
    """
    CREATE INDEX clock_open ON ingest.clock (due_at, subject_id, stage)
        WHERE state IN ('running', 'warned', 'broken')
    """,
    "CREATE INDEX clock_untold ON ingest.clock (answer_type, answer_code, stage, untold) WHERE untold IS NOT NULL",
    "CREATE INDEX clock_noticed ON ingest.clock (breach_notice) WHERE breach_notice IS NOT NULL",
    # What has happened to whom: read and deleted by the worker, which then looks at the facts.
    """
    CREATE TABLE ingest.clock_hint (
        hint_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT clock_hint_pkey PRIMARY KEY,
        about text NOT NULL CONSTRAINT clock_hint_about_check CHECK (about IN ('subject', 'packet')),
        about_id uuid NOT NULL
    )
    """,
    # What one body was told of one stage, in one notice.
    """
    CREATE TABLE ingest.clock_notice (
        notice_id uuid CONSTRAINT clock_notice_pkey PRIMARY KEY,
        answer_type text NOT NULL,
        answer_code text NOT NULL,
        stage text NOT NULL,
        level text NOT NULL CONSTRAINT clock_notice_level_check CHECK (level IN ('warning', 'breach')),
        told_at timestamptz NOT NULL,
        revision integer NOT NULL DEFAULT 1,
        open integer NOT NULL,
        explained integer NOT NULL DEFAULT 0
    )
    """,
    """
    CREATE INDEX clock_notice_last ON ingest.clock_notice (answer_type, answer_code, stage, level, told_at)
    """,
    # A refused packet was handed over all the same.
    "CREATE INDEX packet_tube_returned ON ingest.packet_tube (tube_code) WHERE standing = 'returned'",
    # Of what is told again only the newest counts.
    """
    CREATE TABLE notifier.clock_notice (
        notice_id uuid CONSTRAINT clock_notice_pkey PRIMARY KEY,
        revision integer NOT NULL
    )
    """,
)


def upgrade() -> None:
    """Create the tables, and the limits that the sources give."""
    for statement in (*LIMITS, *CLOCKS):
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
