"""Weeks of a small district: planted units, the clock moved past Sunday, the evaluation asked for."""

import json
from datetime import datetime, timedelta
from typing import Any, Final

from registry.evaluations import service as evaluations
from tests.registry.conftest import NOON
from tests.support.district import District, coded

WEEK: Final = "2030-11-18"
SUNDAY: Final = datetime.fromisoformat("2030-11-24T12:00:00+08:00")
MONDAY: Final = datetime.fromisoformat("2030-11-25T00:00:30+08:00")
CATEGORY: Final = "LOCAL-CATERING"  # every seven days
TOLD: Final = (
    "SELECT convert_from(body, 'UTF8') FROM bus.message WHERE name = $1 ORDER BY created_at, message_id"
)


async def unit(
    district: District, code: str, *numbers: int, since: str = "2030-10-01", **fields: Any
) -> None:
    """Add a unit with these people."""
    await district.unit(code, **fields)
    rows = [coded(each, unit_code=code, category_code=CATEGORY, enrolled_on=since) for each in numbers]
    if rows:
        await district.people(*rows)


async def excused(district: District, number: int, kind: str) -> None:
    """Put somebody on leave, or suspend them, for the month."""
    person_id = (await district.found(number))["person_id"]
    body = {"kind": kind, "from": "2030-11-01", "to": "2030-11-30", "reason": "休假"}
    await district.post(f"/v1/people/{person_id}/exemptions", body)


async def evaluate(
    district: District, at: datetime | None = None, *, as_of: datetime | None = None
) -> dict[str, Any]:
    """Move the clock, ask for an evaluation and let it run to its end."""
    if at is not None:
        await district.system.set_clock(at)
    asked = {} if as_of is None else {"as_of": as_of.isoformat()}
    made = await district.post("/v1/evaluations", asked, status=202)
    shown: dict[str, Any] = {}
    for _ in range(3):
        await run(district)
        shown = await district.get(f"/v1/evaluations/{made['evaluation_id']}")
        if shown["status"] == "done":
            break
    assert shown["status"] == "done", shown
    return shown


async def run(district: District) -> None:
    """Do every step of the evaluations that are due."""
    context = district.system.context("registry")
    more = True
    while more:
        async with context.db.transaction() as session:
            more = await evaluations.run(session, context)


async def breaches(district: District, **query: Any) -> dict[str, dict[str, Any]]:
    """Return the breaches of a query by unit."""
    listed = (await district.get("/v1/breaches", query))["breaches"]
    return {each["unit_code"]: each for each in listed}


async def told(district: District, name: str = "week.breached", *, week: str = WEEK) -> list[dict[str, Any]]:
    """Return what notifier is told of a week under a name."""
    messages = [json.loads(row[0]) for row in await district.system.owner.fetch(TOLD, name)]
    return [each for each in messages if each["week"] == week]


def ago(days: int) -> datetime:
    """Return a time so many days before the Wednesday."""
    return NOON - timedelta(days=days)
