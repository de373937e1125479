"""What routes ask for: the process context, a transaction, the business time."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request

from shared.context import Context
from shared.db import Session


def get_context(request: Request) -> Context[Any]:
    """Return the context that the app opened at its start."""
    context: Context[Any] = request.app.state.context
    return context


ContextDep = Annotated[Context[Any], Depends(get_context)]


async def get_session(context: ContextDep) -> AsyncIterator[Session]:
    """Yield the request's transaction; it commits before the answer is sent."""
    async with context.db.transaction() as session:
        yield session


# An ordinary dependency would be left, and so committed, after the client already has its 200.
SessionDep = Annotated[Session, Depends(get_session, scope="function")]


async def business_now(session: SessionDep, context: ContextDep) -> datetime:
    """Return the business time, read in the request's transaction."""
    return await context.clock.now(session)


NowDep = Annotated[datetime, Depends(business_now)]
