"""What bodies report on an item, its acceptance by somebody else, its return, and more time for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from notifier.notices.service import Notifier
from notifier.work_lists import errors, queries, rules
from notifier.work_lists.chasing import tell
from notifier.work_lists.rules import StepKind
from notifier.work_lists.schemas import Acceptance, Extension, ExtensionDecision, ItemReopening, Progress
from notifier.work_lists.service import chasing_of
from shared.clock import day_of
from shared.db import Session, execute, fetch_all, fetch_one
from shared.errors import CATALOGUE, FORBIDDEN, NOT_FOUND, Problem, RowError
from shared.security.principal import Principal

STEP_CONTEXT: Final = "work.step"


@dataclass(frozen=True, slots=True)
class _By:
    """Who takes a step, for which body, and when; None: the district's own client."""

    who: Principal
    now: datetime

    @property
    def body_code(self) -> str | None:
        return self.who.township or self.who.department


async def progress(
    session: Session, context: Notifier, said: Progress, *, item_id: UUID, who: Principal, now: datetime
) -> None:
    """Take in what a body reports; Problem 403 for a body that is not named in the item, 404, 409."""
    item, by = await _locked(session, item_id=item_id, who=who), _By(who, now)
    lead = _leads(item, by)
    kind: StepKind = "done" if said.done else "progress"
    _allowed(item, kind, by, lead=lead)
    moved: dict[str, Any] = {"progress_on": day_of(now)} if lead else {}
    if said.done:
        moved |= {"state": "reported", "reported_client": who.client_id}
    await _take(session, context, item, kind, by, said.by, said.text, moved)


async def accept(
    session: Session, context: Notifier, said: Acceptance, *, item_id: UUID, who: Principal, now: datetime
) -> None:
    """Have an item done; again changes nothing; Problem 404 or 409."""
    item, by = await _locked(session, item_id=item_id, who=who), _By(who, now)
    if item["state"] == "done":
        return
    _allowed(item, "accepted", by, lead=False)
    parts = await fetch_all(session, queries.PARTS, item_ids=[item_id], **who.area)
    if any(part["state"] != "done" for part in parts):
        raise Problem(errors.ITEM_PARTS_OPEN)
    await _take(session, context, item, "accepted", by, said.by, said.note, {"state": "done"})
    await execute(session, queries.FOLLOW_PARTS, item_id=item["parent_id"])


async def reopen(
    session: Session, context: Notifier, said: ItemReopening, *, item_id: UUID, who: Principal, now: datetime
) -> None:
    """Send an item back to its lead, who is chased again; Problem 404 or 409."""
    item, by = await _locked(session, item_id=item_id, who=who), _By(who, now)
    _allowed(item, "reopened", by, lead=False)
    if item["lead_code"] is None:
        raise Problem(errors.ITEM_IN_PARTS)
    moved = {"state": "open", "reported_client": None} | _chased_anew(context, item, item["due_on"], now=now)
    await _take(session, context, item, "reopened", by, said.by, said.reason, moved)
    await execute(session, queries.FOLLOW_PARTS, item_id=item["parent_id"])
    key = f"reopened:{item['chase'] + 1}"
    await tell(session, context, item, "reopened", key=key, now=now, more={"reason": said.reason})


async def ask_for_time(
    session: Session, context: Notifier, said: Extension, *, item_id: UUID, who: Principal, now: datetime
) -> None:
    """Ask for a later day; the same again changes nothing; Problem 403, 404, 409 or 422."""
    item, by = await _locked(session, item_id=item_id, who=who), _By(who, now)
    _allowed(item, "extension_asked", by, lead=_leads(item, by))
    if (item["asked_on"], item["asked_client"]) == (said.due_on, who.client_id):
        return
    code = rules.extension_refusal(item["due_on"], said.due_on, item["asked_on"], today=day_of(now))
    if code is not None:
        message = CATALOGUE[code]
        named = [RowError(None, "due_on", code)] if message is errors.NOT_LATER else []
        raise Problem(message, errors=named)
    moved = {"asked_on": said.due_on, "asked_client": who.client_id}
    await _take(session, context, item, "extension_asked", by, said.by, said.reason, moved)


async def decide_time(
    session: Session,
    context: Notifier,
    said: ExtensionDecision,
    *,
    item_id: UUID,
    who: Principal,
    now: datetime,
) -> None:
    """Grant or refuse a later day, by another client than asked; Problem 404 or 409."""
    item, by = await _locked(session, item_id=item_id, who=who), _By(who, now)
    code = rules.decision_refusal(item["asked_on"], item["asked_client"], client_id=who.client_id)
    if code is not None:
        raise Problem(CATALOGUE[code])
    asked_on: date = item["asked_on"]
    moved: dict[str, Any] = {"asked_on": None, "asked_client": None}
    granted = said.decision == "grant"
    if granted:
        moved |= {"due_on": asked_on} | _chased_anew(context, item, asked_on, now=now)
    kind: StepKind = "extended" if granted else "extension_refused"
    await _take(session, context, item, kind, by, said.by, said.note, moved, asked=asked_on)
    key = f"{kind}:{item['steps'] + 1}"
    due_on = asked_on if granted else item["due_on"]
    told = {"due_on": due_on, "asked_on": asked_on.isoformat()}
    await tell(session, context, item, kind, key=key, now=now, more=told)


async def _locked(session: Session, *, item_id: UUID, who: Principal) -> RowMapping:
    item = await fetch_one(session, queries.LOCK, item_id=item_id, **who.area)
    if item is None:
        raise Problem(NOT_FOUND)
    return item


def _leads(item: RowMapping, by: _By) -> bool:
    """Say whether a step is the lead's; the district's own client may enter what a lead reports on paper.

    Problem 403 for a body that is not named, 409 where each body reports on its own part.
    """
    if by.body_code is not None and by.body_code not in {body["code"] for body in item["bodies"]}:
        raise Problem(FORBIDDEN)
    if item["lead_code"] is None:
        raise Problem(errors.ITEM_IN_PARTS)
    return by.body_code in (None, item["lead_code"])


def _allowed(item: RowMapping, kind: StepKind, by: _By, *, lead: bool) -> None:
    code = rules.refusal(
        item["state"], kind, reported_client=item["reported_client"], client_id=by.who.client_id, lead=lead
    )
    if code is not None:
        raise Problem(CATALOGUE[code])


def _chased_anew(
    context: Notifier, item: RowMapping, due_on: date | None, *, now: datetime
) -> dict[str, Any]:
    """Return what begins the chasing of an item again; what today's stage would say is told beside."""
    found = rules.look(day_of(now), rules.Due(due_on, item["review_on"]), chasing_of(context.settings))
    return {"chase": item["chase"] + 1, "progress_on": None, "look_on": found.next_on}


async def _take(
    session: Session,
    context: Notifier,
    item: RowMapping,
    kind: StepKind,
    by: _By,
    name: str,
    text: str | None,
    moved: Mapping[str, Any],
    *,
    asked: date | None = None,
) -> None:
    """Add a step and move the item on."""
    kept = ("state", "reported_client", "progress_on", "due_on", "asked_on", "asked_client", "chase")
    after = {"look_on": None} | {column: item[column] for column in kept} | dict(moved)
    await execute(session, queries.MOVE, item_id=item["item_id"], **after)
    asked_for = asked or (after["asked_on"] if kind == "extension_asked" else None)
    await execute(
        session,
        queries.ADD_STEP,
        item_id=item["item_id"],
        number=item["steps"] + 1,
        kind=kind,
        client_id=by.who.client_id,
        body_code=by.body_code,
        now=by.now,
        due_before=item["due_on"],
        due_after=asked_for or after["due_on"],
        sealed=context.sealer.seal_json({"by": name, "text": text}, context=STEP_CONTEXT),
    )
