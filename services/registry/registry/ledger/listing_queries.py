"""Statements over the ledger of an area: each person's status, once for each unit of theirs."""

from typing import Final

from registry.statuses.display import COLUMNS
from shared.db import sql

_STATUS: Final = ", ".join(f"s.{column}" for column in COLUMNS)

PAGE = sql(f"""
    SELECT DISTINCT ON (s.person_id, coalesce(e.unit_code, ''))
        p.health_code_id, p.sealed_contact, coalesce(e.unit_code, '') AS unit_code, u.township_code, {_STATUS}
    FROM registry.person_status s
    JOIN registry.person p ON p.person_id = s.person_id
    LEFT JOIN registry.enrolment e
      ON e.person_id = s.person_id AND (e.left_on IS NULL OR e.left_on > :today)
    LEFT JOIN registry.unit u ON u.unit_code = e.unit_code
    WHERE s.person_id >= :after_person
      AND (s.person_id, coalesce(e.unit_code, '')) > (:after_person, :after_unit)
      AND (CAST(:unit_code AS text) IS NULL OR e.unit_code = :unit_code)
      AND (CAST(:township_code AS text) IS NULL OR u.township_code = :township_code)
      AND (CAST(:department_code AS text) IS NULL OR u.department_code = :department_code)
      AND (CAST(:area_township AS text) IS NULL OR u.township_code = :area_township)
      AND (CAST(:area_department AS text) IS NULL OR u.department_code = :area_department)
    ORDER BY s.person_id, coalesce(e.unit_code, '')
    LIMIT :limit
""")
