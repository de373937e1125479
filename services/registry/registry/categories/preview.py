"""Who a rule would affect, worked out with the rules that would then hold; nothing is written."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from registry.categories import service
from registry.categories.schemas import RuleIn
from registry.statuses.book import Rule, RuleBook
from registry.statuses.display import NEVER_TESTED as NEVER
from registry.statuses.display import NOT_REQUIRED as RELEASED
from registry.statuses.display import OVERDUE, Limits, Status, midnight, status_of
from registry.statuses.duties import Duty
from registry.statuses.facts import Testing
from registry.statuses.loading import limits_of, load_book, load_people, rule_of
from registry.statuses.service import duties_of, load_testing, rows_of, work_out
from shared.clock import day_of
from shared.context import Context
from shared.db import Session
from shared.security.access import Principal

NOT_YET: Final = 2**63 - 1
MOST_NAMED: Final = 1000


async def preview(
    session: Session, context: Context[Any], wanted: RuleIn, *, code: str, who: Principal, now: datetime
) -> dict[str, Any]:
    """Return counts and the first people on the first day the rule would bind, today at the earliest."""
    await service.check_new_rule(session, wanted, code=code, who=who, lock=False)
    at = max(now, midnight(wanted.effective_from))
    book = await load_book(session, context.settings)
    changed = _with(book, _rule(wanted, code=code, book=book))
    counts = {"people": 0, "affected": 0, "due": 0, "overdue": 0, "released": 0}
    named: list[dict[str, Any]] = []
    after = service.NOBODY
    area = wanted.area_code
    while ids := await service.people_after(
        session, code=code, after=after, now=now, limit=service.AT_ONCE, area=area
    ):
        found = await _changes(session, context, ids, books=(book, changed), at=at, now=now)
        counts["people"] += len(ids)
        counts["affected"] += len(found)
        for change in found:
            counts[change["change"]] += 1
        named += found[: MOST_NAMED - len(named)]
        after = ids[-1]
    return {"as_of": day_of(at).isoformat(), **counts, "listed": named}


async def _changes(
    session: Session,
    context: Context[Any],
    ids: Sequence[UUID],
    *,
    books: tuple[RuleBook, RuleBook],
    at: datetime,
    now: datetime,
) -> list[dict[str, Any]]:
    people, _ = await load_people(session, ids)
    rows = await rows_of(session, context, person_ids=ids, now=now)
    duties = tuple(duties_of(people, book=book, day=day_of(at)) for book in books)
    long_ones = {each: duty for one in duties for each, duty in one.items() if duty.needs_history}
    testing = await load_testing(session, {**duties[0], **long_ones}, rows=rows)
    limits = limits_of(context.settings)
    before, after = (
        _statuses(duty, testing, book=book, at=at, limits=limits)
        for duty, book in zip(duties, books, strict=True)
    )
    return [
        {
            "person_id": person_id,
            "change": _change(status),
            "was": _shown(before[person_id]),
            "becomes": _shown(status),
        }
        for person_id, status in after.items()
        if _shown(before[person_id]) != _shown(status)
    ]


def _change(status: Status) -> str:
    if status.due_state == RELEASED:
        return "released"
    return "overdue" if status.due_state in (OVERDUE, NEVER) else "due"


def _shown(status: Status) -> dict[str, Any]:
    return {"due_on": status.due_on and status.due_on.isoformat(), "due_state": status.due_state}


def _statuses(
    duties: Mapping[UUID, Duty],
    testing: Mapping[UUID, Testing],
    *,
    book: RuleBook,
    at: datetime,
    limits: Limits,
) -> dict[UUID, Status]:
    rows = work_out(duties, testing, book=book, now=at, limits=limits)
    return {row.person_id: status_of(row, at, limits) for row in rows}


def _rule(wanted: RuleIn, *, code: str, book: RuleBook) -> Rule:
    return rule_of(
        wanted.shape,
        wanted.params,
        rule_id=NOT_YET,
        category_code=code,
        version=1 + max((rule.version for rule in book.rules.get(code, ())), default=0),
        effective_from=wanted.effective_from,
        effective_to=wanted.effective_to,
        area_code=wanted.area_code,
    )


def _with(book: RuleBook, rule: Rule) -> RuleBook:
    code = rule.category_code
    return replace(book, rules={**book.rules, code: [*book.rules.get(code, ()), rule]})
