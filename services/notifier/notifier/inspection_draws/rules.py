"""The double random draw (双随机). Pure: the same lists and seed give the same draw (row 111)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal

InspectionKind = Literal["routine", "concentrated", "unannounced"]
TargetType = Literal["unit", "lab"]
SEED_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Target:
    """A unit, or a laboratory, and whose it is."""

    code: str
    township_code: str | None = None
    department_code: str | None = None


@dataclass(frozen=True, slots=True)
class Inspector:
    """An inspector by code; `related`: units, laboratories and bodies declared as an interest."""

    code: str
    department_code: str | None = None
    unit_code: str | None = None
    related: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Drawn:
    """A target that is to be inspected, and by whom."""

    target: str
    inspectors: tuple[str, ...]


class TooFew(ValueError):  # noqa: N818 - says what is wrong
    """The lists do not hold as many as are to be drawn; `what`: `targets` or `inspectors`."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


def has_interest(inspector: Inspector, target: Target) -> bool:
    """Say whether somebody works at a target, or has declared it or a body over it."""
    interests = {inspector.unit_code, *inspector.related}
    return not interests.isdisjoint(_places(target))


def recused(inspector: Inspector, target: Target) -> bool:
    """Say whether a draw must keep somebody from a target: an interest, or the department that is over it."""
    return has_interest(inspector, target) or inspector.department_code in _places(target)


def draw(
    targets: Iterable[Target], inspectors: Iterable[Inspector], *, seed: str, number: int, each: int
) -> list[Drawn]:
    """Return so many targets by lot, each with so many inspectors by lot; TooFew.

    Whoever has been drawn least often stands first, so that nobody is drawn twice before everybody who may
    be was drawn once; equals by the seed. The order of the lists does not matter.
    """
    by_lot = sorted(set(targets), key=lambda one: _lot(seed, "target", one.code))
    if len(by_lot) < number:
        raise TooFew("targets")
    staff = sorted(set(inspectors), key=lambda one: one.code)
    load = dict.fromkeys((one.code for one in staff), 0)
    drawn = []
    for target in by_lot[:number]:
        free = [one.code for one in staff if not recused(one, target)]
        free.sort(key=lambda code: (load[code], _lot(seed, target.code, code)))
        if len(free) < each:
            raise TooFew("inspectors")
        for code in free[:each]:
            load[code] += 1
        drawn.append(Drawn(target.code, tuple(free[:each])))
    return drawn


def is_repeated(
    stored: Sequence[Drawn],
    targets: Iterable[Target],
    inspectors: Iterable[Inspector],
    *,
    seed: str,
    each: int,
) -> bool:
    """Say whether drawing again from the same lists gives what is stored."""
    try:
        return draw(targets, inspectors, seed=seed, number=len(stored), each=each) == list(stored)
    except TooFew:
        return False


def _places(target: Target) -> set[str]:
    return {code for code in (target.code, target.township_code, target.department_code) if code}


def _lot(*parts: str) -> bytes:
    return sha256("\0".join(parts).encode()).digest()
