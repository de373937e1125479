"""The made-up district is repeatable, complete, and passes the checks of the wire."""

from datetime import date
from random import Random

import pytest

from deploy.demo.catalogue import OFFICES
from deploy.demo.district import RESTAURANT, RESTAURANT_STAFF, Sizes, generate
from deploy.demo.records import District
from shared.identifiers import check_credit_code, check_health_code_id, check_id_no, is_mobile

TODAY = date(2026, 11, 21)
SMALL = Sizes(units=60, people=800, voluntary=200)


@pytest.fixture(scope="module")
def district() -> District:
    """A district that is quick to make."""
    return generate(Random(1), today=TODAY, sizes=SMALL)


def test_the_same_seed_gives_the_same_district(district: District) -> None:
    assert generate(Random(1), today=TODAY, sizes=SMALL) == district


def test_another_seed_gives_other_people(district: District) -> None:
    other = generate(Random(2), today=TODAY, sizes=SMALL)
    assert not {p.id_no for p in other.everybody} & {p.id_no for p in district.everybody}


def test_the_sizes_are_those_asked_for(district: District) -> None:
    assert [len(district.townships), len(district.departments), len(district.units)] == [9, 20, 60]
    assert [len(district.people), len(district.voluntary), len(district.labs)] == [800, 200, 6]


def test_every_role_of_a_department_is_there(district: District) -> None:
    roles = {department.role for department in district.departments} - {None}
    assert roles == {"headquarters", "leaders", "cdc", "health_bureau", "bureau_section", "approvals"}
    assert len(OFFICES) == len({office.code for office in OFFICES})


def test_every_category_has_somebody_and_volunteers_have_none(district: District) -> None:
    categories = {e.category_code for person in district.people for e in person.enrolments}
    assert {"6", "7A", "7B", "7C", "7D", "8A1", "8A2", "8A3", "8A4", "LOCAL-CDC"} <= categories
    assert len(categories) == 19
    assert not any(person.enrolments for person in district.voluntary)


def test_numbers_pass_their_checks_and_are_nobody_elses(district: District) -> None:
    people = district.everybody
    assert all(check_id_no(p.id_type, p.id_no, TODAY) is None for p in people)
    assert all(check_health_code_id(p.health_code_id) is None for p in people)
    assert all(is_mobile(p.phone) for p in people if p.phone)
    assert len({p.id_no for p in people}) == len({p.health_code_id for p in people}) == len(people)
    assert all(p.id_no.startswith("99") for p in people if p.id_type == "resident_id")


def test_units_have_a_valid_credit_code_or_a_licence(district: District) -> None:
    by_code = [unit for unit in district.units if unit.unit_code_type == "uscc"]
    assert all(check_credit_code(unit.unit_code) for unit in by_code)
    assert len(by_code) < len(district.units)


def test_the_restaurant_has_six_people(district: District) -> None:
    restaurant = district.units[0]
    staff = [p for p in district.people if p.enrolments[0].unit_code == restaurant.unit_code]
    assert restaurant.name == RESTAURANT
    assert staff == list(district.people[:RESTAURANT_STAFF])


def test_a_row_carries_no_empty_field(district: District) -> None:
    rows = list(district.rows())
    assert len(rows) >= len(district.everybody)
    assert all(value is not None for row in rows for value in row.values())


def test_offices_are_the_same_in_every_district(district: District) -> None:
    other = generate(Random(2), today=TODAY, sizes=SMALL)
    assert other.departments + other.townships == district.departments + district.townships


def test_a_parent_comes_before_its_children(district: District) -> None:
    seen: set[str] = set()
    for department in district.departments + district.townships:
        assert department.parent_code is None or department.parent_code in seen
        seen.add(department.code)
