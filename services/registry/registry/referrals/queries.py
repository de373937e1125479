"""Statements over registry.referral and its steps."""

from shared.db import sql

_COLUMNS = """
    r.referral_id, r.person_id, r.sealed_patient, r.from_unit_code, r.from_unit_name, r.to_unit_code,
    r.to_unit_name, r.state, r.outcome, r.reported_at, r.due_at, r.late_at, r.arrived_at, r.event_id,
    r.result_id, r.ended_at, r.revision
"""

# An area sees what its institutions report and what its fever clinics are sent.
_SEEN = """
    (CAST(:area_township AS text) IS NULL AND CAST(:area_department AS text) IS NULL
     OR EXISTS (SELECT FROM registry.unit u
                WHERE u.unit_code IN (r.from_unit_code, r.to_unit_code)
                  AND (u.township_code = :area_township OR u.department_code = :area_department)))
"""

ONE = sql(f"""
    SELECT {_COLUMNS} FROM registry.referral r
    WHERE r.referral_id = :referral_id AND {_SEEN}
    FOR NO KEY UPDATE OF r
""")

BY_ID = sql(f"SELECT {_COLUMNS} FROM registry.referral r WHERE r.referral_id = :referral_id")

PAGE = sql(f"""
    SELECT {_COLUMNS} FROM registry.referral r
    WHERE {_SEEN} AND r.referral_id < :before
      AND (CAST(:state AS text) IS NULL OR r.state = :state)
      AND (CAST(:unit_code AS text) IS NULL OR :unit_code IN (r.from_unit_code, r.to_unit_code))
      AND (NOT CAST(:late AS boolean)
           OR (r.state IN ('open', 'arrived', 'lost') AND (r.late_at IS NOT NULL OR r.due_at < :now)))
    ORDER BY r.referral_id DESC LIMIT :limit
""")

REPORT = sql(f"""
    SELECT r.from_unit_code, max(r.from_unit_name) AS from_unit_name, count(*) AS reported,
        count(*) FILTER (WHERE r.state = 'open') AS open,
        count(*) FILTER (WHERE r.state = 'arrived') AS arrived,
        count(*) FILTER (WHERE r.state = 'closed') AS closed,
        count(*) FILTER (WHERE r.state = 'lost') AS lost,
        count(*) FILTER (WHERE r.state = 'cancelled') AS cancelled,
        count(*) FILTER (WHERE r.state IN ('open', 'arrived', 'lost')
                         AND (r.late_at IS NOT NULL OR r.due_at < :now)) AS late
    FROM registry.referral r
    WHERE {_SEEN}
      AND CAST(r.reported_at AT TIME ZONE 'Asia/Shanghai' AS date) BETWEEN :first AND :last
    GROUP BY r.from_unit_code ORDER BY r.from_unit_code
""")

UNIT = sql("SELECT unit_code, name, attributes FROM registry.unit WHERE unit_code = :unit_code")

INSERT = sql("""
    INSERT INTO registry.referral
        (referral_id, person_id, sealed_patient, from_unit_code, from_unit_name, to_unit_code, to_unit_name,
         reported_at, due_at, opened_by, opened_at)
    VALUES (:referral_id, :person_id, :patient, :from_unit_code, :from_unit_name, :to_unit_code,
        :to_unit_name, :reported_at, :due_at, :opened_by, :now)
    ON CONFLICT (person_id, from_unit_code) WHERE state IN ('open', 'arrived', 'lost') DO NOTHING
    RETURNING referral_id
""")

RUNNING = sql("""
    SELECT referral_id, to_unit_code, reported_at FROM registry.referral
    WHERE person_id = :person_id AND from_unit_code = :from_unit_code
      AND state IN ('open', 'arrived', 'lost')
""")

STEP = sql("""
    INSERT INTO registry.referral_step (referral_id, n, kind, client_id, at, sealed_content)
    SELECT CAST(:referral_id AS uuid), 1 + coalesce(max(n), 0), :kind, :client_id,
        CAST(:now AS timestamptz), CAST(:sealed AS bytea)
    FROM registry.referral_step WHERE referral_id = :referral_id
""")

STEPS = sql("""
    SELECT n, kind, client_id, at, sealed_content FROM registry.referral_step
    WHERE referral_id = :referral_id ORDER BY n
""")

REDIRECT = sql("""
    UPDATE registry.referral
    SET to_unit_code = :to_unit_code, to_unit_name = :to_unit_name, revision = revision + 1
    WHERE referral_id = :referral_id
""")

ARRIVE = sql("""
    UPDATE registry.referral
    SET state = 'arrived', arrived_at = :at, due_at = :due_at, late_at = NULL, event_id = :event_id,
        revision = revision + 1
    WHERE referral_id = :referral_id
""")

CANCEL = sql("""
    UPDATE registry.referral SET state = 'cancelled', ended_at = :now, revision = revision + 1
    WHERE referral_id = :referral_id
""")

LATE = sql("""
    UPDATE registry.referral SET late_at = :now, revision = revision + 1
    WHERE referral_id IN (SELECT referral_id FROM registry.referral
                          WHERE state IN ('open', 'arrived') AND due_at < :now AND late_at IS NULL
                          ORDER BY due_at LIMIT :most FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING referral_id
""")

LOST = sql("""
    UPDATE registry.referral SET state = 'lost', revision = revision + 1
    WHERE referral_id IN (SELECT referral_id FROM registry.referral
                          WHERE state = 'open' AND due_at < CAST(:now AS timestamptz)
                              - make_interval(secs => CAST(:lost_seconds AS double precision))
                          ORDER BY due_at LIMIT :most FOR NO KEY UPDATE SKIP LOCKED)
    RETURNING referral_id
""")

# A single PCR of a sample since the report or the arrival, whichever was first, that still stands: neither
# replaced nor withdrawn; a positive one that was refuted counts as negative (contract §5.3).
_RESULT = """
    SELECT e.entry_id,
        CASE WHEN e.outcome = 'negative' OR v.verdict = 'refuted' THEN 'negative'
             WHEN v.verdict IN ('confirmed', 'released') THEN 'positive' END AS outcome
    FROM registry.ledger_entry e
    LEFT JOIN LATERAL (SELECT verdict FROM registry.ledger_review w WHERE w.result_id = e.entry_id
                       ORDER BY w.revision DESC, w.reviewed_at DESC LIMIT 1) v ON true
    WHERE e.person_id = r.person_id AND e.kind = 'result' AND e.mode = 'single' AND e.test_kind = 'pcr'
      AND e.outcome <> 'invalid' AND e.collected_at >= least(r.reported_at, r.arrived_at)
      AND NOT EXISTS (SELECT FROM registry.ledger_entry x
                      WHERE x.person_id = e.person_id
                        AND (x.replaces = e.entry_id OR x.result_id = e.entry_id))
"""

# Nothing closes a referral while the person is under re-check.
CLOSE = sql(f"""
    UPDATE registry.referral t
    SET state = 'closed', outcome = found.outcome, result_id = found.entry_id, ended_at = :now,
        revision = revision + 1
    FROM (SELECT r.referral_id, e.entry_id, e.outcome
          FROM registry.referral r
          JOIN LATERAL ({_RESULT} ORDER BY (v.verdict IN ('confirmed', 'released')) IS TRUE DESC,
                        e.collected_at DESC LIMIT 1) e ON e.outcome IS NOT NULL
          LEFT JOIN registry.person_status s ON s.person_id = r.person_id
          WHERE r.state = 'arrived' AND s.hold IS DISTINCT FROM 'under_recheck'
          ORDER BY r.referral_id LIMIT :most FOR NO KEY UPDATE OF r SKIP LOCKED) found
    WHERE t.referral_id = found.referral_id
    RETURNING t.referral_id
""")

# What closed it was taken back or replaced by the laboratory, or reviewed otherwise: it runs again.
REOPEN = sql(f"""
    UPDATE registry.referral t
    SET state = 'arrived', outcome = NULL, result_id = NULL, ended_at = NULL, revision = revision + 1
    FROM (SELECT r.referral_id FROM registry.referral r
          WHERE r.state = 'closed' AND r.ended_at > CAST(:now AS timestamptz) - interval '30 days'
            AND NOT EXISTS (SELECT FROM ({_RESULT} AND e.entry_id = r.result_id) e
                            WHERE e.outcome = r.outcome)
            AND NOT EXISTS (SELECT FROM registry.referral o WHERE o.person_id = r.person_id
                            AND o.from_unit_code = r.from_unit_code
                            AND o.state IN ('open', 'arrived', 'lost'))
          ORDER BY r.referral_id LIMIT :most FOR NO KEY UPDATE OF r SKIP LOCKED) found
    WHERE t.referral_id = found.referral_id
    RETURNING t.referral_id
""")
