"""Somebody at a moment gone by, explained, and the versions of what was entered about them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from registry.clearances import queries
from registry.ledger.rules import Found, sentences
from registry.ledger.service import rule_of
from registry.lists import local
from registry.people.reading import units_seen, visible_person
from registry.statuses.display import Status, status_of
from registry.statuses.facts import NEGATIVE
from registry.statuses.loading import limits_of
from registry.statuses.past import Moment, deciding_sample, moments
from shared.audit.recording import record
from shared.clock import SHANGHAI, day_of
from shared.context import Context
from shared.db import Session, fetch_all, json_of
from shared.errors import INVALID_PARAMETER, NOT_FOUND, TIME_IN_FUTURE, Problem, RowError
from shared.security.access import Principal

Before = tuple[datetime, str]


async def clearance_at(
    session: Session,
    context: Context[Any],
    *,
    person_id: UUID,
    at: datetime,
    within_days: int | None,
    who: Principal,
    now: datetime,
) -> dict[str, Any]:
    """Return whether somebody was cleared at a moment, as known then and as known now, and why.

    With `within_days` also whether a negative of so many days lies behind the moment (row 31).

    Problem 404 outside the area, 422 for a moment to come. The look is recorded.
    """
    if at > now:
        raise Problem(INVALID_PARAMETER, errors=[RowError(None, "at", TIME_IN_FUTURE.code)])
    person = await visible_person(session, person_id=person_id, who=who, today=day_of(now))
    await record(session, context, who=who, action="person.clearance", person_id=person_id, now=now)
    then = await moments(session, context, person_ids=[person_id], at=at, known_by=at)
    today = await moments(session, context, person_ids=[person_id], at=at, known_by=now)
    if person_id not in today:
        raise Problem(NOT_FOUND)
    known_now = await _held(session, context, today[person_id], at=at, who=who)
    known_then = None
    if person_id in then:
        known_then = await _held(session, context, then[person_id], at=at, who=who)
    return {
        "person_id": person_id,
        "health_code_id": person["health_code_id"],
        "at": at.astimezone(SHANGHAI),
        "known_then": known_then,
        "known_now": known_now,
        "differs": known_then is None
        or any(known_then[name] != known_now[name] for name in ("clearance", "due_on", "display")),
        "window": within_days and _window(today[person_id], within_days, at=at),
    }


def _window(moment: Moment, days: int, *, at: datetime) -> dict[str, Any]:
    """Return whether the newest negative is no older than so many days, and nothing is against it."""
    row = moment.row
    sampled_on = row.counted_on if row.last_outcome == NEGATIVE else None
    inside = sampled_on is not None and (day_of(at) - sampled_on).days <= days
    return {"days": days, "sampled_on": sampled_on, "allowed": inside and row.hold is None}


async def _held(
    session: Session, context: Context[Any], moment: Moment, *, at: datetime, who: Principal
) -> dict[str, Any]:
    day = day_of(at)
    status = status_of(moment.row, at, limits_of(context.settings))
    due = moment.duty.due(moment.row.counted_on, moment.counted)
    rule = None if due is None else await rule_of(session, due[1].rule.rule_id)
    sample = deciding_sample(moment)
    exemptions = [each for each in moment.person.exemptions if each.from_on <= day <= each.to_on]
    stays = [
        stay
        for stay in moment.stays
        if stay.enrolled_on <= day and (stay.left_on is None or day < stay.left_on)
    ]
    units = await units_seen(session, codes=[stay.unit_code for stay in stays], who=who)
    zh, en = sentences(
        Found(
            today=day,
            status=status,
            duty=moment.duty,
            counted_on=moment.row.counted_on,
            counted=moment.counted,
            category_zh=rule["category_name_zh"] if rule else "",
            category_en=rule["category_name_en"] if rule else "",
            exemptions=tuple((each.kind, each.from_on, each.to_on) for each in exemptions),
            vaccinated_on=moment.person.vaccinated_on,
            enrolled_as=tuple(each.category_code for each in moment.person.enrolments),
        )
    )
    taken = sample and local({name: getattr(sample, name) for name in _SAMPLE})
    return {
        **_told(status),
        "rule": rule,
        "sample": taken,
        "exemptions": [
            {"kind": each.kind, "from_on": each.from_on, "to_on": each.to_on} for each in exemptions
        ],
        "stays": [
            {
                "unit_code": stay.unit_code,
                "category_code": stay.category_code,
                "enrolled_on": stay.enrolled_on,
                "left_on": stay.left_on,
            }
            for stay in stays
            if stay.unit_code in units or (stay.unit_code is None and not who.limited)
        ],
        "sentences": {"zh": zh, "en": en},
    }


_SAMPLE = ("entry_id", "outcome", "mode", "collected_at", "lab_code", "tube_code")
_RESULT = ("outcome", "mode", "collected_at", "tested_at", "reported_at", "lab_code", "reviewed")


def _told(status: Status) -> dict[str, Any]:
    last = status.last_result
    return {
        "display": status.display,
        "last_result": last and local({name: getattr(last, name) for name in _RESULT}),
        "pending_since": status.pending_since and status.pending_since.astimezone(SHANGHAI),
        "due_on": status.due_on,
        "due_state": status.due_state,
        "clearance": {
            "allowed": status.allowed,
            "reasons": list(status.reasons),
            "until": status.until,
        },
    }


async def history(
    session: Session,
    context: Context[Any],
    *,
    person_id: UUID,
    who: Principal,
    before: Before | None,
    limit: int,
    now: datetime,
) -> list[dict[str, Any]]:
    """Return up to `limit` versions before a position, newest first; Problem 404 outside the area."""
    await visible_person(session, person_id=person_id, who=who, today=day_of(now))
    await record(session, context, who=who, action="person.history", person_id=person_id, now=now)
    rows = await fetch_all(
        session,
        queries.HISTORY,
        person_id=person_id,
        area_township=who.township,
        area_department=who.department,
        before_at=before and before[0],
        before_key=before and before[1],
        limit=limit,
    )
    return [{**local(row), "details": json_of(row["details"])} for row in rows]
