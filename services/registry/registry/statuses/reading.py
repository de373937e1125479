"""Statuses as the platform reads them: one, many, or a page of everybody; JSON text, ready to send."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from registry.statuses import queries, service
from registry.statuses.display import StatusRow
from registry.statuses.facts import SHANGHAI, day_of
from registry.statuses.loading import limits_of
from registry.statuses.queries import AFTER_PERSON, BY_CODES, BY_PERSONS
from registry.statuses.wording import Told, Worded, Wording, counted
from shared.context import Context
from shared.reads import Fetch
from shared.security.principal import Principal
from shared.web.paging import FIRST

BREATH: Final = 1000
AT_ONCE: Final = 2000


async def at_once(context: Context[Any], *, code: str) -> tuple[str, datetime] | None:
    """Return the status behind a health code, and its moment, in one round trip; None for what takes more."""
    found = await context.reads.fetch(queries.by_code(context.clock.sql), code)
    if not found:
        return None
    now: datetime = found[0][0].astimezone(SHANGHAI)
    text = Wording(now, limits_of(context.settings)).of([found[0][1:]])[0].text
    return None if text is None else (text, now)


async def by_codes(
    fetch: Fetch, context: Context[Any], *, codes: Sequence[str], now: datetime
) -> tuple[list[str], list[str]]:
    """Return the statuses of codes, in the order asked, and the codes that nobody holds."""
    asked = list(dict.fromkeys(codes))
    shown = {each.code: each.text for each in await _shown(context, _some(fetch, BY_CODES, asked), now=now)}
    found = [text for code in asked if (text := shown.get(code)) is not None]
    return found, [code for code in asked if code not in shown]


async def by_persons(
    fetch: Fetch, context: Context[Any], *, person_ids: Sequence[UUID], who: Principal, now: datetime
) -> Told:
    """Return the statuses of those people who have a health code and lie inside the caller's area."""
    area = (day_of(now), who.township, who.department)
    return await _told(context, _some(fetch, BY_PERSONS, person_ids, *area), now=now)


async def page(
    fetch: Fetch, context: Context[Any], *, after: UUID | None, limit: int, who: Principal, now: datetime
) -> Told:
    """Return the statuses of the next people of the caller's area; `last` is the last of them."""
    area = (day_of(now), who.township, who.department)
    return await _told(context, _next(fetch, after or FIRST, limit, area), now=now)


async def outside(fetch: Fetch, *, codes: Sequence[str], who: Principal, now: datetime) -> set[str]:
    """Return those of the codes whose holders lie outside the caller's area."""
    if not who.limited:
        return set()
    found = await fetch(queries.OUTSIDE, list(codes), day_of(now), who.township, who.department)
    return {row[0] for row in found}


async def _some(
    fetch: Fetch, statement: str, keys: Sequence[Any], *arguments: object
) -> AsyncIterator[Sequence[Any]]:
    """Yield the rows of some keys after the others'; PostgreSQL reads the next while these are worded."""
    if not keys:
        return
    coming = asyncio.create_task(fetch(statement, keys[:AT_ONCE], *arguments))
    try:
        for start in range(AT_ONCE, len(keys), AT_ONCE):
            found = await coming
            coming = asyncio.create_task(fetch(statement, keys[start : start + AT_ONCE], *arguments))
            yield found
        yield await coming
    finally:
        coming.cancel()


async def _next(
    fetch: Fetch, after: UUID, limit: int, area: tuple[object, ...]
) -> AsyncIterator[Sequence[Any]]:
    """Yield the groups of the next people in the same way."""
    coming = asyncio.create_task(fetch(AFTER_PERSON, after, *area, min(limit, AT_ONCE)))
    try:
        while True:
            found = await coming
            count, last = counted(found)
            limit -= count
            end = count < AT_ONCE or not limit
            if not end:
                coming = asyncio.create_task(fetch(AFTER_PERSON, last, *area, min(limit, AT_ONCE)))
            yield found
            if end:
                return
    finally:
        coming.cancel()


async def _told(context: Context[Any], coming: AsyncIterator[Sequence[Any]], *, now: datetime) -> Told:
    wording = Wording(now, limits_of(context.settings))
    lines: list[str] = []
    stale: dict[UUID, str] = {}
    count, last = 0, None
    async for found in coming:
        more, last = counted(found, last)
        count += more
        for start in range(0, len(found), BREATH):
            await asyncio.sleep(0)  # as below, where every group is of one
            told, out_of_date = wording.of_groups(found[start : start + BREATH])
            lines += told
            stale.update(out_of_date)
    if stale:
        fresh = await _worked_out(context, list(stale), now=now)
        worded = (wording.of_row(row, code=stale[person_id]) for person_id, row in fresh.items())
        lines += (each.text for each in worded if each.text is not None)
    return Told(lines, count, last)


async def _shown(
    context: Context[Any], coming: AsyncIterator[Sequence[Any]], *, now: datetime
) -> list[Worded]:
    wording = Wording(now, limits_of(context.settings))
    worded: list[Worded] = []
    async for found in coming:
        for start in range(0, len(found), BREATH):
            await asyncio.sleep(0)  # thousands of them must not hold up the single reads
            worded += wording.of(found[start : start + BREATH])
    stale = [each.person_id for each in worded if each.text is None]
    if not stale:
        return worded
    rows = await _worked_out(context, stale, now=now)
    fresh = (
        wording.of_row(rows[each.person_id], code=each.code) if each.text is None else each for each in worded
    )
    return [each for each in fresh if each.text is not None]


async def _worked_out(
    context: Context[Any], person_ids: Sequence[UUID], *, now: datetime
) -> dict[UUID, StatusRow]:
    """Return the rows of people whose duty's boundary has just passed, where the timer has not come yet."""
    async with context.db.transaction() as session:
        return await service.rows_of(session, context, person_ids=person_ids, now=now)
