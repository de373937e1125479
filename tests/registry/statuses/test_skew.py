"""A person's duty follows what commits beside it: a rule, a unit's place, a category, a health code."""

from typing import Any, Final
from uuid import UUID

import pytest

from registry.categories import jobs
from registry.events import service as events
from registry.events.schemas import EventIn
from registry.people.preparing import people_rows
from registry.people.service import take_in
from registry.units import service as units
from registry.units.schemas import UnitPatch
from shared.clock import day_of
from shared.context import Context
from shared.db import Session
from shared.security.principal import Principal
from tests.registry.conftest import NOON
from tests.support.district import District, coded
from tests.support.meeting import Work, meet

CLERK: Final = Principal("clerk", "clerk", "person", frozenset({"admin"}))
STAY: Final = {"unit_code": "U-1", "category_code": "8A1", "enrolled_on": "2030-11-01"}
DENSER: Final = {
    "effective_from": "2030-11-20",
    "effective_to": "2030-12-31",
    "area_code": "TOWN-02",
    "shape": "every_n_days",
    "params": {"days": 2},
}


def registry(district: District) -> Context[Any]:
    """Return the context of registry."""
    return district.system.context("registry")


def entering(district: District, *rows: dict[str, Any]) -> Work:
    """Return what enters rows about people."""
    context = registry(district)

    async def work(session: Session) -> None:
        good, wrong = people_rows(context.index, list(rows), day_of(NOON))
        assert not wrong
        await take_in(session, context, good, who=CLERK, now=NOON)

    return work


def rule(days: int) -> dict[str, Any]:
    """Return a rule from today on."""
    return {"effective_from": "2030-11-20", "shape": "every_n_days", "params": {"days": days}}


async def due(district: District, number: int = 1) -> str:
    """Return the day on which somebody's sample is due."""
    return str((await district.status(number))["due_on"])


async def followed(district: District) -> None:
    """Let the schedule work out whoever is concerned."""
    async with registry(district).db.transaction() as session:
        while await jobs.refresh(session, registry(district)):
            pass


@pytest.fixture
async def town(district: District) -> District:
    """Enter two units of two towns."""
    await district.unit("U-1")
    await district.unit("U-2", township_code="TOWN-02")
    return district


async def test_a_unit_that_moves_takes_along_who_is_enrolled_at_that_moment(town: District) -> None:
    await town.post("/v1/categories/8A1/rules", DENSER)
    await town.people(coded(1))
    await town.negative(1, NOON)
    moved = town.patch("/v1/units/U-1", {"township_code": "TOWN-02"})
    await meet(town.system, entering(town, coded(1, **STAY)), moved)
    assert await due(town) == "2030-11-22"


async def test_a_rule_binds_who_is_enrolled_in_its_category_at_that_moment(town: District) -> None:
    await town.people(coded(1))
    await town.negative(1, NOON)
    row = coded(1, **STAY)
    await meet(town.system, entering(town, row), town.post("/v1/categories/8A1/rules", rule(3)))
    assert await due(town) == "2030-11-23"


async def test_a_rule_binds_who_comes_back_to_its_category_at_that_moment(town: District) -> None:
    row = coded(1, **STAY)
    await town.people(row | {"left_on": "2030-11-10"})
    await town.negative(1, NOON)
    again = row | {"enrolled_on": "2030-11-15"}
    await meet(town.system, entering(town, again), town.post("/v1/categories/8A1/rules", rule(3)))
    assert await due(town) == "2030-11-23"


async def test_a_rule_of_the_vaccinated_binds_who_is_enrolled_to_become_one_at_that_moment(
    town: District,
) -> None:
    await town.people(coded(1, vaccination_completed_on="2030-01-01"))
    await town.negative(1, NOON)
    row = coded(1, **STAY | {"category_code": "8A3"})
    await meet(town.system, entering(town, row), town.post("/v1/categories/8A2/rules", rule(5)))
    assert await due(town) == "2030-11-25"


async def test_a_rule_of_a_town_binds_whose_unit_moves_there_at_that_moment(town: District) -> None:
    await town.people(coded(1, **STAY))
    await town.negative(1, NOON)
    patch = UnitPatch(township_code="TOWN-02")

    async def moving(session: Session) -> None:
        await units.change(session, registry(town), patch, unit_code="U-1", who=CLERK, now=NOON)

    await meet(town.system, moving, town.post("/v1/categories/8A1/rules", DENSER))
    assert await due(town) == "2030-11-22"


async def test_a_rule_of_visits_binds_who_visits_at_that_moment(town: District) -> None:
    await town.people(coded(1))
    person_id = UUID((await town.found())["person_id"])
    visit = EventIn.model_validate({"kind": "fever_visit", "at": NOON.replace(hour=10).isoformat()})

    async def visiting(session: Session) -> None:
        await events.add(session, registry(town), visit, person_id=person_id, who=CLERK, now=NOON)

    params = {"event": "fever_visit", "within_days": 3}
    later = {"effective_from": "2030-11-20", "shape": "on_event", "params": params}
    await meet(town.system, visiting, town.post("/v1/categories/6/rules", later))
    assert await due(town) == "2030-11-23"


async def test_a_rule_of_a_department_binds_the_people_of_a_unit_that_comes_to_it(town: District) -> None:
    await town.department("MARKET")
    await town.people(coded(1, **STAY), coded(2, **STAY | {"unit_code": "U-2"}))
    for number in (1, 2):
        await town.negative(number, NOON)
    await town.post("/v1/categories/8A1/rules", DENSER | {"area_code": "MARKET"})
    assert [await due(town, number) for number in (1, 2)] == ["2030-11-27", "2030-11-27"]
    await town.patch("/v1/units/U-1", {"department_code": "MARKET"})
    assert [await due(town, number) for number in (1, 2)] == ["2030-11-22", "2030-11-27"]
    row = {"industry_prefix": "62", "department_code": "MARKET", "basis": "清单"}
    assert (await town.post("/v1/industry-map", row | {"effective_from": "2030-01-01"}))["units_changed"] == 1
    await followed(town)
    assert [await due(town, number) for number in (1, 2)] == ["2030-11-22", "2030-11-22"]


async def test_a_rule_of_a_district_binds_the_people_of_a_town_that_comes_to_it(town: District) -> None:
    await town.department("DISTRICT-9", "district")
    await town.people(coded(1, **STAY))
    await town.negative(1, NOON)
    await town.post("/v1/categories/8A1/rules", DENSER | {"area_code": "DISTRICT-9"})
    assert await due(town) == "2030-11-27"
    await town.patch("/v1/departments/TOWN-01", {"parent_code": "DISTRICT-9"})
    await followed(town)
    assert await due(town) == "2030-11-22"
