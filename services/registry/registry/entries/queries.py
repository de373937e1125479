"""Statements over the time between a day and its entry. Both ends of the period are included."""

from typing import Final

from shared.db import sql

# A first day before go-live was loaded, not entered. What was entered ahead is entered in time.
_ENTRIES: Final = """
    SELECT v.*, greatest(0, CAST(v.entered_at AT TIME ZONE 'Asia/Shanghai' AS date) - v.day) AS days
    FROM (
        SELECT enrolment_id, person_id, unit_code, category_code, 'began' AS what, enrolled_on AS day,
               coalesce(entered_at, created_at) AS entered_at, coalesce(entered_by, created_by) AS entered_by
        FROM registry.enrolment
        UNION ALL
        SELECT enrolment_id, person_id, unit_code, category_code, 'left', left_on, left_entered_at, updated_by
        FROM registry.enrolment WHERE left_on IS NOT NULL AND left_entered_at IS NOT NULL
        UNION ALL
        SELECT enrolment_id, person_id, unit_code, category_code, 'began', enrolled_on, entered_at, entered_by
        FROM registry.enrolment_history WHERE change = 'again'
        UNION ALL
        SELECT enrolment_id, person_id, unit_code, category_code, 'left', left_on, left_entered_at, NULL
        FROM registry.enrolment_history WHERE change = 'again' AND left_entered_at IS NOT NULL
    ) v
    WHERE v.day >= :go_live_on
      AND v.entered_at >= CAST(CAST(:first AS date) AS timestamp) AT TIME ZONE 'Asia/Shanghai'
      AND v.entered_at < CAST(CAST(:last AS date) + 1 AS timestamp) AT TIME ZONE 'Asia/Shanghai'
"""

UNITS = sql(f"""
    SELECT u.unit_code, u.name, u.township_code, u.department_code, count(*) AS entered,
           count(*) FILTER (WHERE v.what = 'began') AS began, count(*) FILTER (WHERE v.what = 'left') AS gone,
           count(*) FILTER (WHERE v.days > :allowed) AS late,
           percentile_disc(0.5) WITHIN GROUP (ORDER BY v.days) AS median_days,
           percentile_disc(0.9) WITHIN GROUP (ORDER BY v.days) AS p90_days, max(v.days) AS longest_days
    FROM ({_ENTRIES}) v JOIN registry.unit u USING (unit_code)
    WHERE u.unit_code > :after
      AND (CAST(:unit_code AS text) IS NULL OR u.unit_code = :unit_code)
      AND (CAST(:township_code AS text) IS NULL OR u.township_code = :township_code)
      AND (CAST(:department_code AS text) IS NULL OR u.department_code = :department_code)
      AND (CAST(:area_township AS text) IS NULL OR u.township_code = :area_township)
      AND (CAST(:area_department AS text) IS NULL OR u.department_code = :area_department)
    GROUP BY u.unit_code, u.name, u.township_code, u.department_code
    ORDER BY u.unit_code LIMIT :limit
""")

# Unit by unit, so that the entries of the period alone are read.
LATE = sql(f"""
    SELECT v.enrolment_id, v.person_id, v.category_code, v.what, v.day, v.entered_at, v.entered_by, v.days
    FROM ({_ENTRIES}) v
    WHERE v.unit_code = :unit_code AND v.days > :allowed
      AND (v.enrolment_id, v.what, v.day) > (:after_id, :after_what, :after_day)
    ORDER BY v.enrolment_id, v.what, v.day LIMIT :limit
""")
