"""Pages of the change feed: first everybody's current status, then what changed, in commit order."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any, Final

from registry.feed import queries
from registry.feed.cursors import SNAPSHOT, Head, Position
from registry.statuses import reading
from registry.statuses.facts import day_of
from shared.context import Context
from shared.db import Session, execute, fetch_value
from shared.errors import CURSOR_EXPIRED, CURSOR_INVALID, Problem
from shared.reads import Fetch
from shared.security.principal import Principal
from shared.web.paging import decode_cursor, encode_cursor

FORGET_AT_ONCE: Final = 20_000


@dataclass(frozen=True, slots=True)
class Page:
    """Changes as JSON texts, each one or more lines of a change; where to go on; whether there is more."""

    lines: list[str]
    count: int
    position: Position
    more: bool

    @property
    def next_cursor(self) -> str:
        """Return the cursor of the next page; there always is one."""
        return encode_cursor(self.position.as_json())


async def start(fetch: Fetch, context: Context[Any], *, cursor: str | None, now: datetime) -> Position:
    """Return where a reader goes on; Problem 410 for a cursor that is not of this store or has expired."""
    head = await _head(fetch)
    today = day_of(now)
    if cursor is None:
        return Position.beginning(head, today=today)
    try:
        position = parse_cursor(cursor)
    except Problem:
        # Whatever its reader holds, reading again from the beginning is what helps.
        raise Problem(CURSOR_EXPIRED) from None
    if position.expired(head, today=today, days=context.settings.feed_cursor_days):
        raise Problem(CURSOR_EXPIRED)
    return position


def parse_cursor(cursor: str) -> Position:
    """Return the place of a cursor; Problem 422 `cursor_invalid`."""
    try:
        return Position.parse(decode_cursor(cursor))
    except (KeyError, ValueError):
        raise Problem(CURSOR_INVALID) from None


async def page(
    fetch: Fetch,
    context: Context[Any],
    *,
    position: Position,
    limit: int,
    now: datetime,
    who: Principal,
) -> Page:
    """Return the next page of at most `limit` changes after a place; `who` sees those of its area."""
    today = day_of(now)
    if position.phase == SNAPSHOT:
        return await _snapshot(fetch, context, position=position, limit=limit, now=now, today=today, who=who)
    blocks = await fetch(queries.PAGE, position.seq, limit)
    # Statuses are read after the numbers: they are never older than what was numbered.
    people = dict.fromkeys(chain.from_iterable(block["person_ids"] for block in blocks))
    told = await reading.by_persons(fetch, context, person_ids=list(people), who=who, now=now)
    removed = [each for block in blocks for each in zip(block["removed"], block["replaced_by"], strict=True)]
    hidden = await reading.outside(fetch, codes=[by or code for code, by in removed], who=who, now=now)
    gone = [_removal(code, by) for code, by in removed if (by or code) not in hidden]
    newest = blocks[-1]["last_seq"] if blocks else position.seq
    reached = min(newest, position.seq + limit)
    return Page(
        [*gone, *told.lines],
        len(gone) + told.people,
        position.moved(today=today, seq=reached),
        newest > reached,
    )


async def _snapshot(
    fetch: Fetch,
    context: Context[Any],
    *,
    position: Position,
    limit: int,
    now: datetime,
    today: date,
    who: Principal,
) -> Page:
    told = await reading.page(fetch, context, after=position.after, limit=limit, who=who, now=now)
    if told.people == limit:
        return Page(told.lines, told.people, position.moved(today=today, after=told.last), more=True)
    head = await _head(fetch)
    return Page(told.lines, told.people, position.into_feed(today=today), more=head.seq > position.seq)


async def acknowledge(
    session: Session, *, client_id: str, cursor: str, failed: Sequence[dict[str, str]], now: datetime
) -> None:
    """Keep what the platform says it has shown."""
    position = parse_cursor(cursor)
    await execute(
        session,
        queries.ACKNOWLEDGE,
        client_id=client_id,
        phase=position.phase,
        seq=position.seq,
        after=position.after,
        failed=json.dumps(list(failed)),
        now=now,
    )


async def forget(session: Session, context: Context[Any]) -> bool:
    """Delete changes and acknowledgements past their time, some at once; True if there may be more."""
    now = await context.clock.now(session)
    before = now - timedelta(days=context.settings.feed_retention_days)
    seq = await fetch_value(session, queries.OLDEST_KEPT, before=before, limit=FORGET_AT_ONCE)
    if seq is not None:
        await execute(session, queries.FORGET, seq=seq)
    acks_before = now - timedelta(days=context.settings.acknowledgement_retention_days)
    acks = await execute(session, queries.FORGET_ACKS, before=acks_before, limit=FORGET_AT_ONCE)
    return seq is not None or acks == FORGET_AT_ONCE


async def _head(fetch: Fetch) -> Head:
    rows = await fetch(queries.HEAD)
    if not rows:
        message = "registry.feed_head is empty"
        raise RuntimeError(message)
    return Head(rows[0]["epoch"], rows[0]["seq"], rows[0]["kept_from"])


def _removal(code: str, replaced_by: str | None) -> str:
    removal: dict[str, Any] = {"health_code_id": code, "removed": True}
    if replaced_by is not None:
        removal["replaced_by"] = replaced_by
    return json.dumps(removal, separators=(",", ":"))
