"""Statements over the people of an area, one row for each enrolment that has not ended."""

from shared.db import sql

# Who is enrolled nowhere is seen by the whole district only.
PAGE = sql("""
    SELECT p.person_id, p.id_type, p.sealed_id_no, p.sealed_contact, p.health_code_id,
        p.vaccination_completed_on, coalesce(e.enrolment_id, '00000000-0000-0000-0000-000000000000') AS place,
        e.unit_code, e.category_code, e.department_in_unit, e.employment_type, e.enrolled_on, e.left_on,
        u.township_code
    FROM registry.person p
    LEFT JOIN registry.enrolment e
      ON e.person_id = p.person_id AND (e.left_on IS NULL OR e.left_on > :today)
    LEFT JOIN registry.unit u ON u.unit_code = e.unit_code
    WHERE p.person_id >= :after_person
      AND (p.person_id, coalesce(e.enrolment_id, '00000000-0000-0000-0000-000000000000'))
          > (:after_person, :after_place)
      AND (CAST(:unit_code AS text) IS NULL OR e.unit_code = :unit_code)
      AND (CAST(:township_code AS text) IS NULL OR u.township_code = :township_code)
      AND (CAST(:department_code AS text) IS NULL OR u.department_code = :department_code)
      AND (CAST(:area_township AS text) IS NULL OR u.township_code = :area_township)
      AND (CAST(:area_department AS text) IS NULL OR u.department_code = :area_department)
    ORDER BY p.person_id, place
    LIMIT :limit
""")
