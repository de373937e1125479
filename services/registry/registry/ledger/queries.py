"""Statements of the ledger. The fast path of plain negatives is decided in SQL, set by set.

Plans are pinned: a freshly filled temporary table has no statistics, and a hash join over
everybody costs ten times as much as the look-ups by key (`OFFSET 0`, and NO_SCANS).
"""

from typing import Final

from registry.ledger.plain_queries import DAY, NEWER, ORDINARY, SETTLED
from shared.db import sql

STAGE: Final = "result_stage"
COLUMNS: Final = (
    "person_id",
    "entry_id",
    "kind",
    "outcome",
    "mode",
    "test_kind",
    "collected_at",
    "tested_at",
    "tube_id",
    "tube_code",
    "paired_with",
    "result_id",
    "replaces",
    "from_positive",
    "plain",
)

CREATE_STAGE = sql(f"""
    CREATE TEMP TABLE IF NOT EXISTS {STAGE} (
        person_id uuid, entry_id uuid, kind text, outcome text, mode text, test_kind text,
        collected_at timestamptz, tested_at timestamptz, tube_id uuid, tube_code text, paired_with text,
        result_id uuid, replaces uuid, from_positive boolean, plain boolean
    ) ON COMMIT DELETE ROWS
""")

NO_SCANS = sql("""
    SELECT set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
           set_config('enable_seqscan', 'off', true)
""")

# One row a person: the newest plain result, or any other row, which sends the person the long way.
_NEWEST: Final = f"""
    SELECT DISTINCT ON (person_id) person_id, plain, mode, collected_at, tested_at, tube_id,
           {DAY} AS day
    FROM pg_temp.{STAGE}
    ORDER BY person_id, plain, collected_at DESC, tested_at DESC, mode DESC
"""

_PLAIN: Final = f"""
    (x.plain AND {ORDINARY}
     AND (cardinality(s.pending_tubes) = 0 OR (s.pending_tubes = ARRAY[x.tube_id] AND {NEWER})))
"""

# Whether the update below will take everybody, asked without a lock: a lock of its own on everybody
# costs as much as the update.
ALL_PLAIN = sql(f"""
    SELECT NOT EXISTS (
        SELECT FROM ({_NEWEST}) x
        CROSS JOIN LATERAL (
            SELECT {_PLAIN} AND {NEWER} AS plain FROM registry.person_status s
            WHERE s.person_id = x.person_id OFFSET 0
        ) l
        WHERE NOT coalesce(l.plain, false)
    )
""")

# Locks everybody in person order, which is what keeps two handlers from waiting crosswise; answers
# those who must go the long way. An older result of somebody plain changes nothing.
LOCK = sql(f"""
    SELECT x.person_id
    FROM ({_NEWEST}) x
    CROSS JOIN LATERAL (
        SELECT {_PLAIN} AS plain FROM registry.person_status s WHERE s.person_id = x.person_id
        OFFSET 0 FOR NO KEY UPDATE
    ) l
    WHERE NOT coalesce(l.plain, false)
""")

INSERT_FACTS = sql(f"""
    INSERT INTO registry.ledger_entry
        (person_id, entry_id, kind, outcome, mode, test_kind, collected_at, tested_at, reported_at,
         lab_code, tube_id, tube_code, paired_with, result_id, replaces, from_positive, recorded_at)
    SELECT person_id, entry_id, kind, outcome, mode, test_kind, collected_at, tested_at,
           CAST(:reported_at AS timestamptz), :lab_code, tube_id, tube_code, paired_with, result_id, replaces,
           from_positive, :now
    FROM pg_temp.{STAGE} ORDER BY person_id
    ON CONFLICT (person_id, entry_id) DO NOTHING
""")

# Also in person order. Answers whom it has not touched.
APPLY = sql(f"""
    WITH newest AS MATERIALIZED ({_NEWEST}), changed AS (
        UPDATE registry.person_status s
        SET {SETTLED}, pending_tubes = '{{}}', pending_at = '{{}}', pending_limits = '{{}}'
        FROM newest x
        WHERE s.person_id = x.person_id AND {_PLAIN} AND {NEWER}
        RETURNING s.person_id
    ), told AS (
        INSERT INTO registry.feed_pending (person_ids)
        SELECT array_agg(person_id) FROM changed HAVING count(*) > 0
    )
    SELECT person_id FROM newest EXCEPT SELECT person_id FROM changed
""")

INSERT_SAMPLES = sql("""
    INSERT INTO registry.ledger_entry
        (person_id, entry_id, kind, mode, collected_at, lab_code, tube_id, tube_code, paired_with,
         limit_at, recorded_at)
    SELECT person_id, tube_id, 'sample', mode, collected_at, lab_code, tube_id, tube_code, paired_with,
           limit_at, :now
    FROM unnest(
        CAST(:person_ids AS uuid[]), CAST(:tube_ids AS uuid[]), CAST(:tube_codes AS text[]),
        CAST(:modes AS text[]), CAST(:collected_ats AS timestamptz[]), CAST(:lab_codes AS text[]),
        CAST(:paired_withs AS text[]), CAST(:limit_ats AS timestamptz[])
    ) AS sample (person_id, tube_id, tube_code, mode, collected_at, lab_code, paired_with, limit_at)
    ORDER BY person_id
    ON CONFLICT (person_id, entry_id) DO NOTHING
""")

LOCK_PEOPLE = sql("""
    SELECT person_id FROM registry.person_status
    WHERE person_id = ANY(CAST(:person_ids AS uuid[])) ORDER BY person_id FOR NO KEY UPDATE
""")

INSERT_REVIEW = sql("""
    INSERT INTO registry.ledger_review (result_id, review_id, revision, verdict, reviewed_at, recorded_at)
    VALUES (:result_id, :review_id, :revision, :verdict, :reviewed_at, :now)
    ON CONFLICT (result_id, review_id) DO NOTHING
""")

# Newest first by the sample; reviews stand with the result they are about.
# Where a result is from: what its laboratory was when it came (row 30).
SOURCE: Final = """(SELECT o.region FROM registry.lab_origin o
            WHERE o.lab_code = l.lab_code AND l.kind <> 'sample' AND o.told_at <= l.reported_at
            ORDER BY o.told_at DESC LIMIT 1) AS source_region"""
ADD_ORIGIN = sql("""
    INSERT INTO registry.lab_origin (lab_code, told_at, region) VALUES (:lab_code, :told_at, :region)
    ON CONFLICT ON CONSTRAINT lab_origin_pkey DO UPDATE SET region = EXCLUDED.region
""")
PAGE = sql(f"""
    SELECT l.person_id, l.entry_id, l.kind, l.outcome, l.mode, l.test_kind, l.collected_at, l.tested_at,
           l.reported_at, l.lab_code, l.tube_code, l.paired_with, l.replaces, l.from_positive, l.limit_at,
           l.recorded_at, coalesce(l.result_id, l.entry_id) AS result_id,
           (SELECT w.entry_id FROM registry.ledger_entry w
            WHERE w.person_id = l.person_id AND w.replaces = l.entry_id
            ORDER BY w.recorded_at LIMIT 1) AS replaced_by,
           {SOURCE}
    FROM registry.ledger_entry l
    WHERE l.person_id = :person_id
      AND (CAST(:before_at AS timestamptz) IS NULL
           OR (l.collected_at, l.entry_id) < (CAST(:before_at AS timestamptz), CAST(:before_id AS uuid)))
    ORDER BY l.collected_at DESC, l.entry_id DESC
    LIMIT :limit
""")

REVIEWS_OF = sql("""
    SELECT result_id, revision, verdict, reviewed_at FROM registry.ledger_review
    WHERE result_id = ANY(CAST(:result_ids AS uuid[])) ORDER BY result_id, revision
""")

RULE = sql("""
    SELECT rule_id, category_code, version, shape, params, effective_from, effective_to, area_code, source
    FROM registry.rule WHERE rule_id = :rule_id
""")

CATEGORY_NAMES = sql("""
    SELECT category_code, name_zh, name_en FROM registry.category
    WHERE category_code = ANY(CAST(:codes AS text[]))
""")

DECIDING_SAMPLE = sql(f"""
    SELECT entry_id, outcome, mode, collected_at, lab_code, tube_code, {SOURCE} FROM registry.ledger_entry l
    WHERE person_id = :person_id AND kind = 'result' AND outcome <> 'invalid' AND test_kind = 'pcr'
      AND collected_at >= CAST(:day AS date) AT TIME ZONE 'Asia/Shanghai'
      AND collected_at < (CAST(:day AS date) + 1) AT TIME ZONE 'Asia/Shanghai'
    ORDER BY collected_at DESC, tested_at DESC LIMIT 1
""")

EXEMPTION_OF_DAY = sql("""
    SELECT exemption_id, kind, from_on, to_on FROM registry.exemption
    WHERE person_id = :person_id AND :day BETWEEN from_on AND to_on
    ORDER BY (kind = 'suspended'), to_on DESC
""")
