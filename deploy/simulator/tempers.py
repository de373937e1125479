"""What laboratories of different temper do with the same tubes. Pure: tubes go in, batches come out.

Every row carries the verdict that it must end in, so that whoever plays can tell whether it did.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import cycle
from typing import Final

from deploy.demo.loading import chunks
from deploy.demo.samples import Batch, Row, Tube
from deploy.simulator.laboratory import Body, broken_rows, good_row

SMALL: Final = 10
EVERY_FIFTH: Final = 5
SPOKEN: Final = 3
"""A silent laboratory posts the first of so many parts of its tubes, and then nothing more."""


@dataclass(frozen=True, slots=True)
class Day:
    """A laboratory's day: its batches in the order in which they go out.

    `again`: every batch is posted twice. `late_tubes`: bound only after the results were posted. `unsaid`:
    tubes that the laboratory never tells of.
    """

    batches: tuple[Batch, ...]
    again: bool = False
    late_tubes: tuple[Tube, ...] = ()
    unsaid: tuple[Tube, ...] = ()


@dataclass(frozen=True, slots=True)
class Bench:
    """A laboratory with the tubes on its bench; `tag` keeps its batch numbers apart from other days'."""

    lab_code: str
    tubes: tuple[Tube, ...]
    tag: str
    now: datetime

    def row(self, tube: Tube) -> Body:
        """Return the result of a tube."""
        return good_row(self.now, tube_code=tube.tube_code)

    def batches(self, rows: Sequence[Row], size: int) -> tuple[Batch, ...]:
        """Return rows as numbered batches."""
        return tuple(
            Batch(self.lab_code, f"{self.tag}-{number:04}", tuple(part))
            for number, part in enumerate(chunks(rows, size), start=1)
        )


def prompt(bench: Bench) -> Day:
    """Post a few results as soon as they are there."""
    return Day(bench.batches([Row(bench.row(tube)) for tube in bench.tubes], SMALL))


def bursty(bench: Bench) -> Day:
    """Hold everything back and post it at once."""
    return Day(bench.batches([Row(bench.row(tube)) for tube in bench.tubes], max(1, len(bench.tubes))))


def silent(bench: Bench) -> Day:
    """Post the first results and then nothing more."""
    spoken = len(bench.tubes) // SPOKEN
    said = [Row(bench.row(tube)) for tube in bench.tubes[:spoken]]
    return Day(bench.batches(said, SMALL), unsaid=bench.tubes[spoken:])


def sloppy(bench: Bench) -> Day:
    """Get every fifth row wrong, each in another way, and name tubes that nobody has bound."""
    rows: list[Row] = []
    wrong = cycle([row for row, _ in broken_rows(bench.now, tube_code=f"{bench.tag}-X")])
    for number, tube in enumerate(bench.tubes):
        rows.append(Row(bench.row(tube)))
        if number % EVERY_FIFTH == 0:
            rows.append(Row(next(wrong), "rejected"))
            lost = good_row(bench.now, tube_code=f"{bench.tag}-lost-{number}")
            rows.append(Row(lost, "unmatched"))
    return Day(bench.batches(rows, SMALL))


def duplicating(bench: Bench) -> Day:
    """Post every batch twice, and begin each with the last row of the one before."""
    batches: list[Batch] = []
    for number, part in enumerate(chunks(bench.tubes, SMALL), start=1):
        repeated = [Row(batches[-1].rows[-1].body, "duplicate")] if batches else []
        rows = [*repeated, *(Row(bench.row(tube)) for tube in part)]
        batches.append(Batch(bench.lab_code, f"{bench.tag}-{number:04}", tuple(rows)))
    return Day(tuple(batches), again=True)


def out_of_order(bench: Bench) -> Day:
    """Post the newest first, before the tubes are bound."""
    tubes = bench.tubes[::-1]
    return Day(bench.batches([Row(bench.row(tube)) for tube in tubes], SMALL), late_tubes=tubes)


TEMPERS: Final[dict[str, Callable[[Bench], Day]]] = {
    "prompt": prompt,
    "bursty": bursty,
    "silent": silent,
    "sloppy": sloppy,
    "duplicating": duplicating,
    "out_of_order": out_of_order,
}
