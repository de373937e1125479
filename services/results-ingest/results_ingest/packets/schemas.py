"""What packets look like on the wire."""

from typing import Annotated, Final

from pydantic import Field

from shared.web.types import Code, Time, WireModel, rows_of

MAX_PACKETS: Final = 1_000
MAX_LISTED: Final = 20_000
MOST_IN_ONE: Final = 5_000

Count = Annotated[int, Field(ge=0, le=MOST_IN_ONE)]
TubeCodes = Annotated[list[Code], Field(max_length=MOST_IN_ONE)]


class PacketIn(WireModel):
    """A packet as it was sealed: the list of its tubes, and the sealer's counts of samples and paper form."""

    packet_code: Code
    site_code: Code
    lab_code: Code
    sealed_at: Time
    sealer_code: Code
    samples: Count
    paper_forms: Count
    tube_codes: Annotated[list[Code], Field(min_length=1, max_length=MOST_IN_ONE)]


class PacketsIn(WireModel):
    """Up to 1,000 packets with up to 20,000 tubes; each packet is judged on its own."""

    packets: list[rows_of(PacketIn)] = Field(min_length=1)  # type: ignore[valid-type] # made by a function


EXAMPLE: Final = {
    "packet_code": "PK-0001",
    "site_code": "SITE-01",
    "lab_code": "LAB01",
    "sealed_at": "2026-11-21T09:30:00+08:00",
    "sealer_code": "S-017",
    "samples": 2,
    "paper_forms": 2,
    "tube_codes": ["T-000123", "T-000124"],
}
SHOWN: Final = {
    "packet_code": "PK-0001",
    "site_code": "SITE-01",
    "lab_code": "LAB01",
    "state": "received",
    "sealed_at": "2026-11-21T09:30:00+08:00",
    "handed_at": "2026-11-21T10:00:00+08:00",
    "received_at": "2026-11-21T10:40:00+08:00",
    "refused_at": None,
    "closed_at": None,
    "counts": {"listed": 2, "missing": 0, "extra": 0, "samples": 2, "paper_forms": 2, "electronic": 1},
    "differences": [{"count": "electronic", "stated": 1, "expected": 2}],
}
