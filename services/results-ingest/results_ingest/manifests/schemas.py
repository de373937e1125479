"""What manifests look like on the wire."""

from typing import Annotated, Final, Literal

from pydantic import Field

from shared.web.types import Code, Day, WireModel

MAX_TUBES: Final = 10_000
Kind = Literal["not_uploaded", "not_listed", "not_registered"]
"""`not_uploaded`: listed, and no result has come; `not_listed`: a result has come for a tube that is not
listed; `not_registered`: listed, and nobody has registered the tube."""


class ManifestIn(WireModel):
    """The tubes that a laboratory tested on a day; several manifests of a day add up."""

    manifest_no: Code
    day: Day
    tube_codes: Annotated[list[Code], Field(min_length=1, max_length=MAX_TUBES)]


class ExplanationIn(WireModel):
    """Why tubes differ between manifest and results."""

    day: Day
    kind: Kind
    tube_codes: Annotated[list[Code], Field(min_length=1, max_length=1000)]
    reason: Literal["retest", "withdrawn", "written_wrong", "other_day", "not_ours", "sample_lost", "other"]


MANIFEST: Final = {
    "manifest_no": "2026-11-21-M1",
    "day": "2026-11-21",
    "tube_codes": ["T-000123", "T-000124"],
}
EXPLANATION: Final = {
    "day": "2026-11-21",
    "kind": "not_uploaded",
    "tube_codes": ["T-000124"],
    "reason": "retest",
}
DIFFERENCE: Final = {
    "lab_code": "LAB01",
    "day": "2026-11-21",
    "tube_code": "T-000124",
    "kind": "not_uploaded",
    "explained": None,
}
TOTAL: Final = {
    "lab_code": "LAB01",
    "day": "2026-11-21",
    "listed": 812,
    "arrived": 811,
    "not_uploaded": 1,
    "not_listed": 0,
    "not_registered": 0,
    "explained": 0,
}
