"""Handlers of registry's contacts, and the second look that closes the gap between two arrivals.

A contact that comes after an alarm, a task or a reminder has the same effect as one before it. What
cannot be addressed again stops nobody behind it: it is put off and comes round with the second look.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from types import ModuleType
from typing import Final

from sqlalchemy import RowMapping

from notifier.alarms import queries as alarm_queries
from notifier.alarms import service as alarms
from notifier.contacts import service as contacts
from notifier.ladder import moving as ladder
from notifier.notices.service import Notifier
from notifier.reminders import queries as reminder_queries
from notifier.reminders import service as reminders
from notifier.tasks import queries as task_queries
from notifier.tasks import service as tasks
from shared.bus.putting_off import one_by_one
from shared.clock import day_of
from shared.db import Session, execute, fetch_all
from shared.messages import ContactsChanged, DepartmentChanged, UnitChanged

ADDRESSED_BY_ROLE: Final = ("cdc", "headquarters")
# Bulletins and what they bring wait for these.
ROLES_OF_LADDER: Final = ("headquarters", "leaders")
# What is addressed again, named by the rows of its queries.
SETTLES: Final[Mapping[ModuleType, Callable[..., Awaitable[object]]]] = {
    alarm_queries: alarms.settle,
    task_queries: tasks.settle,
    reminder_queries: reminders.settle,
}


async def on_contacts_changed(session: Session, message: ContactsChanged, context: Notifier) -> None:
    """Keep the newer contacts and tell whoever must know of these people."""
    person_ids = await contacts.keep_people(session, message)
    if not person_ids:
        return
    now = await context.clock.now(session)
    about = {"person_ids": person_ids, "hours": context.settings.readdress_hours}
    alerts = await fetch_all(session, alarm_queries.CONCERNING_PEOPLE, **about)
    await _again(session, context, alarm_queries, alerts, now=now)
    found = await fetch_all(session, task_queries.CONCERNING_PEOPLE, **about)
    await _again(session, context, task_queries, found, now=now)
    told = await fetch_all(
        session, reminder_queries.CONCERNING_PEOPLE, person_ids=person_ids, day=day_of(now)
    )
    await _again(session, context, reminder_queries, told, now=now)


async def on_unit_changed(session: Session, message: UnitChanged, context: Notifier) -> None:
    """Keep a newer unit and tell its township and department what they must know of it."""
    if not await contacts.keep_unit(session, message):
        return
    now = await context.clock.now(session)
    about = {"unit_code": message.unit_code, "hours": context.settings.readdress_hours}
    for queries in (alarm_queries, task_queries):
        rows = await fetch_all(session, queries.CONCERNING_UNIT, **about)
        await _again(session, context, queries, rows, now=now)
    await ladder.move(
        session, context, unit_code=message.unit_code, department_code=message.department_code, now=now
    )


async def on_department_changed(session: Session, message: DepartmentChanged, context: Notifier) -> None:
    """Keep a newer department; a CDC, headquarters or leaders take over what waited for one."""
    if not await contacts.keep_department(session, message):
        return
    now = await context.clock.now(session)
    if message.role in ROLES_OF_LADDER:
        await ladder.find_bodies(session, context, now=now)
    if message.role not in ADDRESSED_BY_ROLE:
        return
    for queries in (alarm_queries, task_queries):
        rows = await fetch_all(session, queries.CONCERNING_ALL, hours=context.settings.readdress_hours)
        await _again(session, context, queries, rows, now=now)


async def confirm(session: Session, context: Notifier) -> bool:
    """Look again at what was addressed a moment ago, now that whatever ran beside it has ended."""
    now = await context.clock.now(session)
    found = False
    for queries in SETTLES:
        rows = await fetch_all(session, queries.TO_CONFIRM)

        async def look(row: RowMapping, queries: ModuleType = queries) -> None:
            await execute(session, queries.CONFIRMED, **row)
            await SETTLES[queries](session, context, **row, now=now)

        await one_by_one(session, context, queries.CONFIRM, rows, look, key=_item)
        found = found or bool(rows)
    return found


async def _again(
    session: Session, context: Notifier, queries: ModuleType, rows: Sequence[RowMapping], *, now: datetime
) -> None:
    """Address these items again; what fails is left to the second look."""

    async def settle(row: RowMapping) -> None:
        await SETTLES[queries](session, context, **row, now=now)

    for row in await one_by_one(session, context, queries.CONFIRM, rows, settle, key=_item):
        await execute(session, queries.LOOK_AGAIN, **row, confirm_seconds=context.settings.confirm_seconds)


def _item(row: RowMapping) -> str:
    """Return how a row is named where it is put off: as its statement does."""
    return " ".join(str(value) for value in row.values())
