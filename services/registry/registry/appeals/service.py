"""Opens appeals, takes evidence, and has a second person decide; every step is kept."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from registry.appeals import errors, queries, rules
from registry.appeals.correcting import correct
from registry.appeals.schemas import AppealIn, DecisionIn, EvidenceIn
from registry.findings import reading as findings
from registry.findings import service as ending
from registry.people.reading import visible_person
from registry.statuses import service as statuses
from registry.statuses.display import status_of
from registry.statuses.loading import limits_of
from shared import bus
from shared.clock import SHANGHAI, day_of
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value, full_sight
from shared.errors import FORBIDDEN, NOT_FOUND, Problem, body_refusal
from shared.ids import new_id
from shared.messages import AppealChanged
from shared.security.principal import ADMIN, Principal

SEALED_STEP: Final = "appeal.step"


async def open_appeal(
    session: Session, context: Context[Any], wanted: AppealIn, *, who: Principal, now: datetime
) -> tuple[UUID, bool]:
    """Return the appeal and whether it is new; one that runs about the same thing is the same.

    Problem 404 outside the area, 422 where it does not name what its claim is about.
    """
    person_id, unit_code, shown = await _subject(session, context, wanted, who=who, now=now)
    about = {
        "person_id": person_id,
        "unit_code": unit_code,
        "claim": wanted.claim,
        "result_id": wanted.result_id,
        "finding_id": wanted.finding_id,
    }
    made = await fetch_value(
        session,
        queries.INSERT,
        appeal_id=new_id(now),
        **about,
        shown=json.dumps(shown, ensure_ascii=False),
        opened_by=who.client_id,
        due_at=now + timedelta(hours=context.settings.appeal_decision_hours),
        now=now,
    )
    if made is None:
        return await fetch_value(session, queries.RUNNING, **about), False
    appeal_id: UUID = made
    await _step(session, context, appeal_id, "opened", who.client_id, content=_said(wanted), now=now)
    await tell(session, await visible(session, appeal_id=appeal_id, who=who, now=now), now=now)
    return appeal_id, True


async def _subject(
    session: Session, context: Context[Any], wanted: AppealIn, *, who: Principal, now: datetime
) -> tuple[UUID | None, str | None, dict[str, Any]]:
    named = {name: getattr(wanted, f"{name}_id") is not None for name in ("person", "result", "finding")}
    if not rules.names_its_object(wanted.claim, **named):
        raise body_refusal(errors.CLAIM_OBJECT, "claim")
    if wanted.finding_id is not None:
        finding = await findings.visible(session, finding_id=wanted.finding_id, who=who, now=now)
        if finding["state"] != "open":
            raise body_refusal(errors.UNKNOWN_OBJECT, "finding_id")
        return None, finding["unit_code"], {"state": finding["state"], "open": finding["open"]}
    person_id = wanted.person_id
    if person_id is None:
        raise body_refusal(errors.CLAIM_OBJECT, "person_id")
    await visible_person(session, person_id=person_id, who=who, today=day_of(now))
    if wanted.result_id is not None and not await fetch_value(
        session, queries.HAS_RESULT, person_id=person_id, result_id=wanted.result_id
    ):
        raise body_refusal(errors.UNKNOWN_OBJECT, "result_id")
    return person_id, None, await shown_of(session, context, person_id=person_id, now=now)


async def shown_of(
    session: Session, context: Context[Any], *, person_id: UUID, now: datetime
) -> dict[str, Any]:
    """Return what is shown of a person now."""
    rows = await statuses.rows_of(session, context, person_ids=[person_id], now=now)
    if person_id not in rows:
        return {}
    status = status_of(rows[person_id], now, limits_of(context.settings))
    return {
        "display": status.display,
        "due_on": status.due_on and status.due_on.isoformat(),
        "due_state": status.due_state,
        "allowed": status.allowed,
        "reasons": list(status.reasons),
        "version": rows[person_id].version,
    }


async def add_evidence(
    session: Session,
    context: Context[Any],
    wanted: EvidenceIn,
    *,
    appeal_id: UUID,
    who: Principal,
    now: datetime,
) -> None:
    """Add to an open appeal; Problem 404 outside the area, 409 once it is decided."""
    await _open(session, appeal_id=appeal_id, who=who, now=now)
    await _step(session, context, appeal_id, "evidence", who.client_id, content=_said(wanted), now=now)


async def withdraw(
    session: Session, context: Context[Any], *, appeal_id: UUID, who: Principal, now: datetime
) -> None:
    """Take an open appeal back; only the client that opened it may."""
    appeal = await _open(session, appeal_id=appeal_id, who=who, now=now)
    if appeal["opened_by"] != who.client_id:
        raise Problem(errors.NOT_THE_OPENER)
    await _move(session, context, appeal_id, "withdrawn", by=who.client_id, content=None, now=now)
    await tell(session, await visible(session, appeal_id=appeal_id, who=who, now=now), now=now)


async def decide(
    session: Session,
    context: Context[Any],
    wanted: DecisionIn,
    *,
    appeal_id: UUID,
    who: Principal,
    now: datetime,
) -> None:
    """Decide an open appeal and carry out its remedy through the way that everybody else would take.

    Problem 409 for whoever brought the matter or entered what is disputed; 403 for a reviewer where it is
    about no result; 422 for a remedy that does not fit. An upheld appeal about a result stays `upheld`
    until the laboratory's correction or the CDC's review has come.
    """
    appeal = await _open(session, appeal_id=appeal_id, who=who, now=now)
    claim = appeal["claim"]
    if ADMIN not in who.scopes and claim not in rules.RESULT_CLAIMS:
        raise Problem(FORBIDDEN)
    if not rules.may_decide(who.client_id, involved=await _involved(session, appeal)):
        raise Problem(errors.SECOND_PERSON)
    given = [name for name in ("exemption", "leaving", "health_code") if getattr(wanted, name) is not None]
    if not rules.remedy_fits(claim, wanted.verdict, given):
        raise body_refusal(errors.REMEDY, given[0] if given else "verdict")
    content = wanted.model_dump(mode="json", by_alias=True, exclude_none=True)
    await _move(session, context, appeal_id, wanted.verdict, by=who.client_id, content=content, now=now)
    if wanted.verdict == "upheld" and claim not in rules.RESULT_CLAIMS:
        if claim == rules.FINDING_CLAIM:
            await ending.withdraw(session, finding_id=appeal["finding_id"], by=who.client_id, now=now)
        else:
            person_id = appeal["person_id"]
            await correct(session, context, wanted, person_id=person_id, who=who, now=now)
        await _move(session, context, appeal_id, "corrected", by=who.client_id, content=None, now=now)
    # Whoever has left the area through the remedy is still to be told of.
    async with full_sight(session):
        changed = await fetch_one(session, queries.ONE, appeal_id=appeal_id, **_everywhere(now))
    if changed is not None:
        await tell(session, changed, now=now)


async def _involved(session: Session, appeal: RowMapping) -> set[str]:
    steps = await fetch_all(session, queries.STEPS, appeal_id=appeal["appeal_id"])
    involved = {step["client_id"] for step in steps if step["kind"] in ("opened", "evidence")}
    async with full_sight(session):
        if appeal["finding_id"] is not None:
            involved |= await ending.opened_by(session, finding_id=appeal["finding_id"])
        elif appeal["claim"] not in rules.RESULT_CLAIMS:
            rows = await fetch_all(session, queries.ENTERED_BY, person_id=appeal["person_id"])
            involved |= {row["client_id"] for row in rows if row["client_id"] is not None}
    return involved


async def visible(session: Session, *, appeal_id: UUID, who: Principal, now: datetime) -> RowMapping:
    """Return an appeal, locked; Problem 404 outside the area."""
    stored = await fetch_one(
        session,
        queries.ONE,
        appeal_id=appeal_id,
        area_township=who.township,
        area_department=who.department,
        today=day_of(now),
    )
    if stored is None:
        raise Problem(NOT_FOUND)
    return stored


async def _open(session: Session, *, appeal_id: UUID, who: Principal, now: datetime) -> RowMapping:
    appeal = await visible(session, appeal_id=appeal_id, who=who, now=now)
    if appeal["state"] != "open":
        raise Problem(errors.APPEAL_ENDED)
    return appeal


async def _move(
    session: Session,
    context: Context[Any],
    appeal_id: UUID,
    state: str,
    *,
    by: str,
    content: dict[str, Any] | None,
    now: datetime,
) -> None:
    await execute(session, queries.MOVE, appeal_id=appeal_id, state=state, now=now)
    await _step(session, context, appeal_id, state, by, content=content, now=now)


async def _step(
    session: Session,
    context: Context[Any],
    appeal_id: UUID,
    kind: str,
    client_id: str,
    *,
    content: dict[str, Any] | None,
    now: datetime,
) -> None:
    sealed = None if content is None else context.sealer.seal_json(content, context=SEALED_STEP)
    await execute(
        session, queries.STEP, appeal_id=appeal_id, kind=kind, client_id=client_id, sealed=sealed, now=now
    )


async def tell(session: Session, appeal: RowMapping, *, now: datetime) -> None:
    """Publish an appeal as it stands."""
    person = appeal["person_id"] is not None
    code = appeal["health_code_id"] or str(appeal["person_id"]) if person else appeal["unit_code"]
    message = AppealChanged(
        appeal_id=appeal["appeal_id"],
        revision=appeal["revision"],
        claim=appeal["claim"],
        state=appeal["state"],
        late=appeal["escalated_at"] is not None,
        subject_type="person" if person else "unit",
        subject_code=code,
        person_id=appeal["person_id"],
        unit_code=appeal["unit_code"],
        due_at=appeal["due_at"].astimezone(SHANGHAI).isoformat(),
        at=now.isoformat(),
    )
    await bus.publish(session, message, now=now)


async def look(session: Session, context: Context[Any]) -> bool:
    """End upheld appeals whose correction has come, and tell of those that nobody decided in time."""
    now = await context.clock.now(session)
    corrected = [row["appeal_id"] for row in await fetch_all(session, queries.CORRECTED)]
    for appeal_id in corrected:
        await _move(session, context, appeal_id, "corrected", by=ending.BY_ITSELF, content=None, now=now)
    late = [row["appeal_id"] for row in await fetch_all(session, queries.LATE, now=now)]
    for appeal_id in late:
        await _step(session, context, appeal_id, "escalated", ending.BY_ITSELF, content=None, now=now)
    await _tell_all(session, [*corrected, *late], now=now)
    return False


async def _tell_all(session: Session, appeal_ids: Sequence[UUID], *, now: datetime) -> None:
    for appeal_id in appeal_ids:
        appeal = await fetch_one(session, queries.ONE, appeal_id=appeal_id, **_everywhere(now))
        if appeal is not None:
            await tell(session, appeal, now=now)


def _everywhere(now: datetime) -> dict[str, Any]:
    return {"area_township": None, "area_department": None, "today": day_of(now)}


def _said(wanted: AppealIn | EvidenceIn) -> dict[str, Any]:
    return {
        "statement": wanted.statement,
        "references": [each.model_dump() for each in wanted.references],
    }
