"""The day on paper: who is sampled where, and which faults are planted. Pure; the seed decides.

A sample is known by its tube and position, or by its laboratory and row where it was sent without a tube.
What nothing was planted in is to be shown.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Final

POOL: Final = 10
PACKET: Final = 12
LABS: Final = ("LAB01", "LAB02")
SITES: Final = tuple(f"SITE-{number:02}" for number in range(1, 13))
# Of a hundred tubes; the rest are sound. Each is planted at least once, however small the day.
FAULTS: Final = (
    "unbound", "unregistered", "missing", "untested", "unsent", "stranger", "held", "invalid",
    "void", "retained", "late", "failed", "unlisted", "young",
)  # fmt: skip
SHARE: Final = 0.004
ROWS: Final = 0.05
"""Samples that are sent by a health code, without a tube."""
SINGLES: Final = 0.15

Named = tuple[str, str | None]
"""Cause and body."""
Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Tube:
    """A tube with the numbers of its people; `fault` is what is planted in it."""

    code: str
    site: str
    lab: str
    people: tuple[int, ...]
    fault: str | None = None

    @property
    def mode(self) -> str:
        """Return how it was sampled."""
        return "single" if len(self.people) == 1 else "mixed"


@dataclass(slots=True)
class Plan:
    """The day: packets of tubes by site and laboratory, rows without tubes, and what is expected of it."""

    packets: list[list[Tube]] = field(default_factory=list)
    kept_back: set[int] = field(default_factory=set)
    """Packets that no courier ever took."""
    rows: list[tuple[str, int, str | None]] = field(default_factory=list)
    people: int = 0

    @property
    def tubes(self) -> Iterator[Tube]:
        """Return every tube."""
        return (tube for packet in self.packets for tube in packet)

    def expected(self) -> dict[Key, Named]:
        """Return cause and body of every sample by its tube (or laboratory) and position (or row)."""
        found: dict[Key, Named] = {}
        for number, packet in enumerate(self.packets):
            for tube in packet:
                found |= dict(_of_tube(tube, kept_back=number in self.kept_back))
        places: Counter[str] = Counter()
        for lab, _, fault in self.rows:
            places[lab] += 1
            found[lab, places[lab]] = ("not_matched", f"lab:{lab}") if fault else ("shown", None)
        return found


def made(seed: int, samples: int) -> Plan:
    """Return a day of about so many samples."""
    rng = Random(seed)
    plan = Plan()
    tubes: list[Tube] = []
    singles = max(int(samples * SINGLES), 2 * len(FAULTS))
    pools = max((samples - singles - int(samples * ROWS)) // POOL, 2 * len(FAULTS))
    for number in range(singles + pools):
        size = 1 if number < singles else POOL
        people = tuple(range(plan.people, plan.people + size))
        plan.people += size
        route = rng.choice(SITES)
        tubes.append(Tube(f"D-{number:06}", route, lab_of(route), people))
    tubes = _planted(rng, tubes, singles)
    for route in SITES:
        mine = [tube for tube in tubes if tube.site == route]
        plan.packets += [mine[start : start + PACKET] for start in range(0, len(mine), PACKET)]
    # Packets without a planted fault, so that each tube has one cause by plan.
    sound = [n for n, packet in enumerate(plan.packets) if all(tube.fault is None for tube in packet)]
    plan.kept_back = set(rng.sample(sound, max(1, int(len(sound) * SHARE))))
    for number in range(max(int(samples * ROWS), 2 * len(LABS))):
        stranger = number % max(1, int(1 / SHARE)) == 0
        plan.rows.append((LABS[number % len(LABS)], plan.people, "stranger" if stranger else None))
        plan.people += 1
    return plan


def lab_of(site: str) -> str:
    """Return the laboratory that a site's samples go to."""
    return LABS[int(site[-2:]) % len(LABS)]


def _planted(rng: Random, tubes: list[Tube], singles: int) -> list[Tube]:
    """Return the tubes with faults; those that only pools or only singles can have go there."""
    many = max(1, int(len(tubes) * SHARE))
    free = {"single": list(range(singles)), "mixed": list(range(singles, len(tubes)))}
    for places in free.values():
        rng.shuffle(places)
    for fault in FAULTS:
        for turn in range(many):
            kind = "single" if fault in ("retained", "held") or turn % 2 else "mixed"
            place = free[kind].pop()
            tube = tubes[place]
            tubes[place] = Tube(tube.code, tube.site, tube.lab, tube.people, fault)
    return tubes


def _of_tube(tube: Tube, *, kept_back: bool) -> Iterator[tuple[Key, Named]]:
    site, lab = f"site:{tube.site}", f"lab:{tube.lab}"
    whole: dict[str | None, Named] = {
        "missing": ("not_received", site),
        "untested": ("not_tested", lab),
        "unsent": ("not_uploaded", lab),
        "held": ("not_matched", lab),
        "invalid": ("invalid", site),
        "void": ("void", None),
        "retained": ("retained", None),
        "young": ("display_delay", None),
    }
    if tube.fault in ("unbound", "unregistered"):
        yield (tube.code, 0), ("not_bound", site)
        return
    for position in range(1, len(tube.people) + 1):
        first = position == 1
        if tube.fault == "void":
            named = whole["void"]
        elif kept_back:
            named = "not_received", site
        elif tube.fault in whole:
            named = whole[tube.fault]
        elif first and tube.fault == "stranger":
            named = "not_matched", site
        elif first and tube.fault in ("failed", "unlisted"):
            named = "not_shown", "platform"
        else:
            named = "shown", None
        yield (tube.code, position), named
