"""People as they were at a moment gone by: by what was known then, or by what is known of it now."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from registry.statuses import past_queries
from registry.statuses.book import RuleBook
from registry.statuses.display import StatusRow
from registry.statuses.duties import Duty, Enrolment, Exemption, Person
from registry.statuses.facts import RESULT, SAMPLE, Fact, day_of
from registry.statuses.loading import events_of, limits_of, load_book, load_facts
from registry.statuses.rules import decide
from registry.statuses.service import duties_of, work_out
from shared.context import Context
from shared.db import Session, fetch_all, full_sight


@dataclass(frozen=True, slots=True)
class Stay:
    """A version of an enrolment that held, or had been entered, at the moment."""

    unit_code: str | None
    category_code: str | None
    enrolled_on: date
    left_on: date | None


@dataclass(frozen=True, slots=True)
class Moment:
    """A person at a moment: the status row, and what it follows from."""

    row: StatusRow
    duty: Duty
    person: Person
    stays: tuple[Stay, ...]
    facts: tuple[Fact, ...]
    counted: tuple[datetime, ...]


async def moments(
    session: Session,
    context: Context[Any],
    *,
    person_ids: Sequence[UUID],
    at: datetime,
    known_by: datetime,
) -> dict[UUID, Moment]:
    """Return people at `at` by what had been entered until `known_by`; who was not registered is left out.

    With `known_by` = `at` that is what was shown then. Later, it is what held then as far as is known:
    results of samples taken by `at`, whenever they came.
    """
    async with full_sight(session):
        people, stays = await people_at(session, person_ids=person_ids, at=at, known_by=known_by)
        facts = await load_facts(session, list(people), known_by=known_by)
        book = await book_at(session, context, known_by=known_by)
    if known_by > at:
        facts = {each: [fact for fact in found if taken_by(fact, at)] for each, found in facts.items()}
    testing = {each: decide(found) for each, found in facts.items()}
    duties = duties_of(people, book=book, day=day_of(at))
    rows = work_out(duties, testing, book=book, now=at, limits=limits_of(context.settings))
    return {
        row.person_id: Moment(
            row=row,
            duty=duties[row.person_id],
            person=people[row.person_id],
            stays=stays[row.person_id],
            facts=tuple(facts[row.person_id]),
            counted=testing[row.person_id].counted,
        )
        for row in rows
    }


async def people_at(
    session: Session, *, person_ids: Sequence[UUID], at: datetime, known_by: datetime
) -> tuple[dict[UUID, Person], dict[UUID, tuple[Stay, ...]]]:
    """Return what duties depend on, and every stay, as entered until `known_by`, in the places of `at`."""
    ids = list(person_ids)
    enrolments: dict[UUID, list[Enrolment]] = defaultdict(list)
    stays: dict[UUID, list[Stay]] = defaultdict(list)
    rows = await fetch_all(session, past_queries.ENROLMENTS, person_ids=ids, at=at, known_by=known_by)
    for row in rows:
        unit, category = row["unit_code"], row["category_code"]
        stays[row["person_id"]].append(Stay(unit, category, row["enrolled_on"], row["left_on"]))
        areas = tuple(
            code for code in (row["township_code"], row["department_code"], row["parent_code"]) if code
        )
        if category is not None:
            enrolment = Enrolment(category, row["enrolled_on"], row["left_on"], areas)
            enrolments[row["person_id"]].append(enrolment)
    exemptions: dict[UUID, list[Exemption]] = defaultdict(list)
    for row in await fetch_all(session, past_queries.EXEMPTIONS, person_ids=ids, known_by=known_by):
        exemptions[row["person_id"]].append(Exemption(row["kind"], row["from_on"], row["to_on"]))
    found = await fetch_all(session, past_queries.EVENTS, person_ids=ids, known_by=known_by)
    events = events_of(found)
    known = await fetch_all(session, past_queries.PEOPLE, person_ids=ids, known_by=known_by)
    people = {
        row["person_id"]: Person(
            enrolments=tuple(enrolments.get(row["person_id"], ())),
            exemptions=tuple(exemptions.get(row["person_id"], ())),
            vaccinated_on=row["vaccination_completed_on"],
            events=events.get(row["person_id"], ()),
        )
        for row in known
    }
    return people, {person_id: tuple(stays.get(person_id, ())) for person_id in people}


async def book_at(session: Session, context: Context[Any], *, known_by: datetime) -> RuleBook:
    """Return the rules that had been entered until `known_by`; each holds from its own first day."""
    book = await load_book(session, context.settings)
    rows = await fetch_all(session, past_queries.RULES_UNKNOWN, known_by=known_by)
    unknown = {row["rule_id"] for row in rows}
    if not unknown:
        return book
    rules = {
        code: [rule for rule in versions if rule.rule_id not in unknown]
        for code, versions in book.rules.items()
    }
    return replace(book, rules=rules)


def deciding_sample(moment: Moment) -> Fact | None:
    """Return the result that the due day counts from."""
    counted_on = moment.row.counted_on
    found = [
        fact
        for fact in moment.facts
        if fact.kind == RESULT and fact.outcome != "invalid" and fact.test_kind == "pcr"
        and fact.collected_at is not None and day_of(fact.collected_at) == counted_on
    ]  # fmt: skip
    return max(found, key=lambda fact: (fact.collected_at, fact.tested_at), default=None)


def taken_by(fact: Fact, at: datetime) -> bool:
    """Say whether a fact is about a sample of that moment or before it; reviews always are."""
    if fact.kind in (SAMPLE, RESULT):
        return fact.collected_at is None or fact.collected_at <= at
    return True
