"""Statements over registry.appeal and its steps."""

from shared.db import sql

INSERT = sql("""
    INSERT INTO registry.appeal
        (appeal_id, person_id, unit_code, claim, result_id, finding_id, shown, opened_by, opened_at, due_at)
    VALUES (:appeal_id, :person_id, :unit_code, :claim, :result_id, :finding_id, CAST(:shown AS jsonb),
        :opened_by, :now, :due_at)
    ON CONFLICT (person_id, unit_code, claim, result_id, finding_id) WHERE state IN ('open', 'upheld')
        DO NOTHING
    RETURNING appeal_id
""")

RUNNING = sql("""
    SELECT appeal_id FROM registry.appeal
    WHERE state IN ('open', 'upheld') AND claim = :claim
      AND (person_id, unit_code, result_id, finding_id) IS NOT DISTINCT FROM
          (CAST(:person_id AS uuid), CAST(:unit_code AS text), CAST(:result_id AS uuid),
           CAST(:finding_id AS uuid))
""")

STEP = sql("""
    INSERT INTO registry.appeal_step (appeal_id, n, kind, client_id, at, sealed_content)
    SELECT CAST(:appeal_id AS uuid), 1 + coalesce(max(n), 0), :kind, :client_id, CAST(:now AS timestamptz),
        CAST(:sealed AS bytea)
    FROM registry.appeal_step WHERE appeal_id = :appeal_id
""")

STEPS = sql("""
    SELECT n, kind, client_id, at, sealed_content FROM registry.appeal_step
    WHERE appeal_id = :appeal_id ORDER BY n
""")

MOVE = sql("""
    UPDATE registry.appeal
    SET state = :state, revision = revision + 1,
        ended_at = CASE WHEN CAST(:state AS text) IN ('open', 'upheld') THEN NULL
                        ELSE CAST(:now AS timestamptz) END
    WHERE appeal_id = :appeal_id
""")

_SHOWN = """
    SELECT a.appeal_id, a.claim, a.state, a.person_id, p.health_code_id, a.unit_code, a.result_id,
           a.finding_id, a.opened_by, a.opened_at, a.due_at, a.escalated_at, a.ended_at, a.shown, a.revision
    FROM registry.appeal a
    LEFT JOIN registry.person p ON p.person_id = a.person_id
    LEFT JOIN registry.unit u ON u.unit_code = a.unit_code
    WHERE ((CAST(:area_township AS text) IS NULL AND CAST(:area_department AS text) IS NULL)
           OR u.township_code = :area_township OR u.department_code = :area_department
           OR EXISTS (SELECT FROM registry.enrolment e JOIN registry.unit v USING (unit_code)
                      WHERE e.person_id = a.person_id AND (e.left_on IS NULL OR e.left_on > :today)
                        AND (v.township_code = :area_township OR v.department_code = :area_department)))
"""

ONE = sql(f"{_SHOWN} AND a.appeal_id = :appeal_id FOR NO KEY UPDATE OF a")

PAGE = sql(f"""
    {_SHOWN}
      AND a.appeal_id < CAST(:before AS uuid)
      AND (CAST(:state AS text) IS NULL OR a.state = :state)
      AND (CAST(:claim AS text) IS NULL OR a.claim = :claim)
      AND (CAST(:unit_code AS text) IS NULL OR a.unit_code = :unit_code)
      AND (NOT CAST(:late AS boolean) OR (a.state = 'open' AND a.due_at < :now))
    ORDER BY a.appeal_id DESC LIMIT :limit
""")

# Whoever entered what decides a person's duty and identity now.
ENTERED_BY = sql("""
    SELECT entered_by AS client_id FROM registry.enrolment WHERE person_id = :person_id
    UNION SELECT updated_by FROM registry.enrolment WHERE person_id = :person_id
    UNION SELECT created_by FROM registry.exemption WHERE person_id = :person_id
    UNION SELECT updated_by FROM registry.person WHERE person_id = :person_id
    UNION SELECT changed_by FROM registry.health_code_history WHERE person_id = :person_id
""")

HAS_RESULT = sql("""
    SELECT EXISTS (SELECT FROM registry.ledger_entry
                   WHERE person_id = :person_id AND entry_id = :result_id AND kind <> 'sample')
""")

# What came of an upheld appeal since it was opened: a correction, a review, or the missing result.
CORRECTED = sql("""
    SELECT a.appeal_id FROM registry.appeal a
    WHERE a.state = 'upheld'
      AND (EXISTS (SELECT FROM registry.ledger_entry l
                   WHERE l.person_id = a.person_id AND l.recorded_at > a.opened_at
                     AND CASE WHEN a.claim = 'result_missing' THEN l.kind = 'result'
                              ELSE l.replaces = a.result_id OR l.result_id = a.result_id END)
           OR EXISTS (SELECT FROM registry.ledger_review r
                      WHERE r.result_id = a.result_id AND r.recorded_at > a.opened_at
                        AND r.verdict IN ('refuted', 'released')))
    ORDER BY a.appeal_id LIMIT 50 FOR NO KEY UPDATE SKIP LOCKED
""")

LATE = sql("""
    UPDATE registry.appeal SET escalated_at = :now, revision = revision + 1
    WHERE appeal_id IN (SELECT appeal_id FROM registry.appeal
                        WHERE state = 'open' AND due_at < :now AND escalated_at IS NULL
                        ORDER BY due_at LIMIT 50 FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING appeal_id
""")
