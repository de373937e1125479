"""A row about a person, the person as known, and what the two are judged against: values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

Document = tuple[str, bytes]
Place = tuple[str | None, str | None]


@dataclass(frozen=True, slots=True)
class Row:
    """One checked row; the document and the names are keyed indexes, the rest as sent.

    Without `name_index` the name stays as it is known, so that the person must be known.
    """

    number: int
    document: Document
    id_no: str
    name: str
    name_index: bytes | None
    phone: str | None = None
    phone_index: bytes | None = None
    health_code_id: str | None = None
    vaccination_completed_on: date | None = None
    unit_code: str | None = None
    category_code: str | None = None
    department_in_unit: str | None = None
    employment_type: str | None = None
    enrolled_on: date | None = None
    left_on: date | None = None

    @property
    def place(self) -> Place | None:
        """Return (unit, category) if the row enrols somewhere."""
        if self.unit_code is None and self.category_code is None:
            return None
        return self.unit_code, self.category_code


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A person's enrolment in a unit and a category; from `left_on` on it no longer holds.

    `derived_from`: the entry of the list of hospital departments that gave the category (row 10); None
    for a category that was given, or none.
    """

    enrolled_on: date
    left_on: date | None = None
    department_in_unit: str | None = None
    employment_type: str | None = None
    derived_from: int | None = None

    def ends_after(self, day: date) -> bool:
        """Tell whether the person is enrolled on a day, or will be later."""
        return self.left_on is None or day < self.left_on


@dataclass(slots=True)
class Person:
    """A person as stored, then as the rows leave them. `new_*` hold what must be sealed anew."""

    new: bool
    name_index: bytes
    phone_index: bytes | None = None
    health_code_id: str | None = None
    vaccination_completed_on: date | None = None
    enrolments: dict[Place, Enrolment] = field(default_factory=dict)
    new_name: str | None = None
    new_phone: str | None = None
    changed: set[str] = field(default_factory=set)
    changed_places: set[Place] = field(default_factory=set)
    lost_codes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Stored:
    """What the database holds beside what the rules see."""

    person_id: UUID
    version: int
    sealed_contact: bytes


@dataclass(frozen=True, slots=True)
class Derived:
    """The category that a hospital department stands for, and the entry of the list that says so."""

    category_code: str
    entry_id: int


@dataclass(frozen=True, slots=True)
class Known:
    """What the rows are judged against; `units` and `holders` may grow narrower by area and order.

    `departments`: what the list says today of a (unit, department as sent), in hospitals only.
    """

    today: date
    units: frozenset[str]
    categories: frozenset[str]
    holders: dict[str, Document]
    unit_needed: bool = False
    departments: Mapping[tuple[str, str], Derived] = field(default_factory=dict)


@dataclass(slots=True)
class Verdicts:
    """Counts and refusals: accepted + updated + rejected = rows."""

    accepted: int = 0
    updated: int = 0
    refused: list[tuple[int, str, str]] = field(default_factory=list)
