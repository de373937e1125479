"""Statuses as the platform reads them: one, many, or a page of everybody; JSON text, ready to send."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from registry.statuses import queries, service
from registry.statuses.loading import limits_of
from registry.statuses.rules import SHANGHAI, day_of
from registry.statuses.wording import Worded, Wording
from shared.context import Context
from shared.reads import Fetch
from shared.security.principal import Principal
from shared.web.paging import FIRST

BREATH: Final = 1000


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
    found = await fetch(queries.BY_CODES, asked)
    shown = {each.code: text for each, text in await _shown(context, found, now=now)}
    return [shown[code] for code in asked if code in shown], [code for code in asked if code not in shown]


async def by_persons(
    fetch: Fetch, context: Context[Any], *, person_ids: Sequence[UUID], now: datetime
) -> list[tuple[str, str]]:
    """Return code and status of people who have a health code, in the order asked."""
    found = await fetch(queries.BY_PERSONS, list(person_ids))
    return [(each.code, text) for each, text in await _shown(context, found, now=now)]


async def page(
    fetch: Fetch, context: Context[Any], *, after: UUID | None, limit: int, now: datetime
) -> tuple[list[tuple[str, str]], UUID | None]:
    """Return code and status of the next people in person order, and the last person among them."""
    found = await fetch(queries.AFTER_PERSON, after or FIRST, limit)
    shown = await _shown(context, found, now=now)
    return [(each.code, text) for each, text in shown], shown[-1][0].person_id if shown else None


async def outside(fetch: Fetch, *, codes: Sequence[str], who: Principal, now: datetime) -> set[str]:
    """Return those of the codes whose holders lie outside the caller's area."""
    if not who.limited:
        return set()
    found = await fetch(queries.OUTSIDE, list(codes), day_of(now), who.township, who.department)
    return {row[0] for row in found}


async def _shown(context: Context[Any], found: Sequence[Any], *, now: datetime) -> list[tuple[Worded, str]]:
    wording = Wording(now, limits_of(context.settings))
    worded: list[Worded] = []
    for start in range(0, len(found), BREATH):
        worded += wording.of(found[start : start + BREATH])
        await asyncio.sleep(0)  # thousands of them must not hold up the single reads
    stale = [each.person_id for each in worded if each.text is None]
    if not stale:
        return [(each, each.text) for each in worded if each.text is not None]
    # A boundary of their duty has just passed and the timer has not come to them yet.
    async with context.db.transaction() as session:
        rows = await service.rows_of(session, context, person_ids=stale, now=now)
    fresh = {
        each.person_id: wording.of_row(rows[each.person_id], code=each.code).text
        for each in worded
        if each.text is None
    }
    texts = [(each, each.text or fresh[each.person_id]) for each in worded]
    return [(each, text) for each, text in texts if text is not None]
