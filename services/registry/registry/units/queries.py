"""Statements over registry.unit and registry.industry_map."""

from shared.db import sql

_UNIT = """unit_id, unit_code, unit_code_type, name, industry_code, industry_key, township_code,
    department_given, department_code, department_basis, defects, sealed_contact, revision"""

INSERT = sql(f"""
    INSERT INTO registry.unit
        (unit_id, unit_code, unit_code_type, name, industry_code, industry_key, township_code,
         department_given, department_code, department_basis, defects, sealed_contact,
         created_by, created_at, updated_at)
    VALUES (:unit_id, :unit_code, :unit_code_type, :name, :industry_code, :industry_key, :township_code,
        :department_given, :department_code, :department_basis, CAST(:defects AS text[]), :sealed_contact,
        :created_by, :now, :now)
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
    ORDER BY unit_code
    LIMIT :limit
""")

PEOPLE_OF_UNIT = sql("""
    SELECT DISTINCT person_id FROM registry.enrolment WHERE unit_code = :unit_code ORDER BY person_id
""")

MAP_IN_FORCE = sql("""
    SELECT map_id, industry_prefix, department_code
    FROM registry.industry_map
    WHERE effective_from <= :today AND (effective_to IS NULL OR effective_to >= :today)
""")

INSERT_MAPPING = sql("""
    INSERT INTO registry.industry_map
        (industry_prefix, department_code, basis, effective_from, effective_to, created_by, created_at)
    VALUES (:industry_prefix, :department_code, :basis, :effective_from, :effective_to, :created_by, :now)
    ON CONFLICT ON CONSTRAINT industry_map_key DO NOTHING
    RETURNING map_id, industry_prefix, department_code, basis, effective_from, effective_to
""")

SAME_MAPPING = sql("""
    SELECT map_id, industry_prefix, department_code, basis, effective_from, effective_to
    FROM registry.industry_map
    WHERE industry_prefix = :industry_prefix AND department_code = :department_code
      AND effective_from = :effective_from
""")

END_MAPPING = sql("""
    UPDATE registry.industry_map SET effective_to = :effective_to
    WHERE map_id = :map_id
    RETURNING map_id, industry_prefix, department_code, basis, effective_from, effective_to
""")

MAPPING_FROM = sql("SELECT effective_from FROM registry.industry_map WHERE map_id = :map_id FOR UPDATE")

MAP_PAGE = sql("""
    SELECT map_id, industry_prefix, department_code, basis, effective_from, effective_to
    FROM registry.industry_map
    WHERE map_id > :after
    ORDER BY map_id
    LIMIT :limit
""")

MAPPED_UNITS = sql("""
    SELECT unit_code, industry_key, department_code, department_basis, defects
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
