"""Which step a gap allows, and what it becomes. Pure."""

from dataclasses import dataclass
from typing import Final

RECEIVED: Final = "received"
ANSWERED: Final = "answered"
RETURNED: Final = "returned"
ASSIGNED: Final = "assigned"
CLOSED: Final = "closed"
OF_THE_DISTRICT: Final = (RETURNED, ASSIGNED, CLOSED)
# Once found to be none of the programme's business it is not opened again by the next round.
FOR_GOOD: Final = "out_of_scope"

GAP_CLOSED: Final = "gap_closed"
GAP_NOT_RECEIVED: Final = "gap_not_received"
GAP_NOT_ANSWERED: Final = "gap_not_answered"
SECOND_PERSON: Final = "second_person_needed"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a gap stands; `received_by`: the bodies that have confirmed receipt."""

    state: str
    received_by: frozenset[str]
    answered_by: str | None


def refusal(standing: Standing, kind: str, *, body: str | None, client_id: str) -> str | None:
    """Return why a step is not allowed now, or None.

    A body answers what it has received; closing follows an answer, by another client than answered.
    """
    if standing.state == CLOSED:
        return GAP_CLOSED
    if kind == ANSWERED and body not in standing.received_by:
        return GAP_NOT_RECEIVED
    if kind in (RETURNED, CLOSED) and standing.state != ANSWERED:
        return GAP_NOT_ANSWERED
    if kind == CLOSED and client_id == standing.answered_by:
        return SECOND_PERSON
    return None


def changes_nothing(standing: Standing, kind: str, *, body: str | None) -> bool:
    """Say whether a step has been taken already: a receipt again."""
    return kind == RECEIVED and body in standing.received_by


def state_after(standing: Standing, kind: str) -> str:
    """Return the state after an allowed step."""
    if kind == RECEIVED:
        return RECEIVED if standing.state == "open" else standing.state
    if kind == RETURNED:
        return RECEIVED
    if kind == ASSIGNED:
        return "open"
    return kind
