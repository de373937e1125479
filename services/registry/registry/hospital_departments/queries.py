"""Statements over the list of hospital departments and the stays it speaks of."""

from shared.db import sql

_COLUMNS = "entry_id, name, department, category_code, basis, effective_from, effective_to"

_IN_FORCE = """
    SELECT entry_id, name_key, category_code FROM (
        SELECT DISTINCT ON (name_key) entry_id, name_key, category_code, effective_to
        FROM registry.hospital_department WHERE effective_from <= :today
        ORDER BY name_key, effective_from DESC) newest
    WHERE (effective_to IS NULL OR effective_to >= :today)
      AND category_code IN (SELECT category_code FROM registry.category)
"""

PAGE = sql(f"""
    SELECT {_COLUMNS}, entry_id IN (SELECT entry_id FROM ({_IN_FORCE}) now) AS in_force
    FROM registry.hospital_department WHERE entry_id > :after ORDER BY entry_id LIMIT :limit
""")

INSERT = sql("""
    INSERT INTO registry.hospital_department
        (name, department, category_code, basis, effective_from, effective_to, created_by, created_at)
    VALUES (:name, :department, :category_code, :basis, :effective_from, :effective_to, :created_by, :now)
    ON CONFLICT ON CONSTRAINT hospital_department_key DO NOTHING
    RETURNING entry_id
""")

STANDING = sql(f"""
    SELECT {_COLUMNS} FROM registry.hospital_department
    WHERE name_key = registry.department_key(:name) AND effective_from = :effective_from
""")

FROM = sql("SELECT effective_from FROM registry.hospital_department WHERE entry_id = :entry_id FOR UPDATE")

END = sql("""
    UPDATE registry.hospital_department SET effective_to = :effective_to WHERE entry_id = :entry_id
    RETURNING entry_id
""")

# The stays of today in hospitals, each with what the list says of its department.
_STAYS = f"""
    SELECT e.enrolment_id, e.person_id, e.unit_code, u.township_code, u.department_code, e.category_code,
        e.department_in_unit, e.derived_from, l.category_code AS expected_code, l.entry_id AS expected_entry
    FROM registry.enrolment e
    JOIN registry.unit u USING (unit_code)
    LEFT JOIN ({_IN_FORCE}) l ON l.name_key = registry.department_key(e.department_in_unit)
    WHERE e.enrolled_on <= :today AND (e.left_on IS NULL OR e.left_on > :today)
      AND coalesce(u.attributes ->> 'institution_type' = ANY (CAST(:institution_types AS text[])),
                   left(u.industry_key, 4) = ANY (CAST(:industries AS text[])))
"""

# A code that was given in the same unit settles what is owed; the code after a vaccination is no other.
_DEFECTS = f"""
    SELECT * FROM (
        SELECT s.*, CASE
            WHEN s.category_code IS NOT NULL AND s.derived_from IS NULL THEN
                CASE WHEN s.expected_code <> s.category_code
                      AND s.category_code = ANY (CAST(:staff_codes AS text[]))
                      AND NOT EXISTS (SELECT FROM registry.category c WHERE c.category_code = s.expected_code
                                      AND c.vaccinated_as = s.category_code)
                     THEN 'code_differs' END
            WHEN s.expected_code IS NOT NULL THEN NULL
            WHEN s.category_code IS NULL AND EXISTS (
                SELECT FROM registry.enrolment o
                WHERE o.person_id = s.person_id AND o.unit_code = s.unit_code AND o.category_code IS NOT NULL
                  AND o.enrolled_on <= :today AND (o.left_on IS NULL OR o.left_on > :today)) THEN NULL
            WHEN s.department_in_unit IS NULL THEN 'department_missing'
            ELSE 'department_unknown' END AS kind
        FROM ({_STAYS}) s
        WHERE (CAST(:area_township AS text) IS NULL OR s.township_code = :area_township)
          AND (CAST(:area_department AS text) IS NULL OR s.department_code = :area_department)
          AND (CAST(:unit_code AS text) IS NULL OR s.unit_code = :unit_code)) d
    WHERE kind IS NOT NULL
"""

DEFECTS = sql(f"""
    SELECT d.*, p.sealed_contact FROM ({_DEFECTS}) d JOIN registry.person p USING (person_id)
    WHERE d.enrolment_id > :after AND (CAST(:kind AS text) IS NULL OR d.kind = :kind)
    ORDER BY d.enrolment_id LIMIT :limit
""")

COUNTS = sql(f"SELECT kind, count(*) AS stays FROM ({_DEFECTS}) d GROUP BY kind")

# In person order, before anything else, as every writer takes them.
HOLD = sql("""
    SELECT person_id FROM registry.person WHERE person_id = ANY (CAST(:person_ids AS uuid[]))
    ORDER BY person_id FOR NO KEY UPDATE
""")

# Where the list says something else than it said when the code was derived, or says it for the first time.
STALE = sql(f"""
    SELECT person_id, unit_code, department_in_unit FROM ({_STAYS}) s
    WHERE s.expected_entry IS NOT NULL AND s.expected_entry IS DISTINCT FROM s.derived_from
      AND (s.derived_from IS NOT NULL OR s.category_code IS NULL)
      AND NOT EXISTS (
        SELECT FROM registry.enrolment o
        WHERE o.person_id = s.person_id AND o.unit_code = s.unit_code AND o.category_code IS NOT NULL
          AND o.derived_from IS NULL AND (o.left_on IS NULL OR o.left_on > :today))
    ORDER BY person_id, unit_code LIMIT :most
""")
