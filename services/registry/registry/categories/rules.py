"""The shapes that a testing rule may have, and what each needs. Pure."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

PERIODS: Final = ("day", "week", "month")
GROUPS: Final = ("department_in_unit", "unit", "category")
BASES: Final = ("coded", "all_staff")
LONGEST_DAYS: Final = 366
MOST_DAYS_LISTED: Final = 60

_EVENT: Final = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)

Check = Callable[[object], bool]


def _number(least: int, most: int) -> Check:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _one_of(allowed: tuple[str, ...]) -> Check:
    return lambda value: isinstance(value, str) and value in allowed


def _event(value: object) -> bool:
    return isinstance(value, str) and _EVENT.fullmatch(value) is not None


def _days(value: object) -> bool:
    inside = _number(0, LONGEST_DAYS)
    return (
        isinstance(value, list)
        and 0 < len(value) <= MOST_DAYS_LISTED
        and all(inside(day) for day in value)
        and value == sorted(set(value))
    )


def _vaccinated(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    shape = value.get("shape")
    rest = {name: part for name, part in value.items() if name != "shape"}
    return shape in ("every_n_days", "every_n_months") and "vaccinated" not in rest and not wrong(shape, rest)


_PERCENT: Final = _number(1, 100)

# shape → (needed, allowed besides)
SHAPES: Final[Mapping[str, tuple[Mapping[str, Check], Mapping[str, Check]]]] = {
    "every_n_days": ({"days": _number(1, LONGEST_DAYS)}, {"vaccinated": _vaccinated, "event": _event}),
    "every_n_months": ({"months": _number(1, 12)}, {"vaccinated": _vaccinated, "event": _event}),
    "on_event": ({}, {"event": _event}),
    "times_per_week": ({"times": _number(1, 7)}, {"min_gap_hours": _number(1, 168)}),
    "times_per_day": ({"times": _number(1, 24)}, {}),
    "rolling_share": (
        {"percent": _PERCENT, "period": _one_of(PERIODS)},
        {"group": _one_of(GROUPS), "base": _one_of(BASES), "cover": _one_of(PERIODS)},
    ),
    "nested_share": (
        {"percent_of_units": _PERCENT, "percent_of_people": _PERCENT, "period": _one_of(PERIODS)},
        {"cover": _one_of(PERIODS)},
    ),
    "day_list": ({"event": _event, "days": _days}, {}),
}


def wrong(shape: str, params: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return (parameter, code) of everything that is wrong with a shape's parameters."""
    needed, allowed = SHAPES[shape]
    found = [(name, "field_required") for name in needed if name not in params]
    for name, value in params.items():
        check = needed.get(name) or allowed.get(name)
        if check is None:
            found.append((name, "unknown_field"))
        elif not check(value):
            found.append((name, "out_of_range"))
    return found
