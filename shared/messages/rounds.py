"""registry to the others: mass testing rounds. The highest revision wins, in any order."""

from typing import ClassVar

import msgspec

from shared.messages.base import Message


class RoundGrid(msgspec.Struct, frozen=True):
    """A grid of a round that has begun: its town, its laboratory, its heads, its sampling team."""

    grid_code: str
    township_code: str
    lab_code: str
    expected: int
    team_code: str | None = None


class RoundChanged(Message, frozen=True):
    """A round was planned, started or ended; a drill's samples are never real ones.

    Times are RFC 3339. `grids` are those that it had when it began; none before.
    """

    name: ClassVar[str] = "round.changed"

    round_code: str
    drill: bool
    state: str
    revision: int
    title: str | None = None
    township_code: str | None = None
    starts_at: str | None = None
    deadline_at: str | None = None
    activated_at: str | None = None
    setup_due_at: str | None = None
    ended_at: str | None = None
    grids: tuple[RoundGrid, ...] = ()


class GridCoverage(msgspec.Struct, frozen=True):
    """People of a grid, each counted once: heads expected, known by name, sampled, with a result."""

    grid_code: str
    township_code: str
    expected: int
    residents: int
    sampled: int
    resulted: int


class RoundCounted(Message, frozen=True):
    """How far a round has come in each grid (requirements row 87); `final` after its end."""

    name: ClassVar[str] = "round.counted"

    round_code: str
    title: str
    drill: bool
    as_of: str
    deadline_at: str
    final: bool
    grids: tuple[GridCoverage, ...]


class SitesLate(Message, frozen=True):
    """results-ingest to notifier: a round's sites of a town that were not ready in time (row 84)."""

    name: ClassVar[str] = "round.sites_late"

    round_code: str
    title: str
    township_code: str | None
    setup_due_at: str
    as_of: str
    planned: int
    site_codes: tuple[str, ...]


class SamplesUnexplained(Message, frozen=True):
    """results-ingest to notifier: what one body holds up past its deadlines, by day and cause (row 80).

    `body_type`: `site|unit|lab|platform|district`; a digest of the days before `told_on`, never a sample.
    """

    name: ClassVar[str] = "samples.held_up"

    told_on: str
    as_of: str
    body_type: str
    body_code: str | None
    township_code: str | None
    days: dict[str, dict[str, int]]


class LabVisible(msgspec.Struct, frozen=True):
    """Samples of a round by laboratory: taken, with a result, matched to somebody, visible on the code."""

    lab_code: str | None
    sampled: int
    resulted: int
    matched: int
    visible: int


class RoundVisible(Message, frozen=True):
    """results-ingest to notifier: what of a round can be seen, and what each laboratory lacks (row 81)."""

    name: ClassVar[str] = "round.visible"

    round_code: str
    title: str
    as_of: str
    labs: tuple[LabVisible, ...]


class IntakeCounted(Message, frozen=True):
    """results-ingest to notifier: a day's samples of a town (null: without one), in samples (row 88)."""

    name: ClassVar[str] = "intake.counted"

    day: str
    as_of: str
    township_code: str | None
    total: int
    sampled: int
    remaining: int
    negative: int
    pending: int
    not_negative: int
