"""The relation of samples as SQL: one row for each person in a tube, thing, unbound tube or row of a person.

A sample (份) is a person's part of a tube; a thing, or a tube without people, is one. Everything else counts
and lists over this relation, so that all of them agree at every moment.
"""

from typing import Final

# The result that decides of those that stand; `sent_at` is when it went to registry.
_RESULT: Final = """
    LEFT JOIN LATERAL (
        SELECT y.batch_id, y.lab_code, y.outcome, y.tested_at, y.reported_at,
            coalesce(y.matched_at, y.reported_at) AS sent_at, y.collected_at
        FROM ingest.tube_result x
        CROSS JOIN LATERAL (
            SELECT z.* FROM ingest.result z WHERE z.batch_id = x.batch_id AND z."row" = x."row" OFFSET 0
        ) y
        WHERE x.tube_id = t.tube_id AND NOT x.superseded
        ORDER BY array_position(ARRAY['positive', 'indeterminate', 'negative', 'invalid'], y.outcome),
            y.reported_at, x.batch_id, x."row"
        LIMIT 1 OFFSET 0
    ) r ON true
"""
# What else is known of a tube without a result: a row that waits or is held, the laboratory that says it has
# tested it, the packet it was sent in.
_TRACES: Final = """
    LEFT JOIN ingest.tube_void v ON v.tube_id = t.tube_id
    LEFT JOIN LATERAL (
        SELECT x.kind, y.lab_code FROM ingest.unmatched x
        CROSS JOIN LATERAL (
            SELECT z.lab_code FROM ingest.result z
            WHERE z.batch_id = x.batch_id AND z."row" = x."row" OFFSET 0
        ) y
        WHERE r.batch_id IS NULL AND x.state = 'open' AND x.match_key = 't:' || t.tube_code
        ORDER BY x.kind, x.id LIMIT 1 OFFSET 0
    ) w ON true
    LEFT JOIN LATERAL (
        SELECT x.lab_code FROM ingest.manifest_tube x
        WHERE r.batch_id IS NULL AND x.tube_code = t.tube_code
            AND x.day >= CAST(timezone('Asia/Shanghai', t.collected_at) AS date)
        ORDER BY x.day, x.lab_code LIMIT 1 OFFSET 0
    ) m ON true
    LEFT JOIN LATERAL (
        SELECT y.lab_code, y.received_at, y.handed_at FROM ingest.packet_tube x
        JOIN ingest.packet y ON y.packet_id = x.packet_id
        WHERE r.batch_id IS NULL AND x.tube_code = t.tube_code AND x.standing IN ('listed', 'extra') OFFSET 0
    ) p ON true
"""
# Retained singles wait for their pool, not for the laboratory.
_PAIRED: Final = """
    t.mode = 'single' AND EXISTS (
        SELECT FROM ingest.tube k
        WHERE k.current AND k.mode = 'mixed' AND (k.tube_code = t.paired_with OR k.paired_with = t.tube_code)
"""
KEPT: Final = f"({_PAIRED}))"
_RETAINED: Final = f"""({_PAIRED}
            AND NOT EXISTS (
                SELECT FROM ingest.tube_result x
                JOIN ingest.result z ON z.batch_id = x.batch_id AND z."row" = x."row"
                WHERE x.tube_id = k.tube_id AND NOT x.superseded AND z.outcome <> 'negative')))"""

# A posted list of what the platform shows speaks for itself if it is newer than the sending; else what the
# platform has acknowledged: everything that was sent before the watermark, but for people who wait.
_SHOWN: Final = """
    CASE WHEN o.as_of >= {sent}
         THEN coalesce(o.collected_at >= {collected}, false)
              OR ({outcome} <> 'negative' AND o.display IN ('positive', 'under_recheck'))
         ELSE coalesce({sent} <= CASE WHEN y.person_id IS NULL THEN h.watermark ELSE y.since END, false) END
"""
_DISPLAY: Final = """
    LEFT JOIN ingest.display_waiting y ON y.person_id = {person}
    LEFT JOIN ingest.display_posted o ON o.person_id = {person}
    CROSS JOIN ingest.display_head h
"""
_SEEN: Final = """
        AND (CAST(:township AS text) IS NULL OR coalesce(u.township_code, s.township_code) = :township)
        AND (CAST(:department AS text) IS NULL OR u.department_code = :department)
"""


def _after_result(*, sent: str, collected: str, outcome: str) -> str:
    shown = _SHOWN.format(sent=sent, collected=collected, outcome=outcome)
    return f"""
        WHEN {shown} THEN 'shown'
        WHEN CAST(:now AS timestamptz) <= {sent} + CAST(:delay AS interval) THEN 'display_delay'
        ELSE 'not_shown'
    """


_SENT: Final = "greatest(r.sent_at, k.known_at)"
_TUBES: Final = f"""
    SELECT t.tube_id AS id, coalesce(k.position, 0) AS position, t.tube_code, t.subject, t.mode,
        t.collected_at, t.result_due_at AS due_at, t.site_code, t.unit_code, t.round_code,
        coalesce(r.lab_code, w.lab_code, m.lab_code, p.lab_code, t.lab_code) AS lab_code,
        r.outcome, k.person_id IS NOT NULL OR t.subject <> 'person' AS known,
        r.batch_id, CAST(NULL AS smallint) AS "row",
        CASE WHEN r.batch_id IS NOT NULL AND t.subject = 'person' AND k.person_id IS NULL
                  THEN CASE WHEN k.tube_id IS NULL THEN 'not_bound' ELSE 'not_matched' END
             WHEN r.outcome = 'invalid' THEN 'invalid'
             WHEN r.batch_id IS NOT NULL AND t.subject <> 'person' THEN 'reported'
             WHEN r.batch_id IS NOT NULL THEN
                  CASE {_after_result(sent=_SENT, collected="t.collected_at", outcome="r.outcome")} END
             WHEN v.tube_id IS NOT NULL THEN 'void'
             WHEN w.kind = 'held' THEN 'not_matched'
             WHEN t.subject = 'person' AND t.members = 0 THEN 'not_bound'
             WHEN {_RETAINED} THEN 'retained'
             WHEN m.lab_code IS NOT NULL THEN 'not_uploaded'
             WHEN p.received_at IS NOT NULL THEN 'not_tested'
             ELSE 'not_received' END AS cause,
        CASE WHEN r.reported_at <= t.result_due_at THEN 'resulted'
             WHEN r.reported_at IS NOT NULL THEN 'late'
             WHEN v.tube_id IS NOT NULL THEN 'void'
             WHEN CAST(:now AS timestamptz) <= t.result_due_at THEN 'waiting'
             WHEN CAST(:now AS timestamptz) <= t.result_due_at + CAST(:lost AS interval) THEN 'overdue'
             ELSE 'lost' END AS told,
        {{kept}} AS kept, w.kind AS waiting_as
    FROM ingest.tube t
    LEFT JOIN ingest.site s ON s.site_code = t.site_code
    LEFT JOIN ingest.unit u ON u.unit_code = t.unit_code
    {_RESULT} {_TRACES}
    LEFT JOIN ingest.tube_member k ON k.tube_id = t.tube_id
    {_DISPLAY.format(person="k.person_id")}
    WHERE t.current AND {{which}} {_SEEN}
"""  # noqa: S608 - of constants
_OF_DAY: Final = """
    t.collected_at >= CAST(:from_at AS timestamptz) AND t.collected_at < CAST(:to_at AS timestamptz)
"""
_OF_ROUND: Final = "t.round_code = CAST(:round_code AS text)"

# Codes that nobody has registered: a result waits for them, or a packet lists them.
_UNREGISTERED: Final = """
    SELECT DISTINCT ON (c.tube_code) c.id, 0 AS position, c.tube_code, 'person' AS subject, 'single' AS mode,
        c.at AS collected_at, CAST(NULL AS timestamptz) AS due_at, p.site_code,
        CAST(NULL AS text) AS unit_code,
        CAST(NULL AS text) AS round_code, coalesce(c.lab_code, p.lab_code) AS lab_code,
        CAST(NULL AS text) AS outcome, false AS known, c.batch_id, c."row", 'not_bound' AS cause,
        'unregistered' AS told, false AS kept, CAST(NULL AS text) AS waiting_as
    FROM (
        SELECT w.id, z.tube_code, coalesce(z.collected_at, z.tested_at) AS at, z.lab_code, w.batch_id, w."row"
        FROM ingest.unmatched w
        CROSS JOIN LATERAL (
            SELECT x.* FROM ingest.result x WHERE x.batch_id = w.batch_id AND x."row" = w."row" OFFSET 0
        ) z
        WHERE w.state = 'open' AND w.kind = 'row' AND w.code = 'tube_not_bound'
        UNION ALL
        SELECT CAST(md5(CAST(q.packet_id AS text) || x.tube_code) AS uuid), x.tube_code, q.sealed_at,
            CAST(NULL AS text), CAST(NULL AS uuid), CAST(NULL AS smallint)
        FROM ingest.packet q JOIN ingest.packet_tube x ON x.packet_id = q.packet_id
        WHERE q.sealed_at >= CAST(:from_at AS timestamptz) AND q.sealed_at < CAST(:to_at AS timestamptz)
            AND x.standing IN ('listed', 'extra')
    ) c
    LEFT JOIN LATERAL (
        SELECT q.site_code, q.lab_code FROM ingest.packet_tube x
        JOIN ingest.packet q ON q.packet_id = x.packet_id
        WHERE x.tube_code = c.tube_code AND x.standing IN ('listed', 'extra') OFFSET 0
    ) p ON true
    LEFT JOIN ingest.site s ON s.site_code = p.site_code
    WHERE c.at >= CAST(:from_at AS timestamptz) AND c.at < CAST(:to_at AS timestamptz)
        AND NOT EXISTS (SELECT FROM ingest.tube t WHERE t.current AND t.tube_code = c.tube_code)
        AND (CAST(:township AS text) IS NULL OR s.township_code = :township)
        AND CAST(:department AS text) IS NULL
    ORDER BY c.tube_code, c.batch_id NULLS LAST, c.id
"""

_ROW_SENT: Final = _after_result(
    sent="coalesce(r.matched_at, r.reported_at)",
    collected="coalesce(r.collected_at, r.tested_at)",
    outcome="r.outcome",
)
# Rows that name a person and no tube; they lie by the day of their receipt, which may be later.
_PERSONS: Final = f"""
    SELECT r.batch_id AS id, CAST(r."row" AS integer) AS position, CAST(NULL AS text) AS tube_code,
        'person' AS subject, coalesce(r.mode, 'single') AS mode, coalesce(r.collected_at, r.tested_at),
        CAST(NULL AS timestamptz) AS due_at, CAST(NULL AS text) AS site_code, CAST(NULL AS text) AS unit_code,
        CAST(NULL AS text) AS round_code, r.lab_code, r.outcome, r.person_id IS NOT NULL AS known,
        r.batch_id, r."row",
        CASE WHEN r.state <> 'matched' THEN 'not_matched'
             WHEN r.outcome = 'invalid' THEN 'invalid'
             {_ROW_SENT} END AS cause,
        'resulted' AS told, false AS kept, CAST(NULL AS text) AS waiting_as
    FROM ingest.result r
    {_DISPLAY.format(person="r.person_id")}
    WHERE r.batch_id >= CAST(:low AS uuid) AND r.batch_id < CAST(:high AS uuid) AND r.tube_code IS NULL
        AND coalesce(r.collected_at, r.tested_at) >= CAST(:from_at AS timestamptz)
        AND coalesce(r.collected_at, r.tested_at) < CAST(:to_at AS timestamptz)
        AND r.superseded_by IS NULL AND r.same_as IS NULL
        AND CAST(:township AS text) IS NULL AND CAST(:department AS text) IS NULL
"""  # noqa: S608 - of constants

# Whose turn it is. A tube that names no site leads to its unit, its laboratory, or nobody but the district.
_PLACED: Final = """
    SELECT x.*, CASE WHEN x.cause IN ('void', 'retained') THEN x.cause ELSE x.told END AS standing,
        b.body_type,
        CASE b.body_type WHEN 'site' THEN x.site_code WHEN 'unit' THEN x.unit_code
                         WHEN 'lab' THEN x.lab_code END AS body_code
    FROM ({relation}) x
    CROSS JOIN LATERAL (
        SELECT CASE
            WHEN x.cause IN ('shown', 'reported', 'retained', 'void', 'display_delay') THEN NULL
            WHEN x.cause = 'not_shown' THEN 'platform'
            WHEN x.cause IN ('not_tested', 'not_uploaded')
                OR (x.cause = 'not_matched' AND (x.waiting_as = 'held' OR x.tube_code IS NULL)) THEN 'lab'
            WHEN x.site_code IS NOT NULL THEN 'site'
            WHEN x.unit_code IS NOT NULL THEN 'unit'
            WHEN x.lab_code IS NOT NULL THEN 'lab'
            ELSE 'district' END AS body_type
    ) b
"""


def tubes(which: str, *, kept: str = "false") -> str:
    """Return the samples of registered tubes, `which` is 'day' or 'round'."""
    return _TUBES.format(which={"day": _OF_DAY, "round": _OF_ROUND}[which], kept=kept)


def samples(which: str, *, kept: str = "false") -> str:
    """Return every sample with its standing and its body; a round has registered tubes only."""
    relation = tubes(which, kept=kept)
    if which == "day":
        relation = f"({relation}) UNION ALL ({_UNREGISTERED}) UNION ALL ({_PERSONS})"
    return _PLACED.format(relation=relation)
