"""Where the tubes and rows of a demonstration day are gathered. Pure but for its own lists."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Final

from deploy.demo.records import Person
from deploy.demo.samples import Batch, Row, Times, Tube, by_code

LATE_HOURS: Final = 30
USUAL_HOURS: Final = 6


@dataclass(slots=True)
class Desk:
    """A day in the making. The last laboratory is the late one."""

    rng: Random
    tag: str
    now: datetime
    labs: list[str]
    rows: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))
    tubes: list[Tube] = field(default_factory=list)
    refused_tubes: list[Tube] = field(default_factory=list)
    late_tubes: list[Tube] = field(default_factory=list)
    late_people: list[Person] = field(default_factory=list)
    afternoon: list[tuple[str, Row]] = field(default_factory=list)
    numbers: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def late_lab(self) -> str:
        """The laboratory whose samples of yesterday come after everybody else's."""
        return self.labs[-1]

    def lab_of(self, person: Person) -> str:
        """Return the laboratory that serves a person's township."""
        return self.labs[int(person.township_code[1:]) % len(self.labs)]

    def times(self, lab: str) -> Times:
        """Return when a sample was taken, received, tested and released."""
        hours = LATE_HOURS if lab == self.late_lab else USUAL_HOURS
        before = timedelta(hours=hours, seconds=self.rng.randint(0, 7_200))
        collected = (self.now - before).replace(microsecond=0)
        received = collected + timedelta(minutes=self.rng.randint(40, 100))
        tested = received + timedelta(minutes=self.rng.randint(90, 150))
        return Times(collected, received, tested, tested + timedelta(minutes=self.rng.randint(5, 20)))

    def tube(
        self, people: Sequence[Person], *, capacity: int, lab: str | None = None, **extra: object
    ) -> Tube:
        """Return a tube with a code of its own; it is not yet bound."""
        lab = lab or self.lab_of(people[0])
        self.numbers["tube"] += 1
        return Tube(
            tube_code=f"{self.tag}-{self.numbers['tube']:06d}",
            mode="single" if capacity == 1 else "mixed",
            capacity=capacity,
            members=tuple(by_code(person) for person in people),
            lab_code=lab,
            times=self.times(lab),
            site_code=f"SITE-{people[0].township_code}" if people else "SITE-T01",
            extra=extra,
        )

    def add(self, lab: str, *rows: Row) -> None:
        """Put rows into a laboratory's day."""
        self.rows[lab].extend(rows)

    def batch(self, lab: str, rows: Sequence[Row]) -> Batch:
        """Return the laboratory's next batch."""
        self.numbers[lab] += 1
        return Batch(lab, f"{self.tag}-{self.numbers[lab]:03d}", tuple(rows))
