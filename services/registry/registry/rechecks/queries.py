"""Statements of the re-check list. They find who is under re-check; what is owed follows from the facts."""

from shared.db import sql

HELD = sql("""
    SELECT s.person_id, p.health_code_id, p.sealed_contact
    FROM registry.person_status s JOIN registry.person p ON p.person_id = s.person_id
    WHERE s.hold = 'under_recheck' AND s.person_id > :after
      AND (CAST(:unit_code AS text) IS NULL AND NOT CAST(:limited AS boolean) OR EXISTS (
          SELECT FROM registry.enrolment e JOIN registry.unit u ON u.unit_code = e.unit_code
          WHERE e.person_id = s.person_id AND (e.left_on IS NULL OR e.left_on > :today)
            AND (CAST(:unit_code AS text) IS NULL OR e.unit_code = :unit_code)
            AND (CAST(:township AS text) IS NULL OR u.township_code = :township)
            AND (CAST(:department AS text) IS NULL OR u.department_code = :department)))
    ORDER BY s.person_id
    LIMIT :limit
""")
