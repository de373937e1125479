"""A person's ledger and the explanation of their due day, for those who may see the person."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.ledger import queries
from registry.ledger.rules import Found, sentences
from registry.people.reading import visible_person
from registry.statuses import service as statuses
from registry.statuses.display import Status, StatusRow, status_of
from registry.statuses.duties import Duty, Term, duty_of
from registry.statuses.facts import SHANGHAI, day_of
from registry.statuses.loading import limits_of, load_book, load_people
from shared.audit.recording import record
from shared.context import Context
from shared.db import Session, fetch_all, fetch_one, full_sight, json_of
from shared.errors import NOT_FOUND, Problem
from shared.security.access import Principal

Before = tuple[datetime, UUID]
_TIMES = ("collected_at", "tested_at", "reported_at", "recorded_at")
_PLAIN = (
    "entry_id",
    "kind",
    "mode",
    "outcome",
    "test_kind",
    "lab_code",
    "source_region",
    "tube_code",
    "paired_with",
    "replaces",
)


async def ledger(
    session: Session,
    context: Context[Any],
    *,
    person_id: UUID,
    who: Principal,
    before: Before | None,
    limit: int,
    now: datetime,
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return what stands above the ledger, and up to `limit` entries; Problem 404 outside the area."""
    person = await visible_person(session, person_id=person_id, who=who, today=day_of(now))
    await record(session, context, who=who, action="person.ledger", person_id=person_id, now=now)
    row, status = await _status(session, context, person_id=person_id, now=now)
    entries = await fetch_all(
        session,
        queries.PAGE,
        person_id=person_id,
        before_at=before and before[0],
        before_id=before and before[1],
        limit=limit,
    )
    reviews: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
    results = [each["result_id"] for each in entries if each["kind"] != "sample"]
    for review in await fetch_all(session, queries.REVIEWS_OF, result_ids=results):
        reviews[review["result_id"]].append(
            {
                **{name: review[name] for name in ("revision", "verdict")},
                "reviewed_at": _local(review["reviewed_at"]),
            }
        )
    return _heading(person_id, person["health_code_id"], row, status), [
        _entry(each, reviews) for each in entries
    ]


async def explanation(
    session: Session, context: Context[Any], *, person_id: UUID, who: Principal, now: datetime
) -> dict[str, Any]:
    """Return why a person's due day is what it is, in sentences and as data."""
    await visible_person(session, person_id=person_id, who=who, today=day_of(now))
    await record(session, context, who=who, action="person.explanation", person_id=person_id, now=now)
    row, status = await _status(session, context, person_id=person_id, now=now)
    today = day_of(now)
    async with full_sight(session):
        people, _ = await load_people(session, [person_id])
        person = people[person_id]
        duty = duty_of(person, book=await load_book(session, context.settings), day=today)
        testing = await statuses.load_testing(session, {person_id: duty}, rows={person_id: row})
    counted = testing[person_id].counted
    due = duty.due(row.counted_on, counted)
    rule = None if due is None else await rule_of(session, due[1].rule.rule_id)
    sample = None
    if row.counted_on is not None:
        sample = await fetch_one(session, queries.DECIDING_SAMPLE, person_id=person_id, day=row.counted_on)
    held = await fetch_all(session, queries.EXEMPTION_OF_DAY, person_id=person_id, day=today)
    zh, en = sentences(
        Found(
            today=today,
            status=status,
            duty=duty,
            counted_on=row.counted_on,
            counted=counted,
            category_zh=rule["category_name_zh"] if rule else "",
            category_en=rule["category_name_en"] if rule else "",
            exemptions=tuple((each["kind"], each["from_on"], each["to_on"]) for each in held),
            vaccinated_on=person.vaccinated_on,
            enrolled_as=tuple(each.category_code for each in person.enrolments),
            source_region=None if sample is None else sample["source_region"],
        )
    )
    return {
        "person_id": person_id,
        "as_of": now,
        "due_on": status.due_on,
        "due_state": status.due_state,
        "stored_due_on": row.due_on,
        "rule": rule,
        "sample": sample and {**dict(sample), "collected_at": _local(sample["collected_at"])},
        "exemptions": [dict(each) for each in held],
        "duties": _duties(duty, row, counted, due and due[1]),
        "vaccinated_on": person.vaccinated_on,
        "sentences": {"zh": zh, "en": en},
    }


async def _status(
    session: Session, context: Context[Any], *, person_id: UUID, now: datetime
) -> tuple[StatusRow, Status]:
    rows = await statuses.rows_of(session, context, person_ids=[person_id], now=now)
    if person_id not in rows:
        raise Problem(NOT_FOUND)
    row = rows[person_id]
    return row, status_of(row, now, limits_of(context.settings))


async def rule_of(session: Session, rule_id: int) -> dict[str, Any] | None:
    """Return a rule version with the names of its category."""
    rule = await fetch_one(session, queries.RULE, rule_id=rule_id)
    if rule is None:
        return None
    name = await fetch_one(session, queries.CATEGORY_NAMES, codes=[rule["category_code"]])
    return {
        **dict(rule),
        "params": json_of(rule["params"]),
        "category_name_zh": name["name_zh"] if name else rule["category_code"],
        "category_name_en": name["name_en"] if name else rule["category_code"],
    }


def _duties(
    duty: Duty, row: StatusRow, counted: Sequence[datetime], deciding: Term | None
) -> list[dict[str, Any]]:
    return [
        {
            "category_code": term.rule.category_code,
            "rule_id": term.rule.rule_id,
            "version": term.rule.version,
            **{name: getattr(term.interval, name) for name in ("days", "months", "per_week", "per_day")},
            "event": term.event and term.event.kind,
            "starts_on": term.starts_on,
            "due_on": term.due_on(row.counted_on, counted),
            "decides": term is deciding,
        }
        for term in duty.terms
    ]


def _heading(person_id: UUID, code: str | None, row: StatusRow, status: Status) -> dict[str, Any]:
    interval = None
    if row.interval_days is not None:
        interval = f"P{row.interval_days}D"
    elif row.interval_months is not None:
        interval = f"P{row.interval_months}M"
    return {
        "person_id": person_id,
        "health_code_id": code,
        "category_code": row.category_code,
        "interval": interval,
        "due_on": status.due_on,
        "due_state": status.due_state,
        "display": status.display,
    }


def _entry(entry: Any, reviews: dict[UUID, list[dict[str, Any]]]) -> dict[str, Any]:  # noqa: ANN401 - a row
    is_sample = entry["kind"] == "sample"
    return {
        **{name: entry[name] for name in _PLAIN},
        **{name: _local(entry[name]) for name in _TIMES},
        "result_id": None if is_sample else entry["result_id"],
        "replaced_by": entry["replaced_by"],
        "result_due_at": _local(entry["limit_at"]),
        "reviews": [] if is_sample else reviews.get(entry["result_id"], []),
    }


def _local(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(SHANGHAI)
