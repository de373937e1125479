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

# A correction may overtake what it replaces; the mark then waits for the result.
ADD_RESULTS = sql("""
    INSERT INTO registry.thing_result AS r (result_id, unit_code, subject, sample_kind, outcome, collected_at)
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:units AS text[]), CAST(:subjects AS text[]),
        CAST(:kinds AS text[]), CAST(:outcomes AS text[]), CAST(:collected AS timestamptz[])) AS u (result_id)
    ORDER BY u.result_id
    ON CONFLICT ON CONSTRAINT thing_result_pkey DO UPDATE SET unit_code = excluded.unit_code,
        subject = excluded.subject, sample_kind = excluded.sample_kind, outcome = excluded.outcome,
        collected_at = excluded.collected_at
    WHERE r.unit_code IS NULL
""")
MARK_REPLACED = sql("""
    INSERT INTO registry.thing_result (result_id, replaced)
    SELECT u.result_id, true FROM unnest(CAST(:ids AS uuid[])) AS u (result_id) ORDER BY u.result_id
    ON CONFLICT ON CONSTRAINT thing_result_pkey DO UPDATE SET replaced = true
""")

# The newest sample, noted or resulted, and every arrival since: earlier ones say nothing any more.
# An invalid sample is none; one that is positive was taken all the same.
HAPPENED = sql("""
    WITH happened AS (
        SELECT s.unit_code, s.subject, s.what, s.at, CAST(NULL AS text) AS outcome
        FROM registry.unit_sampling s WHERE s.unit_code = ANY (CAST(:units AS text[]))
        UNION ALL
        SELECT r.unit_code, r.subject, 'sample', r.collected_at, r.outcome
        FROM registry.thing_result r
        WHERE r.unit_code = ANY (CAST(:units AS text[])) AND NOT r.replaced AND r.outcome <> 'invalid'
    ), newest AS (
        SELECT unit_code, subject, max(at) AS at FROM happened WHERE what = 'sample'
        GROUP BY unit_code, subject
    )
    SELECT h.unit_code, h.subject, h.what, h.at, h.outcome
    FROM happened h LEFT JOIN newest n ON n.unit_code = h.unit_code AND n.subject = h.subject
    WHERE h.at >= coalesce(n.at, h.at)
    ORDER BY h.at, h.outcome NULLS FIRST
""")
