"""Statements over the duty matrix."""

from shared.db import sql

# Nothing comes back for a matrix that is older than the one known.
HEAR = sql("""
    INSERT INTO notifier.duty_head AS h (revision) VALUES (:revision)
    ON CONFLICT (one) DO UPDATE SET revision = excluded.revision WHERE h.revision < excluded.revision
    RETURNING revision
""")

FORGET_DUTIES = sql("DELETE FROM notifier.duty")

FORGET_ENTRIES = sql("DELETE FROM notifier.duty_entry")

KEEP_ENTRIES = sql("""
    INSERT INTO notifier.duty_entry (entry_code, name_zh, name_en, department_code)
    SELECT * FROM unnest(CAST(:entry_codes AS text[]), CAST(:names_zh AS text[]), CAST(:names_en AS text[]),
                         CAST(:department_codes AS text[]))
""")

KEEP_DUTIES = sql("""
    INSERT INTO notifier.duty (subject, effective_from, entry_code)
    SELECT * FROM unnest(CAST(:subjects AS text[]), CAST(:days AS date[]), CAST(:entry_codes AS text[]))
""")

# The newest row that has begun holds; what nobody was given is dispatched daily.
OWNERS = sql("""
    SELECT k.kind, e.entry_code, e.name_zh, e.name_en, e.department_code, d.department_name, d.contact,
        t.entry_code IS NOT NULL AS assigned
    FROM unnest(CAST(:kinds AS text[])) AS k (kind)
    LEFT JOIN LATERAL (
        SELECT entry_code FROM notifier.duty
        WHERE subject = k.kind AND effective_from <= :today
        ORDER BY effective_from DESC LIMIT 1) t ON true
    JOIN notifier.duty_entry e ON e.entry_code = coalesce(t.entry_code, :fallback)
    LEFT JOIN notifier.department d ON d.code = e.department_code
""")
