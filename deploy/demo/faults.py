"""The faults of the demonstration day (contract §5), each with the verdict it must get.

Pure. A fault is a few rows and tubes among the ordinary ones; a row's `note` names it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from typing import Any, Final

from deploy.demo import identifiers
from deploy.demo.desk import Desk
from deploy.demo.district import make_person
from deploy.demo.records import District, Person
from deploy.demo.samples import Batch, Row, Tube, by_code, by_document, result, stamp

POOL: Final = 10
COLD_TRADES: Final = frozenset({"cold", "cold-import"})
KINDS: Final = (
    ("item", "food"),
    ("item", "package"),
    ("environment", "environment"),
    ("environment", "surface"),
)
TYPED_POSITIVE: Final = "typed as positive by mistake"

People = Iterator[Person]


def plant(desk: Desk, district: District, people: People) -> None:
    """Place one of every fault, using up the people it needs."""
    for fault in FAULTS:
        fault(desk, district, people)


def unbound_tubes(desk: Desk, district: District, people: People) -> None:
    """Leave one tube unbound, bind another after its result came."""
    del district
    lab = desk.labs[0]
    lost = desk.tube([next(people)], capacity=1, lab=lab)
    desk.add(lab, Row(_about(lost), "unmatched", note="tube never bound"))
    late = desk.tube(list(islice(people, POOL)), capacity=POOL, lab=lab)
    desk.late_tubes.append(late)
    desk.add(lab, Row(_about(late), note="tube bound after its result"))


def wrong_numbers(desk: Desk, district: District, people: People) -> None:
    """Send a number that fails its check, a right number of nobody, and another person's name."""
    lab = desk.labs[1 % len(desk.labs)]
    times = desk.times(lab)
    stranger = _resident(desk, district)
    slip = by_document(stranger) | {"id_no": identifiers.broken_resident_id(stranger.id_no)}
    desk.add(lab, Row(result(slip, times), "rejected", note="check digit wrong"))
    desk.add(lab, Row(result(by_document(stranger), times), "unmatched", note="number of nobody"))
    other = by_document(next(people)) | {"name": "无名氏"}
    desk.add(lab, Row(result(other, times), "held", note="name contradicts the number"))


def late_people(desk: Desk, district: District, people: People) -> None:
    """Send results of people who are registered afterwards."""
    del people
    lab = desk.labs[1 % len(desk.labs)]
    for _ in range(3):
        newcomer = _resident(desk, district)
        desk.late_people.append(newcomer)
        desk.add(lab, Row(result(by_document(newcomer), desk.times(lab)), note="registered after the result"))


def positive_pool(desk: Desk, district: District, people: People) -> None:
    """Send a positive pool with ten retained singles, one of which turns out positive (fixture 2 of 1G)."""
    del district
    lab = desk.labs[2 % len(desk.labs)]
    members = list(islice(people, POOL))
    pool = desk.tube(members, capacity=POOL, lab=lab)
    singles = [desk.tube([one], capacity=1, lab=lab, paired_with=pool.tube_code) for one in members]
    desk.tubes += [pool, *(replace(single, times=pool.times) for single in singles)]
    desk.add(lab, Row(_about(pool, outcome="positive"), note="positive pool"))
    for number, single in enumerate(singles):
        outcome, note = ("positive", "positive after the pool") if number == 0 else ("negative", "retained")
        body = result({"tube_code": single.tube_code}, desk.times(lab), outcome=outcome)
        desk.afternoon.append((lab, Row(body, note=f"{note} single")))


def other_outcomes(desk: Desk, district: District, people: People) -> None:
    """Send an indeterminate pool, a positive person, an invalid sample, a positive typed by mistake."""
    del district
    lab = desk.labs[0]
    pool = desk.tube(list(islice(people, 5)), capacity=5, lab=lab)
    desk.tubes.append(pool)
    desk.add(lab, Row(_about(pool, outcome="indeterminate"), note="indeterminate pool"))
    for outcome, note in (
        ("positive", "positive person"),
        ("invalid", "invalid sample"),
        ("positive", TYPED_POSITIVE),
    ):
        times = desk.times(lab)
        desk.add(lab, Row(result(by_code(next(people)), times, outcome=outcome), note=note))


def repeats(desk: Desk, district: District, people: People) -> None:
    """Send a row twice in one batch, again in a later one, and twice with two outcomes."""
    del district
    lab = desk.labs[0]
    once = result(by_code(next(people)), desk.times(lab))
    desk.add(lab, Row(once), Row(once, "duplicate", note="row twice in a batch"))
    desk.afternoon.append((lab, Row(once, "duplicate", note="row again in a later batch")))
    torn = by_code(next(people))
    times = desk.times(lab)
    for outcome in ("negative", "indeterminate"):
        body = result(torn, times, outcome=outcome)
        desk.add(lab, Row(body, "rejected", note="two outcomes of one sample"))


def broken_rows(desk: Desk, district: District, people: People) -> None:
    """Send a time without offset, an unknown field, a test before its sample, a time to come."""
    del district
    lab = desk.labs[3 % len(desk.labs)]
    times = desk.times(lab)
    good = result(by_code(next(people)), times)
    naive = stamp(times.tested).removesuffix("+08:00")
    for change, note in (
        ({"tested_at": naive}, "time without offset"),
        ({"colour": "red"}, "unknown field"),
        ({"tested_at": stamp(times.collected - timedelta(hours=1))}, "tested before collected"),
        ({"tested_at": stamp(desk.now + timedelta(hours=3))}, "time in the future"),
    ):
        desk.add(lab, Row(good | change, "rejected", note=note))


def contradicting_tubes(desk: Desk, district: District, people: People) -> None:
    """Send a mixed result of a single tube, and a second laboratory's result of a tube already done."""
    del district
    lab, second = desk.labs[0], desk.labs[1 % len(desk.labs)]
    single = desk.tube([next(people)], capacity=1, lab=lab)
    twice = desk.tube([next(people)], capacity=1, lab=lab)
    desk.tubes += [single, twice]
    desk.add(lab, Row(_about(single, mode="mixed"), "held", note="mode contradicts the tube"))
    desk.add(lab, Row(_about(twice)))
    again = result({"tube_code": twice.tube_code}, desk.times(lab))
    desk.afternoon.append((second, Row(again, "held", note="second laboratory for one tube")))


def refused_tubes(desk: Desk, district: District, people: People) -> None:
    """Try a yellow code in a mixed tube (fixture 3 of 1G), an eleventh person in a ten-pool."""
    del district
    yellow = desk.tube(list(islice(people, 2)), capacity=POOL)
    members = (yellow.members[0], {**yellow.members[1], "code_color": "yellow"})
    full = desk.tube(list(islice(people, POOL + 1)), capacity=POOL)
    desk.refused_tubes += [replace(yellow, members=members), full]


def unknown_member(desk: Desk, district: District, people: People) -> None:
    """Send a negative pool in which one member is known to nobody."""
    pool = desk.tube(list(islice(people, 4)), capacity=5, lab=desk.labs[2 % len(desk.labs)])
    stranger = by_document(_resident(desk, district))
    desk.tubes.append(replace(pool, members=(*pool.members, stranger)))
    desk.add(pool.lab_code, Row(_about(pool), note="pool member nobody knows"))


def things(desk: Desk, district: District, people: People) -> None:
    """Send food, package and environment of the cold chain, without people; one surface is positive."""
    del people
    lab = desk.labs[0]
    units = [unit for unit in district.units if unit.trade.key in COLD_TRADES]
    for unit, (subject, kind) in zip(units, KINDS, strict=False):
        about = {"subject": subject, "sample_kind": kind, "unit_code": unit.unit_code}
        tube = desk.tube([], capacity=1, lab=lab, **about)
        desk.tubes.append(tube)
        outcome = "positive" if kind == "surface" else "negative"
        desk.add(lab, Row(_about(tube, outcome=outcome), note=f"{kind} of the cold chain"))


def afternoon(desk: Desk, morning: Sequence[Batch]) -> Iterator[Batch]:
    """Yield what follows from the morning: retained singles, repeats, a correction."""
    rows: dict[str, list[Row]] = {}
    for lab, row in desk.afternoon:
        rows.setdefault(lab, []).append(row)
    for batch in morning:
        for number, row in enumerate(batch.rows, start=1):
            if row.note == TYPED_POSITIVE:
                rows.setdefault(batch.lab_code, []).append(_correction(batch, number, row))
    for lab, sent in sorted(rows.items()):
        yield desk.batch(lab, sent)


def _correction(batch: Batch, number: int, row: Row) -> Row:
    corrects = {"batch_no": batch.batch_no, "row": number, "reason": "录入错误"}
    body = {**row.body, "outcome": "negative", "corrects": corrects}
    return Row(body, note="correction of a positive")


def _about(tube: Tube, *, outcome: str = "negative", **extra: object) -> dict[str, Any]:
    return result({"tube_code": tube.tube_code}, tube.times, outcome=outcome, **extra)


def _resident(desk: Desk, district: District) -> Person:
    """Return somebody with a resident id whom the registry does not know yet."""
    township = desk.rng.choice(district.townships).code
    while True:
        person = make_person(desk.rng, today=desk.now.date(), township_code=township)
        if person.id_type == "resident_id":
            return replace(person, code_later=False)


FAULTS: Final[tuple[Callable[[Desk, District, People], None], ...]] = (
    positive_pool,
    unbound_tubes,
    wrong_numbers,
    late_people,
    other_outcomes,
    repeats,
    broken_rows,
    contradicting_tubes,
    refused_tubes,
    unknown_member,
    things,
)
