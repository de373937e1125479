"""Which postings may stand beside each other, and what is flagged of a team. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

REVERSED: Final = "posting_reversed"
TOO_LONG: Final = "posting_too_long"
TEAM_UNKNOWN: Final = "posting_team_unknown"
SITE_UNKNOWN: Final = "posting_site_unknown"
SITE_TAKEN: Final = "posting_site_taken"
TEAM_ELSEWHERE: Final = "posting_team_elsewhere"

Flag = Literal["no_sample", "not_posted", "no_members", "inactive", "no_team"]
Fault = tuple[str, str]
"""A field and a code of the catalogue."""
Place = tuple[str, datetime]
"""A site and a beginning: of each the newest posting holds."""


@dataclass(frozen=True, slots=True)
class Posting:
    """A team at a site, from a time on until before another."""

    team_code: str
    site_code: str
    begins_at: datetime
    ends_at: datetime

    @property
    def place(self) -> Place:
        """Return what a posting is replaced by: another of the same site and beginning."""
        return self.site_code, self.begins_at

    def meets(self, other: "Posting") -> bool:
        """Say whether the two are at the same time."""
        return self.begins_at < other.ends_at and other.begins_at < self.ends_at


@dataclass(slots=True)
class Outcome:
    """What a request comes to: the faults of each row, what is new, what gives way, and how many of each."""

    faults: list[list[Fault]] = field(default_factory=list)
    fresh: list[Posting] = field(default_factory=list)
    gone: set[Place] = field(default_factory=set)
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("added", "replaced", "withdrawn", "unchanged"), 0)
    )


def own_faults(
    wanted: Posting, *, withdrawn: bool, teams: frozenset[str], sites: frozenset[str], longest: timedelta
) -> list[Fault]:
    """Return what is wrong with a posting by itself; one is taken back also from a team that is no more."""
    faults = []
    if wanted.team_code not in teams and not withdrawn:
        faults.append(("team_code", TEAM_UNKNOWN))
    if wanted.site_code not in sites:
        faults.append(("site_code", SITE_UNKNOWN))
    if wanted.ends_at <= wanted.begins_at:
        faults.append(("ends_at", REVERSED))
    elif wanted.ends_at - wanted.begins_at > longest:
        faults.append(("ends_at", TOO_LONG))
    return faults


def settle(wanted: Sequence[tuple[Posting, bool]], standing: Mapping[Place, Posting]) -> Outcome:
    """Return what these postings, each with whether it is withdrawn, make of those that stand."""
    outcome = Outcome()
    named = {posting.place for posting, _ in wanted}
    beside = [posting for place, posting in standing.items() if place not in named]
    kept: set[Place] = set()
    for posting, withdrawn in wanted:
        stored = standing.get(posting.place)
        faults = [] if withdrawn else _meeting(posting, beside)
        outcome.faults.append(faults)
        if faults:
            continue
        if withdrawn:
            what = "unchanged" if stored is None else "withdrawn"
        elif stored == posting:
            what = "unchanged"
            kept.add(posting.place)
        else:
            what = "added" if stored is None else "replaced"
            outcome.fresh.append(posting)
        if stored is not None:
            outcome.gone.add(posting.place)
        if not withdrawn:
            beside.append(posting)
        outcome.counts[what] += 1
    outcome.gone -= kept
    return outcome


def _meeting(posting: Posting, beside: Sequence[Posting]) -> list[Fault]:
    """Return what a posting meets: another at its site, or its own team at another site."""
    met = [other for other in beside if posting.meets(other)]
    if any(other.site_code == posting.site_code for other in met):
        return [("site_code", SITE_TAKEN)]
    if any(other.team_code == posting.team_code for other in met):
        return [("team_code", TEAM_ELSEWHERE)]
    return []


def flags_of(row: Mapping[str, Any], *, of_round: bool, own: bool) -> list[Flag]:
    """Return what is to be looked at of a team, or of what nobody's team has sampled.

    `own`: the team itself lies in the caller's area.
    """
    if row["team_code"] is None:
        return ["no_team"] if row["samples"] else []
    flags: list[Flag] = []
    if row["awaited"] and not row["samples"]:
        flags.append("no_sample")
    if of_round and row["grids"] and not row["posted"]:
        flags.append("not_posted")
    if own and row["members"] == 0:
        flags.append("no_members")
    if own and row["active"] is not True:
        flags.append("inactive")
    return flags


def error_rate(faulty: int, tubes: int) -> float | None:
    """Return how many of a hundred tubes have a fault, to two places; None without a tube."""
    return round(100 * faulty / tubes, 2) if tubes else None
