"""Who is on the rosters of units in a period, and which share rules hold there."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from sqlalchemy import RowMapping

from registry.shares import queries
from registry.shares.rules import Check, Member, Period, checks_of
from registry.statuses.book import SHARES, Rule, RuleBook, in_force
from registry.statuses.facts import day_of
from registry.statuses.loading import load_facts
from registry.statuses.rules import decide
from shared.db import Session, fetch_all


async def members_of(
    session: Session, unit_codes: Sequence[str], period: Period, *, until: date | None = None
) -> dict[str, list[Member]]:
    """Return the roster of each unit on the period's last day, with what was sampled in the period.

    With `until` samples count up to that day: those that make up for the period.
    """
    until = max(period.last, until or period.last)
    rows = await fetch_all(
        session, queries.ROSTER, units=list(unit_codes), first=period.first, last=period.last, until=until
    )
    special = sorted({row["person_id"] for row in rows if row["special"]})
    facts = await load_facts(session, special)
    counted = {person_id: decide(found).counted for person_id, found in facts.items()}
    members: dict[str, list[Member]] = {code: [] for code in unit_codes}
    for row in rows:
        member = Member(**{name: row[name] for name in Member.__dataclass_fields__})
        if row["special"]:
            days = (day_of(at) for at in counted[row["person_id"]])
            inside = next((day for day in days if period.first <= day <= until), None)
            member = replace(member, sampled_on=inside)
        members[row["unit_code"]].append(member)
    return members


def share_rules(book: RuleBook, unit: RowMapping, period: Period) -> list[Rule]:
    """Return the share rules that hold for a unit on a period's last day."""
    areas = [unit[name] for name in ("township_code", "department_code", "parent_code") if unit[name]]
    return [
        rule
        for rules in book.rules.values()
        for rule in in_force(rules, areas=areas, day=period.last, among=is_share)
    ]


def is_share(rule: Rule) -> bool:
    """Say whether a rule is about the share of a group."""
    return rule.shape in SHARES


def codes_with_shares(book: RuleBook) -> list[str]:
    """Return the categories that have ever had a share rule."""
    return sorted(code for code, rules in book.rules.items() if any(is_share(rule) for rule in rules))


def checks(rule: Rule, *, period: str) -> list[Check]:
    """Return what a rule demands of periods of one kind."""
    return [each for each in checks_of(rule.shape, dict(rule.params)) if each.period == period]


def groups_of(rule: Rule, members: Sequence[Member]) -> Iterator[tuple[str | None, list[Member]]]:
    """Yield the groups within one unit that a rule looks at: each department of it, or the unit whole.

    `coded`: those whose category is the rule's; `all_staff`: everybody of a group in which there is one.
    """
    params: dict[str, Any] = dict(rule.params)
    by_department = params.get("group", "department_in_unit") == "department_in_unit"
    names = {
        each.department_in_unit if by_department else None
        for each in members
        if each.category_code == rule.category_code
    }
    for name in sorted(names, key=lambda each: each or ""):
        group = [
            each
            for each in members
            if (not by_department or each.department_in_unit == name)
            and (params.get("base") == "all_staff" or each.category_code == rule.category_code)
        ]
        yield name, list({each.person_id: each for each in group}.values())
