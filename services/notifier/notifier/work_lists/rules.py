"""Pure: when the lead of an item is told again, which step is allowed, and how parts add up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal, cast

State = Literal["open", "overdue", "reported", "done"]
StepKind = Literal[
    "progress", "done", "accepted", "reopened", "extension_asked", "extended", "extension_refused"
]
# From worst to best: what a district sees of an item that every town has a part of.
_WORST: Final = ("overdue", "open", "reported", "done")

ITEM_DONE: Final = "item_done"
NOT_REPORTED: Final = "item_not_reported"
LEAD_ONLY: Final = "item_lead_only"
ITEM_PARTS_OPEN: Final = "item_parts_open"
SECOND_PERSON: Final = "item_second_person"
NO_DEADLINE: Final = "item_without_deadline"
NOT_LATER: Final = "item_extension_not_later"
NOT_ASKED: Final = "item_extension_not_asked"
ASKED_ALREADY: Final = "item_extension_asked"


@dataclass(frozen=True, slots=True)
class Chasing:
    """How leads are chased: settings, in days."""

    remind_days: int
    chase_days: int
    review_days: int


@dataclass(frozen=True, slots=True)
class Due:
    """When an item is due, or reviewed next, and when its lead reported progress last."""

    due_on: date | None
    review_on: date | None
    progress_on: date | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """What is told today, if anything, and the day of the next look; `review_on` goes on by rounds."""

    stage: Literal["soon", "due", "overdue", "review"] | None
    key: str
    next_on: date | None
    review_on: date | None


def look(today: date, due: Due, chasing: Chasing) -> Look:
    """Return which stage today is in: of days that were missed only the newest stage is told.

    A report of progress silences the stage it falls into; after the deadline it ends the chasing.
    """
    if due.due_on is None:
        return _review(today, due, chasing)
    left = (due.due_on - today).days
    remind_on = due.due_on - timedelta(days=chasing.remind_days)
    if left > chasing.remind_days:
        return Look(None, "", remind_on, None)
    if left > 0:
        return _told("soon", "soon", remind_on, due, next_on=due.due_on)
    if left == 0:
        return _told("due", "due", due.due_on, due, next_on=due.due_on + timedelta(days=1))
    late_from = due.due_on + timedelta(days=1)
    number = (today - late_from).days // chasing.chase_days
    next_on = late_from + timedelta(days=(number + 1) * chasing.chase_days)
    return _told("overdue", f"overdue.{number}", late_from, due, next_on=next_on)


def _told(
    stage: Literal["soon", "due", "overdue"], key: str, begun_on: date, due: Due, *, next_on: date
) -> Look:
    silent = due.progress_on is not None and due.progress_on >= begun_on
    if silent and stage == "overdue":
        return Look(None, "", None, None)
    return Look(None if silent else stage, f"{due.due_on}:{key}", next_on, None)


def _review(today: date, due: Due, chasing: Chasing) -> Look:
    """Return the round of an ongoing item: its lead reports at every review."""
    review_on = due.review_on or today
    if today < review_on:
        return Look(None, "", review_on, review_on)
    rounds = (today - review_on).days // chasing.review_days
    held_on = review_on + timedelta(days=rounds * chasing.review_days)
    following = held_on + timedelta(days=chasing.review_days)
    return Look("review", f"{held_on}:review", following, following)


def refusal(
    state: str, kind: StepKind, *, reported_client: str | None, client_id: str, lead: bool
) -> str | None:
    """Return why a step is not allowed, or None; done is reported by the lead, accepted by somebody else."""
    if state == "done" and kind not in ("reopened", "accepted"):
        return ITEM_DONE
    if kind in ("done", "extension_asked") and not lead:
        return LEAD_ONLY
    if kind in ("accepted", "reopened") and state == "open":
        return NOT_REPORTED
    if kind == "accepted" and reported_client == client_id:
        return SECOND_PERSON
    return None


def extension_refusal(due_on: date | None, wanted: date, asked_on: date | None, *, today: date) -> str | None:
    """Return why a later deadline cannot be asked for, or None."""
    if due_on is None:
        return NO_DEADLINE
    if asked_on is not None:
        return ASKED_ALREADY
    return NOT_LATER if wanted <= due_on or wanted < today else None


def decision_refusal(asked_on: date | None, asked_client: str | None, *, client_id: str) -> str | None:
    """Return why an extension cannot be decided, or None: by another client than asked."""
    if asked_on is None:
        return NOT_ASKED
    return SECOND_PERSON if asked_client == client_id else None


def state_of(state: str, due_on: date | None, today: date) -> State:
    """Return the state that is shown: an open item past its day is overdue."""
    if state == "open" and due_on is not None and due_on < today:
        return "overdue"
    return cast("State", state)


def worst(states: Iterable[str]) -> str | None:
    """Return the worst of the parts' states, None without parts."""
    return min(states, key=_WORST.index, default=None)


def rolled_up(states: Sequence[str]) -> dict[str, int | str | None]:
    """Return how an item's parts stand: how many, how many done, overdue, and the worst state."""
    return {
        "total": len(states),
        "done": states.count("done"),
        "overdue": states.count("overdue"),
        "worst": worst(states),
    }
