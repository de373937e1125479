"""The statements of limits and clocks."""

from typing import Final

from shared.db import sql

LIMITS = sql("""
SELECT stage, applies_to, code, effective_from, limit_minutes, warn_minutes, starts FROM ingest.clock_limit
""")
ADD_LIMIT = sql("""
INSERT INTO ingest.clock_limit (stage, applies_to, code, effective_from, limit_minutes, warn_minutes, starts,
    basis, created_by, created_at)
VALUES (:stage, :applies_to, :code, :effective_from, :limit_minutes, :warn_minutes, :starts, :basis,
    :client_id, :now)
ON CONFLICT DO NOTHING
""")
_LIMIT: Final = """
    stage, applies_to, code, effective_from, limit_minutes, warn_minutes, starts, basis, created_by,
    created_at
"""
ONE_LIMIT = sql(f"""
SELECT {_LIMIT} FROM ingest.clock_limit
WHERE stage = :stage AND applies_to = :applies_to AND code = :code AND effective_from = :effective_from
""")
LIMIT_PAGE = sql(f"""
SELECT {_LIMIT}, effective_from <= CAST(:today AS date) AND NOT EXISTS (
        SELECT FROM ingest.clock_limit n
        WHERE n.stage = l.stage AND n.applies_to = l.applies_to AND n.code = l.code
            AND n.effective_from > l.effective_from AND n.effective_from <= CAST(:today AS date)
    ) AS in_force
FROM ingest.clock_limit l
WHERE (CAST(:stage AS text) IS NULL OR stage = :stage)
ORDER BY stage, applies_to, code, effective_from LIMIT :limit OFFSET :skip
""")

START = sql("""
INSERT INTO ingest.clock (subject_id, stage, subject, code, category, site_code, lab_code, unit_code,
    township_code, starts, limit_minutes, warn_minutes, opened_at, starts_at, due_at, ended_at, state,
    next_at, answer_type, answer_code)
SELECT * FROM jsonb_to_recordset(CAST(:clocks AS jsonb)) AS u (subject_id uuid, stage text, subject text,
    code text, category text, site_code text, lab_code text, unit_code text, township_code text, starts text,
    limit_minutes integer, warn_minutes integer, opened_at timestamptz, starts_at timestamptz,
    due_at timestamptz, ended_at timestamptz, state text, next_at timestamptz, answer_type text,
    answer_code text)
ON CONFLICT DO NOTHING
""")
STATE = sql("""
UPDATE ingest.clock c SET starts_at = u.starts_at, ended_at = u.ended_at
FROM unnest(CAST(:subject_ids AS uuid[]), CAST(:stages AS text[]), CAST(:starts_ats AS timestamptz[]),
    CAST(:ended_ats AS timestamptz[])) AS u (subject_id, stage, starts_at, ended_at)
WHERE c.subject_id = u.subject_id AND c.stage = u.stage
""")
HINT = sql("""
INSERT INTO ingest.clock_hint (about, about_id)
SELECT :about, u.id FROM unnest(CAST(:ids AS uuid[])) AS u (id)
""")
# Registered after its packet went its way.
HINT_PACKED = sql("""
INSERT INTO ingest.clock_hint (about, about_id)
SELECT 'subject', u.tube_id
FROM unnest(CAST(:tube_ids AS uuid[]), CAST(:codes AS text[])) AS u (tube_id, tube_code)
WHERE EXISTS (SELECT FROM ingest.packet_tube h
    WHERE h.tube_code = u.tube_code AND h.standing IN ('listed', 'extra') OFFSET 0)
""")

# A laboratory sees what is sent to it, an area what is sampled in it or by its units.
_SIGHT: Final = """
    (CAST(:lab AS text) IS NULL OR c.lab_code = :lab)
    AND (CAST(:township AS text) IS NULL
        OR coalesce(u.township_code, s.township_code, c.township_code) = :township)
    AND (CAST(:department AS text) IS NULL OR u.department_code = :department)
"""
_FROM: Final = """
    FROM ingest.clock c
    LEFT JOIN ingest.site s ON s.site_code = c.site_code
    LEFT JOIN ingest.unit u ON u.unit_code = c.unit_code
"""
_FILTERS: Final = """
    (CAST(:stage AS text) IS NULL OR c.stage = :stage)
    AND (CAST(:category AS text) IS NULL OR c.category = :category)
    AND (CAST(:site_code AS text) IS NULL OR c.site_code = :site_code)
    AND (CAST(:lab_code AS text) IS NULL OR c.lab_code = :lab_code)
"""
OPEN: Final = "c.state IN ('running', 'warned', 'broken')"
_PAGE: Final = f"""
SELECT c.subject_id, c.stage, c.subject, c.code, c.category, c.site_code, c.lab_code, c.unit_code, c.starts,
    c.limit_minutes, c.warn_minutes, c.starts_at, c.due_at, c.ended_at, c.state, c.answer_type, c.answer_code,
    c.warned_at, c.broken_at
{_FROM}
WHERE {{which}} AND {_SIGHT} AND {_FILTERS}
    AND (c.due_at, c.subject_id, c.stage) > (CAST(:due AS timestamptz), CAST(:subject AS uuid), :after_stage)
ORDER BY c.due_at, c.subject_id, c.stage LIMIT :limit
"""
PAGE_OPEN = sql(_PAGE.format(which=OPEN))
PAGE = sql(_PAGE.format(which="c.due_at IS NOT NULL AND c.state = :state"))

# Of what fell due on a day, or is open since before it.
_COUNTED: Final = """
    SELECT {body} AS body, c.stage,
        count(*) FILTER (WHERE c.state IN ('running', 'warned')) AS running,
        count(*) FILTER (WHERE c.state = 'warned') AS warned,
        count(*) FILTER (WHERE c.state = 'broken') AS broken,
        count(*) FILTER (WHERE c.state = 'late') AS late,
        count(*) FILTER (WHERE c.state = 'explained') AS explained,
        count(*) FILTER (WHERE c.state = 'met') AS met,
        max(least(coalesce(c.ended_at, CAST(:now AS timestamptz)), CAST(:now AS timestamptz)) - c.due_at)
            FILTER (WHERE c.state IN ('broken', 'late')) AS worst
    {source}
    WHERE ((c.due_at >= CAST(:from_at AS timestamptz) AND c.due_at < CAST(:to_at AS timestamptz))
            OR (c.due_at < CAST(:from_at AS timestamptz) AND c.state = 'broken'))
        AND {sight} AND (CAST(:stage AS text) IS NULL OR c.stage = :stage) AND {body} IS NOT NULL
    GROUP BY {body}, c.stage
    ORDER BY worst DESC NULLS LAST, {body}, c.stage LIMIT :limit
"""
COUNTS: Final = {
    by: sql(_COUNTED.format(body=f"c.{column}", source=_FROM, sight=_SIGHT))
    for by, column in (("site", "site_code"), ("lab", "lab_code"), ("category", "category"))
}
