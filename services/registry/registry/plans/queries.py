"""Statements over registry.unit_plan and registry.unit_sampling."""

from shared.db import sql

_PLAN = "plan_id, unit_code, category_code, effective_from, effective_to"

INSERT = sql(f"""
    INSERT INTO registry.unit_plan
        (plan_id, unit_code, category_code, effective_from, effective_to, created_by, created_at, updated_at)
    VALUES (:plan_id, :unit_code, :category_code, :effective_from, CAST(:effective_to AS date), :created_by,
        :now, :now)
    ON CONFLICT ON CONSTRAINT unit_plan_key DO NOTHING
    RETURNING {_PLAN}
""")

SAME = sql(f"""
    SELECT {_PLAN} FROM registry.unit_plan
    WHERE unit_code = :unit_code AND category_code = :category_code AND effective_from = :effective_from
""")

# Plans that hold today, with what places their unit in an area.
PAGE = sql(f"""
    SELECT {", ".join(f"p.{name}" for name in _PLAN.split(", "))}, u.township_code, u.department_code,
           t.parent_code
    FROM registry.unit_plan p
    JOIN registry.unit u USING (unit_code)
    LEFT JOIN registry.department t ON t.code = u.township_code
    WHERE p.plan_id > :after
      AND (CAST(:unit_code AS text) IS NULL OR p.unit_code = :unit_code)
      AND p.effective_from <= :today AND (p.effective_to IS NULL OR p.effective_to >= :today)
      AND (CAST(:area_township AS text) IS NULL OR u.township_code = :area_township)
      AND (CAST(:area_department AS text) IS NULL OR u.department_code = :area_department)
    ORDER BY p.plan_id
    LIMIT :limit
""")

NOTE = sql("""
    INSERT INTO registry.unit_sampling
        (sampling_id, unit_code, subject, what, at, created_by, created_at)
    VALUES (:sampling_id, :unit_code, :subject, :what, :at, :created_by, :now)
    ON CONFLICT ON CONSTRAINT unit_sampling_key DO NOTHING
""")

# The newest sample, and every arrival since: earlier ones say nothing any more.
HAPPENED = sql("""
    SELECT s.unit_code, s.subject, s.what, s.at
    FROM registry.unit_sampling s
    WHERE s.unit_code = ANY (CAST(:units AS text[]))
      AND s.at >= coalesce((SELECT max(n.at) FROM registry.unit_sampling n
                            WHERE n.unit_code = s.unit_code AND n.subject = s.subject
                              AND n.what = 'sample'), s.at)
    ORDER BY s.at
""")
