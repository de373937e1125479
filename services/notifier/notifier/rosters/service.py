"""Keeps rosters and shifts, says where nobody is on duty, and tells headquarters a day ahead."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from notifier.contacts.rules import Body
from notifier.contacts.service import directory
from notifier.local import local
from notifier.notices.rules import Content, Draft, draft_to
from notifier.notices.service import Notifier, issue
from notifier.rosters import errors, queries, rules
from notifier.rosters.schemas import DutyRosterIn, OnDuty, ShiftsIn
from notifier.texts.render import both
from shared.clock import SHANGHAI, day_of, midnight
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value
from shared.errors import INVALID_BODY, NOT_FOUND, Problem, RowError, body_refusal
from shared.identifiers import mask_contact
from shared.ids import new_id
from shared.security.principal import Principal
from shared.web.paging import page_of, uuid_after

# The same as a department's contact, so that whoever sends asks for one thing.
DUTY_CONTEXT: Final = "contact.department"
DAY: Final = timedelta(days=1)


async def keep(
    session: Session, wanted: DutyRosterIn, *, department_code: str, client_id: str, now: datetime
) -> None:
    """Say from which day to which a body is on duty around the clock; Problem 404 for one unknown."""
    if wanted.to is not None and wanted.to < wanted.from_:
        raise body_refusal(errors.ROSTER_REVERSED, "to")
    if not await execute(
        session,
        queries.KEEP,
        department_code=department_code,
        from_day=wanted.from_,
        to_day=wanted.to,
        client_id=client_id,
        now=now,
    ):
        raise Problem(NOT_FOUND)


async def rosters(
    session: Session, context: Notifier, who: Principal, *, after: str, limit: int, now: datetime
) -> list[dict[str, Any]]:
    """Return who is on duty now, for each body with a roster inside the caller's area; None: nobody."""
    rows = await fetch_all(session, queries.ROSTERS, area=area_of(who), after=after, limit=limit)
    codes = [row["department_code"] for row in rows]
    standing = await fetch_all(
        session, queries.STANDING, department_codes=codes, begin=now, end=now + timedelta(microseconds=1)
    )
    on_duty = {row["department_code"]: shown(context, row) for row in standing}
    return [
        {
            **local({name: row[name] for name in ("department_code", "name", "changed_by", "changed_at")}),
            "from": row["from_day"],
            "to": row["to_day"],
            "on_duty": on_duty.get(row["department_code"]),
        }
        for row in rows
    ]


async def add_shifts(
    session: Session,
    context: Notifier,
    wanted: ShiftsIn,
    *,
    department_code: str,
    who: Principal,
    now: datetime,
) -> list[dict[str, Any]]:
    """Add shifts, all or none; Problem 404 without a roster or outside the area, 409 where they overlap."""
    _own(who, department_code)
    if await fetch_one(session, queries.LOCK, department_code=department_code) is None:
        raise Problem(NOT_FOUND)
    spans = [(each.starts_at, each.ends_at) for each in wanted.shifts]
    faults = []
    for number, (starts_at, ends_at) in enumerate(spans, start=1):
        if not timedelta(0) < ends_at - starts_at <= rules.LONGEST:
            faults.append(RowError(number, "ends_at", errors.SHIFT_REVERSED.code))
        elif ends_at <= now:
            faults.append(RowError(number, "ends_at", errors.SHIFT_PAST.code))
    if faults:
        raise Problem(INVALID_BODY, errors=faults)
    begin, end = min(each[0] for each in spans), max(each[1] for each in spans)
    standing = await fetch_all(
        session, queries.STANDING, department_codes=[department_code], begin=begin, end=end
    )
    taken = rules.overlapping(spans, [(row["starts_at"], row["ends_at"]) for row in standing])
    if taken:
        listed = [RowError(number, "starts_at", errors.SHIFT_OVERLAP.code) for number in taken]
        raise Problem(errors.SHIFT_OVERLAP, errors=listed)
    await execute(
        session,
        queries.ADD,
        department_code=department_code,
        client_id=who.client_id,
        now=now,
        shift_ids=[new_id(now) for _ in spans],
        starts=[each[0] for each in spans],
        ends=[each[1] for each in spans],
        on_calls=[_seal(context, each.on_call) for each in wanted.shifts],
        leaders=[_seal(context, each.leader) for each in wanted.shifts],
    )
    stored = await fetch_all(
        session, queries.STANDING, department_codes=[department_code], begin=begin, end=end
    )
    return [shown(context, row) for row in stored]


async def shifts(
    session: Session,
    context: Notifier,
    who: Principal,
    *,
    department_code: str,
    days: tuple[date, date],
    cursor: str | None,
    limit: int,
) -> dict[str, Any]:
    """Return a page of the shifts of a period, withdrawn ones too; Problem 404 outside the area."""
    _own(who, department_code)
    if not await fetch_value(session, queries.KNOWN, department_code=department_code):
        raise Problem(NOT_FOUND)
    rows = await fetch_all(
        session,
        queries.PAGE,
        department_code=department_code,
        begin=midnight(days[0]),
        end=midnight(days[1] + DAY),
        after=uuid_after(cursor, "after"),
        limit=limit + 1,
    )
    found = [shown(context, row) for row in rows]
    return page_of("shifts", found, limit=limit, position=lambda row: {"after": str(row["shift_id"])})


async def withdraw(
    session: Session, context: Notifier, *, shift_id: UUID, who: Principal, now: datetime
) -> dict[str, Any]:
    """Withdraw a shift; again changes nothing; Problem 404 outside the area."""
    row = await fetch_one(
        session, queries.WITHDRAW, shift_id=shift_id, area=area_of(who), client_id=who.client_id, now=now
    )
    if row is None:
        raise Problem(NOT_FOUND)
    return shown(context, row)


async def gaps(session: Session, *, area: str | None, begin: datetime, end: datetime) -> list[dict[str, Any]]:
    """Return when nobody is on duty in a time, by body."""
    first, last = day_of(begin), day_of(end - timedelta(microseconds=1))
    bodies = await fetch_all(session, queries.IN_FORCE, area=area, first=first, last=last)
    standing = await fetch_all(
        session,
        queries.STANDING,
        department_codes=[each["department_code"] for each in bodies],
        begin=begin,
        end=end,
    )
    spans: dict[str, list[rules.Span]] = {}
    for row in standing:
        spans.setdefault(row["department_code"], []).append((row["starts_at"], row["ends_at"]))
    return [
        {
            **{name: body[name] for name in ("department_code", "name", "body_type")},
            "from": span[0].astimezone(SHANGHAI),
            "to": span[1].astimezone(SHANGHAI),
        }
        for body in bodies
        for span in _of_roster(dict(body), begin, end, spans.get(body["department_code"], []))
    ]


def _of_roster(
    body: Mapping[str, Any], begin: datetime, end: datetime, spans: Sequence[rules.Span]
) -> list[rules.Span]:
    starts = max(begin, midnight(body["from_day"]))
    ends = end if body["to_day"] is None else min(end, midnight(body["to_day"] + DAY))
    return rules.gaps(starts, ends, spans)


async def look_ahead(session: Session, context: Notifier) -> bool:
    """Tell headquarters, and whom it concerns, of tomorrow's gaps: once a day, from ROSTER_LOOK_AT on."""
    now = await context.clock.now(session)
    tomorrow = day_of(now) + DAY
    if now.time() < context.settings.roster_look_at or await fetch_value(session, queries.TOLD, day=tomorrow):
        return False
    found = await gaps(session, area=None, begin=midnight(tomorrow), end=midnight(tomorrow + DAY))
    await execute(session, queries.NOTE_DAY, day=tomorrow, now=now)
    told: dict[Body, list[dict[str, Any]]] = {}
    for gap in found:
        told.setdefault(Body(gap["body_type"], gap["department_code"]), []).append(gap)
    if found:
        for body in (await directory(session)).headquarters_bodies():
            told[body] = found
    await issue(
        session, context, [_draft(body, tomorrow, each, now=now) for body, each in told.items()], now=now
    )
    return False


def _draft(body: Body, day: date, found: Sequence[Mapping[str, Any]], *, now: datetime) -> Draft:
    listed = [
        {
            "department_code": each["department_code"],
            "name": each["name"] or each["department_code"],
            "from": f"{each['from']:%m-%d %H:%M}",
            "to": f"{each['to']:%m-%d %H:%M}",
        }
        for each in found
    ]
    texts = both("roster.gap", {"day": day.isoformat(), "gaps": listed})
    return draft_to(
        body,
        kind="task.answer",
        key=f"roster:{day}",
        subject=("roster", day.isoformat()),
        content=Content(**texts, evidence={"day": day.isoformat(), "gaps": listed}),
        as_of=now,
    )


def shown(context: Notifier, row: Any) -> dict[str, Any]:  # noqa: ANN401 - a row
    """Return a shift for an answer, whoever is on duty masked."""
    people = {}
    for role in ("on_call", "leader"):
        opened = context.sealer.open_json(row[role], context=DUTY_CONTEXT)
        people[role] = mask_contact(opened) | {"has_email": "email" in opened}
    return local(row) | people


def _seal(context: Notifier, person: OnDuty) -> bytes:
    return context.sealer.seal_json(person.model_dump(exclude_none=True), context=DUTY_CONTEXT)


def area_of(who: Principal) -> str | None:
    """Return the only body whose roster a caller may see and keep, None for all."""
    return who.township or who.department


def _own(who: Principal, department_code: str) -> None:
    if area_of(who) not in (None, department_code):
        raise Problem(NOT_FOUND)
