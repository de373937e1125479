"""What the reconciliation looks like on the wire."""

from typing import Final, Literal

from results_ingest.reconciliation.rules import CAUSES
from shared.web.types import Time, WireModel


class VoidIn(WireModel):
    """A tube that will have no result, and why; its people are to be sampled again."""

    reason: Literal["leaked", "broken", "spoiled", "mislabelled", "refused_by_lab", "lost", "other"]
    voided_at: Time


VOID: Final = {"reason": "leaked", "voided_at": "2026-11-21T11:00:00+08:00"}
COUNTS: Final = {
    "as_of": "2026-11-21T18:00:00+08:00",
    "day": "2026-11-21",
    "round_code": None,
    "samples": 812,
    "causes": dict.fromkeys(CAUSES, 0) | {"shown": 800, "not_tested": 12},
    "standings": {"waiting": 4, "overdue": 8, "resulted": 795, "late": 5, "lost": 0},
    "by": "body",
    "groups": [
        {
            "code": "lab:LAB01",
            "samples": 12,
            "causes": {"not_tested": 12},
            "standings": {"waiting": 4, "overdue": 8, "resulted": 0, "late": 0, "lost": 0},
        }
    ],
}
SAMPLE: Final = {
    "tube_code": "T-000123",
    "position": 1,
    "subject": "person",
    "mode": "single",
    "cause": "not_tested",
    "standing": "overdue",
    "body": {"type": "lab", "code": "LAB01"},
    "site_code": "SITE-01",
    "lab_code": "LAB01",
    "unit_code": None,
    "round_code": None,
    "collected_at": "2026-11-21T08:30:00+08:00",
    "result_due_at": "2026-11-22T08:30:00+08:00",
    "row": None,
}
