"""A coming day's sampling: the list, what it asks of each site, the work order of a unit."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from registry.people.storing import masked_name
from registry.sampling_days import queries
from registry.sampling_days.rules import load_of
from registry.sampling_days.schemas import SamplersIn
from registry.units.reading import visible
from shared.audit.recording import record
from shared.context import Context
from shared.db import Session, fetch_all, fetch_one, full_sight
from shared.security.access import Principal

_TESTER: Final = ("institution_code", "institution_name", "lab_code", "place", "from_time")


@dataclass(frozen=True, slots=True)
class Filter:
    """What the caller asks for; the area narrows it."""

    unit_code: str | None = None
    institution_code: str | None = None
    township_code: str | None = None
    department_code: str | None = None


async def page(
    session: Session,
    context: Context[Any],
    *,
    who: Principal,
    wanted: Filter,
    day: date,
    after: tuple[UUID, str],
    limit: int,
    now: datetime,
) -> list[dict[str, Any]]:
    """Return who is to be sampled on a day, in person order; the look is recorded."""
    rows = await fetch_all(
        session,
        queries.PAGE,
        **_asked(context, who, wanted, day=day, now=now),
        after_person=after[0],
        after_unit=after[1],
        limit=limit,
    )
    await record(session, context, who=who, action="sampling.list", purpose="list", rows=len(rows), now=now)
    return [{**row, "name_masked": masked_name(context, row["sealed_contact"])} for row in rows]


async def workload(
    session: Session, context: Context[Any], *, who: Principal, wanted: Filter, day: date, now: datetime
) -> list[dict[str, Any]]:
    """Return what a day asks of each institution; the figures are those of the list."""
    rows = await fetch_all(session, queries.COUNTS, **_asked(context, who, wanted, day=day, now=now))
    codes = [row["institution_code"] for row in rows if row["institution_code"] is not None]
    async with full_sight(session):  # a hospital samples units of other towns
        counted = await fetch_all(session, queries.SAMPLERS, codes=codes, day=day)
    samplers = {row["unit_code"]: row["samplers"] for row in counted}
    per_sampler = context.settings.samples_per_sampler_day
    found = []
    for row in rows:
        has = samplers.get(row["institution_code"], 0)
        load = load_of(row["people"], samplers=has, per_sampler=per_sampler)
        figures = {"capacity": load.capacity, "used": load.used, "needed_samplers": load.needed}
        found.append({**row, "samplers": has, **figures, "additional_samplers": load.additional})
    return found


async def work_order(
    session: Session, context: Context[Any], *, unit_code: str, who: Principal, day: date, now: datetime
) -> dict[str, Any]:
    """Return who samples a unit on a day, where and when, and how many; Problem 404 outside the area."""
    unit = await visible(session, unit_code=unit_code, who=who)
    tester = await fetch_one(session, queries.TESTER, unit_code=unit_code, day=day)
    wanted = Filter(unit_code=unit_code)
    counts = await fetch_one(session, queries.COUNTS, **_asked(context, who, wanted, day=day, now=now))
    return {
        "unit_code": unit_code,
        "unit_name": unit["name"],
        "on": day,
        **{name: tester[name] if tester else None for name in _TESTER},
        **{name: counts[name] if counts else 0 for name in ("people", "before", "never_tested")},
    }


async def put_samplers(
    session: Session, wanted: SamplersIn, *, unit_code: str, who: Principal, now: datetime
) -> dict[str, Any]:
    """Keep how many samplers an institution has from a day on; Problem 404 outside the area."""
    await visible(session, unit_code=unit_code, who=who)
    row = await fetch_one(
        session,
        queries.PUT_SAMPLERS,
        unit_code=unit_code,
        **wanted.model_dump(),
        updated_by=who.client_id,
        now=now,
    )
    return dict(row or {})


def _asked(
    context: Context[Any], who: Principal, wanted: Filter, *, day: date, now: datetime
) -> dict[str, Any]:
    return {
        **asdict(wanted),
        "day": day,
        "pending_since": now - timedelta(hours=context.settings.display_pending_hours),
        "area_township": who.township,
        "area_department": who.department,
    }
