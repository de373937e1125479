"""The shapes that a testing rule may have, what each needs, and what contradicts itself. Pure."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

PERIODS: Final = ("day", "week", "month")
GROUPS: Final = ("department_in_unit", "unit", "category")
BASES: Final = ("coded", "all_staff")
SUBJECTS: Final = ("person", "item", "environment")
CONTRADICTORY: Final = "parameters_contradict"
SHARES: Final = ("rolling_share", "nested_share")
AFTER_EVENTS: Final = ("on_event", "day_list")
HOURS_A_DAY: Final = 24
DAYS_A_WEEK: Final = 7
LONGEST_DAYS: Final = 366
MOST_DAYS_LISTED: Final = 60
MOST_VARIANTS: Final = 20

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


def _variants(value: object) -> bool:
    return (
        isinstance(value, dict)
        and 0 < len(value) <= MOST_VARIANTS
        and all(_event(name) and _days(days) for name, days in value.items())
    )


def _flag(value: object) -> bool:
    return isinstance(value, bool)


_PERCENT: Final = _number(1, 100)

_EVENT_PARTS: Final[Mapping[str, Check]] = {
    "event": _event,
    "accept_hours": _number(0, 168),
    "notice_days": _number(1, 30),
}
_CALENDAR: Final[Mapping[str, Check]] = {
    **_EVENT_PARTS,
    "within_days": _number(0, 30),
    "vaccinated": _vaccinated,
    "subject": _one_of(SUBJECTS),
}

# shape → (needed, allowed besides)
SHAPES: Final[Mapping[str, tuple[Mapping[str, Check], Mapping[str, Check]]]] = {
    "every_n_days": ({"days": _number(1, LONGEST_DAYS)}, _CALENDAR),
    "every_n_months": ({"months": _number(1, 12)}, _CALENDAR),
    "on_event": ({}, {**_EVENT_PARTS, "within_days": _number(0, 30), "subject": _one_of(SUBJECTS)}),
    "times_per_week": ({"times": _number(1, 7)}, {"min_gap_hours": _number(1, 168)}),
    "times_per_day": ({"times": _number(1, 24)}, {}),
    "rolling_share": (
        {"percent": _PERCENT, "period": _one_of(PERIODS)},
        {
            "group": _one_of(GROUPS),
            "base": _one_of(BASES),
            "cover": _one_of(PERIODS),
            "make_up_days": _number(0, LONGEST_DAYS),
        },
    ),
    "nested_share": (
        {"percent_of_units": _PERCENT, "percent_of_people": _PERCENT, "period": _one_of(PERIODS)},
        {"cover": _one_of(PERIODS)},
    ),
    "day_list": (
        {"event": _event, "days": _days},
        {
            **_EVENT_PARTS,
            "variants": _variants,
            "isolation_days": _number(1, LONGEST_DAYS),
            "watch_days": _number(1, LONGEST_DAYS),
            "antibody": _flag,
        },
    ),
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
    return found or _contradictions(shape, params)


def _contradictions(shape: str, params: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return the parameters that the others rule out: nobody could follow such a rule."""
    found = []
    if shape == "times_per_week":
        gap = int(params.get("min_gap_hours", HOURS_A_DAY))
        if (params["times"] - 1) * -(-gap // HOURS_A_DAY) >= DAYS_A_WEEK:
            found.append("min_gap_hours")
    longer = params.get("cover")
    if longer is not None and PERIODS.index(longer) <= PERIODS.index(params["period"]):
        found.append("cover")
    if params.get("subject", "person") != "person":
        found.extend(name for name in ("vaccinated", "notice_days") if name in params)
    if shape.startswith("every_n") and "event" not in params:
        found.extend(name for name in (*_EVENT_PARTS, "within_days") if name in params)
    if shape == "day_list":
        found.extend(_beyond(params))
    return [(name, CONTRADICTORY) for name in found]


def _beyond(params: Mapping[str, Any]) -> list[str]:
    """Return what of a day list lies outside isolation and home watch, or has no isolation to be after."""
    isolation = params.get("isolation_days")
    if isolation is None:
        return ["watch_days"] if "watch_days" in params else []
    last = isolation + params.get("watch_days", 0)
    lists = {"days": params["days"], **params.get("variants", {})}
    beyond = [name for name, days in lists.items() if days[-1] > last or days[0] > isolation]
    return list(dict.fromkeys("days" if name == "days" else "variants" for name in beyond))


def track(shape: str, params: Mapping[str, Any]) -> tuple[str, str]:
    """Return which rules a rule stands beside: those of shares, of people or of things."""
    return ("share" if shape in SHARES else "duty", params.get("subject", "person"))


def contradicts(shape: str, other: str) -> bool:
    """Say whether two shapes of one track cannot both be the law of one place and day.

    Of two calendars the strictest binds, of two lists after an event both; of one of each nobody could
    say which was meant.
    """
    return (shape in AFTER_EVENTS) != (other in AFTER_EVENTS)
