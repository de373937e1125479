"""Statements over registry.category and registry.rule."""

from shared.db import sql

_CATEGORY = "category_code, name_zh, name_en, vaccinated_as, details, effective_from, effective_to"
_RULE = "rule_id, category_code, version, effective_from, effective_to, area_code, shape, params, source"

INSERT = sql(f"""
    INSERT INTO registry.category
        (category_code, name_zh, name_en, vaccinated_as, details, effective_from, effective_to,
         created_by, created_at)
    VALUES (:category_code, :name_zh, :name_en, :vaccinated_as, CAST(:details AS jsonb), :effective_from,
        :effective_to, :created_by, :now)
    ON CONFLICT (category_code) DO NOTHING
    RETURNING {_CATEGORY}
""")

BY_CODE = sql(f"SELECT {_CATEGORY} FROM registry.category WHERE category_code = :category_code")

# Versions are numbered one after the other.
LOCK = sql(f"""
    SELECT {_CATEGORY} FROM registry.category WHERE category_code = :category_code FOR NO KEY UPDATE
""")

PAGE = sql(f"""
    SELECT {_CATEGORY} FROM registry.category
    WHERE category_code > :after
    ORDER BY category_code
    LIMIT :limit
""")

RULES_OF = sql(f"""
    SELECT {_RULE} FROM registry.rule
    WHERE category_code = ANY (CAST(:codes AS text[]))
    ORDER BY category_code, version
""")

INSERT_RULE = sql(f"""
    INSERT INTO registry.rule
        (category_code, version, effective_from, effective_to, area_code, shape, params, source,
         created_by, created_at)
    SELECT :category_code, coalesce(max(version), 0) + 1, :effective_from, CAST(:effective_to AS date),
        CAST(:area_code AS text), :shape, CAST(:params AS jsonb), CAST(:source AS text),
        :created_by, CAST(:now AS timestamptz)
    FROM registry.rule WHERE category_code = :category_code
    RETURNING {_RULE}
""")

INSERT_SHIPPED_RULE = sql("""
    INSERT INTO registry.rule
        (category_code, version, effective_from, effective_to, area_code, shape, params, source,
         created_by, created_at)
    VALUES (:category_code, :version, :effective_from, :effective_to, NULL, :shape, CAST(:params AS jsonb),
        :source, :created_by, :now)
    ON CONFLICT ON CONSTRAINT rule_key DO NOTHING
""")

# Whoever is enrolled in the category, in one that the vaccinated leave for it, or owes it samples after an
# event; where the rule is of an area, in a unit that lies in it. Each part is read in the order of an index
# and no further than `limit`.
_TOUCHED = """
    SELECT found.person_id
    FROM registry.category c
    CROSS JOIN LATERAL (
        SELECT e.person_id FROM registry.enrolment e
        WHERE e.category_code = c.category_code AND e.person_id > :after
          AND (e.left_on IS NULL OR e.left_on > :today)
          AND (CAST(:area_code AS text) IS NULL OR EXISTS (
              SELECT FROM registry.unit u LEFT JOIN registry.department t ON t.code = u.township_code
              WHERE u.unit_code = e.unit_code
                AND :area_code IN (u.township_code, u.department_code, t.parent_code)))
        ORDER BY e.person_id {limit}
    ) AS found
    WHERE c.category_code = :category_code OR c.vaccinated_as = :category_code
    UNION
    (SELECT v.person_id FROM registry.event v
     WHERE v.category_code = :category_code AND v.person_id > :after
     ORDER BY v.person_id {limit})
"""

PEOPLE = sql(f"""
    SELECT array_agg(person_id ORDER BY person_id) AS person_ids FROM (
        SELECT person_id FROM ({_TOUCHED.format(limit="LIMIT :limit")}) AS touched
        ORDER BY person_id LIMIT :limit
    ) AS next
""")

COUNT_PEOPLE = sql(f"SELECT count(*) FROM ({_TOUCHED.format(limit='')}) AS touched")

ASK_REFRESH = sql("""
    INSERT INTO registry.category_refresh (category_code, after_person, requested_at)
    VALUES (:category_code, :after_person, :now)
    ON CONFLICT (category_code) DO UPDATE SET after_person = NULL, requested_at = excluded.requested_at
""")

NEXT_REFRESH = sql("""
    SELECT category_code, after_person FROM registry.category_refresh
    ORDER BY requested_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED
""")

ADVANCE_REFRESH = sql("""
    UPDATE registry.category_refresh SET after_person = :after_person WHERE category_code = :category_code
""")

END_REFRESH = sql("DELETE FROM registry.category_refresh WHERE category_code = :category_code")
