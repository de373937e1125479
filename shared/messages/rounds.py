"""registry to the others: mass testing rounds. The highest revision wins, in any order."""

from typing import ClassVar

from shared.messages.base import Message


class RoundChanged(Message, frozen=True):
    """A round was planned, started or ended; a drill's samples are never real ones."""

    name: ClassVar[str] = "round.changed"

    round_code: str
    drill: bool
    state: str
    revision: int
