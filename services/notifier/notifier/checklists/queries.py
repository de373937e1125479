"""Statements over the catalogue of problems and the check lists."""

from typing import Final

from shared.db import sql

KINDS: Final = sql("""
    SELECT kind_code, name_zh, name_en, severity, days FROM notifier.problem_kind ORDER BY kind_code
""")

SOME_KINDS: Final = sql("""
    SELECT kind_code, name_zh, name_en, severity, days FROM notifier.problem_kind
    WHERE kind_code = ANY(CAST(:codes AS text[]))
""")

SET_KIND: Final = sql("""
    INSERT INTO notifier.problem_kind
        (kind_code, name_zh, name_en, severity, days, changed_by, changed_at)
    VALUES (:kind_code, :name_zh, :name_en, :severity, :days, :client_id, :now)
    ON CONFLICT (kind_code) DO UPDATE
    SET name_zh = excluded.name_zh, name_en = excluded.name_en, severity = excluded.severity,
        days = excluded.days, changed_by = excluded.changed_by, changed_at = excluded.changed_at
    RETURNING kind_code, name_zh, name_en, severity, days
""")

_COLUMNS: Final = "checklist_code, effective_from, name_zh, name_en, items"

ALL: Final = sql(f"SELECT {_COLUMNS} FROM notifier.checklist ORDER BY checklist_code, effective_from")

IN_FORCE: Final = sql(f"""
    SELECT DISTINCT ON (checklist_code) {_COLUMNS} FROM notifier.checklist
    WHERE effective_from <= :day AND (CAST(:code AS text) IS NULL OR checklist_code = :code)
    ORDER BY checklist_code, effective_from DESC
""")

ADD: Final = sql(f"""
    INSERT INTO notifier.checklist
        (checklist_code, effective_from, name_zh, name_en, items, added_by, added_at)
    VALUES (:checklist_code, :effective_from, :name_zh, :name_en, CAST(:items AS jsonb), :client_id, :now)
    ON CONFLICT (checklist_code, effective_from) DO NOTHING
    RETURNING {_COLUMNS}
""")

VERSION: Final = sql(f"""
    SELECT {_COLUMNS} FROM notifier.checklist
    WHERE checklist_code = :checklist_code AND effective_from = :effective_from
""")
