"""Pure: what is said of a channel's state."""

from typing import Literal

State = Literal["up", "failing", "silent", "unknown"]


def state_of(*, failing: bool, canary_age: float | None, late_seconds: float, succeeded: bool) -> State:
    """Return how a channel is.

    `failing`: its last attempts failed. `silent`: no canary has come through for too long, whatever else was
    taken. `unknown`: nothing was sent by it yet.
    """
    if failing:
        return "failing"
    if canary_age is not None and canary_age > late_seconds:
        return "silent"
    return "up" if succeeded or canary_age is not None else "unknown"
