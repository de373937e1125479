"""What follows from a matched result: pure decisions, standard library only."""

from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

T = TypeVar("T")

CHUNK: Final = 2500
"""Effects in one message."""

NOT_NEGATIVE: Final = frozenset({"positive", "indeterminate"})


def alarms(outcome: str, test_kind: str) -> bool:
    """Tell whether a result is one that somebody must hear of at once: an antibody changes nothing."""
    return outcome in NOT_NEGATIVE and test_kind != "antibody"


def is_reviewed(outcome: str, mode: str, test_kind: str) -> bool:
    """Tell whether the CDC reviews the result: a pool or an antigen is settled by a single PCR."""
    return outcome in NOT_NEGATIVE and mode == "single" and test_kind == "pcr"


def needs_new_sample(outcome: str) -> bool:
    """Tell whether the sample must be taken again."""
    return outcome == "invalid"


def lifts_positive(
    *, old_outcome: str, old_from_positive: bool, old_verdict: str | None, new_outcome: str, test_kind: str
) -> bool:
    """Tell whether a correction turns a positive into something else, which only a review settles.

    A positive that the CDC has refuted already counts as negative: it has had its second person.
    """
    was_positive = (old_outcome == "positive" or old_from_positive) and old_verdict != "refuted"
    return was_positive and new_outcome != "positive" and test_kind != "antibody"


def is_urgent(outcome: str, *, corrects: bool) -> bool:
    """Tell whether an effect overtakes the queue of negatives."""
    return corrects or outcome in NOT_NEGATIVE


def chunks(items: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    """Yield the items in runs of at most `size`."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
