"""Statements of the overdue lists. They find candidates; what is overdue is decided by `status_of`."""

from typing import Final

from registry.statuses.display import COLUMNS
from shared.db import sql

_STATUS: Final = ", ".join(f"s.{column}" for column in COLUMNS)

# Overdue or never tested as stored, or with a duty that has changed since it was stored.
_CANDIDATE: Final = """
    e.category_code IS NOT NULL AND e.enrolled_on <= :today AND (e.left_on IS NULL OR e.left_on > :today)
    AND (s.boundary_on <= :today
         OR ((s.due_on < :today OR (s.due_on <= :today AND s.counted_on IS NULL))
             AND (s.exempt_from IS NULL OR NOT :today BETWEEN s.exempt_from AND s.exempt_to)))
    AND (CAST(:unit_code AS text) IS NULL OR e.unit_code = :unit_code)
    AND (CAST(:township_code AS text) IS NULL OR u.township_code = :township_code)
    AND (CAST(:department_code AS text) IS NULL OR u.department_code = :department_code)
    AND (CAST(:area_township AS text) IS NULL OR u.township_code = :area_township)
    AND (CAST(:area_department AS text) IS NULL OR u.department_code = :area_department)
"""

PEOPLE = sql(f"""
    SELECT DISTINCT ON (e.person_id, coalesce(e.unit_code, ''))
        p.health_code_id, p.sealed_contact, e.unit_code, u.township_code, {_STATUS}
    FROM registry.person_status s
    JOIN registry.enrolment e ON e.person_id = s.person_id
    JOIN registry.person p ON p.person_id = s.person_id
    LEFT JOIN registry.unit u ON u.unit_code = e.unit_code
    WHERE s.person_id >= :after_person
      AND (e.person_id, coalesce(e.unit_code, '')) > (:after_person, :after_unit)
      AND {_CANDIDATE}
    ORDER BY e.person_id, coalesce(e.unit_code, '')
    LIMIT :limit
""")

UNITS = sql(f"""
    SELECT u.unit_code, u.name, u.township_code, u.department_code
    FROM registry.unit u
    WHERE u.unit_code > :after
      AND EXISTS (SELECT FROM registry.enrolment e JOIN registry.person_status s USING (person_id)
                  WHERE e.unit_code = u.unit_code AND {_CANDIDATE})
    ORDER BY u.unit_code
    LIMIT :limit
""")

PEOPLE_OF_UNITS = sql(f"""
    SELECT DISTINCT ON (e.unit_code, e.person_id) e.unit_code, {_STATUS}
    FROM registry.enrolment e
    JOIN registry.person_status s ON s.person_id = e.person_id
    WHERE e.unit_code = ANY (CAST(:units AS text[]))
      AND e.category_code IS NOT NULL AND e.enrolled_on <= :today
      AND (e.left_on IS NULL OR e.left_on > :today)
    ORDER BY e.unit_code, e.person_id
""")
