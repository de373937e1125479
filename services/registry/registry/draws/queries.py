"""Statements over registry.draw and its members."""

from shared.db import sql

_COLUMNS = """
    draw_id, unit_code, category_code, department_in_unit, week, seed, percent, rule_id, created_at
"""

INSERT = sql(f"""
    INSERT INTO registry.draw
        (draw_id, unit_code, category_code, department_in_unit, week, seed, percent, rule_id, created_by,
         created_at)
    VALUES (:draw_id, :unit_code, :category_code, CAST(:department_in_unit AS text), :week, :seed, :percent,
        :rule_id, :created_by, :now)
    ON CONFLICT ON CONSTRAINT draw_key DO NOTHING
    RETURNING {_COLUMNS}
""")

OF_WEEK = sql(f"""
    SELECT {_COLUMNS} FROM registry.draw
    WHERE unit_code = :unit_code AND category_code = :category_code AND week = :week
      AND department_in_unit IS NOT DISTINCT FROM CAST(:department_in_unit AS text)
""")

BY_ID = sql(f"""
    SELECT {_COLUMNS} FROM registry.draw d
    WHERE draw_id = :draw_id
      AND EXISTS (SELECT FROM registry.unit u WHERE u.unit_code = d.unit_code
                  AND (CAST(:area_township AS text) IS NULL OR u.township_code = :area_township)
                  AND (CAST(:area_department AS text) IS NULL OR u.department_code = :area_department))
""")

INSERT_MEMBERS = sql("""
    INSERT INTO registry.draw_member (draw_id, place, person_id, last_sampled_on, drawn)
    SELECT :draw_id, place, person_id, last_sampled_on, place <= :drawn
    FROM unnest(CAST(:person_ids AS uuid[]), CAST(:last_sampled AS date[]))
         WITH ORDINALITY AS m (person_id, last_sampled_on, place)
""")

MEMBERS = sql("""
    SELECT m.place, m.person_id, m.last_sampled_on, m.drawn, p.health_code_id, p.sealed_contact
    FROM registry.draw_member m JOIN registry.person p USING (person_id)
    WHERE m.draw_id = :draw_id ORDER BY m.place
""")

# An area may have lost sight of somebody; who is drawn again must be everybody who was there.
CANDIDATES = sql("""
    SELECT person_id, last_sampled_on FROM registry.draw_member WHERE draw_id = :draw_id ORDER BY place
""")

LAST_SAMPLED = sql("""
    SELECT person_id, counted_on AS last_sampled_on FROM registry.person_status
    WHERE person_id = ANY (CAST(:person_ids AS uuid[]))
""")
