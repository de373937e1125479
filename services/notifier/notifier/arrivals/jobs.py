"""Handlers of registry's contacts, and the second look that closes the gap between two arrivals.

A contact that comes after an alarm, a task or a reminder has the same effect as one before it.
"""

from collections.abc import Sequence

from sqlalchemy import RowMapping

from notifier.alarms import queries as alarm_queries
from notifier.alarms import service as alarms
from notifier.contacts import service as contacts
from notifier.notices.service import Notifier
from notifier.reminders import queries as reminder_queries
from notifier.reminders import service as reminders
from notifier.tasks import queries as task_queries
from notifier.tasks import service as tasks
from shared.bus.putting_off import in_parts
from shared.clock import day_of
from shared.db import Session, execute, fetch_all
from shared.messages import ContactsChanged, DepartmentChanged, UnitChanged

ADDRESSED_BY_ROLE = ("cdc", "headquarters")


async def on_contacts_changed(session: Session, message: ContactsChanged, context: Notifier) -> None:
    """Keep the newer contacts and tell whoever must know of these people."""
    person_ids = await contacts.keep_people(session, message)
    if not person_ids:
        return
    now = await context.clock.now(session)
    about = {"person_ids": person_ids, "hours": context.settings.readdress_hours}
    for row in await fetch_all(session, alarm_queries.CONCERNING_PEOPLE, **about):
        await alarms.settle(session, context, alert_id=row["alert_id"], now=now)
    for row in await fetch_all(session, task_queries.CONCERNING_PEOPLE, **about):
        await tasks.settle(session, context, kind=row["kind"], result_id=row["result_id"], now=now)
    for unit_code, day in await reminders.concerning(session, person_ids=person_ids, day=day_of(now)):
        await reminders.settle(session, context, unit_code=unit_code, day=day, now=now)


async def on_unit_changed(session: Session, message: UnitChanged, context: Notifier) -> None:
    """Keep a newer unit and tell its township and department what they must know of it."""
    if not await contacts.keep_unit(session, message):
        return
    now = await context.clock.now(session)
    about = {"unit_code": message.unit_code, "hours": context.settings.readdress_hours}
    for row in await fetch_all(session, alarm_queries.CONCERNING_UNIT, **about):
        await alarms.settle(session, context, alert_id=row["alert_id"], now=now)
    for row in await fetch_all(session, task_queries.CONCERNING_UNIT, **about):
        await tasks.settle(session, context, kind=row["kind"], result_id=row["result_id"], now=now)


async def on_department_changed(session: Session, message: DepartmentChanged, context: Notifier) -> None:
    """Keep a newer department; a CDC or headquarters takes over what waited for one."""
    if not await contacts.keep_department(session, message) or message.role not in ADDRESSED_BY_ROLE:
        return
    now = await context.clock.now(session)
    hours = context.settings.readdress_hours
    for row in await fetch_all(session, alarm_queries.CONCERNING_ALL, hours=hours):
        await alarms.settle(session, context, alert_id=row["alert_id"], now=now)
    for row in await fetch_all(session, task_queries.CONCERNING_ALL, hours=hours):
        await tasks.settle(session, context, kind=row["kind"], result_id=row["result_id"], now=now)


async def confirm(session: Session, context: Notifier) -> bool:
    """Look again at what was addressed a moment ago, now that whatever ran beside it has ended."""
    now = await context.clock.now(session)

    async def alerts_of(part: Sequence[RowMapping]) -> None:
        for row in part:
            await execute(session, alarm_queries.CONFIRMED, **row)
            await alarms.settle(session, context, alert_id=row["alert_id"], now=now)

    async def tasks_of(part: Sequence[RowMapping]) -> None:
        for row in part:
            await execute(session, task_queries.CONFIRMED, **row)
            await tasks.settle(session, context, kind=row["kind"], result_id=row["result_id"], now=now)

    async def reminders_of(part: Sequence[RowMapping]) -> None:
        for row in part:
            await execute(session, reminder_queries.CONFIRMED, **row)
            await reminders.settle(session, context, unit_code=row["unit_code"], day=row["day"], now=now)

    found = False
    for queries, work in (
        (alarm_queries, alerts_of),
        (task_queries, tasks_of),
        (reminder_queries, reminders_of),
    ):
        rows = await fetch_all(session, queries.TO_CONFIRM)
        await in_parts(session, context, queries.CONFIRM, rows, work, key=_item)
        found = found or bool(rows)
    return found


def _item(row: RowMapping) -> str:
    """Return how a row is named where it is put off: as its statement does."""
    return " ".join(str(value) for value in row.values())
