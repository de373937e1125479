"""The columns of envelopes of results-ingest. `bytea` columns that are in no such list fail a test."""

from typing import Final

from results_ingest.batches.copies import CONTEXT as SHEET
from results_ingest.batches.originals import CONTEXT as ORIGINAL
from results_ingest.batches.parts import CONTEXT as PART
from results_ingest.packets.reading import NOTE_CONTEXT
from results_ingest.retention.service import REASON_CONTEXT as HOLD_CONTEXT
from results_ingest.reviews.service import REVIEWER_CONTEXT
from results_ingest.tubes.content import MEMBER_CONTEXT
from results_ingest.unmatched.service import REASON_CONTEXT
from results_ingest.webhooks.service import SECRET_CONTEXT
from shared.resealing.columns import sealed

_STEP: Final = (("result_id", "uuid"), ("revision", "integer"))

SEALED: Final = (
    sealed("ingest.batch_part", "sealed", PART, ("batch_id", "uuid"), ("part", "smallint"), at_once=20),
    sealed("ingest.batch_sheet", "sealed", SHEET, ("batch_id", "uuid"), at_once=5),
    sealed("ingest.tube_member", "sealed", MEMBER_CONTEXT, ("tube_id", "uuid"), ("position", "smallint")),
    sealed("ingest.packet_step", "sealed_note", NOTE_CONTEXT, ("packet_id", "uuid"), ("n", "integer")),
    sealed("ingest.batch_original", "sealed", ORIGINAL, ("batch_id", "uuid"), at_once=20),
    sealed("ingest.legal_hold", "sealed_reason", HOLD_CONTEXT, ("hold_code", "text")),
    sealed("ingest.legal_hold", "sealed_release", HOLD_CONTEXT, ("hold_code", "text")),
    sealed("ingest.webhook", "secret", SECRET_CONTEXT, ("lab_code", "text")),
    sealed("ingest.webhook", "previous_secret", SECRET_CONTEXT, ("lab_code", "text")),
    sealed("ingest.unmatched", "reason", REASON_CONTEXT, ("id", "uuid")),
    sealed("ingest.review", "reviewer", REVIEWER_CONTEXT, ("result_id", "uuid")),
    sealed("ingest.review", "note", REVIEWER_CONTEXT, ("result_id", "uuid")),
    sealed("ingest.review_step", "reviewer", REVIEWER_CONTEXT, *_STEP),
    sealed("ingest.review_step", "note", REVIEWER_CONTEXT, *_STEP),
)
