"""A department asks for a later day; a second person of the whole district decides (contract §2)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from notifier.ladder import errors, queries, rules
from notifier.ladder.owing import EXTENSION_CONTEXT, STEP_CONTEXT, notices_of, step
from notifier.ladder.reading import visible
from notifier.ladder.schemas import CaseExtensionDecisionIn, CaseExtensionIn
from notifier.ladder.steps import turn
from notifier.notices.service import Notifier, queue
from notifier.quiet.workdays import is_workday
from shared.clock import day_of
from shared.db import Session, execute, fetch_all, fetch_one, full_sight
from shared.errors import NOT_FOUND, Problem, refusal_of
from shared.ids import new_id
from shared.security.access import require_whole_district
from shared.security.principal import Principal


async def ask(
    session: Session,
    context: Notifier,
    wanted: CaseExtensionIn,
    *,
    case_id: UUID,
    who: Principal,
    now: datetime,
) -> None:
    """Ask for a later day for whatever the case owes; the same wish of the same client again is the same one.

    Problem 404 outside the area, 403 for a township, 409 where nothing is owed or another wish waits, 422 for
    a day that is no later, or too late.
    """
    seen = await visible(session, case_id=case_id, who=who)
    if who.township is not None:
        raise Problem(errors.NOT_FOR_TOWNSHIP)
    async with full_sight(session):
        case = await turn(session, seen)
        waiting = await _waiting(session, case)
        if waiting is not None:
            if (waiting["asked_client"], waiting["due_on"]) == (who.client_id, wanted.due_on):
                return
            raise Problem(errors.EXTENSION_ASKED)
        task = await _newest(session, case)
        _fits(context, wanted.due_on, task, now=now)
        extension_id = new_id(now)
        said = wanted.model_dump(mode="json")
        key = {"breach_id": task["breach_id"], "kind": task["kind"]}
        await execute(
            session,
            queries.ASK_EXTENSION,
            extension_id=extension_id,
            case_id=case_id,
            due_on=wanted.due_on,
            client_id=who.client_id,
            now=now,
            request=context.sealer.seal_json(said, context=EXTENSION_CONTEXT),
            **key,
        )
        basis = _basis(extension_id, task, wanted.due_on)
        await _step(session, context, case, "extension_asked", basis, said, who=who, now=now)


async def decide(
    session: Session,
    context: Notifier,
    wanted: CaseExtensionDecisionIn,
    *,
    case_id: UUID,
    extension_id: UUID,
    who: Principal,
    now: datetime,
) -> None:
    """Grant or refuse an extension, as another client than the one that asked; again changes nothing.

    Problem 404 outside the area, 403 for a client of an area, 409 by the same client, otherwise decided, or
    for what is not owed any more.
    """
    seen = await visible(session, case_id=case_id, who=who)
    require_whole_district(who)
    case = await turn(session, seen)
    asked = await fetch_one(session, queries.EXTENSION, extension_id=extension_id, case_id=case_id)
    if asked is None:
        raise Problem(NOT_FOUND)
    if asked["asked_client"] == who.client_id:
        raise Problem(errors.SECOND_PERSON)
    if asked["state"] != "asked":
        if asked["state"] != wanted.verdict:
            raise Problem(errors.EXTENSION_DECIDED)
        return
    said = wanted.model_dump()
    await execute(
        session,
        queries.DECIDE_EXTENSION,
        extension_id=extension_id,
        verdict=wanted.verdict,
        client_id=who.client_id,
        now=now,
        decision=context.sealer.seal_json(said, context=EXTENSION_CONTEXT),
    )
    if wanted.verdict == "granted":
        await _prolong(session, context, asked, now=now)
    basis = _basis(extension_id, asked, asked["due_on"])
    await _step(session, context, case, f"extension_{wanted.verdict}", basis, said, who=who, now=now)


async def _waiting(session: Session, case: RowMapping) -> RowMapping | None:
    rows = await fetch_all(session, queries.EXTENSIONS, case_id=case["case_id"])
    return next((row for row in rows if row["state"] == "asked"), None)


async def _newest(session: Session, case: RowMapping) -> RowMapping:
    tasks = await fetch_all(session, queries.TASKS, case_id=case["case_id"], run=case["run"])
    owed = [task for task in tasks if task["state"] == "open" and task["kind"] != rules.UPWARD]
    if not owed:
        raise Problem(errors.NOTHING_DUE)
    return owed[-1]


def _fits(context: Notifier, due_on: date, task: RowMapping, *, now: datetime) -> None:
    today = day_of(now)
    longest = rules.workdays_later(today, context.settings.extension_workdays, is_workday)
    if not max(today, task["due_on"]) < due_on <= max(longest, task["due_on"]):
        raise refusal_of(errors.EXTENSION_DAY, "due_on")


async def _prolong(session: Session, context: Notifier, asked: RowMapping, *, now: datetime) -> None:
    key = {"breach_id": asked["breach_id"], "kind": asked["kind"]}
    every = context.settings.chase_workdays
    chase_on = rules.next_chase(asked["due_on"], 0, every=every, workday=is_workday)
    done = await execute(session, queries.PROLONG, due_on=asked["due_on"], chase_on=chase_on, **key)
    if done == 0:
        raise Problem(errors.NOTHING_DUE)
    notices = [one for one in await notices_of(session, **key) if one["status"] != "revoked"]
    await queue(session, context, notices, now=now, reason="update")


def _basis(extension_id: UUID, task: RowMapping, due_on: date) -> dict[str, Any]:
    return {"extension_id": str(extension_id), "owed": task["kind"], "due_on": due_on.isoformat()}


async def _step(
    session: Session,
    context: Notifier,
    case: RowMapping,
    kind: str,
    basis: dict[str, Any],
    said: dict[str, Any],
    *,
    who: Principal,
    now: datetime,
) -> None:
    sealed = context.sealer.seal_json(said, context=STEP_CONTEXT)
    await step(session, case, kind, now=now, basis=basis, client_id=who.client_id, sealed=sealed)
