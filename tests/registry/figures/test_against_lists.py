"""What figures say agrees with the overdue lists, and costs statements by the set, never by the person."""

import random
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from registry.figures import counting, queries
from registry.figures.rules import DAY, monday_of
from registry.statuses import past
from shared.db import fetch_all
from tests.registry.conftest import NOON
from tests.registry.figures.scene import counted
from tests.support.district import District, coded
from tests.support.world import World

PEOPLE = 24


async def some_district(district: District, seed: int) -> None:
    """Enrol people in units and without, with samples, leave and tubes of every kind."""
    chance = random.Random(seed)
    for number in range(4):
        await district.unit(f"U-{number}", township_code=f"TOWN-0{number % 2}")
    for number in range(PEOPLE):
        begun = (NOON - timedelta(days=chance.randint(0, 40))).date()
        rows = [
            coded(
                number,
                category_code=chance.choice(("8A1", "LOCAL-CATERING")),
                enrolled_on=begun.isoformat(),
                **({"unit_code": unit} if unit else {}),
            )
            for unit in chance.sample(("U-0", "U-1", "U-2", "U-3", None), chance.choice((1, 1, 2)))
        ]
        await district.people(*rows)
        for _ in range(chance.randint(0, 4)):
            await district.negative(number, NOON - timedelta(hours=chance.randint(0, 24 * 20)))
        if not chance.randrange(5):
            person_id = (await district.found(number))["person_id"]
            until = (NOON + timedelta(days=chance.randint(0, 3))).date()
            kind = chance.choice(("leave", "suspended"))
            body = {"kind": kind, "from": "2030-11-01", "to": until.isoformat(), "reason": "休假"}
            await district.post(f"/v1/people/{person_id}/exemptions", body)


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_running_week_names_whom_the_overdue_list_names(district: District, seed: int) -> None:
    await some_district(district, seed)
    await counted(district)
    overdue = (await district.get("/v1/overdue", limit=1000))["people"]
    listed = (await district.get("/v1/figures/people", {"from": "2030-11-18"}, limit=1000))["people"]
    behind = {
        (each["person_id"], each["unit_code"], {"missed": "overdue"}.get(each["outcome"], each["outcome"]))
        for each in listed
        if each["outcome"] in ("missed", "never_tested")
    }
    assert behind == {(each["person_id"], each["unit_code"], each["due_state"]) for each in overdue}
    assert len(behind) > 3
    units = (await district.get("/v1/overdue/units"))["units"]
    report = (await district.get("/v1/figures", {"by": "unit", "from": "2030-11-18"}))["rows"]
    shown = {row["key"]: (row["missed"], row["never_tested"]) for row in report if row["key"]}
    for unit in units:
        assert shown[unit["unit_code"]] == (unit["overdue"], unit["never_tested"])


async def statements_of(world: World, unit: str, monday: date) -> int:
    """Return how many statements it takes to work out the people of a unit."""
    seen: list[str] = []

    def note(*details: Any) -> None:
        seen.append(details[2])

    engine = world.context.db.engine.sync_engine
    async with world.context.db.transaction() as session:
        book = await past.book_at(session, world.context, known_by=world.now)
        rows = await fetch_all(
            session, queries.PEOPLE_OF_UNITS, units=[unit], first=monday, last=monday + 6 * DAY
        )
        ids = [row["person_id"] for row in rows]
        event.listen(engine, "before_cursor_execute", note)
        try:
            found = await counting.outcomes_among(
                session, world.context, ids, book=book, monday=monday, now=world.now
            )
        finally:
            event.remove(engine, "before_cursor_execute", note)
    assert len(found) == len(ids)
    assert all(found.values())
    return len(seen)


async def test_a_thousand_people_take_as_many_statements_as_ten(world: World) -> None:
    world.clock.moment += timedelta(days=7)  # after whatever the database's own clock has stamped
    category = await world.category(days=7)
    for unit, number in (("U-1", 10), ("U-2", 1000)):
        await world.unit(unit)
        await world.people(number, category=category, unit=unit)
    monday = monday_of(world.now.date())
    few, many = [await statements_of(world, unit, monday) for unit in ("U-1", "U-2")]
    assert few == many < 12
