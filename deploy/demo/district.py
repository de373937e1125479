"""A made-up district: offices, townships, units, laboratories and the people on their rosters.

Pure: the same seed, day and sizes give the same district.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random
from typing import Final

from deploy.demo import identifiers
from deploy.demo.catalogue import (
    EMPLOYMENT_TYPES,
    GIVEN_WORDS,
    LAB_NAMES,
    OFFICES,
    PATIENT_CATEGORIES,
    SURNAMES,
    TOWNSHIP_NAMES,
    TRADES,
    UNIT_WORDS,
    Category,
    Trade,
)
from deploy.demo.records import Department, District, Enrolment, Lab, Person, Unit

RESTAURANT: Final = "海棠餐厅"
RESTAURANT_STAFF: Final = 6
OTHER_DOCUMENTS: Final = 0.02
SECOND_ENROLMENTS: Final = 0.02

Slot = tuple[Unit, Category]


@dataclass(frozen=True, slots=True)
class Sizes:
    """How big the district is; `people` have a category, `voluntary` have none."""

    townships: int = 9
    departments: int = 20
    units: int = 300
    people: int = 20_000
    voluntary: int = 10_000
    labs: int = 6


def generate(rng: Random, *, today: date, sizes: Sizes | None = None) -> District:
    """Return a district of the given sizes, drawn from the randomness alone."""
    sizes = sizes or Sizes()
    townships = tuple(_townships(sizes.townships))
    units = tuple(_units(rng, sizes.units, townships))
    people = _people(rng, sizes.people, units, today)
    return District(
        departments=tuple(_departments(sizes.departments)),
        townships=townships,
        units=units,
        labs=tuple(_labs(sizes.labs)),
        people=tuple(people),
        voluntary=tuple(
            make_person(rng, today=today, township_code=rng.choice(townships).code)
            for _ in range(sizes.voluntary)
        ),
    )


def make_person(rng: Random, *, today: date, township_code: str) -> Person:
    """Return somebody who is enrolled nowhere."""
    born = identifiers.birth_date(rng, today=today)
    id_type, id_no = "resident_id", identifiers.resident_id(rng, born=born)
    if _chance(rng, OTHER_DOCUMENTS):
        id_type, id_no = identifiers.other_document(rng)
    vaccinated = today - timedelta(days=rng.randint(1, 300)) if _chance(rng, 0.7) else None
    return Person(
        id_type=id_type,
        id_no=id_no,
        name=person_name(rng),
        phone=identifiers.mobile(rng) if _chance(rng, 0.95) else None,
        health_code_id=identifiers.health_code_id(rng),
        township_code=township_code,
        vaccination_completed_on=vaccinated,
        code_later=_chance(rng, 0.01),
    )


def person_name(rng: Random) -> str:
    """Return a name of two or three characters."""
    return rng.choice(SURNAMES) + "".join(rng.choices(GIVEN_WORDS, k=rng.choice((1, 2, 2))))


def _chance(rng: Random, share: float) -> bool:
    return rng.random() < share


def _contact(rng: Random) -> dict[str, str]:
    return {"name": person_name(rng), "phone": identifiers.mobile(rng)}


def _departments(count: int) -> Iterator[Department]:
    """Yield offices whose content depends on their code alone: districts of two seeds share them."""
    for office in OFFICES[:count]:
        contact = _contact(Random(office.code))
        yield Department(office.code, office.name, office.level, office.role, office.parent_code, contact)


def _townships(count: int) -> Iterator[Department]:
    for number in range(count):
        name = TOWNSHIP_NAMES[number] if number < len(TOWNSHIP_NAMES) else f"第{number + 1}镇"
        code = f"T{number + 1:02d}"
        yield Department(code, name, "township", None, "HQ", _contact(Random(code)))


def _labs(count: int) -> Iterator[Lab]:
    for number in range(count):
        yield Lab(f"LAB{number + 1:02d}", LAB_NAMES[number % len(LAB_NAMES)])


def _units(rng: Random, count: int, townships: tuple[Department, ...]) -> Iterator[Unit]:
    """Yield the restaurant of requirement row 37 first, then every trade by its share."""
    catering = next(trade for trade in TRADES if trade.key == "catering")
    restaurant = _unit(rng, catering, townships[0])
    yield replace(restaurant, name=RESTAURANT, department_code=catering.department_code)
    trades = [trade for trade in TRADES for _ in range(trade.weight)]
    rest = [*TRADES, *rng.choices(trades, k=max(0, count - 1 - len(TRADES)))]
    for number, trade in enumerate(rest[: count - 1]):
        yield _unit(rng, trade, townships[number % len(townships)])


def _unit(rng: Random, trade: Trade, township: Department) -> Unit:
    by_licence = trade.licensed and _chance(rng, 0.2)
    return Unit(
        unit_code=identifiers.licence_no(rng) if by_licence else identifiers.credit_code(rng),
        unit_code_type="licence" if by_licence else "uscc",
        name=f"{township.name}{''.join(rng.sample(UNIT_WORDS, 2))}{trade.label}",
        trade=trade,
        township_code=township.code,
        department_code=trade.department_code if _chance(rng, 0.95) else None,
        contact=_contact(rng),
    )


def _people(rng: Random, count: int, units: tuple[Unit, ...], today: date) -> Iterator[Person]:
    restaurant, others = units[0], units[1:]
    staff = min(RESTAURANT_STAFF, count)
    for _ in range(staff):
        yield _enrolled(rng, [(restaurant, restaurant.trade.categories[0])], today)
    slots = [(unit, category) for unit in others for category in unit.trade.categories]
    weights = [category[1] for _, category in slots]
    # Every category has somebody before any has two.
    first = list({category[0]: (unit, category) for unit, category in slots}.values())
    drawn = first + rng.choices(slots, weights, k=max(0, count - staff - len(first)))
    for slot in drawn[: count - staff]:
        second = [rng.choices(slots, weights)[0]] if _chance(rng, SECOND_ENROLMENTS) else []
        yield _enrolled(rng, [slot, *(other for other in second if other != slot)], today)


def _enrolled(rng: Random, slots: list[Slot], today: date) -> Person:
    person = make_person(rng, today=today, township_code=slots[0][0].township_code)
    enrolments = tuple(_enrolment(rng, unit, category, today) for unit, category in slots)
    return replace(person, enrolments=enrolments)


def _enrolment(rng: Random, unit: Unit, category: Category, today: date) -> Enrolment:
    code, _, place = category
    return Enrolment(
        unit_code=unit.unit_code,
        category_code=code,
        department_in_unit=place,
        employment_type=None if code in PATIENT_CATEGORIES else rng.choice(EMPLOYMENT_TYPES),
        enrolled_on=today - timedelta(days=rng.randint(0, 400)),
    )
