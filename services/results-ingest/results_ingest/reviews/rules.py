"""Which verdict may follow which (contract §5.3). Pure."""

from typing import Final, Literal

Step = Literal["record", "repeat", "refuse"]

NEXT: Final[dict[str | None, frozenset[str]]] = {
    None: frozenset({"confirmed", "refuted"}),
    "confirmed": frozenset({"released"}),
}


def step(current: str | None, verdict: str, *, replaced: bool) -> Step:
    """Return what a verdict does: the same one again changes nothing, a turn-around is refused."""
    if replaced:
        return "refuse"
    if verdict == current:
        return "repeat"
    return "record" if verdict in NEXT.get(current, frozenset()) else "refuse"
