"""What routes ask for: the process context, a transaction, the business time."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request

from shared.clock import read_now
from shared.context import Context
from shared.db import Session
from shared.reads import Fetch, reading
from shared.security.principal import Principal


def get_context(request: Request) -> Context[Any]:
    """Return the context that the app opened at its start."""
    context: Context[Any] = request.app.state.context
    return context


async def _context(request: Request) -> Context[Any]:
    # Not get_context itself: a dependency that is no coroutine is called in a thread, at every request.
    return get_context(request)


ContextDep = Annotated[Context[Any], Depends(_context)]


async def get_session(request: Request, context: ContextDep) -> AsyncIterator[Session]:
    """Yield the request's transaction, held to its client's limits; it commits before the answer is sent."""
    who: Principal | None = getattr(request.state, "principal", None)
    request.state.session_opened = True
    async with context.db.transaction(limits=None if who is None else who.limits) as session:
        yield session


# An ordinary dependency would be left, and so committed, after the client already has its 200.
SessionDep = Annotated[Session, Depends(get_session, scope="function")]


async def get_fetch(request: Request, context: ContextDep) -> AsyncIterator[Fetch]:
    """Yield how this request reads; the route names who asks before it."""
    async with reading(context.db, context.reads, request.state.principal) as fetch:
        yield fetch


# For routes that only read, and much: no transaction round single statements (shared/reads.py).
FetchDep = Annotated[Fetch, Depends(get_fetch, scope="function")]


async def business_now(session: SessionDep, context: ContextDep) -> datetime:
    """Return the business time, read in the request's transaction."""
    return await context.clock.now(session)


NowDep = Annotated[datetime, Depends(business_now)]


async def fetched_now(fetch: FetchDep, context: ContextDep) -> datetime:
    """Return the business time for a request that reads by `FetchDep`."""
    return await read_now(fetch, context.clock)


FetchedNowDep = Annotated[datetime, Depends(fetched_now)]
