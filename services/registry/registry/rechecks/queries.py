"""Statements of re-checks. They find who is under re-check; what is owed follows from the facts."""

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

CONCERNED = sql("""
    SELECT s.person_id FROM registry.person_status s
    WHERE s.person_id = ANY(CAST(:people AS uuid[])) AND s.hold = 'under_recheck'
    UNION
    SELECT o.person_id FROM registry.recheck_order o
    WHERE o.person_id = ANY(CAST(:people AS uuid[])) AND o.state IN ('waiting', 'sampled')
    ORDER BY person_id
""")
_ORDER = """
    person_id, pool_id, route, pool_code, lab_code, opened_at, state, sampled_at, resulted_at
"""
ORDERS = sql(f"""
    SELECT {_ORDER}, due_at FROM registry.recheck_order WHERE person_id = ANY(CAST(:people AS uuid[]))
""")
# Where the person works, else where they live, answers for a single that is not taken yet.
KEEP_ORDER = sql("""
    INSERT INTO registry.recheck_order AS o (order_id, person_id, pool_id, route, pool_code, lab_code,
        unit_code, township_code, opened_at, registered_at, state, sampled_at, resulted_at)
    SELECT :order_id, :person_id, :pool_id, :route, :pool_code, :lab_code, u.unit_code,
        coalesce(u.township_code, d.township_code), :opened_at, :now, :state, :sampled_at, :resulted_at
    FROM (SELECT 1) one
    LEFT JOIN LATERAL (
        SELECT x.unit_code, x.township_code
        FROM registry.enrolment e JOIN registry.unit x ON x.unit_code = e.unit_code
        WHERE e.person_id = CAST(:person_id AS uuid)
            AND (e.left_on IS NULL OR e.left_on > CAST(:today AS date))
        ORDER BY e.enrolled_on DESC, e.unit_code LIMIT 1
    ) u ON true
    LEFT JOIN registry.residence r ON r.person_id = CAST(:person_id AS uuid) AND r.to_on IS NULL
    LEFT JOIN registry.division d ON d.division_code = r.grid_code
    ON CONFLICT (order_id) DO UPDATE
    SET lab_code = excluded.lab_code, opened_at = excluded.opened_at, state = excluded.state,
        sampled_at = excluded.sampled_at, resulted_at = excluded.resulted_at, revision = o.revision + 1
""")
TOLD = sql(f"""
    SELECT order_id, revision, unit_code, township_code, registered_at, {_ORDER}
    FROM registry.recheck_order WHERE order_id = ANY(CAST(:order_ids AS uuid[])) ORDER BY order_id
""")
TIMED = sql("""
    UPDATE registry.recheck_order SET due_at = :due_at WHERE order_id = :order_id AND revision = :revision
""")
