"""Which limit holds for what, and when a clock runs out. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

SAMPLED: Final = "sampled"
# Who is meant more closely goes first: one site, a category of people, a kind of site, everything.
_PRECEDENCE: Final = ("site", "category", "site_kind", "everything")


@dataclass(frozen=True, slots=True)
class Limit:
    """A version of a limit; without minutes there is no clock from its day on."""

    stage: str
    applies_to: str
    code: str
    effective_from: date
    minutes: int | None
    warn_minutes: int | None
    starts: str


def limit_for(
    limits: Sequence[Limit], stage: str, named: Mapping[str, str | None], *, day: date
) -> Limit | None:
    """Return the limit of a stage on a day; `named`: the `site`, `category` and `site_kind` in question.

    Of each the newest version that has begun holds; the closest one decides, also that there is no clock.
    """
    newest: dict[str, Limit] = {}
    for limit in limits:
        mine = limit.applies_to == "everything" or named.get(limit.applies_to) == limit.code
        if limit.stage != stage or not mine or limit.effective_from > day:
            continue
        before = newest.get(limit.applies_to)
        if before is None or before.effective_from < limit.effective_from:
            newest[limit.applies_to] = limit
    closest = next((newest[each] for each in _PRECEDENCE if each in newest), None)
    return closest if closest is not None and closest.minutes is not None else None


def began(starts: str, moments: Mapping[str, datetime | None]) -> datetime | None:
    """Return when a clock began, None if it has not; what the subject cannot have begins at its sampling."""
    return moments[starts] if starts in moments else moments[SAMPLED]


def after(moment: datetime | None, minutes: int | None) -> datetime | None:
    """Return the moment so many minutes later; None without either."""
    return None if moment is None or minutes is None else moment + timedelta(minutes=minutes)


def answers(
    stage: str,
    *,
    site_code: str | None,
    lab_code: str | None,
    unit_code: str | None,
    township_code: str | None = None,
) -> tuple[str, str]:
    """Return who answers for a stage, as (type, code): the laboratory for results, else who samples."""
    bodies = [("site", site_code), ("unit", unit_code), ("township", township_code)]
    if stage in ("result", "recheck"):
        bodies.insert(0, ("lab", lab_code))
    return next(((kind, code) for kind, code in bodies if code is not None), ("cdc", ""))
