"""What an appeal may claim, what remedies it, and who may decide it. Pure."""

from collections.abc import Collection
from typing import Final

RESULT_CLAIMS: Final = ("result_wrong", "result_not_mine", "result_missing")
FINDING_CLAIM: Final = "finding_wrong"
# What is corrected by a result, a review or a correction comes from results-ingest and is awaited.
REMEDIES: Final = {
    "result_wrong": (),
    "result_not_mine": (),
    "result_missing": (),
    "finding_wrong": (),
    "duty_wrong": ("exemption", "leaving"),
    "identity_wrong": ("health_code",),
}


def names_its_object(claim: str, *, person: bool, result: bool, finding: bool) -> bool:
    """Say whether an appeal names just what its claim is about."""
    if claim == FINDING_CLAIM:
        return finding and not person and not result
    return person and not finding and result == (claim in ("result_wrong", "result_not_mine"))


def may_decide(client_id: str, *, involved: Collection[str]) -> bool:
    """Say whether a client is a second person: neither brought the matter nor entered what is disputed."""
    return client_id not in involved


def remedy_fits(claim: str, verdict: str, given: Collection[str]) -> bool:
    """Say whether a decision carries the remedies it needs: exactly one where one is needed, else none."""
    allowed = REMEDIES[claim] if verdict == "upheld" else ()
    return (len(given) == 1 and set(given) <= set(allowed)) if allowed else not given
