"""Statements over registry.division."""

from shared.db import sql

_COLUMNS = "division_code, name, township_code, head_count, counted_on, lab_code, team_code, revision"

BY_CODE = sql(f"SELECT {_COLUMNS} FROM registry.division WHERE division_code = :division_code")

KNOWN = sql("""
    SELECT division_code FROM registry.division
    WHERE division_code = ANY (CAST(:codes AS text[]))
      AND (NOT CAST(:limited AS boolean) OR township_code = :area_township)
""")

LOCK = sql(f"""
    SELECT {_COLUMNS} FROM registry.division
    WHERE division_code = ANY (CAST(:codes AS text[]))
    ORDER BY division_code FOR NO KEY UPDATE
""")

PUT = sql("""
    INSERT INTO registry.division AS d
        (division_code, name, township_code, head_count, counted_on, lab_code, team_code,
         created_by, created_at, updated_at)
    SELECT division_code, name, township_code, head_count, counted_on, lab_code, team_code, :by, :now, :now
    FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r (division_code text, name text, township_code text,
        head_count integer, counted_on date, lab_code text, team_code text)
    ORDER BY division_code
    ON CONFLICT (division_code) DO UPDATE
    SET name = excluded.name, township_code = excluded.township_code, head_count = excluded.head_count,
        counted_on = excluded.counted_on, lab_code = excluded.lab_code, team_code = excluded.team_code,
        revision = d.revision + 1, updated_by = :by, updated_at = :now
    WHERE (d.name, d.township_code, d.head_count, d.counted_on, d.lab_code, d.team_code)
        IS DISTINCT FROM (excluded.name, excluded.township_code, excluded.head_count, excluded.counted_on,
                          excluded.lab_code, excluded.team_code)
""")

# A township that is given to another department takes along what lies below it.
MOVE_BELOW = sql("""
    UPDATE registry.division d
    SET township_code = t.township_code, revision = d.revision + 1, updated_by = :by, updated_at = :now
    FROM registry.division t
    WHERE t.division_code = ANY (CAST(:codes AS text[])) AND length(t.division_code) = 9
      AND d.division_code LIKE t.division_code || '%' AND length(d.division_code) > 9
      AND d.township_code <> t.township_code
""")

PAGE = sql(f"""
    SELECT {_COLUMNS} FROM registry.division
    WHERE division_code > :after
      AND (NOT CAST(:limited AS boolean) OR township_code = :area_township)
      AND (CAST(:within AS text) IS NULL OR division_code LIKE CAST(:within AS text) || '%')
      AND (CAST(:length AS integer) IS NULL OR length(division_code) = :length)
      AND (CAST(:missing AS text) IS NULL OR (length(division_code) = 15
           AND CASE :missing WHEN 'head_count' THEN head_count IS NULL
                             WHEN 'lab_code' THEN lab_code IS NULL ELSE team_code IS NULL END))
    ORDER BY division_code
    LIMIT :limit
""")

_GRIDS = f"""
    SELECT {_COLUMNS} FROM registry.division
    WHERE length(division_code) = 15
      AND EXISTS (SELECT FROM unnest(CAST(:within AS text[])) AS w (code)
                  WHERE division_code LIKE w.code || '%')
    ORDER BY division_code
"""
GRIDS = sql(_GRIDS)
HOLD_GRIDS = sql(f"{_GRIDS} FOR SHARE")
