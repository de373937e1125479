"""Opens the slots of a day: one row for each slot, one for each body that owes it.

Done again it adds what is missing and changes nothing, so nobody has to know who did it first.
"""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import RowMapping

from notifier.notices.service import Notifier
from notifier.quiet.workdays import is_workday
from notifier.reports import queries, rules
from shared.clock import SHANGHAI, day_of
from shared.db import Session, execute, fetch_all, fetch_value, json_of
from shared.ids import new_id


async def open_next_day(session: Session, context: Notifier, *, now: datetime) -> bool:
    """Open the slots of one day that has begun; False when today's are open.

    After a standstill the days between are opened too, REPORT_CATCH_UP_DAYS at most: they are listed as
    missing and nobody is told of them.
    """
    last = await fetch_value(session, queries.LAST_DAY, today=day_of(now))
    day = rules.days_to_open(day_of(now), last=last, most=context.settings.report_catch_up_days)
    if day is None:
        return False
    await open_day(session, context, day, now=now)
    await execute(session, queries.NOTE_DAY, day=day, now=now)
    return True


async def open_day(
    session: Session, context: Notifier, day: date, *, now: datetime, form_code: str | None = None
) -> None:
    """Open what is owed on a day, of one form or of all."""
    owing = await fetch_all(session, queries.OWING, day=day, form_code=form_code)
    if not owing:
        return
    versions = [form_of(row) for row in await fetch_all(session, queries.VERSIONS, form_code=form_code)]
    for code, bodies in groupby(owing, key=lambda row: row["form_code"]):
        of_form = [each for each in versions if each.form_code == code]
        await _open_form(session, context, of_form, day, list(bodies), now=now)


async def _open_form(
    session: Session,
    context: Notifier,
    versions: Sequence[rules.Form],
    day: date,
    bodies: Sequence[RowMapping],
    *,
    now: datetime,
) -> None:
    form = rules.in_force(versions, day)
    slots = rules.slots_of(versions, day, is_workday, SHANGHAI)
    if form is None or not slots:
        return
    await execute(
        session,
        queries.ADD_SLOTS,
        form_code=form.form_code,
        day=day,
        effective_from=form.effective_from,
        grace=context.settings.report_grace_seconds,
        slot_ids=[new_id(now) for _ in slots],
        slots=[each.slot for each in slots],
        opens=[each.opens_at for each in slots],
        cutoffs=[each.cutoff_at for each in slots],
        untils=[each.until_at for each in slots],
    )
    stored = await fetch_all(session, queries.SLOTS, form_code=form.form_code, day=day)
    pairs = [(slot, body) for slot in stored for body in bodies if slot["cutoff_at"] > body["since"]]
    await execute(
        session,
        queries.ADD_OWED,
        owed_ids=[new_id(now) for _ in pairs],
        slot_ids=[slot["slot_id"] for slot, _ in pairs],
        **{
            f"{name}s": [body[name] for _, body in pairs]
            for name in ("body_type", "body_code", "township_code", "department_code")
        },
    )


def form_of(row: Any) -> rules.Form:  # noqa: ANN401 - a row
    """Return a stored version of a form."""
    return rules.Form(
        form_code=row["form_code"],
        effective_from=row["effective_from"],
        kind=row["kind"],
        title=row["title"],
        fields=tuple(json_of(row["fields"])),
        cutoffs=tuple(row["cutoffs"]),
        days=row["days"],
        on_day=row["on_day"],
    )
