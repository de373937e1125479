"""Statements over registry.unit and registry.industry_map."""

from shared.db import sql

_UNIT = """unit_id, unit_code, unit_code_type, name, industry_code, industry_key, township_code,
    department_given, department_code, department_basis, defects, sealed_contact, revision,
    attributes, closed_on, contact_confirmed_on, contact_problem, sealed_data_entry, created_at"""

INSERT = sql(f"""
    INSERT INTO registry.unit
        (unit_id, unit_code, unit_code_type, name, industry_code, industry_key, township_code,
         department_given, department_code, department_basis, defects, sealed_contact, attributes,
         sealed_data_entry, contact_confirmed_on, created_by, created_at, updated_at)
    VALUES (:unit_id, :unit_code, :unit_code_type, :name, :industry_code, :industry_key, :township_code,
        :department_given, :department_code, :department_basis, CAST(:defects AS text[]), :sealed_contact,
        CAST(:attributes AS jsonb), :sealed_data_entry, :today, :created_by, :now, :now)
    ON CONFLICT (unit_code) DO NOTHING
    RETURNING {_UNIT}
""")

BY_CODE = sql(f"SELECT {_UNIT} FROM registry.unit WHERE unit_code = :unit_code")

LOCK = sql(f"SELECT {_UNIT} FROM registry.unit WHERE unit_code = :unit_code FOR NO KEY UPDATE")

UPDATE = sql(f"""
    UPDATE registry.unit
    SET name = :name, industry_code = :industry_code, industry_key = :industry_key,
        township_code = :township_code, department_given = :department_given,
        department_code = :department_code, department_basis = :department_basis,
        defects = CAST(:defects AS text[]), sealed_contact = :sealed_contact,
        attributes = CAST(:attributes AS jsonb), closed_on = :closed_on,
        sealed_data_entry = :sealed_data_entry, contact_confirmed_on = :contact_confirmed_on,
        contact_problem = :contact_problem,
        contact_told_on = CASE WHEN contact_confirmed_on IS DISTINCT FROM :contact_confirmed_on
            THEN NULL ELSE contact_told_on END,
        revision = revision + 1, updated_at = :now
    WHERE unit_code = :unit_code
    RETURNING {_UNIT}
""")

PAGE = sql(f"""
    SELECT {_UNIT}
    FROM registry.unit
    WHERE unit_code > :after
      AND (CAST(:area_township AS text) IS NULL OR township_code = :area_township)
      AND (CAST(:area_department AS text) IS NULL OR department_code = :area_department)
      AND (CAST(:township_code AS text) IS NULL OR township_code = :township_code)
      AND (CAST(:department_code AS text) IS NULL OR department_code = :department_code)
      AND (CAST(:defect AS text) IS NULL OR CAST(:defect AS text) = ANY (defects))
      AND (CAST(:unit_code AS text) IS NULL OR unit_code = :unit_code)
    ORDER BY unit_code
    LIMIT :limit
""")

PEOPLE_OF_UNIT = sql("""
    SELECT DISTINCT person_id FROM registry.enrolment WHERE unit_code = :unit_code ORDER BY person_id
""")

MAP_IN_FORCE = sql("""
    SELECT map_id, industry_prefix, department_code, dimension, value
    FROM registry.industry_map
    WHERE effective_from <= :today AND (effective_to IS NULL OR effective_to >= :today)
""")

_MAP = """map_id, industry_prefix, department_code, basis, effective_from, effective_to, dimension, value,
    principle"""

INSERT_MAPPING = sql(f"""
    INSERT INTO registry.industry_map
        (industry_prefix, department_code, basis, effective_from, effective_to, dimension, value, principle,
         created_by, created_at)
    VALUES (:industry_prefix, :department_code, :basis, :effective_from, :effective_to, :dimension, :value,
        :principle, :created_by, :now)
    ON CONFLICT ON CONSTRAINT industry_map_key DO NOTHING
    RETURNING {_MAP}
""")

SAME_MAPPING = sql(f"""
    SELECT {_MAP}
    FROM registry.industry_map
    WHERE industry_prefix = :industry_prefix AND department_code = :department_code
      AND effective_from = :effective_from
      AND (dimension, value) IS NOT DISTINCT FROM (CAST(:dimension AS text), CAST(:value AS text))
""")

# Rows of the same industry and attribute whose days meet and that name another department.
CONFLICTING = sql("""
    SELECT o.map_id FROM registry.industry_map m JOIN registry.industry_map o
      ON o.industry_prefix = m.industry_prefix AND o.department_code <> m.department_code
     AND (o.dimension, o.value) IS NOT DISTINCT FROM (m.dimension, m.value)
     AND o.effective_from <= COALESCE(m.effective_to, 'infinity')
     AND m.effective_from <= COALESCE(o.effective_to, 'infinity')
    WHERE m.map_id = :map_id
    ORDER BY o.map_id
""")

DOUBLED = sql("""
    SELECT industry_prefix, dimension, value, array_agg(map_id ORDER BY map_id) AS map_ids,
        array_agg(department_code ORDER BY map_id) AS department_codes
    FROM registry.industry_map
    WHERE effective_from <= :today AND (effective_to IS NULL OR effective_to >= :today)
    GROUP BY 1, 2, 3 HAVING count(DISTINCT department_code) > 1
    ORDER BY 1, 2, 3
""")

UNSETTLED_INDUSTRIES = sql("""
    SELECT industry_code, defect, count(*) AS units
    FROM registry.unit, unnest(defects) AS defect
    WHERE (closed_on IS NULL OR closed_on > :today)
      AND (CAST(:area_township AS text) IS NULL OR township_code = :area_township)
      AND (CAST(:area_department AS text) IS NULL OR department_code = :area_department)
    GROUP BY 1, 2 ORDER BY 1, 2
""")

ATTRIBUTES = sql("SELECT dimension, value, name_zh, name_en FROM registry.attribute ORDER BY 1, 2")

PUT_ATTRIBUTE = sql("""
    INSERT INTO registry.attribute (dimension, value, name_zh, name_en, created_by, created_at)
    VALUES (:dimension, :value, :name_zh, :name_en, :created_by, :now)
    ON CONFLICT (dimension, value) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en
    RETURNING dimension, value, name_zh, name_en, (xmax = 0) AS new
""")

KEEP_CONTACT = sql("""
    INSERT INTO registry.unit_contact_history (unit_code, post, sealed_contact, held_until, changed_by)
    VALUES (:unit_code, :post, :sealed_contact, :now, :changed_by)
""")

END_MAPPING = sql(f"""
    UPDATE registry.industry_map SET effective_to = :effective_to
    WHERE map_id = :map_id
    RETURNING {_MAP}
""")

MAPPING_FROM = sql("SELECT effective_from FROM registry.industry_map WHERE map_id = :map_id FOR UPDATE")

MAP_PAGE = sql(f"""
    SELECT {_MAP}
    FROM registry.industry_map
    WHERE map_id > :after
    ORDER BY map_id
    LIMIT :limit
""")

MAPPED_UNITS = sql("""
    SELECT unit_code, industry_key, department_code, department_basis, defects, attributes
    FROM registry.unit
    WHERE department_given IS NULL
    ORDER BY unit_code
""")

RESETTLE = sql(f"""
    UPDATE registry.unit
    SET department_code = :department_code, department_basis = :department_basis,
        defects = CAST(:defects AS text[]), revision = revision + 1, updated_at = :now
    WHERE unit_code = :unit_code AND department_given IS NULL
      AND (department_code, department_basis) IS DISTINCT FROM (:department_code, :department_basis)
    RETURNING {_UNIT}
""")
