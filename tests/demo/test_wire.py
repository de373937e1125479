"""What the generator makes is what the services accept."""

import json
from datetime import date, datetime
from importlib.resources import files
from random import Random
from zoneinfo import ZoneInfo

import pytest

from deploy.demo.day import Day, DaySizes, plan
from deploy.demo.district import Sizes, generate
from deploy.demo.records import District
from registry.departments.schemas import DepartmentIn
from registry.people.schemas import HealthCodeIn, PersonIn
from registry.units.schemas import UnitIn
from results_ingest.tubes.schemas import TubeIn

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="module")
def district() -> District:
    """A district that is quick to make."""
    return generate(Random(1), today=date(2026, 1, 1), sizes=Sizes(units=60, people=800, voluntary=200))


@pytest.fixture(scope="module")
def day(district: District) -> Day:
    """Its day."""
    return plan(Random(2), district, tag="d1", now=NOW, sizes=DaySizes(tested=600, batch_rows=100))


def test_departments_and_units_have_the_shape_of_the_wire(district: District) -> None:
    for department in district.departments + district.townships:
        DepartmentIn.model_validate(department.wire())
    for unit in district.units:
        UnitIn.model_validate(unit.wire())


def test_people_and_later_codes_have_the_shape_of_the_wire(district: District) -> None:
    for row in district.rows():
        PersonIn.model_validate(row)
    for person in district.everybody:
        HealthCodeIn.model_validate(person.code_row())


def test_tubes_have_the_shape_of_the_wire(day: Day) -> None:
    for tube in day.tubes + day.late_tubes + day.refused_tubes:
        TubeIn.model_validate(json.loads(json.dumps(tube.wire())))


def test_every_shipped_category_has_somebody(district: District) -> None:
    text = files("registry.categories").joinpath("categories.json").read_text(encoding="utf-8")
    shipped = {category["code"] for category in json.loads(text)["categories"]}
    assert shipped == {e.category_code for person in district.people for e in person.enrolments}
