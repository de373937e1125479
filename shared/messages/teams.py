"""registry to results-ingest: sampling teams. The highest revision of a team wins, in any order."""

from typing import ClassVar

import msgspec

from shared.messages.base import Message


class SamplingTeam(msgspec.Struct, frozen=True):
    """A team by its code: where it belongs, how many members it has, whether it works. Nobody is named."""

    team_code: str
    township_code: str
    members: int
    active: bool
    revision: int


class TeamsChanged(Message, frozen=True):
    """New or changed teams, at most 1,000 a message (requirements row 85)."""

    name: ClassVar[str] = "teams.changed"

    teams: tuple[SamplingTeam, ...]
