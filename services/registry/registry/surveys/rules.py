"""Which licence a surveyed place has: by code, by number, by a person's word; never by resemblance. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from heapq import nlargest
from operator import add
from typing import Final
from uuid import UUID

CREDIT_CODE: Final = "credit_code"
LICENCE_NO: Final = "licence_no"
PERSON: Final = "person"
NAME_WEIGHT: Final = 0.6
MOST_A_PLACE: Final = 3
_SHARED_AT_LEAST: Final = 0.3


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a suggestion needs, and what a place is compared with, or lists would be compared row by row.

    A score of `threshold` at the least; so many `mentions` of a place's pairs of characters are looked at,
    the rarest pairs first, and so many licences are `scored`.
    """

    threshold: float
    mentions: int
    scored: int


@dataclass(frozen=True, slots=True)
class Side:
    """A licence or a surveyed place; keys are in their plain form, None or '' where there is none."""

    id: UUID
    credit_code: str | None
    licence_key: str | None
    name_key: str
    address_key: str
    township_code: str
    trade_code: str
    found_key: str = ""
    in_force: bool = True


@dataclass(slots=True)
class Joined:
    """Place → (licence, basis); places that are another place said twice."""

    pairs: dict[UUID, tuple[UUID, str]] = field(default_factory=dict)
    doubled: set[UUID] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A licence that a place may have; a person decides."""

    licence_id: UUID
    place: Side
    score: float
    reason: str


def join(licences: Sequence[Side], places: Sequence[Side], confirmed: Collection[tuple[UUID, str]]) -> Joined:
    """Join places and licences one to one: credit code, then licence number, then what a person confirmed.

    A key that fits several on either side joins only what the licence number, the address or the trade
    singles out; the rest stays apart for a person. Licences in force come before cancelled ones.
    """
    joined = Joined(doubled=_said_twice(places))
    for in_force in (True, False):
        side = [licence for licence in licences if licence.in_force == in_force]
        _by(joined, side, places, lambda each: each.credit_code, CREDIT_CODE)
        _by(joined, side, places, lambda each: each.licence_key, LICENCE_NO)
        known = {licence.id for licence in side}
        known -= {licence for licence, _ in joined.pairs.values()}
        by_key = {key: licence for licence, key in sorted(confirmed) if licence in known}
        for place in _free(joined, places):
            licence_id = by_key.pop(place.found_key, None)
            if licence_id is not None:
                joined.pairs[place.id] = (licence_id, PERSON)
    return joined


def suggest(
    licences: Sequence[Side],
    places: Sequence[Side],
    joined: Joined,
    rejected: Collection[tuple[UUID, str]],
    *,
    bounds: Bounds,
) -> list[Suggestion]:
    """Return up to three licences in force for each place without one, the likeliest first.

    A code or number that fits but could not decide is suggested whatever the names; else names and
    addresses in the same township are compared (Dice over pairs of characters, 0 to 1). Of many that
    resemble a place, those that share most with it are scored.
    """
    taken = {licence for licence, _ in joined.pairs.values()}
    free = [licence for licence in licences if licence.in_force and licence.id not in taken]
    by_town, by_key = defaultdict[str, list[Side]](list), defaultdict[str, list[Side]](list)
    for licence in free:
        by_town[licence.township_code].append(licence)
        for mark in _marks(licence):
            by_key[mark].append(licence)
    towns = {town: _Names(listed) for town, listed in by_town.items()}
    found: list[Suggestion] = []
    for place in _free(joined, places):
        marked = (by_key.get(mark, ())[: bounds.mentions] for mark in _marks(place))
        fitting = {each.id: each for some in marked for each in some}
        name, address = _twos(place.name_key), _twos(place.address_key)
        by_code = [
            Suggestion(each.id, place, _score(each, name, address), "code") for each in fitting.values()
        ]
        coded = {suggestion.licence_id for suggestion in by_code}
        town = towns.get(place.township_code)
        by_name = [
            Suggestion(licence.id, place, score, "name")
            for licence, score in (town.near(name, address, bounds) if town else ())
            if score >= bounds.threshold and licence.id not in coded and not _differ(licence, place)
        ]
        ranked = sorted(by_code, key=_rank) + sorted(by_name, key=_rank)
        found += [each for each in ranked if (each.licence_id, place.found_key) not in rejected][
            :MOST_A_PLACE
        ]
    return found


def outcome_of(*, licence_in_force: bool | None, is_open: bool | None, doubled: bool = False) -> str:
    """Return what a comparison says of a pair, a licence alone or a place alone; None: that side is missing.

    A place that works under a cancelled licence has none.
    """
    if is_open is None:
        return "only_licensed"
    if doubled:
        return "doubled"
    if licence_in_force:
        return "both" if is_open else "closed"
    return "only_surveyed" if is_open else "closed_unlicensed"


def _by(
    joined: Joined,
    licences: Iterable[Side],
    places: Iterable[Side],
    key: Callable[[Side], str | None],
    basis: str,
) -> None:
    taken = {licence for licence, _ in joined.pairs.values()}
    listed, found = defaultdict[str, list[Side]](list), defaultdict[str, list[Side]](list)
    for licence in licences:
        if key(licence) and licence.id not in taken:
            listed[str(key(licence))].append(licence)
    for place in _free(joined, places):
        if key(place):
            found[str(key(place))].append(place)
    for value, group in found.items():
        for licence, place in _pairs(listed.get(value, []), group):
            # Number and credit code of different businesses: a mistake somewhere, for a person to find.
            if basis == CREDIT_CODE or not _differ(licence, place):
                joined.pairs[place.id] = (licence.id, basis)


def _pairs(licences: list[Side], places: list[Side]) -> list[tuple[Side, Side]]:
    found: list[tuple[Side, Side]] = []
    tests: tuple[Callable[[Side], str | None], ...] = (
        lambda each: each.licence_key,
        lambda each: each.address_key,
        lambda each: each.trade_code,
        lambda each: "any",  # noqa: ARG005 - one on each side is enough
    )
    for test in tests:
        listed, places_by = _single(licences, test), _single(places, test)
        fitting = [(listed[value], place) for value, place in places_by.items() if value in listed]
        found += fitting
        gone = {each.id for pair in fitting for each in pair}
        licences = [licence for licence in licences if licence.id not in gone]
        places = [place for place in places if place.id not in gone]
    return found


def _single(sides: Iterable[Side], key: Callable[[Side], str | None]) -> dict[str, Side]:
    """Return what has a key alone, by the key."""
    by: dict[str, list[Side]] = defaultdict(list)
    for side in sides:
        if value := key(side):
            by[value].append(side)
    return {value: listed[0] for value, listed in by.items() if len(listed) == 1}


def _said_twice(places: Iterable[Side]) -> set[UUID]:
    """Return places with the code or number, and the address, of an earlier one."""
    seen: set[tuple[str, str]] = set()
    twice: set[UUID] = set()
    for place in places:
        marks = {(mark, place.address_key) for mark in _marks(place) if place.address_key}
        if marks & seen:
            twice.add(place.id)
        seen |= marks
    return twice


def _free(joined: Joined, places: Iterable[Side]) -> list[Side]:
    return [place for place in places if place.id not in joined.pairs and place.id not in joined.doubled]


def _marks(side: Side) -> list[str]:
    """Return what a business may be known by, code and number apart."""
    known = (("c", side.credit_code), ("l", side.licence_key))
    return [f"{kind}:{value}" for kind, value in known if value]


def _differ(licence: Side, place: Side) -> bool:
    return bool(licence.credit_code and place.credit_code) and licence.credit_code != place.credit_code


def _rank(suggestion: Suggestion) -> tuple[float, str]:
    return -suggestion.score, str(suggestion.licence_id)


def _score(licence: Side, name: Counter[str], address: Counter[str]) -> float:
    names, addresses = _dice(_twos(licence.name_key), name), _dice(_twos(licence.address_key), address)
    return round(NAME_WEIGHT * names + (1 - NAME_WEIGHT) * addresses, 3)


def _twos(text: str) -> Counter[str]:
    """Return the pairs of neighbouring characters; of a single one, itself."""
    return Counter([text] if len(text) == 1 else map(add, text, text[1:]))


def _dice(one: Counter[str], other: Counter[str]) -> float:
    size = one.total() + other.total()
    shared = sum(min(one[pair], other[pair]) for pair in one.keys() & other.keys())
    return 2 * shared / size if size else 0.0


class _Names:
    """The licences of a township by the pairs of characters in their names and addresses."""

    def __init__(self, licences: Sequence[Side]) -> None:
        self._licences = licences
        self._by_pair: dict[str, list[int]] = defaultdict(list)
        for number, licence in enumerate(licences):
            for pair in {*_twos(licence.name_key), *_twos(licence.address_key)}:
                self._by_pair[pair].append(number)

    def near(self, name: Counter[str], address: Counter[str], bounds: Bounds) -> list[tuple[Side, float]]:
        """Return licences that share enough of a place's name and address, with their score."""
        pairs = {*name, *address}
        left = bounds.mentions
        shared: Counter[int] = Counter()
        least = _SHARED_AT_LEAST * len(pairs)
        for listed in sorted((self._by_pair.get(pair, []) for pair in pairs), key=len):
            shared.update(listed[:left])
            left -= len(listed)
            if left <= 0:
                least = 1  # not all is counted
                break
        likeliest = nlargest(bounds.scored, shared.items(), key=lambda each: each[1])
        return [
            (self._licences[number], _score(self._licences[number], name, address))
            for number, count in likeliest
            if count >= least
        ]
