"""Wire models of sampling teams."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from registry.departments.schemas import ContactOut
from shared.web.types import Code, Day, PersonName, Phone, ShortText, WireModel, rows_of

MOST_TEAMS = 1_000
MOST_MEMBERS = 100
Defect = Literal[
    "no_members", "no_grid", "member_repeated", "not_called", "not_reached", "certificate_expired"
]
CallResult = Literal["reached", "not_reached"]


class TeamContact(WireModel):
    """The leader of a team; sealed at rest, masked in answers."""

    name: PersonName
    phone: Phone


class TeamMember(WireModel):
    """A member of a team; sealed at rest, masked in answers."""

    name: PersonName
    phone: Phone
    certificate_no: ShortText | None = None
    certificate_until: Day | None = None


class TeamIn(WireModel):
    """A team, added or replaced as a whole."""

    team_code: Code
    name: ShortText
    township_code: Code
    leader: TeamContact
    members: Annotated[tuple[TeamMember, ...], Field(max_length=MOST_MEMBERS, strict=False)] = ()
    active: bool = True


class TeamsIn(WireModel):
    """Up to 1,000 rows, each judged on its own."""

    teams: Annotated[list[rows_of(TeamIn)], Field(min_length=1)]  # type: ignore[valid-type] # made by a function


class CallIn(WireModel):
    """A call to a team's leader."""

    result: CallResult


class TeamMemberOut(ContactOut):
    """A member as it is shown."""

    certificate_until: str | None


class TeamOut(BaseModel):
    """A team as it is shown; `defects` are worked out at the moment of reading."""

    team_code: str
    name: str
    township_code: str
    leader: ContactOut
    active: bool
    members: int
    grids: list[str]
    call_result: str | None
    called_at: str | None
    defects: list[str]
    revision: int


class TeamDetail(TeamOut):
    """A team with its members."""

    people: list[TeamMemberOut]


class TeamList(BaseModel):
    """A page of teams, by code."""

    teams: list[TeamOut]
    next_cursor: str | None
