"""Statements over the projections. The highest version wins, so messages may come in any order."""

from shared.db import sql

KEEP_PEOPLE = sql("""
INSERT INTO notifier.person AS p (person_id, health_code_id, unit_codes, contact, version)
SELECT person_id, health_code_id, string_to_array(unit_codes, ' '), contact, version
FROM unnest(CAST(:person_ids AS uuid[]), CAST(:health_code_ids AS text[]), CAST(:unit_codes AS text[]),
            CAST(:contacts AS bytea[]), CAST(:versions AS bigint[]))
     AS new (person_id, health_code_id, unit_codes, contact, version)
ORDER BY person_id
ON CONFLICT (person_id) DO UPDATE
SET health_code_id = excluded.health_code_id, unit_codes = excluded.unit_codes,
    contact = excluded.contact, version = excluded.version
WHERE p.version < excluded.version
RETURNING person_id
""")

KEEP_UNIT = sql("""
INSERT INTO notifier.unit AS u
    (unit_code, unit_name, township_code, department_code, contact, revision, industry_code, attributes,
     closed_on)
VALUES (:unit_code, :unit_name, :township_code, :department_code, :contact, :revision, :industry_code,
        CAST(:attributes AS jsonb), CAST(:closed_on AS date))
ON CONFLICT (unit_code) DO UPDATE
SET unit_name = excluded.unit_name, township_code = excluded.township_code,
    department_code = excluded.department_code, contact = excluded.contact, revision = excluded.revision,
    industry_code = excluded.industry_code, attributes = excluded.attributes, closed_on = excluded.closed_on
WHERE u.revision < excluded.revision
RETURNING unit_code
""")

KEEP_DEPARTMENT = sql("""
INSERT INTO notifier.department AS d (code, department_name, level, role, parent_code, contact, revision)
VALUES (:code, :department_name, :level, :role, :parent_code, :contact, :revision)
ON CONFLICT (code) DO UPDATE
SET department_name = excluded.department_name, level = excluded.level, role = excluded.role,
    parent_code = excluded.parent_code, contact = excluded.contact, revision = excluded.revision
WHERE d.revision < excluded.revision
RETURNING code
""")

PEOPLE = sql("""
SELECT person_id, health_code_id, unit_codes, contact FROM notifier.person
WHERE person_id = ANY(CAST(:person_ids AS uuid[]))
""")

UNITS = sql("""
SELECT unit_code, unit_name, township_code, department_code FROM notifier.unit
WHERE unit_code = ANY(CAST(:unit_codes AS text[]))
""")

HOLDERS = sql("""
SELECT role, code FROM notifier.department WHERE role IN ('cdc', 'headquarters', 'leaders') ORDER BY code
""")
