"""Wire models of proofs: why one is handed over, and what a check of one found."""

from pydantic import BaseModel

from shared.web.types import LongText, WireModel


class PackageIn(WireModel):
    """Why the package is made; kept sealed."""

    reason: LongText


class ProofFinding(BaseModel):
    """What is wrong, and with which entry (`n` counts from 1, the first line is 0) or file of a package."""

    kind: str
    n: int | None = None
    file: str | None = None
    message: str


class ProofChecked(BaseModel):
    """Whether a proof is as it was made, by this system's key, and what it says it is about."""

    intact: bool
    entries: int
    body_type: str | None
    body_code: str | None
    first_day: str | None
    last_day: str | None
    findings: list[ProofFinding]
