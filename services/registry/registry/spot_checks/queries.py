"""Statements over registry.spot_check and its rows."""

from shared.db import sql

_CHECK = "spot_check_id, unit_code, check_no, content_index, checked_at, sealed_note, made_by, made_at"

BY_NO = sql(f"""
    SELECT {_CHECK} FROM registry.spot_check WHERE unit_code = :unit_code AND check_no = :check_no
""")

INSERT = sql(f"""
    INSERT INTO registry.spot_check ({_CHECK})
    VALUES (:spot_check_id, :unit_code, :check_no, :content_index, :checked_at, :sealed_note, :made_by, :now)
    ON CONFLICT ON CONSTRAINT spot_check_no_key DO NOTHING
    RETURNING {_CHECK}
""")

INSERT_PEOPLE = sql("""
    INSERT INTO registry.spot_check_person
        (spot_check_id, "row", person_id, id_type, id_index, name_index, sealed_identity, registered,
         enrolled, records, last_sample_on, valid_negative, due_on, due_state, reasons, kinds, reason, since)
    SELECT CAST(:spot_check_id AS uuid), p."row", p.person_id, p.id_type, p.id_index, p.name_index,
        p.sealed_identity, p.registered, p.enrolled, p.records, p.last_sample_on, p.valid_negative, p.due_on,
        p.due_state, string_to_array(p.reasons, ' '), string_to_array(p.kinds, ' '), p.reason, p.since
    FROM unnest(CAST(:rows AS integer[]), CAST(:person_ids AS uuid[]), CAST(:id_types AS text[]),
        CAST(:id_indexes AS bytea[]), CAST(:name_indexes AS bytea[]), CAST(:sealed AS bytea[]),
        CAST(:registered AS boolean[]), CAST(:enrolled AS boolean[]), CAST(:records AS integer[]),
        CAST(:last_samples AS date[]), CAST(:valid AS boolean[]), CAST(:due_ons AS date[]),
        CAST(:due_states AS text[]), CAST(:reasons AS text[]), CAST(:kinds AS text[]),
        CAST(:breaches AS text[]), CAST(:sinces AS date[]))
        AS p ("row", person_id, id_type, id_index, name_index, sealed_identity, registered, enrolled, records,
              last_sample_on, valid_negative, due_on, due_state, reasons, kinds, reason, since)
""")

# Whoever the caller may see: anybody, or those enrolled in the area now or from a coming day on.
_SEEN = """
    ((CAST(:area_township AS text) IS NULL AND CAST(:area_department AS text) IS NULL)
     OR EXISTS (SELECT FROM registry.enrolment e JOIN registry.unit u USING (unit_code)
                WHERE e.person_id = p.person_id AND (e.left_on IS NULL OR e.left_on > :today)
                  AND (CAST(:area_township AS text) IS NULL OR u.township_code = :area_township)
                  AND (CAST(:area_department AS text) IS NULL OR u.department_code = :area_department)))
"""

BY_DOCUMENT = sql(f"""
    SELECT p.person_id, p.id_type, p.id_index, p.health_code_id FROM registry.person p
    JOIN unnest(CAST(:id_types AS text[]), CAST(:id_indexes AS bytea[])) AS d (id_type, id_index)
      ON p.id_type = d.id_type AND p.id_index = d.id_index
    WHERE {_SEEN}
""")

BY_CODE = sql(f"""
    SELECT p.person_id, p.id_type, p.id_index, p.health_code_id FROM registry.person p
    WHERE p.health_code_id = ANY(CAST(:codes AS text[])) AND {_SEEN}
""")

ONE = sql(f"""
    SELECT {", ".join(f"c.{name}" for name in _CHECK.split(", "))} FROM registry.spot_check c
    JOIN registry.unit u USING (unit_code)
    WHERE c.spot_check_id = :spot_check_id
      AND (CAST(:area_township AS text) IS NULL OR u.township_code = :area_township)
      AND (CAST(:area_department AS text) IS NULL OR u.department_code = :area_department)
    FOR NO KEY UPDATE OF c
""")

PEOPLE = sql("""
    SELECT s."row", coalesce(s.person_id, k.person_id) AS person_id, s.id_type, s.id_index, s.name_index,
           s.sealed_identity, s.registered, s.enrolled, s.records, s.last_sample_on, s.valid_negative,
           s.due_on, s.due_state, s.reasons, s.kinds, s.reason, s.since, s.enrolled_at, s.enrolled_by,
           p.health_code_id, p.sealed_contact
    FROM registry.spot_check_person s
    LEFT JOIN registry.person k ON k.id_type = s.id_type AND k.id_index = s.id_index
    LEFT JOIN registry.person p ON p.person_id = coalesce(s.person_id, k.person_id)
    WHERE s.spot_check_id = :spot_check_id ORDER BY s."row"
""")

FINDINGS = sql("""
    SELECT finding_id, kind, state, period_from, period_to FROM registry.finding
    WHERE spot_check_id = :spot_check_id ORDER BY kind
""")

PAGE = sql("""
    SELECT c.spot_check_id, c.unit_code, c.check_no, c.checked_at, c.made_by, c.made_at,
           (SELECT count(*) FROM registry.spot_check_person s
            WHERE s.spot_check_id = c.spot_check_id) AS people,
           (SELECT count(*) FROM registry.spot_check_person s
            WHERE s.spot_check_id = c.spot_check_id AND s.reason IS NOT NULL) AS wanting
    FROM registry.spot_check c JOIN registry.unit u USING (unit_code)
    WHERE c.spot_check_id < CAST(:before AS uuid)
      AND (CAST(:unit_code AS text) IS NULL OR c.unit_code = :unit_code)
      AND (CAST(:township_code AS text) IS NULL OR u.township_code = :township_code)
      AND (CAST(:department_code AS text) IS NULL OR u.department_code = :department_code)
      AND (CAST(:area_township AS text) IS NULL OR u.township_code = :area_township)
      AND (CAST(:area_department AS text) IS NULL OR u.department_code = :area_department)
    ORDER BY c.spot_check_id DESC LIMIT :limit
""")

ENROLLED = sql("""
    UPDATE registry.spot_check_person s
    SET person_id = e.person_id, enrolled_at = :now, enrolled_by = :enrolled_by
    FROM unnest(CAST(:rows AS integer[]), CAST(:person_ids AS uuid[])) AS e ("row", person_id)
    WHERE s.spot_check_id = :spot_check_id AND s."row" = e."row" AND s.enrolled_at IS NULL
""")
