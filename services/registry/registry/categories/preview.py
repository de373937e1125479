"""Who a rule would affect, worked out with the rules that would then hold; nothing is written."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from registry.categories import service
from registry.categories.schemas import RuleIn
from registry.statuses.display import NEVER_TESTED as NEVER
from registry.statuses.display import NOT_REQUIRED as RELEASED
from registry.statuses.display import OVERDUE, Limits, Status, midnight, status_of, testing_of
from registry.statuses.duties import Person, Rule, RuleBook, interval_of
from registry.statuses.loading import limits_of, load_book, load_people
from registry.statuses.rules import Testing
from registry.statuses.service import rows_of, work_out
from shared.clock import day_of
from shared.context import Context
from shared.db import Session
from shared.security.access import Principal

NOT_YET: Final = 2**63 - 1


async def preview(
    session: Session, context: Context[Any], wanted: RuleIn, *, code: str, who: Principal, now: datetime
) -> dict[str, Any]:
    """Return counts of people on the first day the rule would bind, today at the earliest."""
    await service.check_new_rule(session, wanted, code=code, who=who, lock=False)
    at = max(now, midnight(wanted.effective_from))
    book = await load_book(session, context.settings)
    changed = _with(book, _rule(wanted, code=code, book=book))
    counts = {"people": 0, "affected": 0, "due": 0, "overdue": 0, "released": 0}
    after = service.NOBODY
    while ids := await service.people_after(session, code=code, after=after, now=now, limit=service.AT_ONCE):
        await _count(session, context, ids, books=(book, changed), at=at, now=now, counts=counts)
        after = ids[-1]
    return {"as_of": day_of(at).isoformat(), **counts}


async def _count(
    session: Session,
    context: Context[Any],
    ids: Sequence[UUID],
    *,
    books: tuple[RuleBook, RuleBook],
    at: datetime,
    now: datetime,
    counts: dict[str, int],
) -> None:
    people, _ = await load_people(session, ids)
    rows = await rows_of(session, context, person_ids=ids, now=now)
    testing = {person_id: testing_of(row) for person_id, row in rows.items()}
    limits = limits_of(context.settings)
    before, after = (_statuses(people, testing, book=book, at=at, limits=limits) for book in books)
    counts["people"] += len(people)
    for person_id, status in after.items():
        was = before[person_id]
        if (was.due_on, was.due_state) == (status.due_on, status.due_state):
            continue
        counts["affected"] += 1
        if status.due_state == RELEASED:
            counts["released"] += 1
        elif status.due_state in (OVERDUE, NEVER):
            counts["overdue"] += 1
        else:
            counts["due"] += 1


def _statuses(
    people: dict[UUID, Person],
    testing: dict[UUID, Testing],
    *,
    book: RuleBook,
    at: datetime,
    limits: Limits,
) -> dict[UUID, Status]:
    rows = work_out(people, testing, book=book, now=at, limits=limits)
    return {row.person_id: status_of(row, at, limits) for row in rows}


def _rule(wanted: RuleIn, *, code: str, book: RuleBook) -> Rule:
    vaccinated = wanted.params.get("vaccinated")
    return Rule(
        rule_id=NOT_YET,
        category_code=code,
        version=1 + max((rule.version for rule in book.rules.get(code, ())), default=0),
        effective_from=wanted.effective_from,
        effective_to=wanted.effective_to,
        area_code=wanted.area_code,
        shape=wanted.shape,
        interval=interval_of(wanted.shape, wanted.params),
        vaccinated_interval=interval_of(vaccinated["shape"], vaccinated) if vaccinated else None,
    )


def _with(book: RuleBook, rule: Rule) -> RuleBook:
    code = rule.category_code
    return replace(book, rules={**book.rules, code: [*book.rules.get(code, ()), rule]})
