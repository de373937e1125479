"""Registry's columns of envelopes. `bytea` columns that are in no such list fail a test."""

from typing import Final

from registry.appeals.service import SEALED_STEP
from registry.departments.service import SEALED_AS as DEPARTMENT_CONTACT
from registry.events.service import SEALED_ENDING, SEALED_RESPONSIBLE
from registry.findings.reading import SEALED_IDENTITY
from registry.gaps.service import SEALED_AS as GAP_NOTE
from registry.identity.service import SEALED_AS as CLIENT_NAME
from registry.identity.signing import SEALED_AS as SIGNING_KEY
from registry.people.disclosing import SEALED_AS as DISCLOSURE_REASON
from registry.people.exempting import SEALED_REASON
from registry.people.storing import SEALED_CONTACT, SEALED_ID_NO
from registry.referrals.service import SEALED_PATIENT
from registry.referrals.service import SEALED_STEP as REFERRAL_STEP
from registry.sheets.parts import SEALED_HEAD, SEALED_ROWS
from registry.spot_checks.service import SEALED_NOTE
from registry.surveys.suggestions import SEALED_AS as SUGGESTION_NOTE
from registry.teams.service import SEALED_LEADER, SEALED_MEMBER
from registry.units.contacts import SEALED_AS as UNIT_CONTACT
from shared.resealing.columns import sealed

SEALED: Final = (
    sealed("registry.client", "sealed_name", CLIENT_NAME, ("client_id", "text")),
    sealed("registry.signing_key", "sealed_private", SIGNING_KEY, ("kid", "text")),
    sealed("registry.department", "sealed_contact", DEPARTMENT_CONTACT, ("code", "text")),
    sealed("registry.organisation_history", "sealed_contact", DEPARTMENT_CONTACT, ("history_id", "bigint")),
    sealed("registry.organisation_history", "sealed_leader", SEALED_LEADER, ("history_id", "bigint")),
    sealed("registry.unit", "sealed_contact", UNIT_CONTACT, ("unit_code", "text")),
    sealed("registry.unit", "sealed_data_entry", UNIT_CONTACT, ("unit_code", "text")),
    sealed("registry.unit_contact_history", "sealed_contact", UNIT_CONTACT, ("history_id", "bigint")),
    sealed("registry.person", "sealed_id_no", SEALED_ID_NO, ("person_id", "uuid")),
    sealed("registry.person", "sealed_contact", SEALED_CONTACT, ("person_id", "uuid")),
    sealed("registry.exemption", "sealed_reason", SEALED_REASON, ("exemption_id", "uuid")),
    sealed("registry.exemption_history", "sealed_reason", SEALED_REASON, ("history_id", "bigint")),
    sealed("registry.sampling_team", "sealed_leader", SEALED_LEADER, ("team_code", "text")),
    sealed(
        "registry.sampling_team_member",
        "sealed_member",
        SEALED_MEMBER,
        ("team_code", "text"),
        ("member_no", "integer"),
    ),
    sealed("registry.event", "sealed_responsible", SEALED_RESPONSIBLE, ("event_id", "uuid")),
    sealed("registry.event", "sealed_reason", SEALED_ENDING, ("event_id", "uuid")),
    sealed("registry.disclosure", "sealed_reason", DISCLOSURE_REASON, ("disclosure_id", "uuid")),
    sealed("registry.appeal_step", "sealed_content", SEALED_STEP, ("appeal_id", "uuid"), ("n", "integer")),
    sealed("registry.referral", "sealed_patient", SEALED_PATIENT, ("referral_id", "uuid")),
    sealed(
        "registry.referral_step", "sealed_content", REFERRAL_STEP, ("referral_id", "uuid"), ("n", "integer")
    ),
    sealed("registry.spot_check", "sealed_note", SEALED_NOTE, ("spot_check_id", "uuid")),
    sealed(
        "registry.spot_check_person",
        "sealed_identity",
        SEALED_IDENTITY,
        ("spot_check_id", "uuid"),
        ("row", "integer"),
    ),
    sealed("registry.sheet_import", "sealed_head", SEALED_HEAD, ("import_id", "uuid")),
    sealed(
        "registry.sheet_part",
        "sealed_rows",
        SEALED_ROWS,
        ("import_id", "uuid"),
        ("part", "integer"),
        at_once=5,
    ),
    sealed("registry.gap_step", "sealed_note", GAP_NOTE, ("step_id", "bigint")),
    sealed("registry.licence_suggestion", "sealed_note", SUGGESTION_NOTE, ("suggestion_id", "uuid")),
)
