"""What registry tells of sampling teams."""

from typing import Any

from results_ingest.teams import queries
from shared.context import Context
from shared.db import Session, execute
from shared.messages import TeamsChanged


async def on_teams_changed(session: Session, message: TeamsChanged, context: Context[Any]) -> None:  # noqa: ARG001 - every handler has it
    """Take in teams; the highest revision of each wins."""
    await execute(
        session,
        queries.PUT_TEAMS,
        codes=[team.team_code for team in message.teams],
        towns=[team.township_code for team in message.teams],
        members=[team.members for team in message.teams],
        active=[team.active for team in message.teams],
        revisions=[team.revision for team in message.teams],
    )
