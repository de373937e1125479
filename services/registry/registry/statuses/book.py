"""The rules of every category by version: what each says, and which are in force on a day. Pure."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from registry.statuses.pace import Interval, SoonDays
from registry.statuses.schedules import Occasion

SOON_DAYS: Final = SoonDays()
PERSON: Final = "person"
SHARES: Final = frozenset({"rolling_share", "nested_share"})


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a category's rule; both days are included."""

    rule_id: int
    category_code: str
    version: int
    effective_from: date
    effective_to: date | None
    area_code: str | None
    shape: str
    interval: Interval | None
    vaccinated_interval: Interval | None = None
    occasion: Occasion | None = None
    subject: str = PERSON
    params: Mapping[str, Any] = field(default_factory=dict, compare=False)

    def holds_on(self, day: date) -> bool:
        """Say whether the version is in force."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


@dataclass(frozen=True, slots=True)
class RuleBook:
    """Every rule, by category, with what the reading of them depends on."""

    rules: Mapping[str, Sequence[Rule]]
    vaccinated_as: Mapping[str, str]
    go_live_on: date
    soon: SoonDays = SOON_DAYS


def binds_people(rule: Rule) -> bool:
    """Say whether a rule sets a person's own due day: not a share of a group, not things."""
    return rule.subject == PERSON and rule.shape not in SHARES


def in_force(
    rules: Sequence[Rule],
    *,
    areas: Sequence[str],
    day: date,
    among: Callable[[Rule], bool] = binds_people,
) -> list[Rule]:
    """Return the versions that bind on a day: of each area the newest open one, and every limited one.

    A version with an end lies over the open one for its time and leaves it as it was; the
    strictest of what is returned decides (row 157).
    """
    found = []
    newest: dict[str | None, Rule] = {}
    for rule in rules:
        if not among(rule) or not rule.holds_on(day):
            continue
        if rule.area_code is not None and rule.area_code not in areas:
            continue
        if rule.effective_to is not None:
            found.append(rule)
            continue
        held = newest.get(rule.area_code)
        if held is None or (rule.effective_from, rule.version) > (held.effective_from, held.version):
            newest[rule.area_code] = rule
    return [*newest.values(), *found]


def categories_by_area(book: RuleBook) -> set[str]:
    """Return the categories whose people's duty may depend on where their units lie."""
    named = {code for code, rules in book.rules.items() if any(rule.area_code is not None for rule in rules)}
    return named | {code for code, other in book.vaccinated_as.items() if other in named}


def since(rule: Rule, book: RuleBook) -> date:
    """Return since when a rule has bound without a break, through its earlier open versions."""
    if rule.effective_to is not None:
        return rule.effective_from
    since = rule.effective_from
    earlier = [
        each
        for each in book.rules[rule.category_code]
        if each.area_code == rule.area_code
        and each.effective_to is None
        and binds_people(each)
        and (each.effective_from, each.version) < (rule.effective_from, rule.version)
    ]
    for each in sorted(earlier, key=lambda one: (one.effective_from, one.version), reverse=True):
        if each.effective_from == since:
            continue  # another version took its place on its first day: it never was in force
        if each.interval is None:
            break
        since = each.effective_from
    return since
