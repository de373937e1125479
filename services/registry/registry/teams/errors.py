"""What can be wrong with a row about a team."""

from typing import Final

from shared.errors import define

TEAM_REPEATED: Final = define(
    "team_repeated", 422, "同一请求中该队伍出现两次", "The team stands twice in this request"
)
