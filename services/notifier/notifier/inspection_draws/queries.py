"""Statements over inspectors and draws."""

from typing import Final

from shared.db import sql

_INSPECTOR: Final = "inspector_code, department_code, unit_code, related, active, sealed"

SET_INSPECTOR: Final = sql(f"""
    INSERT INTO notifier.inspector
        (inspector_code, department_code, unit_code, related, active, sealed, changed_by, changed_at)
    VALUES (:inspector_code, :department_code, :unit_code, CAST(:related AS text[]), :active, :sealed,
            :client_id, :now)
    ON CONFLICT (inspector_code) DO UPDATE
    SET department_code = excluded.department_code, unit_code = excluded.unit_code,
        related = excluded.related, active = excluded.active, sealed = excluded.sealed,
        changed_by = excluded.changed_by, changed_at = excluded.changed_at
    RETURNING {_INSPECTOR}
""")

INSPECTORS: Final = sql(f"""
    SELECT {_INSPECTOR} FROM notifier.inspector
    WHERE inspector_code > :after ORDER BY inspector_code LIMIT :limit
""")

SOME_INSPECTORS: Final = sql(f"""
    SELECT {_INSPECTOR} FROM notifier.inspector
    WHERE CAST(:codes AS text[]) IS NULL OR inspector_code = ANY(CAST(:codes AS text[]))
    ORDER BY inspector_code
""")

UNITS: Final = sql("""
    SELECT unit_code AS code, township_code, department_code FROM notifier.unit
    WHERE (CAST(:industry_prefix AS text) IS NULL OR starts_with(industry_code, :industry_prefix))
      AND (CAST(:township_code AS text) IS NULL OR township_code = :township_code)
      AND (CAST(:department_code AS text) IS NULL OR department_code = :department_code)
      AND (CAST(:target_codes AS text[]) IS NULL OR unit_code = ANY(CAST(:target_codes AS text[])))
    ORDER BY unit_code
""")

_DRAW: Final = """draw_no, kind, target_type, wanted, seed, inspectors_each, library, drawn, made_at,
    published_at"""

KEEP_DRAW: Final = sql(f"""
    INSERT INTO notifier.inspection_draw
        (draw_no, kind, target_type, wanted, seed, inspectors_each, library, drawn, made_by, made_at)
    VALUES (:draw_no, :kind, :target_type, CAST(:wanted AS jsonb), :seed, :inspectors_each,
            CAST(:library AS jsonb), CAST(:drawn AS jsonb), :client_id, :now)
    ON CONFLICT (draw_no) DO NOTHING
    RETURNING {_DRAW}
""")

DRAW: Final = sql(f"SELECT {_DRAW} FROM notifier.inspection_draw WHERE draw_no = :draw_no")

NAMES: Final = sql("""
    SELECT unit_code AS code, unit_name AS name FROM notifier.unit
    WHERE unit_code = ANY(CAST(:codes AS text[]))
""")

INSPECTED: Final = sql("""
    SELECT target_code, min(day) AS day FROM notifier.inspection WHERE draw_no = :draw_no
    GROUP BY target_code
""")

PUBLISH: Final = sql("""
    UPDATE notifier.inspection_draw SET published_at = :now, published_by = :client_id
    WHERE draw_no = :draw_no AND published_at IS NULL
""")

# What is public is public; an area's client still reads of its own only.
PUBLISHED: Final = sql("""
    SELECT i.inspection_id, d.draw_no, i.kind, i.target_type, i.target_code, u.unit_name AS target_name,
           i.day AS inspected_on, d.published_at,
           (SELECT count(*) FROM notifier.problem p JOIN notifier.rectification r USING (order_id)
            WHERE r.inspection_id = i.inspection_id) AS problems,
           (SELECT count(*) FROM notifier.problem p JOIN notifier.rectification r USING (order_id)
            WHERE r.inspection_id = i.inspection_id AND p.state = 'closed') AS closed
    FROM notifier.inspection i
    JOIN notifier.inspection_draw d USING (draw_no)
    LEFT JOIN notifier.unit u ON i.target_type = 'unit' AND u.unit_code = i.target_code
    WHERE d.published_at IS NOT NULL AND i.inspection_id < :before
      AND (CAST(:township AS text) IS NULL OR u.township_code = :township)
      AND (CAST(:department AS text) IS NULL OR u.department_code = :department
           OR (i.target_type = 'lab' AND i.department_code = :department))
    ORDER BY i.inspection_id DESC LIMIT :limit
""")
