"""Wire models of checking a proof."""

from pydantic import BaseModel


class ProofFinding(BaseModel):
    """What is wrong, and with which entry: `n` counts from 1; the first line is 0."""

    kind: str
    n: int | None
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
