"""How large a body of HL7 v2 or FHIR may be, beside the bytes of any batch (reliability §4)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FormLimits:
    """Bounds; each is a setting of results-ingest."""

    segments: int = 400_000
    segment_bytes: int = 65_536
    resources: int = 100_000
    values: int = 2_000_000
