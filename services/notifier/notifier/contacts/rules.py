"""Pure: which bodies answer for people and units."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

# Stand in until registry has told of a department with the role; re-addressed when it does.
NO_CDC: Final = "CDC"
NO_HEADQUARTERS: Final = "HEADQUARTERS"


@dataclass(frozen=True, slots=True, order=True)
class Body:
    """A recipient; `placeholder` marks one that stands in for a body nobody knows yet."""

    type: str
    code: str
    placeholder: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Unit:
    """Where a unit lies and who is its sector department, if that is settled."""

    township_code: str
    department_code: str | None


@dataclass(frozen=True, slots=True)
class Directory:
    """What is known of the people and units in question, and of the bodies with a role."""

    people: Mapping[UUID, tuple[str, ...]]
    units: Mapping[str, Unit]
    cdc: tuple[str, ...]
    headquarters: tuple[str, ...]
    leaders: tuple[str, ...] = ()

    def cdc_bodies(self) -> tuple[Body, ...]:
        """Return every CDC, or the placeholder."""
        return tuple(Body("cdc", code) for code in self.cdc) or (Body("cdc", NO_CDC, placeholder=True),)

    def headquarters_bodies(self) -> tuple[Body, ...]:
        """Return every headquarters, or the placeholder."""
        return tuple(Body("district", code) for code in self.headquarters) or (
            Body("district", NO_HEADQUARTERS, placeholder=True),
        )

    def leaders_bodies(self) -> tuple[Body, ...]:
        """Return the district's leaders, or headquarters where nobody has that role."""
        return tuple(Body("district", code) for code in self.leaders) or self.headquarters_bodies()

    def department_bodies(self, department_code: str | None) -> tuple[Body, ...]:
        """Return a sector department; headquarters where none is settled."""
        if department_code is None:
            return self.headquarters_bodies()
        return (Body("cdc" if department_code in self.cdc else "department", department_code),)

    def over_unit(self, unit_code: str | None) -> frozenset[Body]:
        """Return the township and department of a unit; headquarters where no department is settled."""
        unit = self.units.get(unit_code or "")
        if unit is None:
            return frozenset()
        bodies = {Body("township", unit.township_code)}
        if unit.department_code is None:
            bodies.update(self.headquarters_bodies())
        elif unit.department_code not in self.cdc:
            bodies.add(Body("department", unit.department_code))
        return frozenset(bodies)

    def over_people(self, person_ids: Iterable[UUID]) -> dict[Body, int]:
        """Return the bodies over these people's units, with how many of the people each answers for."""
        counts: dict[Body, int] = {}
        for person_id in person_ids:
            codes = self.people.get(person_id, ())
            for body in frozenset[Body]().union(*(self.over_unit(code) for code in codes)):
                counts[body] = counts.get(body, 0) + 1
        return counts
