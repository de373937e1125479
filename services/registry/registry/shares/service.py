"""Share reports: a unit's departments one by one, a category as a whole, and the list behind a fraction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import RowMapping

from registry.people.storing import masked_name
from registry.shares import queries
from registry.shares.roster import checks, codes_with_shares, groups_of, members_of, share_rules
from registry.shares.rules import (
    SHARE,
    UNITS,
    Check,
    Fraction,
    Member,
    Period,
    fraction,
    is_of_unit,
    period_of,
    units_fraction,
)
from registry.statuses.book import Rule
from registry.statuses.loading import load_book
from registry.units.reading import visible
from shared.audit.recording import record
from shared.clock import day_of
from shared.context import Context
from shared.db import Session, fetch_all
from shared.security.access import Principal

AT_ONCE: Final = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a report is asked for: a kind of period, a day in it, and what narrows it."""

    period: str
    on: date
    unit_code: str | None = None
    township_code: str | None = None
    department_code: str | None = None


async def report(
    session: Session,
    context: Context[Any],
    *,
    who: Principal,
    wanted: Wanted,
    after: str,
    limit: int,
    now: datetime,
) -> tuple[list[dict[str, Any]], str | None]:
    """Return the fractions of up to `limit` units after a code, and the last of them if there are more."""
    period = period_of(wanted.period, wanted.on)
    book = await load_book(session, context.settings)
    codes = codes_with_shares(book)
    units = await _units(session, who=who, wanted=wanted, codes=codes, after=after, limit=limit + 1)
    members = await members_of(session, [unit["unit_code"] for unit in units[:limit]], period)
    rows = []
    for unit in units[:limit]:
        for rule in share_rules(book, unit, period):
            if not is_of_unit(rule.shape, rule.params):
                continue
            for check in checks(rule, period=wanted.period):
                rows += [
                    _row(rule, check, fraction(group), period, now=now, unit=unit, department=name)
                    for name, group in groups_of(rule, members[unit["unit_code"]])
                ]
    return rows, (units[limit - 1]["unit_code"] if len(units) > limit else None)


async def whole(
    session: Session, context: Context[Any], *, who: Principal, wanted: Wanted, now: datetime
) -> list[dict[str, Any]]:
    """Return the fractions that are not of one unit: of a category, or of its units (nested shares)."""
    period = period_of(wanted.period, wanted.on)
    book = await load_book(session, context.settings)
    found: dict[int, tuple[Rule, list[Member]]] = {}
    after = ""
    while units := await _units(
        session, who=who, wanted=wanted, codes=codes_with_shares(book), after=after, limit=AT_ONCE
    ):
        members = await members_of(session, [unit["unit_code"] for unit in units], period)
        for unit in units:
            for rule in share_rules(book, unit, period):
                if not is_of_unit(rule.shape, rule.params):
                    _, listed = found.setdefault(rule.rule_id, (rule, []))
                    listed += [
                        each
                        for each in members[unit["unit_code"]]
                        if rule.params.get("base") == "all_staff" or each.category_code == rule.category_code
                    ]
        after = units[-1]["unit_code"]
    return [
        _whole(rule, check, listed, period, now=now)
        for rule, listed in found.values()
        for check in checks(rule, period=wanted.period)
    ]


async def behind(
    session: Session,
    context: Context[Any],
    *,
    who: Principal,
    wanted: Wanted,
    unit_code: str,
    category_code: str,
    department_in_unit: str | None,
    now: datetime,
) -> list[dict[str, Any]]:
    """Return the people behind a fraction of a unit, the untested first; the look is recorded."""
    unit = await visible(session, unit_code=unit_code, who=who)
    period = period_of(wanted.period, wanted.on)
    book = await load_book(session, context.settings)
    codes = codes_with_shares(book)
    placed = await _units(session, who=who, wanted=wanted, codes=codes, after="", limit=1)
    members = (await members_of(session, [unit["unit_code"]], period))[unit_code]
    group = {
        each.person_id: each
        for each_unit in placed
        for rule in share_rules(book, each_unit, period)
        if rule.category_code == category_code
        for name, listed in groups_of(rule, members)
        if name == department_in_unit
        for each in listed
    }
    people = await fetch_all(session, queries.NAMED, person_ids=list(group))
    shown = [_person(context, row, group[row["person_id"]]) for row in people]
    await record(
        session, context, who=who, action="shares.people", subject=unit_code, rows=len(shown), now=now
    )
    return sorted(shown, key=lambda each: (each["excused"], each["sampled_on"] or "", str(each["person_id"])))


async def _units(
    session: Session, *, who: Principal, wanted: Wanted, codes: list[str], after: str, limit: int
) -> Sequence[RowMapping]:
    return await fetch_all(
        session,
        queries.UNITS,
        codes=codes,
        after=after,
        limit=limit,
        unit_code=wanted.unit_code,
        township_code=wanted.township_code,
        department_code=wanted.department_code,
        area_township=who.township,
        area_department=who.department,
    )


def _whole(
    rule: Rule, check: Check, members: list[Member], period: Period, *, now: datetime
) -> dict[str, Any]:
    if check.kind == UNITS:
        part, short = units_fraction(members, check.people_percent or 0)
        return _row(rule, check, part, period, now=now) | {"units_short": short}
    people = {each.person_id: each for each in members}.values()
    return _row(rule, check, fraction(people), period, now=now)


def _row(
    rule: Rule,
    check: Check,
    part: Fraction,
    period: Period,
    *,
    now: datetime,
    unit: RowMapping | None = None,
    department: str | None = None,
) -> dict[str, Any]:
    return {
        "kind": check.kind,
        "unit_code": unit and unit["unit_code"],
        "township_code": unit and unit["township_code"],
        "department_code": unit and unit["department_code"],
        "department_in_unit": department,
        "category_code": rule.category_code,
        "rule_id": rule.rule_id,
        "version": rule.version,
        "first_day": period.first,
        "last_day": period.last,
        "percent": check.percent,
        "numerator": part.numerator,
        "denominator": part.denominator,
        "reached": part.reaches(check.percent),
        "over": day_of(now) > period.last,
        "units_short": [],
    }


def _person(context: Context[Any], row: RowMapping, member: Member) -> dict[str, Any]:
    return {
        "person_id": row["person_id"],
        "health_code_id": row["health_code_id"],
        "name_masked": masked_name(context, row["sealed_contact"]),
        "sampled_on": member.sampled_on and member.sampled_on.isoformat(),
        "excused": member.excused,
    }


async def group_to_draw(
    session: Session,
    context: Context[Any],
    *,
    who: Principal,
    unit_code: str,
    category_code: str,
    department_in_unit: str | None,
    on: date,
) -> tuple[Rule | None, int, date, list[UUID]]:
    """Return the week's share rule of a group, its percentage, the Monday, and who may be drawn."""
    await visible(session, unit_code=unit_code, who=who)
    period = period_of("week", on)
    book = await load_book(session, context.settings)
    wanted = Wanted("week", on, unit_code)
    units = await _units(session, who=who, wanted=wanted, codes=codes_with_shares(book), after="", limit=1)
    for unit in units:
        members = (await members_of(session, [unit_code], period))[unit_code]
        for rule in share_rules(book, unit, period):
            percents = [check.percent for check in checks(rule, period="week") if check.kind == SHARE]
            if rule.category_code == category_code and percents:
                groups = dict(groups_of(rule, members))
                people = [each.person_id for each in groups.get(department_in_unit, ()) if not each.excused]
                return rule, max(percents), period.first, people
    return None, 0, period.first, []
