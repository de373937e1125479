"""What a district consists of, each with its wire form of contract §4. Pure values."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from deploy.demo.catalogue import Trade


@dataclass(frozen=True, slots=True)
class Department:
    """An office or a township."""

    code: str
    name: str
    level: str
    role: str | None
    parent_code: str | None
    contact: dict[str, str]

    def wire(self) -> dict[str, Any]:
        """Return the body of POST /v1/departments."""
        return _without_nulls(
            code=self.code,
            name=self.name,
            level=self.level,
            role=self.role,
            parent_code=self.parent_code,
            contact=self.contact,
        )


@dataclass(frozen=True, slots=True)
class Unit:
    """An employer or institution; without `department_code` the industry map decides."""

    unit_code: str
    unit_code_type: str
    name: str
    trade: Trade
    township_code: str
    department_code: str | None
    contact: dict[str, str]

    def wire(self) -> dict[str, Any]:
        """Return the body of POST /v1/units."""
        return _without_nulls(
            unit_code=self.unit_code,
            unit_code_type=self.unit_code_type,
            name=self.name,
            industry_code=self.trade.industry_code,
            township_code=self.township_code,
            department_code=self.department_code,
            contact=self.contact,
        )


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A person's place in a unit under a category."""

    unit_code: str
    category_code: str
    department_in_unit: str | None
    employment_type: str | None
    enrolled_on: date


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody; `code_later` means that the health code is told after the roster was sent."""

    id_type: str
    id_no: str
    name: str
    phone: str | None
    health_code_id: str
    township_code: str
    enrolments: tuple[Enrolment, ...] = ()
    vaccination_completed_on: date | None = None
    code_later: bool = False

    def rows(self) -> list[dict[str, Any]]:
        """Return the rows of POST /v1/people/bulk: one per enrolment, one for a person without."""
        base = _without_nulls(
            health_code_id=None if self.code_later else self.health_code_id,
            id_type=self.id_type,
            id_no=self.id_no,
            name=self.name,
            phone=self.phone,
            vaccination_completed_on=_day(self.vaccination_completed_on),
        )
        return [base | _enrolment_fields(enrolment) for enrolment in self.enrolments] or [base]

    def code_row(self) -> dict[str, Any]:
        """Return the row of POST /v1/health-code-ids/bulk."""
        return {"id_type": self.id_type, "id_no": self.id_no, "health_code_id": self.health_code_id}


@dataclass(frozen=True, slots=True)
class Lab:
    """A testing laboratory."""

    lab_code: str
    name: str


@dataclass(frozen=True, slots=True)
class District:
    """The whole of it. People of the restaurant are the first of `people`."""

    departments: tuple[Department, ...]
    townships: tuple[Department, ...]
    units: tuple[Unit, ...]
    labs: tuple[Lab, ...]
    people: tuple[Person, ...]
    voluntary: tuple[Person, ...]

    @property
    def everybody(self) -> tuple[Person, ...]:
        """People with a category, then people without."""
        return self.people + self.voluntary

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield every row of POST /v1/people/bulk."""
        for person in self.everybody:
            yield from person.rows()


def _enrolment_fields(enrolment: Enrolment) -> dict[str, Any]:
    return _without_nulls(
        unit_code=enrolment.unit_code,
        category_code=enrolment.category_code,
        department_in_unit=enrolment.department_in_unit,
        employment_type=enrolment.employment_type,
        enrolled_on=_day(enrolment.enrolled_on),
    )


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _without_nulls(**fields: object) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
