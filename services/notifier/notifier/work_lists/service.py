"""Takes a work list in whole or not at all, in its order, and tells every body what is its own."""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from notifier.contacts.rules import Body
from notifier.notices.rules import Content, Draft, draft_to
from notifier.notices.service import Notifier, issue
from notifier.settings import NotifierSettings
from notifier.texts.render import both
from notifier.work_lists import errors, queries, rules
from notifier.work_lists.naming import Known, Meaning, Names, names_of
from notifier.work_lists.planning import Entry, Item, Named, Plan, plan_of
from shared.clock import day_of
from shared.db import Session, execute, fetch_all, fetch_one, fetch_value
from shared.errors import Problem, RowError
from shared.ids import new_id

KIND: Final = "task.answer"
ITEM_CONTEXT: Final = "work.item"


@dataclass(frozen=True, slots=True)
class Sent:
    """A list as it was sent; `faults` of cells that nobody could read."""

    title: str
    issued_on: date
    drill: bool
    entries: tuple[Entry, ...]
    faults: tuple[RowError, ...] = ()

    @property
    def digest(self) -> str:
        """Return what makes two lists the same one, whatever form they came in."""
        items = [each.said(issued_on=self.issued_on) for each in self.entries]
        said = [self.title, self.issued_on.isoformat(), self.drill, items]
        return hashlib.sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class _Row:
    """An item or part about to be stored, and whom its notice goes to."""

    item_id: UUID
    parent_id: UUID | None
    item: Item
    lead: Body | None
    bodies: tuple[Named, ...]


def chasing_of(settings: NotifierSettings) -> rules.Chasing:
    """Return how leads are chased."""
    return rules.Chasing(
        settings.work_list_remind_days, settings.work_list_chase_days, settings.work_list_review_days
    )


async def names(session: Session) -> Names:
    """Return what every name of a body means now."""
    known = await fetch_all(session, queries.BODIES)
    set_to = await fetch_all(session, queries.MEANINGS)
    return names_of(
        (Known(row["code"], row["department_name"], row["level"], row["role"]) for row in known),
        {row["name"]: Meaning(tuple(row["codes"]), row["everyone"]) for row in set_to},
    )


async def take(
    session: Session, context: Notifier, sent: Sent, *, client_id: str, dry_run: bool, now: datetime
) -> tuple[dict[str, Any], bool]:
    """Return the receipt and whether the list is new; a trial keeps nothing and shows every fault.

    Problem 422 with every fault, 409 for a list of this title and day with other content.
    """
    plan = plan_of(sent.entries, await names(session), issued_on=sent.issued_on)
    faults = sorted((*sent.faults, *plan.errors), key=lambda fault: fault.row or 0)
    if dry_run:
        return _receipt(sent, plan, None, faults), False
    if faults:
        raise Problem(errors.WORK_LIST_REFUSED, errors=faults)
    list_id = await fetch_value(
        session,
        queries.INSERT_LIST,
        list_id=new_id(now),
        title=sent.title,
        issued_on=sent.issued_on,
        drill=sent.drill,
        sections=list(plan.sections),
        digest=sent.digest,
        client_id=client_id,
        now=now,
    )
    if list_id is None:
        standing = await fetch_one(session, queries.STANDING, title=sent.title, issued_on=sent.issued_on)
        if standing is None or standing["digest"] != sent.digest:
            raise Problem(errors.WORK_LIST_EXISTS)
        return _receipt(sent, plan, standing["list_id"], faults), False
    rows = _rows(sent, plan, now=now)
    stored = [_stored(context, row, drill=sent.drill, today=day_of(now)) for row in rows]
    await execute(session, queries.INSERT_ITEMS, list_id=list_id, items=json.dumps(stored))
    await issue(session, context, _drafts(sent, list_id, rows, now=now), now=now)
    return _receipt(sent, plan, list_id, faults), True


def _receipt(sent: Sent, plan: Plan, list_id: UUID | None, faults: Sequence[RowError]) -> dict[str, Any]:
    counts = [0] * len(plan.sections)
    for item in plan.items:
        counts[item.section] += 1
    return {
        "list_id": list_id,
        "title": sent.title,
        "issued_on": sent.issued_on,
        "drill": sent.drill,
        "items": len(plan.items),
        "parts": sum(len(item.parts) for item in plan.items),
        "sections": [
            {"title": title, "items": count} for title, count in zip(plan.sections, counts, strict=True)
        ],
        "rejected": len({fault.row for fault in faults}),
        "errors": list(faults),
    }


def _rows(sent: Sent, plan: Plan, *, now: datetime) -> list[_Row]:
    """Return items and their parts in the order of the list, which is the order of their ids."""
    total = sum(1 + len(item.parts) for item in plan.items)
    ids = iter(sorted(new_id(now) for _ in range(total)))
    rows = []
    for item in plan.items:
        whole = _Row(next(ids), None, replace(item, drill=item.drill or sent.drill), item.lead, item.bodies)
        rows.append(whole)
        for body in item.parts:
            printed = next((one.printed for one in item.bodies if one.body == body), body.code)
            named = Named(body, printed, lead=True)
            rows.append(_Row(next(ids), whole.item_id, whole.item, body, (named,)))
    return rows


def _stored(context: Notifier, row: _Row, *, drill: bool, today: date) -> dict[str, Any]:
    """Return a row as it is inserted. Whoever is named in an item sees its parts, but for other towns."""
    item, chasing = row.item, chasing_of(context.settings)
    review_on = None if item.due_on else today.fromordinal(today.toordinal() + chasing.review_days)
    # What stage today is in, the notice of the whole list says already.
    next_on = rules.look(today, rules.Due(item.due_on, review_on), chasing).next_on
    concerned = {one.body for one in (*row.bodies, *item.bodies)}
    own_towns = {one.body.code for one in row.bodies if one.body.type == "township"}
    sealed = context.sealer.seal_json({"text": item.text}, context=ITEM_CONTEXT)
    return {
        "item_id": str(row.item_id),
        "parent_id": str(row.parent_id) if row.parent_id else None,
        "position": item.position,
        "section": item.section,
        "sealed": base64.b64encode(sealed).decode(),
        "deadline": item.deadline,
        "due_on": item.due_on.isoformat() if item.due_on else None,
        "review_on": review_on.isoformat() if review_on else None,
        "drill": item.drill or drill,
        "lead_type": row.lead.type if row.lead else None,
        "lead_code": row.lead.code if row.lead else None,
        "bodies": [one.as_json() for one in row.bodies],
        "department_codes": sorted(body.code for body in concerned if body.type != "township"),
        "township_codes": sorted(own_towns),
        "look_on": next_on.isoformat() if next_on and row.lead else None,
    }


def _drafts(sent: Sent, list_id: UUID, rows: Sequence[_Row], *, now: datetime) -> list[Draft]:
    """Return one notice for each body: which items it leads, and in which it assists."""
    mine: dict[Body, list[dict[str, Any]]] = {}
    for row in rows:
        for one in row.bodies:
            if row.lead is None and one.lead:
                continue  # leads its own part, which is a row of its own
            mine.setdefault(one.body, []).append(
                {
                    "item_id": str(row.item_id),
                    "number": row.item.position,
                    "text": row.item.text,
                    "deadline": row.item.deadline,
                    "due_on": row.item.due_on.isoformat() if row.item.due_on else None,
                    "role": "lead" if one.lead else "assist",
                    "drill": row.item.drill,
                }
            )
    return [_draft(sent, list_id, body, items, now=now) for body, items in sorted(mine.items())]


def _draft(sent: Sent, list_id: UUID, body: Body, items: Sequence[dict[str, Any]], *, now: datetime) -> Draft:
    leads = [item for item in items if item["role"] == "lead"]
    facts = {
        "title": sent.title,
        "drill": sent.drill,
        "lead": len(leads),
        "assist": len(items) - len(leads),
        "due": [f"{item['number']}({item['deadline']})" for item in leads],
    }
    texts = both(f"{KIND}.work_list", facts)
    evidence = {"list_id": str(list_id), "title": sent.title, "drill": sent.drill, "items": list(items)}
    return draft_to(
        body,
        kind=KIND,
        key=f"work-list:{list_id}",
        subject=("work_list", str(list_id)),
        content=Content(**texts, evidence=evidence),
        as_of=now,
        source_id=list_id,
    )
