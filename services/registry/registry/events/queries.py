"""Statements over registry.event."""

from shared.db import sql

_COLUMNS = """
    event_id, person_id, kind, category_code, happens_at, variant, unit_code, released_on,
    sealed_responsible, ended_on, created_at
"""

INSERT = sql(f"""
    INSERT INTO registry.event
        (event_id, person_id, kind, category_code, happens_at, variant, unit_code, created_by, created_at,
         updated_at)
    VALUES (:event_id, :person_id, :kind, :category_code, :happens_at, :variant, :unit_code, :created_by,
        :now, :now)
    ON CONFLICT ON CONSTRAINT event_key DO NOTHING
    RETURNING {_COLUMNS}
""")

SAME = sql(f"""
    SELECT {_COLUMNS} FROM registry.event
    WHERE person_id = :person_id AND kind = :kind AND happens_at = :happens_at
""")

BY_ID = sql(f"SELECT {_COLUMNS} FROM registry.event WHERE event_id = :event_id FOR UPDATE")

OF_PERSON = sql(f"""
    SELECT {_COLUMNS} FROM registry.event WHERE person_id = :person_id ORDER BY happens_at DESC, event_id
""")

MOVE = sql(f"""
    UPDATE registry.event SET happens_at = :happens_at, updated_by = :updated_by, updated_at = :now
    WHERE event_id = :event_id
    RETURNING {_COLUMNS}
""")

MOVED_ONTO = sql("""
    SELECT event_id FROM registry.event
    WHERE person_id = :person_id AND kind = :kind AND happens_at = :happens_at AND event_id <> :event_id
""")

RELEASE = sql(f"""
    UPDATE registry.event
    SET released_on = :day, released_by = :released_by, sealed_responsible = :responsible,
        updated_by = :released_by, updated_at = :now
    WHERE event_id = :event_id
    RETURNING {_COLUMNS}
""")

END = sql(f"""
    UPDATE registry.event
    SET ended_on = :day, sealed_reason = :reason, updated_by = :updated_by, updated_at = :now
    WHERE event_id = :event_id
    RETURNING {_COLUMNS}
""")

# An area sees the events of the people enrolled in its units.
PAGE = sql(f"""
    SELECT {", ".join(f"v.{column.strip()}" for column in _COLUMNS.split(","))}
    FROM registry.event v
    WHERE v.event_id > :after
      AND (CAST(:kind AS text) IS NULL OR v.kind = :kind)
      AND (CAST(:unit_code AS text) IS NULL OR v.unit_code = :unit_code)
      AND ((CAST(:area_township AS text) IS NULL AND CAST(:area_department AS text) IS NULL)
           OR EXISTS (SELECT FROM registry.enrolment e JOIN registry.unit u USING (unit_code)
                      WHERE e.person_id = v.person_id AND (e.left_on IS NULL OR e.left_on > :today)
                        AND (CAST(:area_township AS text) IS NULL OR u.township_code = :area_township)
                        AND (CAST(:area_department AS text) IS NULL OR u.department_code = :area_department)))
    ORDER BY v.event_id
    LIMIT :limit
""")
