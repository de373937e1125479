"""Statements over registry.trade and registry.licence."""

from shared.db import sql

_TRADE = "trade_code, name_zh, name_en, industry_code, industry_prefixes, revision"

PUT_TRADE = sql(f"""
    INSERT INTO registry.trade AS t
        (trade_code, name_zh, name_en, industry_code, industry_prefixes, created_by, created_at, updated_at)
    VALUES (:trade_code, :name_zh, :name_en, :industry_code, CAST(:industry_prefixes AS text[]),
        :created_by, :now, :now)
    ON CONFLICT (trade_code) DO UPDATE
    SET name_zh = excluded.name_zh, name_en = excluded.name_en, industry_code = excluded.industry_code,
        industry_prefixes = excluded.industry_prefixes, updated_at = excluded.updated_at,
        revision = t.revision + CAST((t.name_zh, t.name_en, t.industry_code, t.industry_prefixes)
            IS DISTINCT FROM (excluded.name_zh, excluded.name_en, excluded.industry_code,
                excluded.industry_prefixes) AS integer)
    RETURNING {_TRADE}, (xmax = 0) AS new
""")

TRADE_PAGE = sql(f"""
    SELECT {_TRADE} FROM registry.trade WHERE trade_code > :after ORDER BY trade_code LIMIT :limit
""")

TRADES = sql(f"SELECT {_TRADE} FROM registry.trade")

_LICENCE = """licence_id, licence_no, credit_code, name, address, trade_code, township_code,
    department_code, department_basis, issued_on, cancelled_on, listed_on"""

# Whoever adds to the lists, and whoever compares them or decides on what they resemble: a comparison
# that looked beside a list on its way would call itself up to date without it.
HOLD_ADDING = sql("SELECT pg_advisory_xact_lock_shared(7302612)")
HOLD_COMPARING = sql("SELECT pg_advisory_xact_lock(7302612)")

STANDING = sql("""
    SELECT licence_key, listed_on FROM registry.licence
    WHERE licence_key = ANY (CAST(:keys AS text[]))
    ORDER BY licence_key
    FOR UPDATE
""")

# What stands is replaced as a whole: the newest list is right.
PUT_LICENCES = sql("""
    INSERT INTO registry.licence AS l
        (licence_id, licence_no, licence_key, credit_code, name, address, trade_code, industry_key,
         township_code, department_code, department_basis, issued_on, cancelled_on,
         listed_on, created_by, created_at, updated_at)
    SELECT r.*, :listed_on, :created_by, CAST(:now AS timestamptz), CAST(:now AS timestamptz)
    FROM unnest(CAST(:licence_ids AS uuid[]), CAST(:licence_nos AS text[]), CAST(:licence_keys AS text[]),
        CAST(:credit_codes AS text[]), CAST(:names AS text[]), CAST(:addresses AS text[]),
        CAST(:trade_codes AS text[]), CAST(:industry_keys AS text[]), CAST(:township_codes AS text[]),
        CAST(:department_codes AS text[]), CAST(:department_bases AS text[]), CAST(:issued_ons AS date[]),
        CAST(:cancelled_ons AS date[])) AS r
    ON CONFLICT (licence_key) DO UPDATE
    SET licence_no = excluded.licence_no, credit_code = excluded.credit_code, name = excluded.name,
        address = excluded.address, trade_code = excluded.trade_code, industry_key = excluded.industry_key,
        township_code = excluded.township_code, department_code = excluded.department_code,
        department_basis = excluded.department_basis, issued_on = excluded.issued_on,
        cancelled_on = excluded.cancelled_on, listed_on = excluded.listed_on, updated_at = excluded.updated_at
    WHERE l.listed_on <= excluded.listed_on
    RETURNING licence_key, (xmax = 0) AS new
""")

PAGE = sql(f"""
    SELECT {_LICENCE} FROM registry.licence
    WHERE licence_id > :after
      AND (CAST(:area_township AS text) IS NULL OR township_code = :area_township)
      AND (CAST(:area_department AS text) IS NULL OR department_code = :area_department)
      AND (CAST(:township_code AS text) IS NULL OR township_code = :township_code)
      AND (CAST(:trade_code AS text) IS NULL OR trade_code = :trade_code)
      AND (CAST(:credit_code AS text) IS NULL OR credit_code = :credit_code)
    ORDER BY licence_id
    LIMIT :limit
""")
