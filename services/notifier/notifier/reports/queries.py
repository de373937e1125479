"""Statements over forms, obligations, and the slots that follow from them."""

from shared.db import sql

_FORM = (
    """form_code, effective_from, kind, title, fields, cutoffs, days, on_day, basis, created_by, created_at"""
)

ADD_FORM = sql(f"""
INSERT INTO notifier.report_form ({_FORM})
VALUES (:form_code, :effective_from, :kind, :title, CAST(:fields AS jsonb), CAST(:cutoffs AS text[]), :days,
        :on_day, :basis, :client_id, :now)
ON CONFLICT (form_code, effective_from) DO NOTHING
""")

ONE_FORM = sql(f"""
SELECT {_FORM} FROM notifier.report_form WHERE form_code = :form_code AND effective_from = :effective_from
""")

VERSIONS = sql(f"""
SELECT {_FORM} FROM notifier.report_form
WHERE CAST(:form_code AS text) IS NULL OR form_code = :form_code
ORDER BY form_code, effective_from
""")

FORM_PAGE = sql(f"""
SELECT {_FORM},
    effective_from = (SELECT max(v.effective_from) FROM notifier.report_form v
                      WHERE v.form_code = f.form_code AND v.effective_from <= :today) AS in_force
FROM notifier.report_form f
WHERE CAST(:form_code AS text) IS NULL OR form_code = :form_code
ORDER BY form_code, effective_from DESC OFFSET :skip LIMIT :limit
""")

_OBLIGATION = """obligation_id, form_code, body_type, everybody, codes, industry_prefixes, attributes,
    from_day AS "from", to_day AS "to", basis, created_by, created_at, ended_by, ended_at,
    ended_basis"""

ADD_OBLIGATION = sql(f"""
INSERT INTO notifier.report_obligation
    (obligation_id, form_code, body_type, everybody, codes, industry_prefixes, attributes, from_day, to_day,
     basis, created_by, created_at)
VALUES (:obligation_id, :form_code, :body_type, :everybody, CAST(:codes AS text[]),
        CAST(:industry_prefixes AS text[]), CAST(:attributes AS jsonb), :from_day, :to_day, :basis,
        :client_id, :now)
RETURNING {_OBLIGATION}
""")

LOCK_OBLIGATION = sql(f"""
SELECT {_OBLIGATION} FROM notifier.report_obligation WHERE obligation_id = :obligation_id FOR UPDATE
""")

END_OBLIGATION = sql(f"""
UPDATE notifier.report_obligation
SET to_day = :to_day, ended_basis = :basis, ended_by = :client_id, ended_at = :now
WHERE obligation_id = :obligation_id
RETURNING {_OBLIGATION}
""")

OBLIGATION_PAGE = sql(f"""
SELECT {_OBLIGATION} FROM notifier.report_obligation
WHERE obligation_id > :after AND (CAST(:form_code AS text) IS NULL OR form_code = :form_code)
ORDER BY obligation_id LIMIT :limit
""")

UNKNOWN_BODIES = sql("""
SELECT c.number FROM unnest(CAST(:codes AS text[])) WITH ORDINALITY AS c (code, number)
WHERE NOT CASE CAST(:body_type AS text)
    WHEN 'unit' THEN EXISTS (SELECT FROM notifier.unit u WHERE u.unit_code = c.code)
    ELSE EXISTS (SELECT FROM notifier.department d WHERE d.code = c.code AND d.level = :body_type) END
ORDER BY c.number
""")

LAST_DAY = sql("SELECT max(day) FROM notifier.report_day WHERE day <= :today")

NOTE_DAY = sql("""
INSERT INTO notifier.report_day (day, opened_at) VALUES (:day, :now) ON CONFLICT (day) DO NOTHING
""")

# Who owes what on a day, and since when it is known: a cut-off before that is not owed. Headquarters, leaders
# and the CDC are not meant by "everybody".
OWING = sql("""
SELECT o.form_code, b.body_type, b.body_code, b.township_code, b.department_code,
    min(o.created_at) AS since
FROM notifier.report_obligation o
JOIN LATERAL (
    SELECT 'unit' AS body_type, u.unit_code AS body_code, u.township_code, u.department_code
    FROM notifier.unit u
    WHERE o.body_type = 'unit' AND (u.closed_on IS NULL OR u.closed_on > :day)
      AND (u.unit_code = ANY(o.codes)
           OR ((o.industry_prefixes <> '{}' OR o.attributes <> '{}') AND u.attributes @> o.attributes
               AND (o.industry_prefixes = '{}' OR EXISTS (
                    SELECT FROM unnest(o.industry_prefixes) AS p
                    WHERE starts_with(ltrim(u.industry_code, 'ABCDEFGHIJKLMNOPQRST'),
                                      ltrim(p, 'ABCDEFGHIJKLMNOPQRST'))))))
    UNION ALL
    SELECT d.level, d.code, CASE d.level WHEN 'township' THEN d.code END,
        CASE d.level WHEN 'department' THEN d.code END
    FROM notifier.department d
    WHERE o.body_type = d.level
      AND (d.code = ANY(o.codes)
           OR (o.everybody AND (d.role IS NULL OR d.role NOT IN ('headquarters', 'leaders', 'cdc'))))
) b ON true
WHERE o.from_day <= :day AND (o.to_day IS NULL OR o.to_day >= :day)
  AND (CAST(:form_code AS text) IS NULL OR o.form_code = :form_code)
GROUP BY 1, 2, 3, 4, 5
ORDER BY 1, 2, 3
""")

ADD_SLOTS = sql("""
INSERT INTO notifier.report_slot
    (slot_id, form_code, day, slot, effective_from, opens_at, cutoff_at, until_at, chase_at)
SELECT u.slot_id, :form_code, :day, u.slot, :effective_from, u.opens_at, u.cutoff_at, u.until_at,
    u.cutoff_at + make_interval(secs => :grace)
FROM unnest(CAST(:slot_ids AS uuid[]), CAST(:slots AS text[]), CAST(:opens AS timestamptz[]),
            CAST(:cutoffs AS timestamptz[]), CAST(:untils AS timestamptz[]))
     AS u (slot_id, slot, opens_at, cutoff_at, until_at)
ON CONFLICT ON CONSTRAINT report_slot_once DO NOTHING
""")

SLOTS = sql("""
SELECT slot_id, cutoff_at FROM notifier.report_slot WHERE form_code = :form_code AND day = :day
ORDER BY cutoff_at
""")

ADD_OWED = sql("""
INSERT INTO notifier.report_owed (owed_id, slot_id, body_type, body_code, township_code, department_code)
SELECT * FROM unnest(CAST(:owed_ids AS uuid[]), CAST(:slot_ids AS uuid[]), CAST(:body_types AS text[]),
    CAST(:body_codes AS text[]), CAST(:township_codes AS text[]), CAST(:department_codes AS text[]))
ON CONFLICT ON CONSTRAINT report_owed_once DO NOTHING
""")
