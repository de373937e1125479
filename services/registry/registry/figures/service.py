"""Compliance figures as they were counted, inside the caller's area, and the people behind each number."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from sqlalchemy import RowMapping

from registry.figures import errors, queries
from registry.figures.rules import DAY, WEEK, monday_of
from registry.people.storing import masked_name
from shared.audit.recording import record
from shared.clock import SHANGHAI, day_of, midnight
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one
from shared.security.access import Principal
from shared.web.periods import PERIOD_REVERSED, PERIOD_TOO_LONG, refused

PEOPLE_PATH: Final = "/v1/figures/people"
WEEKS_SHOWN: Final = 12
DECIMALS: Final = 4


@dataclass(frozen=True, slots=True)
class Asked:
    """Weeks by their Mondays, both included, how they are grouped, and what narrows the figures."""

    by: str | None
    first: date
    last: date
    unit_code: str | None = None
    category_code: str | None = None
    department_code: str | None = None
    township_code: str | None = None

    @property
    def filters(self) -> dict[str, str | None]:
        """Return what narrows them."""
        names = ("unit_code", "category_code", "department_code", "township_code")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class Place:
    """Where a list of people goes on: after somebody in a row of the store."""

    week_on: date
    unit_code: str
    category_code: str
    part: int
    person_id: UUID


def weeks_of(
    *, by: str | None, first: date | None, last: date | None, today: date, longest: int
) -> tuple[date, date]:
    """Return the Mondays of the weeks that two days lie in; Problem 422.

    Without days: by week the last twelve, otherwise the last week that is over.
    """
    running = monday_of(today)
    default = running if by == "week" or first is not None else running - WEEK
    end = monday_of(last) if last is not None else default
    back = (WEEKS_SHOWN - 1) * WEEK if by == "week" else 0 * DAY
    begin = monday_of(first) if first is not None else min(end, end - back)
    for name, day in (("from", first), ("to", last)):
        if day is not None and monday_of(day) > running:
            raise refused(name, errors.WEEK_IN_FUTURE)
    if end < begin:
        raise refused("to", PERIOD_REVERSED)
    if end - begin >= longest * WEEK:
        raise refused("to", PERIOD_TOO_LONG)
    return begin, end


async def report(
    session: Session, *, asked: Asked, who: Principal, after: str | None, limit: int, now: datetime
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return up to `limit` rows of a grouping after a key, and the total of all its rows."""
    by = asked.by or "week"
    parameters = _parameters(asked, who)
    rows = await fetch_all(session, queries.ROWS[by], after=after, limit=limit, **parameters)
    total = await fetch_one(session, queries.TOTAL, **parameters)
    if total is None:
        raise RuntimeError("a sum without a row")
    return [_row(row, by, asked) for row in rows], {
        **_figures(total),
        "so_far": asked.last + WEEK > day_of(now),
        "people": _links(asked, {}),
    }


async def lowest(session: Session, *, asked: Asked, who: Principal, limit: int) -> list[dict[str, Any]]:
    """Return the rows of a grouping with the lowest shares, those first."""
    by = asked.by or "week"
    rows = await fetch_all(session, queries.LOWEST[by], limit=limit, **_parameters(asked, who))
    return [_row(row, by, asked) for row in rows]


async def people(
    session: Session,
    context: Context[Any],
    *,
    asked: Asked,
    key: str | None,
    outcome: str | None,
    who: Principal,
    after: Place | None,
    limit: int,
    now: datetime,
) -> list[dict[str, Any]]:
    """Return up to `limit` people behind a figure after a place, names masked; the look is recorded.

    With `by` those of one row of that grouping. Whose unit lies in another area today is not named.
    """
    start = after or Place(asked.first, "", "", -1, UUID(int=0))
    rows = await fetch_all(
        session,
        queries.PEOPLE[asked.by or "week"],
        key=None if asked.by is None else key or "",
        outcome=outcome,
        after_week=start.week_on,
        after_unit=start.unit_code,
        after_category=start.category_code,
        after_part=start.part,
        after_person=start.person_id,
        limit=limit,
        **_parameters(asked, who),
    )
    await record(
        session, context, who=who, action="figures.people", subject=asked.by, rows=len(rows), now=now
    )
    return [_person(context, row) for row in rows]


async def ask_again(
    session: Session, context: Context[Any], *, day: date, who: Principal, now: datetime
) -> date:
    """Let a week be counted again, also one that is no longer followed; return its Monday. Problem 422."""
    week_on = monday_of(day)
    if week_on > monday_of(day_of(now)):
        raise refused("week", errors.WEEK_IN_FUTURE)
    await execute(session, queries.ASK, week_on=week_on, now=now)
    await record(session, context, who=who, action="figures.count", subject=week_on.isoformat(), now=now)
    return week_on


def _parameters(asked: Asked, who: Principal) -> dict[str, Any]:
    return {
        "first": asked.first,
        "last": asked.last,
        "area_township": who.township,
        "area_department": who.department,
        **asked.filters,
    }


def _row(row: RowMapping, by: str, asked: Asked) -> dict[str, Any]:
    narrowed = {"by": by, **({"key": row["key"]} if row["key"] else {})}
    return {
        "key": row["key"] or None,
        "name": row["name"],
        **_figures(row),
        "people": _links(asked, narrowed),
    }


def _figures(row: Mapping[str, Any] | RowMapping) -> dict[str, Any]:
    closed = None
    if row["closed_denominator"] is not None:
        closed = {"numerator": row["closed_numerator"], "denominator": row["closed_denominator"]}
    return {
        **{name: row[name] for name in ("numerator", "denominator", "late", "missed", "never_tested")},
        "share": share_of(row["numerator"], row["denominator"]),
        "at_close": closed,
        "as_of": row["as_of"] and row["as_of"].astimezone(SHANGHAI),
    }


def share_of(numerator: int, denominator: int) -> float | None:
    """Return the part of one, None of nobody."""
    return round(numerator / denominator, DECIMALS) if denominator else None


def _links(asked: Asked, narrowed: Mapping[str, str]) -> dict[str, str]:
    """Return where the people behind the numerator and the denominator are listed."""
    days = {"from": asked.first.isoformat(), "to": (asked.last + WEEK - DAY).isoformat()}
    query = {**days, **{name: code for name, code in asked.filters.items() if code}, **narrowed}
    return {
        "numerator": f"{PEOPLE_PATH}?{urlencode({**query, 'outcome': 'met'})}",
        "denominator": f"{PEOPLE_PATH}?{urlencode(query)}",
    }


def _person(context: Context[Any], row: RowMapping) -> dict[str, Any]:
    name = None
    if row["sealed_contact"]:
        name = masked_name(context, row["sealed_contact"])
    ends_at = midnight(row["week_on"] + WEEK)
    last = min(row["as_of"].astimezone(SHANGHAI), ends_at).replace(microsecond=0).isoformat()
    return {
        "week": row["week_on"],
        "person_id": row["person_id"],
        "health_code_id": row["health_code_id"],
        "name_masked": name,
        "unit_code": row["unit_code"] or None,
        "category_code": row["category_code"],
        "township_code": row["township_code"],
        "department_code": row["department_code"],
        "outcome": row["outcome"],
        "as_of": row["as_of"].astimezone(SHANGHAI),
        "explained_by": f"/v1/people/{row['person_id']}/clearance?{urlencode({'at': last})}",
        "part": row["part"],
    }


def place_of(person: Mapping[str, Any]) -> dict[str, Any]:
    """Return where somebody stands in the list, for a cursor."""
    return {
        "week": person["week"].isoformat(),
        "unit_code": person["unit_code"] or "",
        "category_code": person["category_code"],
        "part": person["part"],
        "person_id": str(person["person_id"]),
    }
