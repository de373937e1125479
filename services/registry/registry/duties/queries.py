"""Statements over the duty matrix."""

from shared.db import sql

_ENTRY = "entry_code, position, name_zh, name_en, duties_zh, department_code, revision"

# The newest row that has begun holds.
_TODAY = """
    SELECT DISTINCT ON (subject) subject, entry_code FROM registry.duty
    WHERE effective_from <= :today ORDER BY subject, effective_from DESC
"""

MATRIX = sql(f"""
    WITH today AS ({_TODAY})
    SELECT {_ENTRY},
        ARRAY(SELECT t.subject FROM today t WHERE t.entry_code = e.entry_code ORDER BY 1) AS subjects
    FROM registry.duty_entry e ORDER BY position, entry_code
""")

# The matrix has this entry, unless a setting names one that there is not: then the first is whose it is.
OWNER = sql(f"""
    WITH today AS ({_TODAY})
    SELECT {_ENTRY}, EXISTS (SELECT FROM today WHERE subject = :subject) AS assigned
    FROM registry.duty_entry
    ORDER BY entry_code = COALESCE((SELECT entry_code FROM today WHERE subject = :subject), :fallback) DESC,
        position, entry_code
    LIMIT 1
""")

# Whoever changes the matrix takes it whole, so that what is told of it has one order.
LOCK_ALL = sql("SELECT entry_code FROM registry.duty_entry ORDER BY entry_code FOR UPDATE")

REVISION = sql("""
    SELECT (SELECT sum(revision) FROM registry.duty_entry) + (SELECT count(*) FROM registry.duty)
""")

ENTRIES = sql("""
    SELECT entry_code, name_zh, name_en, department_code FROM registry.duty_entry ORDER BY entry_code
""")

DUTIES = sql("SELECT subject, effective_from, entry_code FROM registry.duty ORDER BY subject, effective_from")

LOCK = sql(f"SELECT {_ENTRY} FROM registry.duty_entry WHERE entry_code = :entry_code FOR UPDATE")

UPDATE = sql("""
    UPDATE registry.duty_entry
    SET name_zh = :name_zh, name_en = :name_en, duties_zh = :duties_zh, department_code = :department_code,
        revision = revision + 1, updated_by = :updated_by, updated_at = :now
    WHERE entry_code = :entry_code
""")

ASSIGN = sql("""
    INSERT INTO registry.duty (subject, entry_code, effective_from, created_by, created_at)
    VALUES (:subject, :entry_code, :effective_from, :created_by, :now)
    ON CONFLICT ON CONSTRAINT duty_key DO NOTHING
    RETURNING subject, effective_from
""")

STANDING = sql("""
    SELECT subject, effective_from, entry_code FROM registry.duty
    WHERE subject = :subject AND effective_from = :effective_from
""")
