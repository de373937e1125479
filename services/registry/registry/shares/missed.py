"""Shares that a period ended without: one finding for each group, period and check, until it is made up.

Looked for once a period is over and what was sampled in it may have been reported; told to notifier, which
orders the unit to put it right.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from registry.findings import queries as finding_queries
from registry.findings.rules import NOT_SAMPLED, Found
from registry.findings.service import BY_ITSELF, name_people, tell_end
from registry.shares import missed_queries, queries
from registry.shares.roster import checks, codes_with_shares, groups_of, members_of, share_rules
from registry.shares.rules import Check, Member, Period, fraction, is_of_unit, made_up_until, period_of
from registry.statuses.book import Rule, RuleBook
from registry.statuses.loading import load_book
from registry.statuses.pace import DAY
from shared import bus
from shared.bus.putting_off import one_by_one
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one
from shared.ids import new_id
from shared.messages import ShareMissed
from shared.messages.findings import FoundPerson

UNITS_A_STEP: Final = 100
KINDS: Final = ("day", "week", "month")
LOOK: Final = "shares.look"


@dataclass(frozen=True, slots=True)
class Missed:
    """A group whose fraction does not suffice."""

    unit_code: str
    department_in_unit: str
    rule: Rule
    check: Check
    members: tuple[Member, ...]

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Return what it is told of by, once in a period."""
        return (self.unit_code, self.department_in_unit, self.rule.category_code, self.check.kind)

    def is_open_to(self, under_test: frozenset[UUID]) -> bool:
        """Say whether the share is reached once the samples of these people turn out to count."""
        hoped = [
            replace(each, sampled_on=each.sampled_on or date.max) if each.person_id in under_test else each
            for each in self.members
        ]
        return fraction(hoped).reaches(self.check.percent)


async def look(session: Session, context: Context[Any]) -> bool:
    """Look at the next units for the last period of a kind; True if there may be more."""
    now = await context.clock.now(session)
    settled = day_of(now - timedelta(hours=context.settings.share_settle_hours))
    for kind in KINDS:
        last = period_of(kind, period_of(kind, settled).first - DAY)
        await execute(session, missed_queries.START, period=kind, first_day=last.first)
        await execute(session, missed_queries.BEGIN, period=kind, first_day=last.first)
    place = await fetch_one(session, missed_queries.TAKE)
    if place is None:
        return False
    book = await load_book(session, context.settings)
    units = await _units(session, book, after=place["after_unit"])
    if place["first_day"] >= context.settings.go_live_on:
        await open_missed(session, book, units, kind=place["period"], first=place["first_day"], now=now)
    more = len(units) == UNITS_A_STEP
    after = units[-1]["unit_code"] if more else ""
    await execute(session, missed_queries.ADVANCE, period=place["period"], after_unit=after, done=not more)
    return True


async def look_again(session: Session, context: Context[Any]) -> bool:
    """End the missed shares that have been made up: by late results, or by samples taken since."""
    now = await context.clock.now(session)
    seconds = context.settings.finding_look_seconds
    rows = await fetch_all(session, missed_queries.TO_LOOK_AT, now=now, seconds=seconds)
    if not rows:
        return False
    book = await load_book(session, context.settings)

    look = partial(_settle, session, book, now=now)
    await one_by_one(session, context, LOOK, rows, look, key=lambda row: str(row["finding_id"]))
    return False


async def _units(session: Session, book: RuleBook, *, after: str) -> Sequence[RowMapping]:
    return await fetch_all(
        session,
        queries.UNITS,
        codes=codes_with_shares(book),
        after=after,
        limit=UNITS_A_STEP,
        unit_code=None,
        township_code=None,
        department_code=None,
        area_township=None,
        area_department=None,
    )


async def open_missed(
    session: Session,
    book: RuleBook,
    units: Sequence[RowMapping],
    *,
    kind: str,
    first: date,
    now: datetime,
    under_test: frozenset[UUID] = frozenset(),
) -> None:
    """Open what units fell short of in a period and is not known yet; who is under test counts as sampled."""
    period = period_of(kind, first)
    codes = [unit["unit_code"] for unit in units]
    members = await members_of(session, codes, period)
    days = {"first_day": period.first, "last_day": period.last}
    known = {
        tuple(row.values()) for row in await fetch_all(session, missed_queries.KNOWN, units=codes, **days)
    }
    for unit in units:
        for missed in _missed(book, unit, members[unit["unit_code"]], period, kind):
            if missed.key not in known and not missed.is_open_to(under_test):
                known.add(missed.key)
                await _record(session, missed, period, now=now)


def _missed(
    book: RuleBook, unit: RowMapping, members: Sequence[Member], period: Period, kind: str
) -> Iterator[Missed]:
    """Yield the groups of a unit that fell short; those of a whole category belong to no unit."""
    for rule in share_rules(book, unit, period):
        if not is_of_unit(rule.shape, rule.params):
            continue
        for check in checks(rule, period=kind):
            for name, group in groups_of(rule, members):
                if not fraction(group).reaches(check.percent):
                    yield Missed(unit["unit_code"], name or "", rule, check, tuple(group))


async def _record(session: Session, missed: Missed, period: Period, *, now: datetime) -> None:
    """Open the finding, name who was not sampled, and tell notifier."""
    finding_id = new_id(now)
    part = fraction(missed.members)
    lacking = [each for each in missed.members if each.sampled_on is None and not each.excused]
    counted: dict[str, Any] = {
        "percent": missed.check.percent,
        "numerator": part.numerator,
        "denominator": part.denominator,
    }
    about: dict[str, Any] = {
        "unit_code": missed.unit_code,
        "department_in_unit": missed.department_in_unit,
        "category_code": missed.rule.category_code,
        "check": missed.check.kind,
    }
    await execute(
        session,
        missed_queries.OPEN,
        finding_id=finding_id,
        rule_id=missed.rule.rule_id,
        first_day=period.first,
        last_day=period.last,
        opened_by=BY_ITSELF,
        now=now,
        **about,
        **counted,
    )
    found = [Found(NOT_SAMPLED, period.first, each.person_id) for each in lacking]
    await name_people(session, [(finding_id, each) for each in found], now=now)
    codes = await _codes(session, [each.person_id for each in lacking])
    message = ShareMissed(
        finding_id=finding_id,
        period_from=period.first.isoformat(),
        period_to=period.last.isoformat(),
        found_at=now.isoformat(),
        people=tuple(
            FoundPerson(NOT_SAMPLED, period.first.isoformat(), each.person_id, codes.get(each.person_id))
            for each in lacking
        ),
        **about,
        **counted,
    )
    await bus.publish(session, message, now=now)


async def _codes(session: Session, person_ids: list[UUID]) -> dict[UUID, str | None]:
    rows = await fetch_all(session, queries.NAMED, person_ids=person_ids)
    return {row["person_id"]: row["health_code_id"] for row in rows}


async def _settle(session: Session, book: RuleBook, row: RowMapping, *, now: datetime) -> None:
    """Count a group again with what was sampled since, as far as its rule lets that make up."""
    group = await _group(session, rule_of(book, row["rule_id"]), row, day=day_of(now))
    sampled = [each.person_id for each in group if each.sampled_on is not None]
    key = row["finding_id"]
    await execute(session, missed_queries.END_SAMPLED, finding_id=key, person_ids=sampled, now=now)
    await execute(session, finding_queries.LOOKED, finding_id=key, now=now)
    if not fraction(group).reaches(row["percent"]):
        return
    await execute(session, missed_queries.END_REST, finding_id=key, now=now)
    if await fetch_one(session, missed_queries.CLOSE, finding_id=key, closed_by=BY_ITSELF, now=now):
        await tell_end(session, key, "closed", now=now)


def rule_of(book: RuleBook, rule_id: int) -> Rule:
    """Return the rule that a missed share was counted by."""
    return next(each for rules in book.rules.values() for each in rules if each.rule_id == rule_id)


async def made_up_by(session: Session, rule: Rule, row: RowMapping, *, day: date) -> bool:
    """Say whether a missed share had been made up by the end of a day, by what is known now."""
    return fraction(await _group(session, rule, row, day=day)).reaches(row["percent"])


async def _group(session: Session, rule: Rule, row: RowMapping, *, day: date) -> list[Member]:
    """Return the group of a missed share with who was sampled by a day, as far as its rule counts that."""
    period = Period(row["first_day"], row["last_day"])
    until = made_up_until(rule.params, period, day)
    members = (await members_of(session, [row["unit_code"]], period, until=until))[row["unit_code"]]
    return dict(groups_of(rule, members)).get(row["department_in_unit"] or None, [])
