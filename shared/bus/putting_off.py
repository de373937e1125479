"""One item that always fails must not stop what stands behind it: it is put off, and says so.

Work on many items goes into one savepoint. When it fails the items are halved, until the one that
fails stands alone; that one is tried again later, longer each time, and counted in the metrics.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, TypeVar

import structlog

from shared.context import Context
from shared.db import Session, execute, fetch_value, sql
from shared.db_errors import is_outage, sqlstate

T = TypeVar("T")
FIRST_SECONDS: Final = 10
LONGEST_SECONDS: Final = 3600
_log = structlog.get_logger()

PUT_OFF: Final = sql("""
    INSERT INTO bus.put_off AS p (consumer, task, item, error, again_at)
    VALUES (:consumer, :task, :item, :error, clock_timestamp() + make_interval(secs => :first))
    ON CONFLICT (consumer, task, item) DO UPDATE
    SET failures = p.failures + 1, error = EXCLUDED.error,
        again_at = clock_timestamp() + make_interval(
            secs => least(:first * 2.0 ^ least(p.failures, 20), CAST(:longest AS float8)))
""")

ANYTHING: Final = sql("""
    SELECT EXISTS (SELECT FROM bus.put_off WHERE consumer = :consumer AND task = :task)
""")

DONE: Final = sql("""
    DELETE FROM bus.put_off
    WHERE consumer = :consumer AND task = :task AND item = ANY(CAST(:items AS text[]))
""")


def not_put_off(task: str, item: str, *, consumer: str) -> str:
    """Return the condition that leaves out what is put off; `item` is an SQL expression, all constants."""
    return f"""NOT EXISTS (
        SELECT FROM bus.put_off o
        WHERE o.consumer = '{consumer}' AND o.task = '{task}' AND o.item = {item}
          AND o.again_at > clock_timestamp())"""


async def in_parts(
    session: Session,
    context: Context[Any],
    task: str,
    items: Sequence[T],
    work: Callable[[Sequence[T]], Awaitable[None]],
    *,
    key: Callable[[T], str],
) -> list[T]:
    """Do `work` on the items; return those that failed, which are put off. An outage is raised."""
    if not items:
        return []
    failed = await _in_parts(session, context, task, items, work, key)
    kept = {"consumer": context.service, "task": task}
    if await fetch_value(session, ANYTHING, **kept):  # hardly ever: then there is nobody to look for
        done = sorted({key(item) for item in items} - {key(item) for item in failed})
        await execute(session, DONE, items=done, **kept)
    return failed


async def one_by_one(
    session: Session,
    context: Context[Any],
    task: str,
    items: Sequence[T],
    handle: Callable[[T], Awaitable[None]],
    *,
    key: Callable[[T], str],
) -> list[T]:
    """Do as `in_parts` where the work is on one item after another."""

    async def work(part: Sequence[T]) -> None:
        for item in part:
            await handle(item)

    return await in_parts(session, context, task, items, work, key=key)


async def _in_parts(
    session: Session,
    context: Context[Any],
    task: str,
    items: Sequence[T],
    work: Callable[[Sequence[T]], Awaitable[None]],
    key: Callable[[T], str],
) -> list[T]:
    try:
        async with session.begin_nested():
            await work(items)
    except Exception as error:
        if is_outage(error):
            raise
        if len(items) == 1:
            await _put_off(session, context, task, key(items[0]), error)
            return list(items)
    else:
        return []
    middle = len(items) // 2
    halves = (items[:middle], items[middle:])
    return [one for half in halves for one in await _in_parts(session, context, task, half, work, key)]


async def _put_off(session: Session, context: Context[Any], task: str, item: str, error: Exception) -> None:
    _log.error("item_put_off", consumer=context.service, schedule=task, exc_info=error)
    await execute(
        session,
        PUT_OFF,
        consumer=context.service,
        task=task,
        item=item,
        error=sqlstate(error) or type(error).__name__,
        first=FIRST_SECONDS,
        longest=LONGEST_SECONDS,
    )
