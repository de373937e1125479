"""Events as they are shown: with their steps, worked out from what is known now."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from registry.events import queries, rules
from registry.people.reading import visible_person
from registry.statuses.book import RuleBook
from registry.statuses.duties import Person, Term, event_terms
from registry.statuses.facts import SHANGHAI, Testing
from registry.statuses.loading import load_book, load_facts, load_people
from registry.statuses.rules import decide
from registry.statuses.schedules import MISSED, OPEN, Event
from shared.audit.recording import record
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, fetch_all, full_sight
from shared.identifiers import mask_contact
from shared.security.access import Principal

SEALED_RESPONSIBLE: Final = "event.responsible"
_PLAIN: Final = ("event_id", "person_id", "kind", "category_code", "variant", "unit_code", "released_on")


async def of_person(
    session: Session, context: Context[Any], *, person_id: UUID, who: Principal, now: datetime
) -> list[dict[str, Any]]:
    """Return a person's events, newest first; Problem 404 outside the area."""
    await visible_person(session, person_id=person_id, who=who, today=day_of(now))
    await record(session, context, who=who, action="events.read", person_id=person_id, now=now)
    rows = await fetch_all(session, queries.OF_PERSON, person_id=person_id)
    return await shown(session, context, rows, now=now)


async def page(
    session: Session,
    context: Context[Any],
    *,
    who: Principal,
    after: UUID,
    limit: int,
    state: str | None,
    kind: str | None,
    unit_code: str | None,
    now: datetime,
) -> list[dict[str, Any]]:
    """Return up to `limit` events after a position that stand as asked, inside the caller's area."""
    found: list[dict[str, Any]] = []
    parameters = {
        "kind": kind,
        "unit_code": unit_code,
        "area_township": who.township,
        "area_department": who.department,
        "today": day_of(now),
        "limit": limit,
    }
    while len(found) < limit:
        rows = await fetch_all(session, queries.PAGE, after=after, **parameters)
        events = await shown(session, context, rows, now=now)
        found += [each for each in events if state in (None, each["state"])]
        if len(rows) < limit:
            break
        after = rows[-1]["event_id"]
    found = found[:limit]
    await record(session, context, who=who, action="events.list", rows=len(found), now=now)
    return found


async def shown(
    session: Session, context: Context[Any], rows: Sequence[RowMapping], *, now: datetime
) -> list[dict[str, Any]]:
    """Return stored events for an answer, in their order."""
    ids = sorted({row["person_id"] for row in rows})
    async with full_sight(session):
        people, _ = await load_people(session, ids)
        facts = await load_facts(session, ids)
    book = await load_book(session, context.settings)
    testing = {person_id: decide(found) for person_id, found in facts.items()}
    return [
        _shown(context, row, people[row["person_id"]], book, testing[row["person_id"]], now=now)
        for row in rows
    ]


def terms_of(row: RowMapping, person: Person, book: RuleBook) -> list[Term]:
    """Return what a stored event has opened."""
    event = Event(
        row["kind"],
        row["category_code"],
        row["happens_at"],
        row["variant"],
        row["released_on"],
        row["ended_on"],
    )
    return event_terms(event, person, book)


def _shown(
    context: Context[Any], row: RowMapping, person: Person, book: RuleBook, testing: Testing, *, now: datetime
) -> dict[str, Any]:
    terms = terms_of(row, person, book)
    steps = rules.steps_of(terms, testing, today=day_of(now))
    state = rules.state_of_event(steps, ended=row["ended_on"] is not None)
    days, in_time = rules.announced(terms, at=row["happens_at"], told_at=row["created_at"])
    first = terms[0].rule if terms else None
    return {
        **{name: row[name] for name in _PLAIN},
        "rule_id": first and first.rule_id,
        "version": first and first.version,
        "at": row["happens_at"].astimezone(SHANGHAI),
        "state": state,
        "due_on": next((step.due_on for step in steps if step.sampled_at is None), None)
        if state in (OPEN, MISSED)
        else None,
        "steps": [
            {
                "number": step.number,
                "due_on": step.due_on,
                "state": step.state,
                "sampled_at": step.sampled_at and step.sampled_at.astimezone(SHANGHAI),
                "antibody": step.antibody,
            }
            for step in steps
        ],
        "notice_days": days,
        "notice_in_time": in_time,
        "earliest_release_on": rules.earliest_release(terms),
        "responsible": _responsible(context, row["sealed_responsible"]),
        "ended_on": row["ended_on"],
    }


def _responsible(context: Context[Any], sealed: bytes | None) -> dict[str, Any] | None:
    if sealed is None:
        return None
    named = context.sealer.open_json(sealed, context=SEALED_RESPONSIBLE)
    return mask_contact(named) | {"grid": named["grid"]}
