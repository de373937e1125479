"""Reads what statuses are worked out from: facts, people, enrolments, exemptions and the rule book."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from registry.settings import RegistrySettings
from registry.statuses import queries
from registry.statuses.book import PERSON, Rule, RuleBook
from registry.statuses.display import Limits, StatusRow
from registry.statuses.duties import Enrolment, Exemption, Person
from registry.statuses.facts import REVIEW, SAMPLE, Fact
from registry.statuses.pace import SoonDays, interval_of
from registry.statuses.schedules import Event, occasion_of
from shared.db import Session, fetch_all, json_of


def limits_of(settings: RegistrySettings) -> Limits:
    """Return the limits from the settings."""
    return _limits(settings.display_pending_hours, settings.lab_limit_hours)


@cache
def _limits(pending_hours: float, lab_hours: float) -> Limits:
    return Limits(pending=timedelta(hours=pending_hours), lab=timedelta(hours=lab_hours))


async def load_book(session: Session, settings: RegistrySettings) -> RuleBook:
    """Return every rule as it stands in this transaction."""
    rules: dict[str, list[Rule]] = defaultdict(list)
    for row in await fetch_all(session, queries.RULES):
        rules[row["category_code"]].append(
            rule_of(row["shape"], json_of(row["params"]), **{name: row[name] for name in RULE_FIELDS})
        )
    switches = await fetch_all(session, queries.SWITCHES)
    return RuleBook(
        rules=dict(rules),
        vaccinated_as={row["category_code"]: row["vaccinated_as"] for row in switches},
        go_live_on=settings.go_live_on,
        soon=SoonDays(
            monthly=settings.due_soon_days_monthly,
            weekly=settings.due_soon_days_weekly,
            shorter=settings.due_soon_days_shorter,
            daily=settings.due_soon_days_daily,
        ),
    )


RULE_FIELDS: Final = (
    "rule_id", "category_code", "version", "effective_from", "effective_to", "area_code",
)  # fmt: skip


def rule_of(shape: str, params: Mapping[str, Any], **fields: Any) -> Rule:  # noqa: ANN401 - the columns of a rule
    """Return a rule version with its parameters read."""
    vaccinated = params.get("vaccinated")
    return Rule(
        shape=shape,
        interval=interval_of(shape, params),
        vaccinated_interval=interval_of(vaccinated["shape"], vaccinated) if vaccinated else None,
        occasion=occasion_of(shape, params),
        subject=params.get("subject", PERSON),
        params=params,
        **fields,
    )


async def load_people(
    session: Session, person_ids: Sequence[UUID]
) -> tuple[dict[UUID, Person], dict[UUID, str | None]]:
    """Return what each known person's duty depends on, and their health codes."""
    ids = list(person_ids)
    enrolments: dict[UUID, list[Enrolment]] = defaultdict(list)
    for row in await fetch_all(session, queries.ENROLMENTS, person_ids=ids):
        areas = tuple(
            code for code in (row["township_code"], row["department_code"], row["parent_code"]) if code
        )
        enrolments[row["person_id"]].append(
            Enrolment(row["category_code"], row["enrolled_on"], row["left_on"], areas)
        )
    exemptions: dict[UUID, list[Exemption]] = defaultdict(list)
    for row in await fetch_all(session, queries.EXEMPTIONS, person_ids=ids):
        exemptions[row["person_id"]].append(Exemption(row["kind"], row["from_on"], row["to_on"]))
    events = events_of(await fetch_all(session, queries.EVENTS, person_ids=ids))
    people = await fetch_all(session, queries.PEOPLE, person_ids=ids)
    return (
        {
            row["person_id"]: Person(
                enrolments=tuple(enrolments.get(row["person_id"], ())),
                exemptions=tuple(exemptions.get(row["person_id"], ())),
                vaccinated_on=row["vaccination_completed_on"],
                events=events.get(row["person_id"], ()),
            )
            for row in people
        },
        {row["person_id"]: row["health_code_id"] for row in people},
    )


def events_of(rows: Iterable[RowMapping]) -> dict[UUID, tuple[Event, ...]]:
    """Return the events of each person who has some, in their order."""
    events: dict[UUID, list[Event]] = defaultdict(list)
    for row in rows:
        fields = {name: row[name] for name in Event.__dataclass_fields__}
        events[row["person_id"]].append(Event(**fields))
    return {person_id: tuple(found) for person_id, found in events.items()}


async def load_facts(
    session: Session, person_ids: Sequence[UUID], *, known_by: datetime | None = None
) -> dict[UUID, list[Fact]]:
    """Return the facts of each person, with the reviews of their results."""
    facts: dict[UUID, list[Fact]] = {person_id: [] for person_id in person_ids}
    if not facts:
        return facts
    by_result: dict[UUID, set[UUID]] = defaultdict(set)
    rows = await fetch_all(session, queries.FACTS, person_ids=list(person_ids), known_by=known_by)
    for row in rows:
        facts[row["person_id"]].append(_fact(row))
        if row["kind"] != SAMPLE and _may_be_reviewed(row):
            by_result[row["result_id"]].add(row["person_id"])
    if by_result:
        reviews = await fetch_all(session, queries.REVIEWS, result_ids=list(by_result), known_by=known_by)
        for row in reviews:
            review = Fact(
                kind=REVIEW,
                entry_id=row["review_id"],
                result_id=row["result_id"],
                revision=row["revision"],
                verdict=row["verdict"],
            )
            for person_id in by_result[row["result_id"]]:
                facts[person_id].append(review)
    return facts


def _may_be_reviewed(row: RowMapping) -> bool:
    return (
        row["outcome"] in ("positive", "indeterminate") or row["from_positive"] or row["replaces"] is not None
    )


def _fact(row: RowMapping) -> Fact:
    values = dict(row)
    del values["person_id"]
    return Fact(**values)


def status_row(values: Sequence[Any]) -> StatusRow:
    """Return a row of registry.person_status whose columns come in the order of `COLUMNS`."""
    fields = list(values)
    for place in _ARRAYS:
        fields[place] = tuple(fields[place])
    return StatusRow(*fields)


_ARRAYS = tuple(
    index
    for index, name in enumerate(StatusRow.__dataclass_fields__)
    if name in ("pending_tubes", "pending_at", "pending_limits")
)
