"""Statements over events, their clocks and steps."""

from typing import Final

from shared.bus.putting_off import not_put_off
from shared.db import sql

WATCH: Final = "events"
_EVENT: Final = """e.event_id, e.event_code, e.kind, e.township_code, e.department_code, e.unit_code,
    e.health_code_id, e.suspected_at, e.recorded_at, e.client_id, e.state, e.ended_at"""
_CLOCK: Final = """c.event_id, c.clock, c.limit_minutes, c.starts_at, c.due_at, c.warned_at, c.broken_at,
    c.ended_at, c.state"""
_AREA: Final = """
    (CAST(:township AS text) IS NULL OR e.township_code = :township)
    AND (CAST(:department AS text) IS NULL OR e.department_code = :department)
"""

UNIT = sql(
    """
SELECT township_code, department_code FROM notifier.unit e WHERE unit_code = :unit_code AND """
    + _AREA
)

TOWNSHIP = sql("""
SELECT EXISTS (SELECT FROM notifier.department WHERE code = :township_code AND level = 'township')
""")

ADD = sql("""
INSERT INTO notifier.event
    (event_id, event_code, kind, township_code, department_code, unit_code, health_code_id, suspected_at,
     recorded_at, client_id)
VALUES (:event_id, :event_code, :kind, :township_code, :department_code, :unit_code, :health_code_id,
        :suspected_at, :now, :client_id)
ON CONFLICT ON CONSTRAINT event_once DO NOTHING
""")

BY_CODE = sql(f"SELECT {_EVENT} FROM notifier.event e WHERE e.event_code = :event_code AND {_AREA}")

ONE = sql(f"SELECT {_EVENT} FROM notifier.event e WHERE e.event_id = :event_id AND {_AREA}")

LOCK = sql(f"SELECT {_EVENT} FROM notifier.event e WHERE e.event_id = :event_id AND {_AREA} FOR UPDATE")

PAGE = sql(f"""
SELECT {_EVENT} FROM notifier.event e
WHERE e.event_id < CAST(:before AS uuid) AND {_AREA}
  AND (CAST(:state AS text) IS NULL OR e.state = :state)
  AND (CAST(:late AS boolean) IS NOT TRUE OR EXISTS (
        SELECT FROM notifier.event_clock c WHERE c.event_id = e.event_id
          AND (c.state = 'late' OR (c.ended_at IS NULL AND c.due_at <= CAST(:now AS timestamptz)))))
ORDER BY e.event_id DESC LIMIT :limit
""")

CLOCKS = sql(f"""
SELECT {_CLOCK} FROM notifier.event_clock c WHERE c.event_id = ANY(CAST(:event_ids AS uuid[]))
ORDER BY c.event_id, c.due_at
""")

STEPS = sql("""
SELECT kind, at, client_id, details, said FROM notifier.event_step WHERE event_id = :event_id ORDER BY step_id
""")

ADD_CLOCK = sql("""
INSERT INTO notifier.event_clock (event_id, clock, limit_minutes, starts_at, due_at, next_at, state)
VALUES (:event_id, :clock, :limit_minutes, :starts_at, :due_at, :next_at, 'running')
""")

END_CLOCK = sql("""
UPDATE notifier.event_clock SET ended_at = :at, state = :state, next_at = NULL
WHERE event_id = :event_id AND clock = :clock AND ended_at IS NULL
""")

STOP_CLOCKS = sql("""
UPDATE notifier.event_clock SET ended_at = :now, state = 'stopped', next_at = NULL
WHERE event_id = :event_id AND ended_at IS NULL
""")

ADD_STEP = sql("""
INSERT INTO notifier.event_step (step_id, event_id, kind, client_id, at, details, said)
VALUES (:step_id, :event_id, :kind, :client_id, :now, CAST(:details AS jsonb), :said)
""")

SET_STATE = sql("""
UPDATE notifier.event
SET state = :state, ended_at = CASE WHEN :state = 'closed' THEN CAST(:now AS timestamptz) END
WHERE event_id = :event_id
""")

DUE = sql(f"""
SELECT {_CLOCK}, e.event_code, e.township_code, e.department_code
FROM notifier.event_clock c JOIN notifier.event e USING (event_id)
WHERE c.next_at <= CAST(:now AS timestamptz)
  AND {not_put_off(WATCH, "c.clock || ' ' || CAST(c.event_id AS text)", consumer="notifier")}
ORDER BY c.next_at LIMIT 50 FOR UPDATE OF c SKIP LOCKED
""")

TOLD = sql("""
UPDATE notifier.event_clock
SET state = CASE WHEN :breach THEN 'broken' ELSE 'warned' END,
    warned_at = CASE WHEN :breach THEN warned_at ELSE CAST(:now AS timestamptz) END,
    broken_at = CASE WHEN :breach THEN CAST(:now AS timestamptz) END,
    next_at = CASE WHEN NOT :breach THEN due_at END
WHERE event_id = :event_id AND clock = :clock
""")

_LIMIT: Final = "clock, effective_from, limit_minutes, warn_minutes, starts, basis, created_by, created_at"

IN_FORCE = sql(f"""
SELECT DISTINCT ON (clock) {_LIMIT} FROM notifier.event_limit WHERE effective_from <= :today
ORDER BY clock, effective_from DESC
""")

ADD_LIMIT = sql(f"""
INSERT INTO notifier.event_limit ({_LIMIT})
VALUES (:clock, :effective_from, :limit_minutes, :warn_minutes, :starts, :basis, :client_id, :now)
ON CONFLICT (clock, effective_from) DO NOTHING
""")

ONE_LIMIT = sql(f"""
SELECT {_LIMIT} FROM notifier.event_limit WHERE clock = :clock AND effective_from = :effective_from
""")

LIMITS = sql(f"""
SELECT {_LIMIT}, effective_from = (
    SELECT max(v.effective_from) FROM notifier.event_limit v
    WHERE v.clock = l.clock AND v.effective_from <= :today) AS in_force
FROM notifier.event_limit l ORDER BY clock, effective_from DESC OFFSET :skip LIMIT :limit
""")
