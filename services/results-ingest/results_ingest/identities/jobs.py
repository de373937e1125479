"""What registry tells of people, units, departments and rounds."""

from typing import Any

from results_ingest.identities import queries, service
from shared.context import Context
from shared.db import Session, execute
from shared.messages import DepartmentChanged, IdentitiesChanged, RoundChanged, UnitChanged


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
    """Take in whether a round is a drill."""
    await execute(
        session,
        queries.PUT_ROUND,
        round_code=message.round_code,
        drill=message.drill,
        state=message.state,
        revision=message.revision,
    )
