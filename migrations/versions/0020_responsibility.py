"""registry: who answers for a unit: attributes beside its industry, its people by post, testers, duties."""

from alembic import op

revision = "0020_responsibility"
down_revision = "0019_licences"
branch_labels = None
depends_on = None

# Where one industry code is not enough (norms 2F). Institution types are those of the county's plan,
# part 3 (requirements row 48); sizes are those of the statistics.
ATTRIBUTES = (
    """
    CREATE TABLE registry.attribute (
        dimension text NOT NULL CONSTRAINT attribute_dimension_check CHECK (dimension ~ '^[a-z_]{1,40}$'),
        value text NOT NULL CONSTRAINT attribute_value_check CHECK (value ~ '^[a-z_]{1,40}$'),
        name_zh text NOT NULL,
        name_en text NOT NULL,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT attribute_pkey PRIMARY KEY (dimension, value)
    )
    """,
    """
    INSERT INTO registry.attribute (dimension, value, name_zh, name_en, created_by, created_at)
    SELECT r.*, 'shipped', now() FROM (VALUES
        ('institution_type', 'county_institution', '县直医疗卫生机构', 'County institution'),
        ('institution_type', 'urban_clinic', '城区诊所', 'Clinic in town'),
        ('institution_type', 'blood_station', '血站', 'Blood station'),
        ('institution_type', 'laboratory', '核酸检测实验室', 'PCR laboratory'),
        ('institution_type', 'township_hospital', '乡镇卫生院', 'Township hospital'),
        ('institution_type', 'village_clinic', '村卫生室', 'Village clinic'),
        ('institution_type', 'health_brigade', '卫健大队', 'Health enforcement brigade'),
        ('institution_type', 'cdc', '疾控中心', 'CDC'),
        ('hotel_class', 'star', '星级酒店', 'Star hotel'),
        ('hotel_class', 'ordinary', '一般宾馆', 'Guest house'),
        ('enterprise_size', 'large', '大型企业', 'Large enterprise'),
        ('enterprise_size', 'medium', '中型企业', 'Medium enterprise'),
        ('enterprise_size', 'small', '小微企业', 'Small enterprise'),
        ('cold_chain', 'cold', '冷链', 'Cold chain'),
        ('cold_chain', 'imported', '进口冷链', 'Imported cold chain'),
        ('cold_chain', 'none', '非冷链', 'No cold chain')) AS r
    """,
    """
    ALTER TABLE registry.industry_map
        ADD COLUMN dimension text,
        ADD COLUMN value text,
        ADD COLUMN principle text NOT NULL DEFAULT 'industry'
            CONSTRAINT industry_map_principle_check
                CHECK (principle IN ('industry', 'business', 'production', 'supervision')),
        ADD CONSTRAINT industry_map_attribute_check CHECK ((dimension IS NULL) = (value IS NULL)),
        ADD CONSTRAINT industry_map_attribute_fkey
            FOREIGN KEY (dimension, value) REFERENCES registry.attribute (dimension, value),
        DROP CONSTRAINT industry_map_key,
        ADD CONSTRAINT industry_map_key UNIQUE NULLS NOT DISTINCT
            (industry_prefix, department_code, effective_from, dimension, value)
    """,
)

UNITS = (
    """
    ALTER TABLE registry.unit
        ADD COLUMN attributes jsonb NOT NULL DEFAULT '{}',
        ADD COLUMN closed_on date,
        ADD COLUMN contact_confirmed_on date,
        ADD COLUMN contact_problem text
            CONSTRAINT unit_contact_problem_check CHECK (contact_problem IN ('moved', 'unreachable')),
        ADD COLUMN contact_told_on date,
        ADD COLUMN sealed_data_entry bytea
    """,
    """
    CREATE TABLE registry.unit_contact_history (
        history_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT unit_contact_history_pkey PRIMARY KEY,
        unit_code text NOT NULL
            CONSTRAINT unit_contact_history_unit_fkey REFERENCES registry.unit (unit_code),
        post text NOT NULL CONSTRAINT unit_contact_history_post_check CHECK (post IN ('responsible', 'data_entry')),
        sealed_contact bytea NOT NULL,
        held_until timestamptz NOT NULL,
        changed_by text NOT NULL
    )
    """,
    "CREATE INDEX unit_contact_history_unit_idx ON registry.unit_contact_history (unit_code, history_id)",
    """
    CREATE TABLE registry.unit_tester (
        tester_id uuid CONSTRAINT unit_tester_pkey PRIMARY KEY,
        unit_code text NOT NULL CONSTRAINT unit_tester_unit_fkey REFERENCES registry.unit (unit_code),
        institution_code text NOT NULL
            CONSTRAINT unit_tester_institution_fkey REFERENCES registry.unit (unit_code),
        institution_name text NOT NULL,
        lab_code text,
        effective_from date NOT NULL,
        effective_to date,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT unit_tester_days_check CHECK (effective_to >= effective_from)
    )
    """,
    "CREATE INDEX unit_tester_unit_idx ON registry.unit_tester (unit_code, effective_from)",
)

# The ten entries of the plan's part 3; which department stands behind each is the district's to say.
DUTIES = (
    """
    CREATE TABLE registry.duty_entry (
        entry_code text CONSTRAINT duty_entry_pkey PRIMARY KEY
            CONSTRAINT duty_entry_code_check CHECK (entry_code ~ '^[A-Za-z0-9._-]{1,64}$'),
        position integer NOT NULL,
        name_zh text NOT NULL,
        name_en text NOT NULL,
        duties_zh text NOT NULL,
        department_code text
            CONSTRAINT duty_entry_department_fkey REFERENCES registry.department (code),
        revision integer NOT NULL DEFAULT 1,
        updated_by text NOT NULL,
        updated_at timestamptz NOT NULL
    )
    """,
    """
    CREATE TABLE registry.duty (
        duty_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT duty_pkey PRIMARY KEY,
        subject text NOT NULL CONSTRAINT duty_subject_check CHECK (subject ~ '^[a-z_]+[.][a-z_]+$'),
        entry_code text NOT NULL CONSTRAINT duty_entry_fkey REFERENCES registry.duty_entry (entry_code),
        effective_from date NOT NULL,
        effective_to date,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT duty_days_check CHECK (effective_to >= effective_from),
        CONSTRAINT duty_key UNIQUE (subject, effective_from)
    )
    """,
    """
    INSERT INTO registry.duty_entry (entry_code, position, name_zh, name_en, duties_zh, updated_by, updated_at)
    SELECT r.*, 'shipped', now() FROM (VALUES
        ('INSTITUTIONS', 1, '各医疗卫生机构', 'Institutions', '督促本单位及辖区重点人员定期采样,信息录入与平台日常维护,协助检测'),
        ('CDC', 2, '县疾控中心', 'County CDC', '技术支持、业务培训、数据质控、阳性复核、应急处置'),
        ('BRIGADE', 3, '县卫健大队', 'Health enforcement brigade', '医疗卫生行业执法检查与监督处罚'),
        ('OFFICE', 4, '卫健局办公室', 'Bureau office', '会议筹备、生活物资保障'),
        ('FINANCE', 5, '卫健局财务审计科', 'Finance and audit section', '资金、物资、设备保障与监管'),
        ('PLANNING', 6, '卫健局规划信息科', 'Planning and information section', '新闻宣传、健康教育、舆情监测'),
        ('DISEASE-CONTROL', 7, '卫健局疾控科', 'Disease-control section', '日常调度处置,县疾控中心人员检测的部署调度'),
        ('MEDICAL', 8, '卫健局医政科', 'Medical administration section', '县直机构、城区诊所、血站的部署调度,实验室建设与管理'),
        ('PRIMARY', 9, '卫健局基妇科', 'Primary and maternal care section', '乡镇卫生院和村卫生室的部署调度'),
        ('SUPERVISION', 10, '卫健局综合监督科', 'General supervision section', '卫健大队人员,冷链组与非冷链组对接,信息平台技术支持')
        ) AS r
    """,
    """
    INSERT INTO registry.duty (subject, entry_code, effective_from, created_by, created_at)
    SELECT r.*, DATE '2022-01-01', 'shipped', now() FROM (VALUES
        ('alert.positive', 'CDC'), ('alert.pool', 'CDC'), ('task.recheck', 'CDC'), ('task.resample', 'INSTITUTIONS'),
        ('reminder.due_soon', 'INSTITUTIONS'), ('reminder.due', 'INSTITUTIONS'),
        ('reminder.overdue', 'INSTITUTIONS'), ('alert.lab_late', 'MEDICAL'), ('alert.lab_silent', 'MEDICAL'),
        ('bulletin.unit', 'DISEASE-CONTROL'), ('task.written_report', 'DISEASE-CONTROL'),
        ('task.interview', 'DISEASE-CONTROL'), ('task.rectification', 'BRIGADE'),
        ('task.answer', 'DISEASE-CONTROL'), ('report.upward', 'DISEASE-CONTROL'),
        ('report.missing', 'DISEASE-CONTROL'), ('alarm.raised', 'CDC'), ('alarm.reviewed', 'CDC'),
        ('recheck.ordered', 'CDC'), ('resample.ordered', 'CDC'), ('batch.part_received', 'CDC'),
        ('samples.bound', 'INSTITUTIONS'), ('results.applied', 'CDC'), ('negatives.applied', 'CDC'),
        ('review.recorded', 'CDC'), ('identities.changed', 'INSTITUTIONS'),
        ('contacts.changed', 'INSTITUTIONS'), ('unit.changed', 'SUPERVISION'),
        ('department.changed', 'SUPERVISION'), ('unit.evaluated', 'DISEASE-CONTROL'),
        ('evaluation.finished', 'DISEASE-CONTROL'), ('gaps.sent', 'DISEASE-CONTROL'),
        ('contact.lapsed', 'DISEASE-CONTROL')) AS r
    """,
)


def upgrade() -> None:
    """Create the tables and columns."""
    for statement in (*ATTRIBUTES, *UNITS, *DUTIES):
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
