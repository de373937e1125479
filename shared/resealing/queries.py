"""Statements of re-sealing. Tables and columns are constants of the services' lists."""

from dataclasses import dataclass
from functools import cache

from sqlalchemy import TextClause

from shared.db import sql
from shared.resealing.columns import SealedColumn

ENSURE = sql("""
    INSERT INTO bus.resealing (service, column_name, target)
    SELECT :service, name, :target FROM unnest(CAST(:names AS text[])) AS name
    ON CONFLICT DO NOTHING
""")

LOCK = sql("""
    SELECT target, position, pass_stale, clean_at IS NULL AS first
    FROM bus.resealing WHERE service = :service AND column_name = :name
    FOR UPDATE SKIP LOCKED
""")

RESTART = sql("""
    UPDATE bus.resealing
    SET target = :target, target_since = clock_timestamp(), position = NULL,
        pass_began_at = clock_timestamp(), pass_stale = 0, looked_at = 0, resealed = 0, passes = 0,
        stale_at = NULL, clean_at = NULL
    WHERE service = :service AND column_name = :name
""")

ADVANCE = sql("""
    UPDATE bus.resealing
    SET position = CAST(:position AS text), pass_stale = pass_stale + :stale, looked_at = looked_at + :looked,
        resealed = resealed + :resealed,
        stale_at = CASE WHEN :stale > 0 THEN clock_timestamp() ELSE stale_at END
    WHERE service = :service AND column_name = :name
""")

# The pass is over: clean since it began, if it has found nothing.
FINISH = sql("""
    UPDATE bus.resealing
    SET clean_at = CASE WHEN pass_stale = 0 THEN pass_began_at END, passes = passes + 1, position = NULL,
        pass_began_at = clock_timestamp(), pass_stale = 0, looked_at = 0
    WHERE service = :service AND column_name = :name
""")

# What was copied or on its way when it was last seen may still land: a pass counts as the last one if it
# began `grace` after anything, anywhere, was found under another key.
_SETTLED = """
    SELECT max(greatest(target_since, stale_at)) + make_interval(secs => :grace) AS since FROM bus.resealing
"""

DUE = sql(f"""
    WITH settled AS ({_SETTLED})
    SELECT column_name FROM bus.resealing, settled
    WHERE service = :service AND (
        target <> :target OR position IS NOT NULL OR passes = 0
        OR (coalesce(clean_at < since, true) AND clock_timestamp() >= since)
        OR clean_at < clock_timestamp() - make_interval(hours => :hours)
    )
    ORDER BY column_name
""")

# A pass must begin after the moment from which it counts, not when the one before it ended.
BEGIN = sql("""
    UPDATE bus.resealing SET pass_began_at = clock_timestamp()
    WHERE service = :service AND column_name = :name
""")

PROGRESS = sql(f"""
    WITH settled AS ({_SETTLED})
    SELECT service, column_name, target, passes, looked_at, resealed, stale_at, clean_at,
        coalesce(clean_at >= since, false) AS clean
    FROM bus.resealing, settled WHERE service = :service ORDER BY column_name
""")


@dataclass(frozen=True, slots=True)
class Statements:
    """The statements over one column."""

    page: TextClause
    lock: TextClause
    update: TextClause


@cache
def of(column: SealedColumn) -> Statements:
    """Return the statements over a column."""
    keys = ", ".join(f"m.{name}" for name, _ in column.key)
    after = ", ".join(f"CAST(CAST(:{name} AS text) AS {kind})" for name, kind in column.key)
    arrays = ", ".join(f"CAST(:{name} AS {kind}[])" for name, kind in column.key)
    names = ", ".join(name for name, _ in column.key)
    same = " AND ".join(f"m.{name} = r.{name}" for name, _ in column.key)
    return Statements(
        page=sql(f"""
            SELECT {keys}, m.{column.column} AS value FROM {column.table} AS m
            WHERE (:first OR ({keys}) > ({after})) AND m.{column.column} IS NOT NULL AND {column.where}
            ORDER BY {keys} LIMIT :limit
        """),
        # Whoever holds a row is not waited for: the next pass finds what was skipped.
        lock=sql(f"""
            SELECT {keys}, m.{column.column} AS value
            FROM {column.table} AS m JOIN unnest({arrays}) AS r ({names}) ON {same}
            WHERE m.{column.column} IS NOT NULL
            FOR NO KEY UPDATE OF m SKIP LOCKED
        """),
        update=sql(f"""
            UPDATE {column.table} AS m SET {column.column} = r.value
            FROM unnest({arrays}, CAST(:values AS {column.kind}[])) AS r ({names}, value) WHERE {same}
        """),
    )
