"""Where a clock stands. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from results_ingest.clocks.rules import after

LOOK_AGAIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock as it was last looked at, with what has happened by now."""

    limit_minutes: int
    warn_minutes: int | None
    opened_at: datetime
    starts_at: datetime | None
    ended_at: datetime | None
    void: bool
    warned_at: datetime | None
    broken_at: datetime | None
    untold: str | None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where it stands now; `untold`: what is owed to whoever answers."""

    state: str
    due_at: datetime | None
    next_at: datetime | None
    warned_at: datetime | None
    broken_at: datetime | None
    untold: str | None


def judge(clock: Clock, *, now: datetime, horizon: timedelta) -> Standing:
    """Return where a clock stands; a breach is owed once for ever, a warning only while it helps.

    What ends in time after it was told as a breach is explained. An open one is looked at again every hour
    within the horizon, should what ends it have been overlooked.
    """
    due_at = after(clock.starts_at, clock.limit_minutes)
    again = now + LOOK_AGAIN if now < clock.opened_at + horizon else None
    warned_at, broken_at, untold = clock.warned_at, clock.broken_at, clock.untold
    if clock.ended_at is not None:
        late = due_at is not None and clock.ended_at > due_at
        ended = "late" if late else "explained" if broken_at is not None else "met"
        if late and broken_at is None:
            broken_at, untold = now, "breach"
        elif untold == "warning" or not late:
            untold = None
        return Standing(ended, due_at, None, warned_at, broken_at, untold)
    if clock.void:
        return Standing("void", due_at, None, warned_at, broken_at, None)
    if due_at is None:
        return Standing("waiting", None, again, warned_at, broken_at, untold)
    if due_at <= now:
        if broken_at is None:
            broken_at, untold = now, "breach"
        return Standing("broken", due_at, again, warned_at, broken_at, untold)
    warn_at = after(clock.starts_at, clock.warn_minutes)
    if warn_at is not None and warn_at <= now:
        if warned_at is None:
            warned_at, untold = now, "warning"
        return Standing("warned", due_at, due_at, warned_at, broken_at, untold)
    return Standing("running", due_at, warn_at or due_at, warned_at, broken_at, untold)
