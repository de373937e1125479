"""Statements over registry.residence."""

from shared.db import sql

# In person order, like every writer of people; who is neither enrolled nor resident in the caller's
# area is as unknown as nobody.
FIND = sql("""
    SELECT p.person_id, p.id_type, p.id_index, p.health_code_id
    FROM registry.person p
    WHERE (p.health_code_id = ANY (CAST(:codes AS text[]))
           OR (p.id_type, p.id_index) IN (
               SELECT * FROM unnest(CAST(:id_types AS text[]), CAST(:id_indexes AS bytea[]))))
      AND (NOT CAST(:limited AS boolean)
           OR EXISTS (SELECT FROM registry.enrolment e JOIN registry.unit u USING (unit_code)
                      WHERE e.person_id = p.person_id AND (e.left_on IS NULL OR e.left_on > :today)
                        AND (u.township_code = :area_township OR u.department_code = :area_department))
           OR EXISTS (SELECT FROM registry.residence r
                      JOIN registry.division d ON d.division_code = r.grid_code
                      WHERE r.person_id = p.person_id AND r.to_on IS NULL
                        AND d.township_code = :area_township))
    ORDER BY p.person_id
    FOR NO KEY UPDATE OF p
""")

CURRENT = sql("""
    SELECT person_id, grid_code, from_on FROM registry.residence
    WHERE person_id = ANY (CAST(:people AS uuid[])) AND to_on IS NULL
""")

END = sql("""
    UPDATE registry.residence r SET to_on = e.to_on
    FROM unnest(CAST(:people AS uuid[]), CAST(:days AS date[])) AS e (person_id, to_on)
    WHERE r.person_id = e.person_id AND r.to_on IS NULL
""")

BEGIN = sql("""
    INSERT INTO registry.residence (residence_id, person_id, grid_code, from_on, created_by, created_at)
    SELECT n.*, :by, CAST(:now AS timestamptz)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:people AS uuid[]), CAST(:grids AS text[]),
        CAST(:days AS date[])) AS n
""")

PAGE = sql("""
    SELECT p.person_id, p.health_code_id, p.sealed_contact
    FROM registry.residence r JOIN registry.person p USING (person_id)
    WHERE r.grid_code = :grid_code AND r.to_on IS NULL AND r.person_id > :after
    ORDER BY r.person_id
    LIMIT :limit
""")
