"""Weeks in breach as registry tells of them, and the cases that come of them, read over HTTP."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import httpx

from shared.clock import SHANGHAI
from shared.messages import WeekBreached
from shared.messages.breaches import BreachedPerson, BreachedShare
from tests.notifier.desk import Desk

FIRST = date(2030, 11, 18)  # the Monday of the first week; Mondays to Fridays are worked
LADDER = ("bulletin.unit", "task.written_report", "task.interview", "report.upward")


def monday(number: int) -> date:
    """Return the Monday of a week, counted from the first."""
    return FIRST + timedelta(weeks=number)


def judged(number: int) -> datetime:
    """Return when a week is judged: soon after its Sunday."""
    return datetime.combine(monday(number + 1), datetime.min.time(), SHANGHAI) + timedelta(minutes=10)


def breached(
    number: int, unit: str = "UNIT-01", *, department: str | None = "DEPT-01", **more: Any
) -> WeekBreached:
    """Return a unit's breach of a week."""
    person = BreachedPerson("overdue", monday(number).isoformat(), "8A1", UUID(int=7), "HC-0001")
    values: dict[str, Any] = {
        "kinds": ("frequency",), "people": (person,), "shares": (), "people_total": 1, "township_code": "TOWN-01",
    }  # fmt: skip
    return WeekBreached(
        breach_id=uuid5(NAMESPACE_URL, f"{unit} {monday(number)}"),
        week=monday(number).isoformat(),
        unit_code=unit,
        department_code=department,
        judged_at=judged(number).isoformat(),
        **(values | more),
    )


def share(check: str = "share", percent: int = 50) -> BreachedShare:
    """Return a group that missed its share."""
    days = ("2037-11-16", "2037-11-22") if check == "share" else ("2037-10-01", "2037-10-31")
    return BreachedShare(UUID(int=9), check, "骨科", "8A3", percent, 9, 20, *days)


async def tell_week(desk: Desk, number: int, *units: str, **more: Any) -> None:
    """Let the Monday come and its evaluation tell of these units."""
    await desk.system.set_clock(judged(number) + timedelta(minutes=1))
    await desk.tell(*(breached(number, unit, **more) for unit in units or ("UNIT-01",)))


async def case_of(desk: Desk, unit: str = "UNIT-01") -> dict[str, Any]:
    """Return the one case of a unit, as an administrator sees it."""
    [case] = await cases(desk, unit_code=unit)
    return case


async def cases(desk: Desk, **filters: str) -> list[dict[str, Any]]:
    """Return the cases that an administrator sees."""
    async with desk.client("admin") as admin:
        answer = await admin.get("/v1/cases", params=filters)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["cases"]
    return found


async def record(
    desk: Desk,
    client: httpx.AsyncClient,
    kind: str,
    *,
    unit: str = "UNIT-01",
    at: datetime | None = None,
    **more: Any,
) -> httpx.Response:
    """Record a step on a unit's case, by default as of now."""
    case = await case_of(desk, unit)
    at = at or await now(desk)
    body = {"kind": kind, "by": "经办人", "at": at.isoformat(), "note": "已办理"} | more
    return await client.post(f"/v1/cases/{case['case_id']}/steps", json=body)


async def now(desk: Desk) -> datetime:
    """Return the business time."""
    context = desk.system.context("notifier")
    async with context.db.transaction() as session:
        return await context.clock.now(session)


async def told(desk: Desk, kind: str, *, unit: str = "UNIT-01") -> list[tuple[str, str, bool]]:
    """Return to whom notices of a kind went, oldest first, and whether each still stands."""
    found = await desk.notices(kind=kind, subject_code=unit)
    return [(one["recipient"]["type"], one["recipient"]["code"], one["status"] != "revoked") for one in found]


async def counts(desk: Desk, unit: str = "UNIT-01") -> tuple[int, ...]:
    """Return how many bulletins, reports, interviews and reports upward stand at their department or above."""
    found = []
    for kind in LADDER:
        rows = await told(desk, kind, unit=unit)
        found.append(sum(stands and to != "township" for to, _, stands in rows))
    return tuple(found)
