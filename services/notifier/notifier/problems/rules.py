"""Pure: how a problem goes from its order to its closing, and what a repeated one becomes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, get_args

State = Literal["open", "answered", "passed", "closed"]
StepKind = Literal[
    "evidence",
    "recheck_passed",
    "recheck_failed",
    "closed",
    "close_refused",
    "extension_asked",
    "extended",
    "extension_refused",
    "listed",
    "unlisted",
    "stopped",
    "accepted",
    "penalty",
]
Shape = Literal["individual", "common"]
# Why samples of a laboratory are not shown (requirements row 80), as the reconciliation names it.
Cause = Literal[
    "not_bound", "not_received", "not_tested", "not_uploaded", "not_matched", "invalid", "not_shown"
]
STEPS: Final = get_args(StepKind)

PROBLEM_CLOSED: Final = "problem_closed"
NO_PROOF: Final = "problem_without_proof"
NOT_RECHECKED: Final = "problem_not_rechecked"
SECOND_PERSON: Final = "problem_second_person"
IN_HAND: Final = "problem_rechecked_already"
NOTHING_ASKED: Final = "extension_not_asked"
STILL_STOPPED: Final = "target_still_stopped"
NOT_STOPPED: Final = "target_not_stopped"
STOPPED_ALREADY: Final = "target_stopped_already"
NOT_LISTED: Final = "problem_not_listed"
DAY_IN_PAST: Final = "deadline_in_past"
DAY_NOT_LATER: Final = "deadline_not_later"

# What each step needs beside who takes it; a note may come with any.
NEEDS: Final[Mapping[str, tuple[str, ...]]] = {
    "evidence": ("note", "evidence"),
    "recheck_failed": ("note", "due_on"),
    "closed": ("note",),
    "close_refused": ("note", "due_on"),
    "extension_asked": ("note", "due_on"),
    "extension_refused": ("note",),
    "listed": ("owner", "review_on"),
    "stopped": ("note",),
    "accepted": ("note",),
    "penalty": ("penalty_no",),
}
# Here it is somebody else's turn: to check again, or to close.
WAITING: Final = ("answered", "passed")
FIELDS: Final = ("evidence", "due_on", "owner", "review_on", "penalty_no")
# Steps of those who look again: never by a client that gave evidence.
SECOND: Final = ("recheck_passed", "recheck_failed", "closed", "close_refused", "accepted")
AFTER: Final[Mapping[str, State]] = {
    "evidence": "answered",
    "recheck_passed": "passed",
    "recheck_failed": "open",
    "closed": "closed",
    "close_refused": "open",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a problem stands. `answered_by`: every client that gave evidence of its repair."""

    state: str
    due_on: date
    answered_by: frozenset[str] = frozenset()
    asked_by: str | None = None
    stopped: bool = False
    listed: bool = False


def refusal(
    standing: Standing, kind: str, *, client_id: str, today: date, due_on: date | None = None
) -> str | None:
    """Return the code of the refusal of a step, or None."""
    if standing.state == "closed":
        return PROBLEM_CLOSED
    if kind in SECOND and client_id in standing.answered_by:
        return SECOND_PERSON
    if due_on is not None and due_on < today:
        return DAY_IN_PAST
    return _out_of_order(standing, kind) or _extension(standing, kind, client_id, due_on) or _stop(
        standing, kind
    )  # fmt: skip


def _out_of_order(standing: Standing, kind: str) -> str | None:
    unproved = standing.state == "open"
    if kind == "evidence" and standing.state == "passed":
        return IN_HAND
    if kind in ("recheck_passed", "recheck_failed"):
        return NO_PROOF if unproved else IN_HAND if standing.state == "passed" else None
    if kind in ("closed", "close_refused"):
        return NO_PROOF if unproved else NOT_RECHECKED if standing.state == "answered" else None
    return None


def _extension(standing: Standing, kind: str, client_id: str, due_on: date | None) -> str | None:
    if kind == "extension_asked":
        if standing.state == "passed":
            return IN_HAND
        return DAY_NOT_LATER if due_on is not None and due_on <= standing.due_on else None
    if kind in ("extended", "extension_refused"):
        if standing.asked_by is None:
            return NOTHING_ASKED
        return SECOND_PERSON if standing.asked_by == client_id else None
    return None


def _stop(standing: Standing, kind: str) -> str | None:
    if kind == "closed" and standing.stopped:
        return STILL_STOPPED
    if kind == "accepted" and not standing.stopped:
        return NOT_STOPPED
    if kind == "stopped" and standing.stopped:
        return STOPPED_ALREADY
    return NOT_LISTED if kind == "unlisted" and not standing.listed else None


def recheck_workdays(terms: Mapping[date, int], day: date) -> int | None:
    """Return how many workdays a re-check or a closing may take from a day on: the newest term."""
    begun = [since for since in terms if since <= day]
    return terms[max(begun)] if begun else None


def level_after(previous_level: int | None) -> int:
    """Return the level of a problem: one more than that of its kind before it in the window (row 106)."""
    return 1 if previous_level is None else previous_level + 1


def number_of(issuer: str, *, year: int, count: int) -> str:
    """Return the number of an order of rectification: gapless for each body that it runs under, and year."""
    return f"{issuer}整改〔{year}〕{count}号"
