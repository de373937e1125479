"""Statements of keeping and dropping."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import TextClause

from shared.db import sql

# Who places a hold and who drops wait for each other: what is held once the answer is out, stays.
SERIALISE = sql("SELECT pg_advisory_xact_lock(hashtext('ingest.retention'))")

_HELD: Final = """
    EXISTS (SELECT FROM ingest.legal_hold h
             WHERE h.released_at IS NULL AND (h.lab_code IS NULL OR h.lab_code = b.lab_code)
               AND b.received_at BETWEEN h.received_from AND coalesce(h.received_to, 'infinity'))
"""
_MONTH: Final = "to_char({moment} AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM')"
_REPORT: Final = """
    SELECT {month} AS month, count(*) AS items, CAST(coalesce(sum({size}), 0) AS bigint) AS bytes,
           count(*) FILTER (WHERE {moment} < :before AND NOT {held}) AS due,
           count(*) FILTER (WHERE {moment} < :before AND {held}) AS held
      FROM {source} GROUP BY 1 ORDER BY 1
"""


def _report(source: str, moment: str, *, size: str = "0", held: str = "false") -> TextClause:
    month = _MONTH.format(moment=moment)
    return sql(_REPORT.format(month=month, size=size, moment=moment, held=held, source=source))


REPORTS: Final[Mapping[str, TextClause]] = {
    "originals": _report(
        "ingest.batch_original o JOIN ingest.batch b ON b.batch_id = o.batch_id",
        "b.received_at",
        size="octet_length(o.sealed)",
        held=_HELD,
    ),
    "sheets": _report(
        "ingest.batch_sheet s JOIN ingest.batch b ON b.batch_id = s.batch_id WHERE s.sealed IS NOT NULL",
        "b.received_at",
        size="octet_length(s.sealed)",
    ),
    "deliveries": _report(
        "ingest.webhook_delivery d JOIN ingest.batch b ON b.batch_id = d.batch_id WHERE d.state <> 'waiting'",
        "d.completed_at",
        held=_HELD,
    ),
    "row_changes": _report("ingest.row_change c", "c.at"),
}

# The rows that were applied go with the body that brought them; what still waits to be matched stays.
DROP_ORIGINALS = sql(f"""
    WITH old AS (
        SELECT o.batch_id, octet_length(o.sealed) AS size,
               {_MONTH.format(moment="b.received_at")} AS month
          FROM ingest.batch_original o JOIN ingest.batch b ON b.batch_id = o.batch_id
         WHERE o.batch_id < CAST(:oldest AS uuid) AND b.received_at < :before AND NOT {_HELD}
           AND NOT EXISTS (
               SELECT FROM ingest.batch_part p WHERE p.batch_id = o.batch_id AND p.applied_at IS NULL)
         ORDER BY o.batch_id LIMIT :at_once FOR UPDATE OF o SKIP LOCKED
    ), parts AS (
        DELETE FROM ingest.batch_part p USING old WHERE p.batch_id = old.batch_id
    ), gone AS (
        DELETE FROM ingest.batch_original o USING old WHERE o.batch_id = old.batch_id
        RETURNING old.month, old.size
    )
    SELECT month, count(*) AS items, CAST(sum(size) AS bigint) AS bytes FROM gone GROUP BY month
""")
DROP_DELIVERIES = sql(f"""
    WITH old AS (
        SELECT d.batch_id, {_MONTH.format(moment="d.completed_at")} AS month
          FROM ingest.webhook_delivery d JOIN ingest.batch b ON b.batch_id = d.batch_id
         WHERE d.completed_at < :before AND d.state <> 'waiting' AND NOT {_HELD}
         ORDER BY d.completed_at LIMIT :at_once FOR UPDATE OF d SKIP LOCKED
    ), gone AS (
        DELETE FROM ingest.webhook_delivery d USING old WHERE d.batch_id = old.batch_id RETURNING old.month
    )
    SELECT month, count(*) AS items, 0 AS bytes FROM gone GROUP BY month
""")
NOTE = sql("""
    INSERT INTO ingest.retention_drop AS r (class, month, dropped_on, items, bytes)
    VALUES (:class, :month, :today, :items, :bytes)
    ON CONFLICT ON CONSTRAINT retention_drop_pk DO UPDATE
       SET items = r.items + EXCLUDED.items, bytes = r.bytes + EXCLUDED.bytes
""")
DROPPED = sql("""
    SELECT * FROM ingest.retention_drop
     WHERE (dropped_on, class, month) < (CAST(:on AS date), CAST(:class AS text), CAST(:month AS text))
     ORDER BY dropped_on DESC, class DESC, month DESC LIMIT :limit
""")

# The newest month that has a partition, and whether rows fell beside all partitions.
PARTITIONS = sql("""
    SELECT to_char(to_date(max(c.relname), '"result_"YYYY_MM'), 'YYYY-MM') AS through,
           EXISTS (SELECT FROM ingest.result_default) AS beside
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = CAST('ingest.result' AS regclass) AND c.relname ~ '^result_[0-9]{4}_[0-9]{2}$'
""")

HOLD = sql("""
    INSERT INTO ingest.legal_hold
        (hold_code, lab_code, received_from, received_to, sealed_reason, held_by, held_at)
    VALUES (:hold_code, :lab_code, :received_from, :received_to, :reason, :by, :now)
    ON CONFLICT DO NOTHING RETURNING *
""")
HELD = sql("SELECT * FROM ingest.legal_hold WHERE hold_code = :hold_code FOR UPDATE")
RELEASE = sql("""
    UPDATE ingest.legal_hold SET released_by = :by, released_at = :now, sealed_release = :reason
     WHERE hold_code = :hold_code RETURNING *
""")
HOLDS = sql("""
    SELECT * FROM ingest.legal_hold WHERE hold_code > CAST(:after AS text)
       AND (CAST(:open AS boolean) IS NULL OR (released_at IS NULL) = :open)
     ORDER BY hold_code LIMIT :limit
""")
