"""notifier: inspections, draws, problems with their orders and steps, check lists, the issue ledger."""

import json
from typing import Final

import sqlalchemy as sa
from alembic import op

revision = "0049_inspections"
down_revision = "0048_originals"
branch_labels = None
depends_on = None

STATEMENTS: Final = (
    # A draw takes its targets by industry; what registry tells from here on carries it.
    "ALTER TABLE notifier.unit ADD COLUMN industry_code text",
    """
    UPDATE notifier.unit n SET industry_code = r.industry_code
    FROM registry.unit r WHERE r.unit_code = n.unit_code
    """,
    # Until when a finding of registry's stood in the issue ledger.
    "ALTER TABLE notifier.finding ADD COLUMN ended_at timestamptz",
    """
    CREATE TABLE notifier.problem_kind (
        kind_code text NOT NULL CONSTRAINT problem_kind_pkey PRIMARY KEY,
        name_zh text NOT NULL,
        name_en text NOT NULL,
        severity text NOT NULL CONSTRAINT problem_kind_severity
            CHECK (severity IN ('minor', 'ordinary', 'major')),
        days integer NOT NULL CONSTRAINT problem_kind_days CHECK (days BETWEEN 0 AND 365),
        changed_by text,
        changed_at timestamptz
    )
    """,
    """
    CREATE TABLE notifier.checklist (
        checklist_code text NOT NULL,
        effective_from date NOT NULL,
        name_zh text NOT NULL,
        name_en text NOT NULL,
        items jsonb NOT NULL,
        added_by text,
        added_at timestamptz,
        CONSTRAINT checklist_pkey PRIMARY KEY (checklist_code, effective_from)
    )
    """,
    """
    CREATE TABLE notifier.inspector (
        inspector_code text NOT NULL CONSTRAINT inspector_pkey PRIMARY KEY,
        department_code text,
        unit_code text,
        related text[] NOT NULL,
        active boolean NOT NULL,
        sealed bytea NOT NULL,
        changed_by text NOT NULL,
        changed_at timestamptz NOT NULL
    )
    """,
    # `library`: whom and what it was drawn from, by code, so that it can be drawn again.
    """
    CREATE TABLE notifier.inspection_draw (
        draw_no text NOT NULL CONSTRAINT inspection_draw_pkey PRIMARY KEY,
        kind text NOT NULL,
        target_type text NOT NULL,
        wanted jsonb NOT NULL,
        seed text NOT NULL,
        inspectors_each integer NOT NULL,
        library jsonb NOT NULL,
        drawn jsonb NOT NULL,
        made_by text NOT NULL,
        made_at timestamptz NOT NULL,
        published_by text,
        published_at timestamptz,
        CONSTRAINT inspection_draw_published CHECK (num_nulls(published_by, published_at) IN (0, 2))
    )
    """,
    """
    CREATE TABLE notifier.inspection (
        inspection_id uuid NOT NULL CONSTRAINT inspection_pkey PRIMARY KEY,
        inspection_no text NOT NULL CONSTRAINT inspection_once UNIQUE,
        kind text NOT NULL CONSTRAINT inspection_kind CHECK (kind IN ('routine', 'concentrated', 'unannounced')),
        target_type text NOT NULL CONSTRAINT inspection_target_type CHECK (target_type IN ('unit', 'lab')),
        target_code text NOT NULL,
        department_code text,
        day date NOT NULL,
        draw_no text CONSTRAINT inspection_draw_fkey REFERENCES notifier.inspection_draw (draw_no),
        checklist_code text,
        checklist_from date,
        sealed bytea NOT NULL,
        recorded_by text NOT NULL,
        recorded_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX inspection_target ON notifier.inspection (target_type, target_code, day)",
    "CREATE INDEX inspection_of_draw ON notifier.inspection (draw_no) WHERE draw_no IS NOT NULL",
    """
    CREATE TABLE notifier.rectification_count (
        issuer text NOT NULL,
        year integer NOT NULL,
        last integer NOT NULL,
        CONSTRAINT rectification_count_pkey PRIMARY KEY (issuer, year)
    )
    """,
    """
    CREATE TABLE notifier.rectification (
        order_id uuid NOT NULL CONSTRAINT rectification_pkey PRIMARY KEY,
        inspection_id uuid NOT NULL CONSTRAINT rectification_once UNIQUE
            CONSTRAINT rectification_inspection REFERENCES notifier.inspection (inspection_id),
        number text NOT NULL CONSTRAINT rectification_number UNIQUE,
        issued_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE notifier.problem (
        problem_id uuid NOT NULL CONSTRAINT problem_pkey PRIMARY KEY,
        order_id uuid NOT NULL CONSTRAINT problem_order REFERENCES notifier.rectification (order_id),
        n integer NOT NULL,
        target_type text NOT NULL,
        target_code text NOT NULL,
        department_code text,
        kind_code text NOT NULL CONSTRAINT problem_kind_fkey REFERENCES notifier.problem_kind (kind_code),
        shape text NOT NULL CONSTRAINT problem_shape CHECK (shape IN ('individual', 'common')),
        severity text NOT NULL CONSTRAINT problem_severity CHECK (severity IN ('minor', 'ordinary', 'major')),
        cause text,
        level integer NOT NULL,
        previous_id uuid CONSTRAINT problem_previous REFERENCES notifier.problem (problem_id),
        state text NOT NULL CONSTRAINT problem_state CHECK (state IN ('open', 'answered', 'passed', 'closed')),
        found_on date NOT NULL,
        recorded_on date NOT NULL,
        due_on date NOT NULL,
        answered_by text[] NOT NULL DEFAULT '{}',
        asked_by text,
        asked_due_on date,
        review_on date,
        review_told_on date,
        stopped_at timestamptz,
        accepted_at timestamptz,
        chased_on date,
        closed_at timestamptz,
        closed_on date,
        closed_by text,
        sealed bytea NOT NULL,
        CONSTRAINT problem_of_order UNIQUE (order_id, n),
        CONSTRAINT problem_closed CHECK ((state = 'closed') = (closed_at IS NOT NULL)),
        CONSTRAINT problem_closing CHECK (num_nulls(closed_at, closed_on, closed_by) IN (0, 3)),
        CONSTRAINT problem_second_person CHECK (closed_by IS NULL OR closed_by <> ALL (answered_by))
    )
    """,
    "CREATE INDEX problem_again ON notifier.problem (target_type, target_code, kind_code, found_on)",
    "CREATE INDEX problem_late ON notifier.problem (due_on) WHERE state = 'open'",
    "CREATE INDEX problem_review ON notifier.problem (review_on) WHERE state <> 'closed' AND review_on IS NOT NULL",
    "CREATE INDEX problem_recorded ON notifier.problem (recorded_on)",
    """
    CREATE TABLE notifier.problem_step (
        problem_id uuid NOT NULL CONSTRAINT problem_step_problem REFERENCES notifier.problem (problem_id),
        n integer NOT NULL,
        kind text NOT NULL,
        client_id text NOT NULL,
        at timestamptz NOT NULL,
        due_on date,
        review_on date,
        sealed bytea NOT NULL,
        CONSTRAINT problem_step_pkey PRIMARY KEY (problem_id, n)
    )
    """,
    """
    CREATE TABLE notifier.issue_ledger_push (
        period_begin date NOT NULL CONSTRAINT issue_ledger_push_pkey PRIMARY KEY,
        pushed_at timestamptz NOT NULL
    )
    """,
)

# Days are ours; the sources say 限期 and name none.
KINDS: Final = (
    ("TEST-COVERAGE", "应检未检、未纳入系统(不全员)", "Not everybody tested or enrolled", "major", 3),
    ("TEST-FREQUENCY", "未按频次检测", "Not tested as often as demanded", "ordinary", 3),
    ("LEDGER", "人员台账不完善", "Incomplete ledger of people", "ordinary", 7),
    ("PROTECTION", "个人防护、通风消毒不到位", "Protection, airing or disinfection lacking", "ordinary", 3),
    ("LAB-UPLOAD", "检测结果上传不及时", "Results uploaded late", "major", 3),
    ("LAB-IDENTITY", "样本信息登记、核对不准确", "Samples registered or matched wrongly", "major", 3),
    ("LAB-RECEIPT", "样本交接、接收登记不全", "Receipt of samples not recorded", "ordinary", 3),
    ("LAB-QUALITY", "室内质控、复核不规范", "Quality control or re-checks not as demanded", "major", 7),
    ("OTHER", "其他问题", "Other", "ordinary", 7),
)
# Printed in full in the sources: 四查、七严禁 (row 132, seed 3), 五有 (seed 1), 四个一律 (seed 3).
LISTS: Final = (
    (
        "HOSPITAL-ENTRY",
        "四查、七严禁",
        "Four checks, seven prohibitions",
        (
            ("CHECK-1", "四查", "查体温", "Temperature is taken", "ordinary", 1),
            ("CHECK-2", "四查", "查健康码", "The health code is looked at", "ordinary", 1),
            ("CHECK-3", "四查", "查行程卡", "The travel card is looked at", "ordinary", 1),
            ("CHECK-4", "四查", "查中高风险旅居史", "Stays in risk areas are asked for", "ordinary", 1),
            ("BAN-1", "七严禁", "严禁未佩戴或不正确佩戴口罩进入医疗机构", "Nobody enters without a mask worn rightly",
             "major", 1),
            ("BAN-2", "七严禁", "严禁医务人员未经培训上岗执业", "No staff works untrained", "major", 3),
            ("BAN-3", "七严禁", "严禁虚报、瞒报、漏报、谎报发热患者信息", "No fever patient is misreported or left out",
             "major", 1),
            ("BAN-4", "七严禁", "严禁未设置发热门诊、发热哨点诊室的医疗机构留诊发热患者",
             "No fever patient is kept where there is no fever clinic", "major", 1),
            ("BAN-5", "七严禁", "严禁乡镇卫生院、社区卫生服务中心拒诊发热患者", "No fever patient is turned away",
             "major", 1),
            ("BAN-6", "七严禁", "严禁无关人员进入发热哨点诊室", "Nobody else enters the fever room", "major", 1),
            ("BAN-7", "七严禁", "严禁违反医院感染等疫情防控规定", "Infection control is kept to", "major", 3),
        ),
    ),
    (
        "WORKPLACE",
        "五有",
        "Five things to have",
        (
            ("HAVE-1", "五有", "有防护指南", "A guide to protection", "ordinary", 7),
            ("HAVE-2", "五有", "防控管理有制度和责任人", "Rules and somebody responsible", "ordinary", 7),
            ("HAVE-3", "五有", "防护物资设备有储备", "Protective goods in store", "ordinary", 7),
            ("HAVE-4", "五有", "医护力量有支持", "Medical support", "ordinary", 7),
            ("HAVE-5", "五有", "留观室和转运有安排", "An observation room, and transport arranged", "ordinary", 7),
        ),
    ),
    (
        "SCHOOL",
        "四个一律",
        "Four without exception",
        (
            ("ALWAYS-1", "四个一律", "校外无关人员一律不准进入校园", "Outsiders never enter", "major", 1),
            ("ALWAYS-2", "四个一律", "师生进入校园一律核验身份并检测体温", "Identity and temperature always checked",
             "major", 1),
            ("ALWAYS-3", "四个一律", "对发烧咳嗽者一律实行医学隔离观察", "Fever or cough is always isolated", "major", 1),
            ("ALWAYS-4", "四个一律", "不服从管理者一律严肃处理", "Who does not comply is always dealt with", "ordinary", 3),
        ),
    ),
)  # fmt: skip
LISTS_FROM: Final = "2020-01-01"


def upgrade() -> None:
    """Create the tables; put in the kinds of problems and the check lists of the sources."""
    for statement in STATEMENTS:
        op.execute(statement)
    kinds = [*KINDS]
    for _, _, _, items in LISTS:
        kinds += [(code, zh, en, severity, days) for code, _, zh, en, severity, days in items]
    connection = op.get_bind()
    names = ("kind_code", "name_zh", "name_en", "severity", "days")
    connection.execute(
        sa.text(
            "INSERT INTO notifier.problem_kind (kind_code, name_zh, name_en, severity, days)"
            " VALUES (:kind_code, :name_zh, :name_en, :severity, :days)"
        ),
        [dict(zip(names, kind, strict=True)) for kind in kinds],
    )
    connection.execute(
        sa.text(
            "INSERT INTO notifier.checklist (checklist_code, effective_from, name_zh, name_en, items)"
            " VALUES (:code, CAST(CAST(:day AS text) AS date), :zh, :en, CAST(:items AS jsonb))"
        ),
        [
            {"code": code, "day": LISTS_FROM, "zh": zh, "en": en, "items": json.dumps(_items(items))}
            for code, zh, en, items in LISTS
        ],
    )


def _items(items: tuple[tuple[str, str, str, str, str, int], ...]) -> list[dict[str, str]]:
    return [
        {"item": code, "section": section, "text_zh": zh, "text_en": en, "kind_code": code}
        for code, section, zh, en, _, _ in items
    ]


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
