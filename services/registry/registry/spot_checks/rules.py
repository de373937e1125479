"""What a spot check says of somebody found at work. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta

from registry.findings.rules import NEVER_TESTED, NO_RECORD, NOT_ENROLLED, OVERDUE


@dataclass(frozen=True, slots=True)
class Seen:
    """How somebody stands at the moment of the check; `records` counts their results, corrected ones once.

    Whom the inspector may not see is neither registered nor enrolled here, and nothing else is known.
    """

    registered: bool
    enrolled: bool = False
    records: int | None = None
    negative_on: date | None = None
    due_on: date | None = None
    due_state: str | None = None
    reasons: tuple[str, ...] = ()


def valid_negative(seen: Seen, *, day: date, days: int) -> bool | None:
    """Say whether a negative is still good on the day: within the own period, else within `days`.

    None where nothing is known of somebody.
    """
    if seen.records is None:
        return None
    if seen.negative_on is None or seen.reasons:
        return False
    if seen.due_on is not None:
        return day <= seen.due_on
    return day - seen.negative_on <= timedelta(days=days)


def breach(seen: Seen, *, day: date) -> tuple[str, date] | None:
    """Return why somebody is found wanting, and since when; None if they are in order.

    One record alone is no breach while it is within the period (requirements 1H.14).
    """
    if not seen.enrolled:
        return NOT_ENROLLED, day
    since = seen.due_on or day
    if seen.due_state == "never_tested":
        return (NEVER_TESTED if seen.records else NO_RECORD), min(since, day)
    if seen.due_state == "overdue":
        return OVERDUE, min(since, day)
    return None
