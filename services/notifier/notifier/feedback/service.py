"""Takes answers in, has them closed by somebody else or returned, and lists what is owed with its age."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping, TextClause

from notifier.feedback import errors, queries, rules
from notifier.feedback.rules import Standing, StepKind
from notifier.notices import queries as notice_queries
from notifier.notices.service import STEP_CONTEXT as NOTICE_STEP
from notifier.notices.service import TEXT_CONTEXT, Notifier
from notifier.quiet.rules import after_workdays
from notifier.quiet.workdays import is_workday
from notifier.settings import NotifierSettings
from shared.clock import SHANGHAI, day_of
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value
from shared.errors import NOT_FOUND, Language, Problem
from shared.security.principal import Principal
from shared.web.paging import LAST, page_of, uuid_after

STEP_CONTEXT: Final = "feedback.step"


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of the list."""

    state: str | None = None
    body_code: str | None = None
    older_than_days: int | None = None


def asked(settings: NotifierSettings) -> dict[str, Any]:
    """Return the parameters that say what needs an answer."""
    return {
        "kinds": list(settings.feedback_kinds),
        "recipients": list(rules.RECIPIENTS),
        "apart": list(rules.APART),
    }


async def page(
    session: Session,
    context: Notifier,
    *,
    who: Principal,
    wanted: Wanted,
    cursor: str | None,
    limit: int,
    now: datetime,
    language: Language,
) -> dict[str, Any]:
    """Return one page of what the caller's area has to answer, newest first."""
    days = wanted.older_than_days
    rows = await fetch_all(
        session,
        queries.LIST,
        **asked(context.settings),
        **who.area,
        state=wanted.state,
        body_code=wanted.body_code,
        opened_before=None if days is None else now - timedelta(days=days),
        before=uuid_after(cursor, "before", start=LAST),
        limit=limit + 1,
    )
    shown = [_shown(context, row, now=now, language=language) for row in rows]
    return page_of("items", shown, limit=limit, position=lambda row: {"before": str(row["notice_id"])})


async def one(
    session: Session,
    context: Notifier,
    *,
    notice_id: UUID,
    who: Principal,
    now: datetime,
    language: Language,
) -> dict[str, Any]:
    """Return an item with its steps; Problem 404 outside the area, or for what needs no answer."""
    row = await _visible(session, context, queries.ONE, notice_id=notice_id, who=who)
    steps = await fetch_all(session, queries.STEPS, notice_id=notice_id)
    return {
        **_shown(context, row, now=now, language=language),
        "steps": [_step_shown(context, each) for each in steps],
    }


async def step(
    session: Session,
    context: Notifier,
    *,
    notice_id: UUID,
    who: Principal,
    kind: StepKind,
    said: Mapping[str, str | None],
    now: datetime,
) -> None:
    """Take a step; the same one again changes nothing; Problem 404 or 409."""
    row = await _visible(session, context, queries.LOCK, notice_id=notice_id, who=who)
    standing = Standing(row["state"], row["answered_client"])
    last = await fetch_one(session, queries.LAST_STEP, notice_id=notice_id)
    before = None
    if last is not None and last["client_id"] == who.client_id:
        opened = context.sealer.open_json(last["sealed"], context=STEP_CONTEXT)
        before = {"kind": last["kind"], "said": opened}
    if rules.changes_nothing(standing, kind, before, said):
        return
    code = rules.refusal(standing, kind, client_id=who.client_id)
    if code is not None:
        raise Problem(errors.REFUSALS[code])
    answered = kind in ("interim", "answered")
    number = await fetch_value(
        session,
        queries.STAND,
        notice_id=notice_id,
        state=rules.state_after(kind),
        opened_at=now if kind == "reopened" else row["opened_at"],
        answered_client=who.client_id if answered else row["answered_client"],
    )
    sealed = context.sealer.seal_json(dict(said), context=STEP_CONTEXT)
    taken = {"notice_id": notice_id, "client_id": who.client_id, "now": now}
    await execute(session, queries.ADD_STEP, number=number, kind=kind, sealed=sealed, **taken)
    if answered and row["status"] != "acknowledged":
        # An answer is a receipt, too.
        noted = context.sealer.seal_json({"by": said["by"], "note": None}, context=NOTICE_STEP)
        await execute(session, notice_queries.ACKNOWLEDGE, acknowledgement=noted, **taken)
        await execute(session, notice_queries.DROP_QUEUED, notice_ids=[notice_id])


async def _visible(
    session: Session, context: Notifier, statement: TextClause, *, notice_id: UUID, who: Principal
) -> RowMapping:
    row = await fetch_one(session, statement, **asked(context.settings), **who.area, notice_id=notice_id)
    if row is None:
        raise Problem(NOT_FOUND)
    return row


def overdue(settings: NotifierSettings, row: RowMapping, *, now: datetime) -> bool:
    """Say whether an item has been open for more workdays than an answer may take."""
    due = after_workdays(row["opened_at"].astimezone(SHANGHAI), settings.answer_workdays, is_workday)
    return row["state"] == "open" and now > due


def _shown(context: Notifier, row: RowMapping, *, now: datetime, language: Language) -> dict[str, Any]:
    return {
        "notice_id": row["notice_id"],
        "kind": row["kind"],
        "recipient": {
            "type": row["recipient_type"],
            "code": row["recipient_code"],
            "name": row["recipient_name"],
        },
        "subject": {"type": row["subject_type"], "code": row["subject_code"], "name": row["subject_name"]},
        "issued_at": row["issued_at"].astimezone(SHANGHAI),
        "state": row["state"],
        "opened_at": row["opened_at"].astimezone(SHANGHAI),
        "age_days": (day_of(now) - day_of(row["opened_at"])).days,
        "overdue": overdue(context.settings, row, now=now),
        "text": context.sealer.open_json(row["sealed"], context=TEXT_CONTEXT)[language],
    }


def _step_shown(context: Notifier, row: RowMapping) -> dict[str, Any]:
    said = context.sealer.open_json(row["sealed"], context=STEP_CONTEXT)
    return {
        "number": row["number"],
        "kind": row["kind"],
        "by": said["by"],
        "text": said["text"],
        "client_id": row["client_id"],
        "at": row["at"].astimezone(SHANGHAI),
    }
