"""registry: which population code a hospital department stands for, and the stays whose code came from it."""

from alembic import op

revision = "0025_hospital_departments"
down_revision = "0024_list_without_key"
branch_labels = None
depends_on = None

# The newest row of a name that has begun holds; names are compared without case, width and blanks. The
# codes are entered when registry first starts, after this: a row whose code is not there says nothing.
LIST = (
    r"""
    CREATE FUNCTION registry.department_key(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS
    $$ SELECT upper(regexp_replace(normalize(name, NFKC), '\s+', '', 'g')) $$
    """,
    """
    CREATE TABLE registry.hospital_department (
        entry_id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT hospital_department_pkey PRIMARY KEY,
        name text NOT NULL,
        name_key text GENERATED ALWAYS AS (registry.department_key(name)) STORED,
        department text NOT NULL,
        category_code text NOT NULL,
        basis text NOT NULL,
        effective_from date NOT NULL,
        effective_to date,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL,
        CONSTRAINT hospital_department_days_check CHECK (effective_to >= effective_from),
        CONSTRAINT hospital_department_key UNIQUE (name_key, effective_from)
    )
    """,
    # The ten that the plan names (8A1: two, 8A4: eight); further names of the same ones are ours.
    """
    INSERT INTO registry.hospital_department
        (name, department, category_code, basis, effective_from, created_by, created_at)
    SELECT r.name, r.department, r.category_code,
        CASE WHEN r.name = r.department THEN '方案:编码' || r.category_code ELSE '同一科室的其他名称' END,
        DATE '2022-01-01', 'shipped', now()
    FROM (VALUES
        ('发热门诊', '发热门诊', '8A1'), ('急诊', '急诊', '8A1'), ('急诊科', '急诊', '8A1'),
        ('急诊医学科', '急诊', '8A1'),
        ('感染性疾病科', '感染性疾病科', '8A4'), ('感染科', '感染性疾病科', '8A4'),
        ('重症医学科', '重症医学科', '8A4'), ('重症监护室', '重症医学科', '8A4'), ('ICU', '重症医学科', '8A4'),
        ('呼吸科', '呼吸科', '8A4'), ('呼吸内科', '呼吸科', '8A4'), ('呼吸与危重症医学科', '呼吸科', '8A4'),
        ('口腔科', '口腔科', '8A4'),
        ('耳鼻喉科', '耳鼻喉科', '8A4'), ('耳鼻咽喉科', '耳鼻喉科', '8A4'),
        ('内镜室', '内镜室', '8A4'), ('内镜中心', '内镜室', '8A4'),
        ('血透室', '血透室', '8A4'), ('血液透析室', '血透室', '8A4'),
        ('手术室', '手术室', '8A4')) AS r (name, department, category_code)
    """,
)

STAYS = (
    """
    ALTER TABLE registry.enrolment
        ADD COLUMN derived_from bigint
            CONSTRAINT enrolment_derived_fkey REFERENCES registry.hospital_department (entry_id),
        ADD CONSTRAINT enrolment_derived_check CHECK
            (derived_from IS NULL OR (unit_code IS NOT NULL AND category_code IS NOT NULL))
    """,
    "ALTER TABLE registry.enrolment_history ADD COLUMN derived_from bigint",
    """
    CREATE INDEX enrolment_derived_idx ON registry.enrolment (unit_code)
        WHERE derived_from IS NOT NULL OR (category_code IS NULL AND department_in_unit IS NOT NULL)
    """,
    """
    CREATE OR REPLACE FUNCTION registry.keep_enrolment() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO registry.enrolment_history
            (enrolment_id, person_id, unit_code, category_code, department_in_unit, employment_type,
             derived_from, enrolled_on, left_on, entered_at, entered_by, left_entered_at, change, changed_by,
             changed_at)
        VALUES (OLD.enrolment_id, OLD.person_id, OLD.unit_code, OLD.category_code, OLD.department_in_unit,
                OLD.employment_type, OLD.derived_from, OLD.enrolled_on, OLD.left_on,
                coalesce(OLD.entered_at, OLD.created_at), coalesce(OLD.entered_by, OLD.created_by),
                OLD.left_entered_at,
                CASE WHEN OLD.left_on <= NEW.enrolled_on THEN 'again' ELSE 'changed' END,
                NEW.updated_by, NEW.updated_at);
        RETURN NULL;
    END
    $$
    """,
    """
    CREATE OR REPLACE TRIGGER enrolment_kept AFTER UPDATE ON registry.enrolment FOR EACH ROW
        WHEN ((OLD.enrolled_on, OLD.left_on, OLD.department_in_unit, OLD.employment_type, OLD.derived_from)
              IS DISTINCT FROM
              (NEW.enrolled_on, NEW.left_on, NEW.department_in_unit, NEW.employment_type, NEW.derived_from))
        EXECUTE FUNCTION registry.keep_enrolment()
    """,
)


def upgrade() -> None:
    """Create the list and remember which stays took their code from it."""
    for statement in (*LIST, *STAYS):
        op.execute(statement)


def downgrade() -> None:
    """Not supported: restore a backup instead (expand, backfill, contract)."""
    raise RuntimeError("migrations only go forward")
