"""Notifier's columns of envelopes. `bytea` columns that are in no such list fail a test."""

from typing import Final

from notifier.addresses.service import ADDRESS_CONTEXT
from notifier.contacts.service import PERSON_CONTEXT
from notifier.documents.service import DISCLOSURE_CONTEXT
from notifier.duties.service import OWNER_CONTEXT
from notifier.events.service import STEP_CONTEXT as EVENT_STEP_CONTEXT
from notifier.feedback.service import STEP_CONTEXT as FEEDBACK_CONTEXT
from notifier.filings.service import FILING_CONTEXT
from notifier.inspection_draws.service import INSPECTOR_CONTEXT
from notifier.inspections.service import INSPECTION_CONTEXT
from notifier.ladder.owing import EXTENSION_CONTEXT
from notifier.ladder.owing import STEP_CONTEXT as CASE_STEP
from notifier.notices.service import STEP_CONTEXT, TEXT_CONTEXT
from notifier.problems.orders import PROBLEM_CONTEXT
from notifier.problems.service import STEP_CONTEXT as PROBLEM_STEP
from notifier.proof.packaging import PACKAGE_CONTEXT
from notifier.rosters.service import DUTY_CONTEXT
from notifier.sending.addressing import HOOK_CONTEXT
from notifier.summaries.service import SUMMARY_CONTEXT
from notifier.templates.editing import VERSION_CONTEXT
from notifier.work_lists.service import ITEM_CONTEXT
from notifier.work_lists.steps import STEP_CONTEXT as WORK_CONTEXT
from shared.resealing.columns import sealed

SEALED: Final = (
    sealed("notifier.department", "contact", "contact.department", ("code", "text")),
    sealed("notifier.unit", "contact", "contact.unit", ("unit_code", "text")),
    sealed("notifier.person", "contact", PERSON_CONTEXT, ("person_id", "uuid")),
    sealed("notifier.address", "contact", ADDRESS_CONTEXT, ("body_type", "text"), ("code", "text")),
    sealed("notifier.notice", "sealed", TEXT_CONTEXT, ("notice_id", "uuid")),
    sealed("notifier.notice", "owner", OWNER_CONTEXT, ("notice_id", "uuid")),
    sealed("notifier.notice", "acknowledgement", STEP_CONTEXT, ("notice_id", "uuid")),
    sealed("notifier.notice", "revocation", STEP_CONTEXT, ("notice_id", "uuid")),
    sealed("notifier.inspector", "sealed", INSPECTOR_CONTEXT, ("inspector_code", "text")),
    sealed("notifier.inspection", "sealed", INSPECTION_CONTEXT, ("inspection_id", "uuid")),
    sealed("notifier.problem", "sealed", PROBLEM_CONTEXT, ("problem_id", "uuid")),
    sealed("notifier.problem_step", "sealed", PROBLEM_STEP, ("problem_id", "uuid"), ("n", "integer")),
    sealed("notifier.ladder_step", "sealed", CASE_STEP, ("step_id", "bigint")),
    sealed("notifier.ladder_extension", "request", EXTENSION_CONTEXT, ("extension_id", "uuid")),
    sealed("notifier.ladder_extension", "decision", EXTENSION_CONTEXT, ("extension_id", "uuid")),
    sealed("notifier.event_step", "said", EVENT_STEP_CONTEXT, ("step_id", "uuid")),
    sealed("notifier.roster_shift", "on_call", DUTY_CONTEXT, ("shift_id", "uuid")),
    sealed("notifier.roster_shift", "leader", DUTY_CONTEXT, ("shift_id", "uuid")),
    sealed("notifier.report_filing", "said", FILING_CONTEXT, ("filing_id", "uuid")),
    sealed("notifier.report_summary", "said", SUMMARY_CONTEXT, ("summary_id", "uuid")),
    sealed("notifier.proof_package", "reason", PACKAGE_CONTEXT, ("package_id", "uuid")),
    sealed("notifier.document_disclosure", "reason", DISCLOSURE_CONTEXT, ("disclosure_id", "uuid")),
    *(
        sealed(
            "notifier.template_version",
            column,
            VERSION_CONTEXT,
            ("template_key", "text"),
            ("version", "integer"),
        )
        for column in ("step", "approval")
    ),
    sealed(
        "notifier.feedback_step", "sealed", FEEDBACK_CONTEXT, ("notice_id", "uuid"), ("number", "integer")
    ),
    sealed("notifier.work_item", "sealed", ITEM_CONTEXT, ("item_id", "uuid")),
    sealed("notifier.work_item_step", "sealed", WORK_CONTEXT, ("item_id", "uuid"), ("number", "integer")),
    sealed("notifier.webhook", "secret", HOOK_CONTEXT, ("code", "text")),
    sealed("notifier.webhook", "previous_secret", HOOK_CONTEXT, ("code", "text")),
)
