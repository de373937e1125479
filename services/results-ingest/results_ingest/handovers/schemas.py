"""What the steps of a packet look like on the wire."""

from typing import Final, Literal

from pydantic import Field

from results_ingest.packets.schemas import Count, TubeCodes
from shared.web.types import Code, LongText, Time, WireModel


class HandoverIn(WireModel):
    """A courier has taken the packet, and perhaps counted."""

    handed_at: Time
    courier_code: Code
    samples: Count | None = None
    paper_forms: Count | None = None


class ReceiptIn(WireModel):
    """The laboratory has taken the packet in and counted: samples, paper forms, what is missing or extra."""

    received_at: Time
    receiver_code: Code
    samples: Count
    paper_forms: Count
    missing: TubeCodes = Field(default=[])
    extra: TubeCodes = Field(default=[])


class RefusalIn(WireModel):
    """The laboratory does not take the packet, for a reason; its tubes may be sealed again."""

    refused_at: Time
    receiver_code: Code
    reason: Literal[
        "seal_broken",
        "leaking",
        "unlabelled",
        "temperature",
        "counts_differ",
        "wrong_lab",
        "too_old",
        "other",
    ]
    note: LongText | None = None


class ClosingIn(WireModel):
    """Counted again or explained: what was wrong, and how many there are."""

    closed_at: Time
    by_code: Code
    samples: Count | None = None
    paper_forms: Count | None = None
    missing: TubeCodes = Field(default=[])
    extra: TubeCodes = Field(default=[])
    note: LongText | None = None


HANDOVER: Final = {"handed_at": "2026-11-21T10:00:00+08:00", "courier_code": "C-03", "samples": 2}
RECEIPT: Final = {
    "received_at": "2026-11-21T10:40:00+08:00",
    "receiver_code": "R-11",
    "samples": 2,
    "paper_forms": 2,
}
REFUSAL: Final = {
    "refused_at": "2026-11-21T10:40:00+08:00",
    "receiver_code": "R-11",
    "reason": "leaking",
    "note": "一管渗漏",
}
CLOSING: Final = {
    "closed_at": "2026-11-21T11:10:00+08:00",
    "by_code": "R-11",
    "missing": ["T-000124"],
    "samples": 1,
    "note": "漏装一管,已通知采样点",
}
