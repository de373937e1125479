"""Events: registered before or after they happen, moved, released, taken back; duties follow at once."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from registry.events import errors, queries, rules
from registry.events.reading import SEALED_RESPONSIBLE, shown, terms_of
from registry.events.schemas import EventIn, ReleaseIn
from registry.orders import service as orders
from registry.people import errors as people_errors
from registry.people.reading import visible_person
from registry.people.storing import hold_person
from registry.statuses import holding
from registry.statuses import service as statuses
from registry.statuses.book import RuleBook, in_force
from registry.statuses.loading import load_book, load_facts, load_people
from registry.statuses.rules import decide
from registry.units.reading import visible
from shared.audit.recording import record
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, fetch_one, full_sight
from shared.errors import NOT_FOUND, Problem, RowError, refusal_of
from shared.ids import new_id
from shared.security.access import Principal

SEALED_ENDING: Final = "event.reason"
FARTHEST: Final = timedelta(days=366)
__all__ = ["SEALED_ENDING", "SEALED_RESPONSIBLE", "add", "cancel", "move", "release"]


async def add(
    session: Session,
    context: Context[Any],
    wanted: EventIn,
    *,
    person_id: UUID,
    who: Principal,
    now: datetime,
) -> tuple[dict[str, Any], bool]:
    """Register an event and open what the rules of its day ask for; the same again returns what stands."""
    await visible_person(session, person_id=person_id, who=who, today=day_of(now))
    if wanted.unit_code is not None:
        await _known_unit(session, wanted.unit_code, who)
    _not_too_far(wanted.at, now)
    await hold_person(session, person_id)
    await holding.entering(session)
    book = await load_book(session, context.settings)
    code = wanted.category_code or _category(wanted, book)
    _check_rule(wanted, code, book)
    key = {"person_id": person_id, "kind": wanted.kind, "happens_at": wanted.at}
    values = {**key, "category_code": code, "variant": wanted.variant, "unit_code": wanted.unit_code}
    row = await fetch_one(
        session, queries.INSERT, event_id=new_id(now), created_by=who.client_id, now=now, **values
    )
    if row is None:
        stored = await fetch_one(session, queries.SAME, **key)
        if stored is None or any(stored[name] != value for name, value in values.items()):
            raise Problem(errors.EVENT_IN_USE)
        return await _one(session, context, stored, now=now), False
    await _follow(session, context, row, action="event.add", who=who, now=now)
    await orders.opened(session, context, row, now=now)
    return await _one(session, context, row, now=now), True


async def move(
    session: Session, context: Context[Any], *, event_id: UUID, at: datetime, who: Principal, now: datetime
) -> dict[str, Any]:
    """Set when an event really happened; what it opened is reckoned from there."""
    stored = await _stored(session, event_id, who=who, now=now)
    _not_too_far(at, now)
    await hold_person(session, stored["person_id"])
    await holding.entering(session)
    key = {"person_id": stored["person_id"], "kind": stored["kind"], "happens_at": at}
    if await fetch_one(session, queries.MOVED_ONTO, event_id=event_id, **key) is not None:
        raise Problem(errors.EVENT_IN_USE)
    row = await fetch_one(
        session, queries.MOVE, event_id=event_id, happens_at=at, updated_by=who.client_id, now=now
    )
    changed = await _changed(session, context, row, action="event.move", who=who, now=now)
    if row is not None:
        await orders.moved(session, row, now=now)
    return changed


async def release(
    session: Session,
    context: Context[Any],
    wanted: ReleaseIn,
    *,
    event_id: UUID,
    who: Principal,
    now: datetime,
) -> dict[str, Any]:
    """End an isolation in the hands of a named person (rows 27, 29); Problem 409 with what blocks it."""
    stored = await _stored(session, event_id, who=who, now=now)
    person_id, today = stored["person_id"], day_of(now)
    async with full_sight(session):
        people, _ = await load_people(session, [person_id])
        testing = decide((await load_facts(session, [person_id]))[person_id])
    terms = terms_of(stored, people[person_id], await load_book(session, context.settings))
    earliest = rules.earliest_release(terms)
    if earliest is None:
        raise Problem(errors.NOT_ISOLATED)
    steps = rules.steps_of(terms, testing, today=today)
    blocked = rules.release_blocked(steps, testing, earliest=earliest, today=today)
    if blocked:
        listed = [RowError(None, field, code) for field, code in blocked]
        raise Problem(errors.RELEASE_BLOCKED, errors=listed)
    row = await fetch_one(
        session,
        queries.RELEASE,
        event_id=event_id,
        day=today,
        released_by=who.client_id,
        responsible=context.sealer.seal_json(wanted.responsible.model_dump(), context=SEALED_RESPONSIBLE),
        now=now,
    )
    return await _changed(session, context, row, action="event.release", who=who, now=now)


async def cancel(
    session: Session, context: Context[Any], *, event_id: UUID, reason: str, who: Principal, now: datetime
) -> dict[str, Any]:
    """Take an event back from today on; what stood before stays recorded."""
    await _stored(session, event_id, who=who, now=now)
    sealed = context.sealer.seal(reason.encode(), context=SEALED_ENDING)
    row = await fetch_one(
        session,
        queries.END,
        event_id=event_id,
        day=day_of(now),
        reason=sealed,
        updated_by=who.client_id,
        now=now,
    )
    changed = await _changed(session, context, row, action="event.cancel", who=who, now=now)
    if row is not None:
        await orders.ended(session, row, now=now)
    return changed


async def _changed(
    session: Session,
    context: Context[Any],
    row: RowMapping | None,
    *,
    action: str,
    who: Principal,
    now: datetime,
) -> dict[str, Any]:
    if row is None:
        raise Problem(NOT_FOUND)
    await _follow(session, context, row, action=action, who=who, now=now)
    return await _one(session, context, row, now=now)


async def _follow(
    session: Session, context: Context[Any], row: RowMapping, *, action: str, who: Principal, now: datetime
) -> None:
    person_id = row["person_id"]
    await record(session, context, who=who, action=action, person_id=person_id, now=now)
    await statuses.refresh(session, context, person_ids=[person_id], now=now)


async def _one(session: Session, context: Context[Any], row: RowMapping, *, now: datetime) -> dict[str, Any]:
    return (await shown(session, context, [row], now=now))[0]


async def _stored(session: Session, event_id: UUID, *, who: Principal, now: datetime) -> RowMapping:
    """Return an event that goes on, of a person whom the caller may see; Problem 404, 409."""
    stored = await fetch_one(session, queries.BY_ID, event_id=event_id)
    if stored is None:
        raise Problem(NOT_FOUND)
    await visible_person(session, person_id=stored["person_id"], who=who, today=day_of(now))
    if stored["ended_on"] is not None or stored["released_on"] is not None:
        raise Problem(errors.EVENT_OVER)
    return stored


async def _known_unit(session: Session, unit_code: str, who: Principal) -> None:
    try:
        await visible(session, unit_code=unit_code, who=who)
    except Problem:
        raise refusal_of(people_errors.UNKNOWN_UNIT, "unit_code") from None


def _not_too_far(at: datetime, now: datetime) -> None:
    if at > now + FARTHEST:
        raise refusal_of(errors.TOO_FAR_AHEAD, "at")


def _category(wanted: EventIn, book: RuleBook) -> str:
    """Return the one category with a rule about such an event, else the one whose rule is about any."""
    for kind in (wanted.kind, None):
        found = [
            code
            for code, rules_of in book.rules.items()
            if any(
                rule.occasion is not None and rule.occasion.event == kind
                for rule in in_force(rules_of, areas=(), day=day_of(wanted.at))
            )
        ]
        if len(found) == 1:
            return found[0]
        if found:
            raise refusal_of(errors.EVENT_AMBIGUOUS, "category_code")
    raise refusal_of(errors.NO_RULE_FOR_EVENT, "kind")


def _check_rule(wanted: EventIn, code: str, book: RuleBook) -> None:
    """Refuse an event that no rule of the category is about, and a variant that none of them knows."""
    occasions = [
        rule.occasion
        for rule in book.rules.get(code, ())
        if rule.holds_on(day_of(wanted.at))
        and rule.occasion is not None
        and rule.occasion.event in (None, wanted.kind)
    ]
    if not occasions:
        raise refusal_of(errors.NO_RULE_FOR_EVENT, "kind")
    if wanted.variant is not None and not any(wanted.variant in dict(each.variants) for each in occasions):
        raise refusal_of(errors.UNKNOWN_VARIANT, "variant")
