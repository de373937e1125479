"""Statements over registry.person, enrolment and health_code_history. Locks are taken in person order."""

from shared.db import sql

# FOR UPDATE after the sort: every writer takes people in the same order.
LOCK_BY_DOCUMENT = sql("""
    SELECT p.person_id, p.id_type, p.id_index, p.name_index, p.phone_index, p.sealed_contact,
        p.health_code_id, p.vaccination_completed_on, p.version
    FROM registry.person p
    JOIN unnest(CAST(:id_types AS text[]), CAST(:id_indexes AS bytea[])) AS d (id_type, id_index)
      ON p.id_type = d.id_type AND p.id_index = d.id_index
    ORDER BY p.person_id
    FOR NO KEY UPDATE OF p
""")

LOCK_BY_ID = sql("""
    SELECT person_id, id_type, id_index, name_index, phone_index, sealed_contact,
        health_code_id, vaccination_completed_on, version
    FROM registry.person
    WHERE person_id = :person_id
    FOR NO KEY UPDATE
""")

HOLD = sql("SELECT person_id FROM registry.person WHERE person_id = :person_id FOR NO KEY UPDATE")

ENROLMENTS = sql("""
    SELECT enrolment_id, person_id, unit_code, category_code, department_in_unit, employment_type,
        derived_from, enrolled_on, left_on
    FROM registry.enrolment
    WHERE person_id = ANY (CAST(:person_ids AS uuid[]))
""")

UNITS = sql("""
    SELECT unit_code FROM registry.unit
    WHERE unit_code = ANY (CAST(:codes AS text[]))
      AND (CAST(:area_township AS text) IS NULL OR township_code = :area_township)
      AND (CAST(:area_department AS text) IS NULL OR department_code = :area_department)
""")

CATEGORIES = sql("""
    SELECT category_code FROM registry.category WHERE category_code = ANY (CAST(:codes AS text[]))
""")

# What the list of hospital departments says today: the newest row of a name that has begun, unless it ended.
DEPARTMENTS = sql("""
    SELECT r.unit_code, r.department, h.category_code, h.entry_id
    FROM unnest(CAST(:units AS text[]), CAST(:departments AS text[])) AS r (unit_code, department)
    JOIN registry.unit u ON u.unit_code = r.unit_code
    JOIN LATERAL (
        SELECT d.category_code, d.entry_id, d.effective_to FROM registry.hospital_department d
        WHERE d.name_key = registry.department_key(r.department) AND d.effective_from <= :today
        ORDER BY d.effective_from DESC LIMIT 1) h ON h.effective_to IS NULL OR h.effective_to >= :today
    JOIN registry.category c ON c.category_code = h.category_code
    WHERE coalesce(u.attributes ->> 'institution_type' = ANY (CAST(:institution_types AS text[])),
                   left(u.industry_key, 4) = ANY (CAST(:industries AS text[])))
""")

HOLDERS = sql("""
    SELECT health_code_id, id_type, id_index FROM registry.person
    WHERE health_code_id = ANY (CAST(:codes AS text[]))
""")

INSERT_PEOPLE = sql("""
    INSERT INTO registry.person
        (person_id, id_type, id_index, sealed_id_no, name_index, phone_index, sealed_contact,
         health_code_id, vaccination_completed_on, created_by, created_at, updated_at)
    SELECT r.*, :created_by, CAST(:now AS timestamptz), CAST(:now AS timestamptz)
    FROM unnest(CAST(:person_ids AS uuid[]), CAST(:id_types AS text[]), CAST(:id_indexes AS bytea[]),
        CAST(:sealed_id_nos AS bytea[]), CAST(:name_indexes AS bytea[]), CAST(:phone_indexes AS bytea[]),
        CAST(:sealed_contacts AS bytea[]), CAST(:codes AS text[]), CAST(:vaccinations AS date[])) AS r
    ON CONFLICT ON CONSTRAINT person_document_key DO NOTHING
""")

UPDATE_PEOPLE = sql("""
    UPDATE registry.person p
    SET name_index = r.name_index, phone_index = r.phone_index, sealed_contact = r.sealed_contact,
        health_code_id = r.health_code_id, vaccination_completed_on = r.vaccination_completed_on,
        version = p.version + 1, updated_at = :now, updated_by = :changed_by
    FROM unnest(CAST(:person_ids AS uuid[]), CAST(:name_indexes AS bytea[]), CAST(:phone_indexes AS bytea[]),
        CAST(:sealed_contacts AS bytea[]), CAST(:codes AS text[]), CAST(:vaccinations AS date[]))
        AS r (person_id, name_index, phone_index, sealed_contact, health_code_id, vaccination_completed_on)
    WHERE p.person_id = r.person_id
""")

# What stood before is kept by a trigger (enrolment_history).
UPSERT_ENROLMENTS = sql("""
    INSERT INTO registry.enrolment AS e
        (enrolment_id, person_id, unit_code, category_code, department_in_unit, employment_type,
         enrolled_on, left_on, derived_from, created_by, created_at, updated_at, updated_by, entered_at,
         entered_by, left_entered_at)
    SELECT r.*, :created_by, CAST(:now AS timestamptz), CAST(:now AS timestamptz), :created_by,
        CAST(:now AS timestamptz), :created_by,
        CASE WHEN r.left_on IS NOT NULL THEN CAST(:now AS timestamptz) END
    FROM unnest(CAST(:enrolment_ids AS uuid[]), CAST(:person_ids AS uuid[]), CAST(:unit_codes AS text[]),
        CAST(:category_codes AS text[]), CAST(:departments AS text[]), CAST(:employments AS text[]),
        CAST(:enrolled_ons AS date[]), CAST(:left_ons AS date[]), CAST(:derived_froms AS bigint[]))
        AS r (enrolment_id, person_id, unit_code, category_code, department, employment, enrolled_on, left_on,
            derived_from)
    ON CONFLICT ON CONSTRAINT enrolment_key DO UPDATE
    SET department_in_unit = excluded.department_in_unit, employment_type = excluded.employment_type,
        enrolled_on = excluded.enrolled_on, left_on = excluded.left_on,
        derived_from = excluded.derived_from, updated_at = excluded.updated_at,
        updated_by = excluded.updated_by,
        entered_at = CASE WHEN e.enrolled_on = excluded.enrolled_on THEN coalesce(e.entered_at, e.created_at)
                          ELSE excluded.entered_at END,
        entered_by = CASE WHEN e.enrolled_on = excluded.enrolled_on THEN coalesce(e.entered_by, e.created_by)
                          ELSE excluded.entered_by END,
        left_entered_at = CASE WHEN e.left_on = excluded.left_on THEN e.left_entered_at
                               ELSE excluded.left_entered_at END
""")

INSERT_HISTORY = sql("""
    INSERT INTO registry.health_code_history (health_code_id, person_id, replaced_by, held_until, changed_by)
    SELECT r.*, CAST(:now AS timestamptz), :changed_by
    FROM unnest(CAST(:codes AS text[]), CAST(:person_ids AS uuid[]), CAST(:replaced_bys AS text[])) AS r
""")

# A code that was replaced still leads to its person, unless somebody holds it now.
BY_HEALTH_CODE = sql("""
    SELECT person_id FROM registry.person WHERE health_code_id = :health_code_id
    UNION ALL
    (SELECT person_id FROM registry.health_code_history
     WHERE health_code_id = :health_code_id ORDER BY history_id DESC LIMIT 1)
    LIMIT 1
""")

# An area sees the people enrolled in its units, now or from a coming day on.
# Who may be seen by a township or department: whoever is enrolled in a unit of it.
_SEEN = """
    SELECT person_id, id_type, sealed_id_no, sealed_contact, health_code_id, vaccination_completed_on, version
    FROM registry.person p
    WHERE ((CAST(:area_township AS text) IS NULL AND CAST(:area_department AS text) IS NULL)
           OR EXISTS (SELECT FROM registry.enrolment e JOIN registry.unit u USING (unit_code)
                      WHERE e.person_id = p.person_id AND (e.left_on IS NULL OR e.left_on > :today)
                        AND (CAST(:area_township AS text) IS NULL OR u.township_code = :area_township)
                        AND (CAST(:area_department AS text) IS NULL OR u.department_code = :area_department)))
"""

PERSON = sql(f"{_SEEN} AND person_id = :person_id")

PEOPLE_SEEN = sql(f"{_SEEN} AND person_id = ANY (CAST(:person_ids AS uuid[])) ORDER BY person_id")

ENROLMENTS_SEEN = sql("""
    SELECT e.enrolment_id, e.unit_code, e.category_code, e.department_in_unit, e.employment_type,
        e.derived_from, e.enrolled_on, e.left_on
    FROM registry.enrolment e LEFT JOIN registry.unit u USING (unit_code)
    WHERE e.person_id = :person_id
      AND (CAST(:area_township AS text) IS NULL OR u.township_code = :area_township)
      AND (CAST(:area_department AS text) IS NULL OR u.department_code = :area_department)
    ORDER BY e.enrolled_on, e.enrolment_id
""")

UNIT_PEOPLE = sql("""
    SELECT e.enrolment_id, p.person_id, p.health_code_id, p.sealed_contact, e.category_code,
        e.department_in_unit, e.employment_type, e.derived_from, e.enrolled_on, e.left_on,
        (SELECT count(*) FROM registry.ledger_entry l
         WHERE l.person_id = p.person_id AND l.kind = 'result') AS records
    FROM registry.enrolment e JOIN registry.person p USING (person_id)
    WHERE e.unit_code = :unit_code
      AND (e.person_id, e.enrolment_id) > (:after_person, :after_enrolment)
      AND (:former OR e.left_on IS NULL OR e.left_on > :today)
    ORDER BY e.person_id, e.enrolment_id
    LIMIT :limit
""")

ENROLLED_IN_UNIT = sql("""
    SELECT DISTINCT p.person_id, p.id_type, p.id_index, p.sealed_contact
    FROM registry.enrolment e JOIN registry.person p USING (person_id)
    WHERE e.unit_code = :unit_code AND e.enrolled_on <= :today AND (e.left_on IS NULL OR e.left_on > :today)
    ORDER BY p.person_id
""")
