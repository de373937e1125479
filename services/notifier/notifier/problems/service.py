"""Steps on a problem, by whoever puts it right and by those who look again; only ever added to."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from notifier.ladder.rules import workdays_later
from notifier.notices.service import Notifier
from notifier.problems import errors, orders, queries, rules
from notifier.problems.schemas import ProblemStepIn
from notifier.quiet.workdays import is_workday
from shared.clock import day_of
from shared.db import Session, execute, fetch_one
from shared.errors import CATALOGUE, NOT_FOUND, Problem, body_refusal
from shared.security.access import Principal

STEP_CONTEXT: Final = "problem.step"
_IN_CLEAR: Final = ("kind", "due_on", "review_on")
# What the order says differently afterwards.
_TOLD: Final = ("recheck_failed", "close_refused", "closed", "extended")


def sight(who: Principal) -> dict[str, Any]:
    """Return what a caller sees: its area; a reviewer at the CDC the laboratories."""
    everything = who.holds("records:read", "cases:respond")
    return {**who.area, "labs_only": not everything}


async def take_step(
    session: Session,
    context: Notifier,
    wanted: ProblemStepIn,
    *,
    problem_id: UUID,
    who: Principal,
    now: datetime,
) -> None:
    """Take a step; Problem 404, 409 or 422."""
    today = day_of(now)
    stored = await fetch_one(session, queries.LOCK, problem_id=problem_id, today=today, **sight(who))
    if stored is None:
        raise Problem(NOT_FOUND)
    _check_fields(wanted)
    asked: dict[str, Any] = {"client_id": who.client_id, "today": today}
    refused = rules.refusal(_standing(stored), wanted.kind, due_on=wanted.due_on, **asked)
    if refused is None and wanted.review_on is not None and wanted.review_on < today:
        refused = rules.DAY_IN_PAST
    if refused is not None:
        message = CATALOGUE[refused]
        field = "review_on" if wanted.review_on is not None else "due_on"
        raise (
            body_refusal(message, field) if message.status == errors.DAY_IN_PAST.status else Problem(message)
        )
    sealed = wanted.model_dump(mode="json", exclude=set(_IN_CLEAR))
    await execute(
        session,
        queries.ADD_STEP,
        problem_id=problem_id,
        client_id=who.client_id,
        now=now,
        sealed=context.sealer.seal_json(sealed, context=STEP_CONTEXT),
        **wanted.model_dump(include=set(_IN_CLEAR)),
    )
    values = _values(stored, wanted, client_id=who.client_id)
    values["recheck_due_on"] = _recheck_due(context, stored, values["state"], today=today)
    await execute(session, queries.TAKE_STEP, problem_id=problem_id, now=now, **asked, **values)
    if wanted.kind in _TOLD:
        await orders.bring_up(session, context, stored["order_id"], now=now)


def _check_fields(wanted: ProblemStepIn) -> None:
    needed = rules.NEEDS.get(wanted.kind, ())
    for field in needed:
        if getattr(wanted, field) is None:
            raise body_refusal(errors.FIELD_NEEDED, field)
    for field in rules.FIELDS:
        if field not in needed and getattr(wanted, field) is not None:
            raise body_refusal(errors.FIELD_NEEDLESS, field)


def _standing(stored: RowMapping) -> rules.Standing:
    return rules.Standing(
        stored["state"],
        stored["due_on"],
        frozenset(stored["answered_by"]),
        stored["asked_by"],
        stored["stopped"],
        stored["listed_until"] is not None,
    )


def _values(stored: RowMapping, wanted: ProblemStepIn, *, client_id: str) -> dict[str, Any]:
    """Return how a problem stands after a step that is allowed."""
    kind = wanted.kind
    values = {
        "kind": kind,
        "state": rules.AFTER.get(kind, stored["state"]),
        "due_on": stored["due_on"],
        "answered_by": list(stored["answered_by"]),
        "asked_by": stored["asked_by"],
        "asked_due_on": stored["asked_due_on"],
        "review_on": stored["listed_until"],
    }
    if kind == "evidence":
        values["answered_by"] = sorted({*stored["answered_by"], client_id})
    elif kind == "extension_asked":
        values |= {"asked_by": client_id, "asked_due_on": wanted.due_on}
    elif kind in ("recheck_failed", "close_refused"):
        values |= {"due_on": wanted.due_on, "asked_by": None, "asked_due_on": None}
    elif kind == "extended":
        values |= {"due_on": stored["asked_due_on"], "asked_by": None, "asked_due_on": None}
    elif kind == "extension_refused":
        values |= {"asked_by": None, "asked_due_on": None}
    elif kind in ("listed", "unlisted"):
        values["review_on"] = wanted.review_on
    return values


def _recheck_due(context: Notifier, stored: RowMapping, state: str, *, today: date) -> date | None:
    """Return until when somebody else has to look again; more evidence does not put it off."""
    if state not in rules.WAITING:
        return None
    if state == stored["state"]:
        due_on: date | None = stored["recheck_due_on"]
        return due_on
    workdays = rules.recheck_workdays(context.settings.rectification_recheck_workdays, today)
    return None if workdays is None else workdays_later(today, workdays, is_workday)
