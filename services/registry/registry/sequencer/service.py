"""Appends to the pending list and numbers it. Number order is commit order, so no reader misses any.

Numbers come from the one row of `registry.feed_head`, never from a sequence: a writer's own number,
taken before its commit, is how late commits get lost.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final
from uuid import UUID
from weakref import WeakKeyDictionary

from registry.sequencer import queries
from shared.context import Context
from shared.db import Database, Session, after_commit, execute, fetch_one, fetch_value

PENDING_A_PASS: Final = 16
BLOCK: Final = 10_000
"""Changes that are numbered as one; a message's people are never more."""
BUSY_LOOKS: Final = 5
BUSY_SECONDS: Final = 0.02
ROUTINE_SECONDS: Final = 0.5
_BELLS: Final[WeakKeyDictionary[Database, asyncio.Event]] = WeakKeyDictionary()


async def append_people(session: Session, context: Context[Any], *, person_ids: Sequence[UUID]) -> None:
    """Note that these people's statuses changed in this transaction."""
    for start in range(0, len(person_ids), BLOCK):
        await execute(session, queries.APPEND_PEOPLE, person_ids=list(person_ids[start : start + BLOCK]))
    if person_ids:
        number_after_commit(session, context)


async def append_listed(session: Session, context: Context[Any], *, lists: Sequence[str]) -> None:
    """Note people whom PostgreSQL listed, as it writes arrays; together at most a block."""
    if lists:
        await execute(session, queries.APPEND_LISTED, lists=list(lists))
        number_after_commit(session, context)


async def append_removed(session: Session, *, removed: Sequence[tuple[str, str | None]]) -> None:
    """Note codes that were replaced or removed; the second is the code that stands for it now."""
    for start in range(0, len(removed), BLOCK):
        block = removed[start : start + BLOCK]
        await execute(
            session,
            queries.APPEND_REMOVED,
            removed=[code for code, _ in block],
            replaced_by=[by for _, by in block],
        )


def number_after_commit(session: Session, context: Context[Any]) -> None:
    """Run the sequencer as soon as the transaction is committed: wake this process's own, or do its work."""

    async def number() -> None:
        if (bell := _BELLS.get(context.db)) is not None:
            bell.set()  # whoever committed goes on: waiting for the head took longer than numbering
            return
        # A holder of the head may have looked before this commit: then it is numbered in a moment.
        for _ in range(BUSY_LOOKS):
            if await sequence(context) or not await _anything_pending(context):
                return
            await asyncio.sleep(BUSY_SECONDS)

    after_commit(session, "feed", number)


async def sequence(context: Context[Any]) -> int:
    """Number everything that is committed by now; return how many, 0 also when another does it."""
    total: int = 0
    while True:
        async with context.db.transaction() as session:
            seq = await fetch_value(session, queries.TAKE_HEAD)
            if seq is None:
                return total
            now = await context.clock.now(session)
            done = await fetch_one(session, queries.NUMBER_PENDING, seq=seq, limit=PENDING_A_PASS, now=now)
        if done is None:
            return total
        total += int(done["numbered"])
        if done["taken"] < PENDING_A_PASS:
            return total


async def keep_sequencing(context: Context[Any]) -> None:
    """Run for ever: number at the bell of this process, and what a killed writer left within moments."""
    bell = _BELLS[context.db] = asyncio.Event()
    try:
        while True:
            bell.clear()
            if await _anything_pending(context):
                if not await sequence(context):
                    await asyncio.sleep(BUSY_SECONDS)  # another holds the head
                continue
            # Not wait_for: it swallows a cancellation that comes with the bell, and the worker never ends.
            with suppress(TimeoutError):
                async with asyncio.timeout(ROUTINE_SECONDS):
                    await bell.wait()
    finally:
        _BELLS.pop(context.db, None)


async def _anything_pending(context: Context[Any]) -> bool:
    return bool(await context.reads.fetch(queries.ANYTHING_PENDING))
