"""Pure: which step on an answer is allowed, and what it leads to."""

from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

State = Literal["open", "answered", "closed"]
StepKind = Literal["interim", "answered", "closed", "reopened"]

STATES: Final = get_args(State)
# Bodies that answer; a unit, a laboratory or a site answers by its own routes.
RECIPIENTS: Final = ("department", "township", "district", "cdc")
# These have a state of their own: an item of a work list its progress, a bulletin its acknowledgement.
APART: Final = ("work_list", "work_item", "bulletin")
NOT_ANSWERED: Final = "answer_missing"
ANSWER_CLOSED: Final = "answer_closed"
SECOND_PERSON: Final = "answer_second_person"
_AFTER: Final[dict[str, State]] = {
    "interim": "open",
    "answered": "answered",
    "closed": "closed",
    "reopened": "open",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How an item stands, and who has answered it."""

    state: str
    answered_client: str | None


def refusal(standing: Standing, kind: StepKind, *, client_id: str) -> str | None:
    """Return why a step is not allowed, or None: closing follows an answer, by another client."""
    if kind in ("interim", "answered"):
        return ANSWER_CLOSED if standing.state == "closed" else None
    if standing.state == "open":
        return NOT_ANSWERED
    if kind == "closed" and standing.answered_client == client_id:
        return SECOND_PERSON
    return None


def changes_nothing(standing: Standing, kind: StepKind, last: dict[str, Any] | None, said: object) -> bool:
    """Say whether a step is the last one once more: `last` is `kind` and what was `said` with it."""
    if kind == "closed":
        return standing.state == "closed"
    return last is not None and last == {"kind": kind, "said": said}


def state_after(kind: StepKind) -> State:
    """Return the state after an allowed step."""
    return _AFTER[kind]
