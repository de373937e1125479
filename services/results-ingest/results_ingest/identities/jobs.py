"""What registry tells of people, units, departments and rounds."""

from datetime import datetime
from typing import Any

from results_ingest.identities import queries, service
from shared.context import Context
from shared.db import Session, execute
from shared.messages import DepartmentChanged, IdentitiesChanged, RoundChanged, RoundCounted, UnitChanged


async def on_identities_changed(session: Session, message: IdentitiesChanged, context: Context[Any]) -> None:
    """Take in people."""
    await service.learn(session, message.people, now=await context.clock.now(session))


async def on_unit_changed(session: Session, message: UnitChanged, context: Context[Any]) -> None:  # noqa: ARG001 - every handler has it
    """Take in where a unit belongs."""
    await execute(
        session,
        queries.PUT_UNIT,
        unit_code=message.unit_code,
        township_code=message.township_code,
        department_code=message.department_code,
        revision=message.revision,
    )


async def on_department_changed(
    session: Session,
    message: DepartmentChanged,
    context: Context[Any],  # noqa: ARG001 - every handler has it
) -> None:
    """Take in a department's place."""
    await execute(
        session,
        queries.PUT_DEPARTMENT,
        code=message.code,
        level=message.level,
        parent_code=message.parent_code,
        revision=message.revision,
    )


async def on_round_changed(session: Session, message: RoundChanged, context: Context[Any]) -> None:  # noqa: ARG001 - every handler has it
    """Take in what a round is, when it runs, and which grids and laboratories it has."""
    times = ("starts_at", "deadline_at", "activated_at", "setup_due_at", "ended_at")
    await execute(
        session,
        queries.PUT_ROUND,
        round_code=message.round_code,
        drill=message.drill,
        state=message.state,
        revision=message.revision,
        title=message.title,
        township_code=message.township_code,
        **{name: _time(getattr(message, name)) for name in times},
    )
    if message.grids:
        await execute(
            session,
            queries.PUT_GRIDS,
            round_code=message.round_code,
            grids=[grid.grid_code for grid in message.grids],
            towns=[grid.township_code for grid in message.grids],
            labs=[grid.lab_code for grid in message.grids],
            heads=[grid.expected for grid in message.grids],
            teams=[grid.team_code for grid in message.grids],
        )


async def on_round_counted(session: Session, message: RoundCounted, context: Context[Any]) -> None:  # noqa: ARG001 - every handler has it
    """Take in how far a round has come in its grids."""
    await execute(
        session,
        queries.COUNT_GRIDS,
        round_code=message.round_code,
        as_of=_time(message.as_of),
        grids=[grid.grid_code for grid in message.grids],
        heads=[grid.expected for grid in message.grids],
        residents=[grid.residents for grid in message.grids],
        sampled=[grid.sampled for grid in message.grids],
        resulted=[grid.resulted for grid in message.grids],
    )


def _time(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
