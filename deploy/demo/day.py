"""One day of testing in a district: who is sampled how, what the laboratories post, and when.

Pure. What comes late (bindings, people, corrections, the late laboratory) is told apart from the
morning, so that a client can send it in that order.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from random import Random
from typing import Any, Final

from deploy.demo import faults
from deploy.demo.desk import Desk
from deploy.demo.district import RESTAURANT_STAFF
from deploy.demo.records import District, Person
from deploy.demo.samples import Batch, Row, Tube, by_code, by_document, result

POOL_SIZES: Final = (10, 10, 10, 10, 10, 10, 5, 20)
RESTAURANT_TESTED: Final = 4
BY_CODE: Final = 0.30
BY_DOCUMENT: Final = 0.10
IN_SINGLE_TUBE: Final = 0.25


@dataclass(frozen=True, slots=True)
class Day:
    """What is sent, in order: tubes, morning, late_people, late_tubes, afternoon, late_lab."""

    tag: str
    tubes: tuple[Tube, ...]
    refused_tubes: tuple[Tube, ...]
    morning: tuple[Batch, ...]
    late_people: tuple[Person, ...]
    late_tubes: tuple[Tube, ...]
    afternoon: tuple[Batch, ...]
    late_lab: tuple[Batch, ...]

    @property
    def batches(self) -> tuple[Batch, ...]:
        """Every batch of the day."""
        return self.morning + self.afternoon + self.late_lab


@dataclass(frozen=True, slots=True)
class DaySizes:
    """How many people are sampled, and how many rows a batch has at most (never under 50)."""

    tested: int = 15_000
    batch_rows: int = 500
    restaurant: bool = True


def plan(rng: Random, district: District, *, tag: str, now: datetime, sizes: DaySizes | None = None) -> Day:
    """Return the day before `now`; `tag` makes its tube codes and batch numbers its own.

    With `restaurant`, 4 of the 6 people of requirement row 37 are tested; the other 2 never are.
    """
    sizes = sizes or DaySizes()
    known = [person for person in district.everybody[RESTAURANT_STAFF:] if not person.code_later]
    people = iter(rng.sample(known, min(len(known), sizes.tested)))
    desk = Desk(rng=rng, tag=tag, now=now, labs=[lab.lab_code for lab in district.labs])
    faults.plant(desk, district, people)
    if sizes.restaurant:
        for person in district.people[:RESTAURANT_TESTED]:
            _tested(desk, person, by_code(person))
    _sample(desk, list(people))
    late = {desk.late_lab: desk.rows.pop(desk.late_lab, [])}
    morning = tuple(_batches(desk, desk.rows, sizes.batch_rows))
    return Day(
        tag=tag,
        tubes=tuple(desk.tubes),
        refused_tubes=tuple(desk.refused_tubes),
        morning=morning,
        late_people=tuple(desk.late_people),
        late_tubes=tuple(desk.late_tubes),
        afternoon=tuple(faults.afternoon(desk, morning)),
        late_lab=tuple(_batches(desk, late, sizes.batch_rows)),
    )


def _sample(desk: Desk, people: Sequence[Person]) -> None:
    """Sample everybody by the shares above; the rest goes into mixed tubes."""
    counts = [round(len(people) * share) for share in (BY_CODE, BY_DOCUMENT, IN_SINGLE_TUBE)]
    queue = iter(people)
    for person in islice(queue, counts[0]):
        _tested(desk, person, by_code(person))
    for person in islice(queue, counts[1]):
        _tested(desk, person, by_document(person))
    for person in islice(queue, counts[2]):
        _in_tube(desk, [person], capacity=1)
    for members, capacity in _pools(desk.rng, list(queue)):
        _in_tube(desk, members, capacity=capacity)


def _tested(desk: Desk, person: Person, who: Mapping[str, Any]) -> None:
    lab = desk.lab_of(person)
    times = desk.times(lab)
    desk.add(lab, Row(result(who, times), watch=(person.health_code_id,), collected=times.collected))


def _in_tube(desk: Desk, people: Sequence[Person], *, capacity: int) -> None:
    tube = desk.tube(people, capacity=capacity)
    desk.tubes.append(tube)
    watch = tuple(person.health_code_id for person in people)
    body = result({"tube_code": tube.tube_code}, tube.times)
    desk.add(tube.lab_code, Row(body, watch=watch, collected=tube.times.collected))


def _pools(rng: Random, people: list[Person]) -> Iterator[tuple[list[Person], int]]:
    """Yield mixed tubes; neighbours share a tube, so people are taken by township."""
    queue = iter(sorted(people, key=lambda person: person.township_code))
    while members := list(islice(queue, capacity := rng.choice(POOL_SIZES))):
        yield members, capacity


def _batches(desk: Desk, rows: Mapping[str, Sequence[Row]], size: int) -> Iterator[Batch]:
    for lab, sent in sorted(rows.items()):
        for start in range(0, len(sent), size):
            yield desk.batch(lab, sent[start : start + size])
