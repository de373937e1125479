"""Which licence a surveyed place has: by code, by number, by a person's word; never by resemblance. Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

CREDIT_CODE: Final = "credit_code"
LICENCE_NO: Final = "licence_no"
PERSON: Final = "person"
NAME_WEIGHT: Final = 0.6
MOST_A_PLACE: Final = 3
_SHARED_AT_LEAST: Final = 0.3


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
        taken = {licence for licence, _ in joined.pairs.values()}
        by_key = {key: licence for licence, key in sorted(confirmed) if licence in known - taken}
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
    threshold: float,
) -> list[Suggestion]:
    """Return up to three licences in force for each place without one, the likeliest first.

    A code or number that fits but could not decide is suggested whatever the names; else names and
    addresses in the same township are compared (Dice over pairs of characters, 0 to 1).
    """
    taken = {licence for licence, _ in joined.pairs.values()}
    free = [licence for licence in licences if licence.in_force and licence.id not in taken]
    by_town: dict[str, list[Side]] = defaultdict(list)
    for licence in free:
        by_town[licence.township_code].append(licence)
    towns = {town: _Names(listed) for town, listed in by_town.items()}
    found: list[Suggestion] = []
    for place in _free(joined, places):
        by_code = [
            Suggestion(licence.id, place, _score(licence, place), "code")
            for licence in free
            if _equal(licence.credit_code, place.credit_code)
            or _equal(licence.licence_key, place.licence_key)
        ]
        coded = {suggestion.licence_id for suggestion in by_code}
        town = towns.get(place.township_code)
        by_name = [
            Suggestion(licence.id, place, score, "name")
            for licence, score in (town.near(place) if town else ())
            if score >= threshold and licence.id not in coded and not _differ(licence, place)
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
    tests: tuple[Callable[[Side, Side], bool], ...] = (
        lambda a, b: _equal(a.licence_key, b.licence_key),
        lambda a, b: _equal(a.address_key, b.address_key),
        lambda a, b: a.trade_code == b.trade_code,
        lambda a, b: True,  # noqa: ARG005 - one on each side is enough
    )
    for test in tests:
        for place in tuple(places):
            fitting = [licence for licence in licences if test(licence, place)]
            if len(fitting) == 1 and sum(test(fitting[0], other) for other in places) == 1:
                found.append((fitting[0], place))
                licences = [licence for licence in licences if licence is not fitting[0]]
                places = [other for other in places if other is not place]
    return found


def _said_twice(places: Iterable[Side]) -> set[UUID]:
    """Return places with the code or number, and the address, of an earlier one."""
    seen: set[tuple[str, str]] = set()
    twice: set[UUID] = set()
    for place in places:
        marks = {
            (f"{kind}:{value}", place.address_key)
            for kind, value in (("c", place.credit_code), ("l", place.licence_key))
            if value and place.address_key
        }
        if marks & seen:
            twice.add(place.id)
        seen |= marks
    return twice


def _free(joined: Joined, places: Iterable[Side]) -> list[Side]:
    return [place for place in places if place.id not in joined.pairs and place.id not in joined.doubled]


def _equal(one: str | None, other: str | None) -> bool:
    return bool(one) and one == other


def _differ(licence: Side, place: Side) -> bool:
    return bool(licence.credit_code and place.credit_code) and licence.credit_code != place.credit_code


def _rank(suggestion: Suggestion) -> tuple[float, str]:
    return -suggestion.score, str(suggestion.licence_id)


def _score(licence: Side, place: Side) -> float:
    names = _dice(_twos(licence.name_key), _twos(place.name_key))
    addresses = _dice(_twos(licence.address_key), _twos(place.address_key))
    return round(NAME_WEIGHT * names + (1 - NAME_WEIGHT) * addresses, 3)


def _twos(text: str) -> Counter[str]:
    """Return the pairs of neighbouring characters; of a single one, itself."""
    return Counter([text] if len(text) == 1 else [text[i : i + 2] for i in range(len(text) - 1)])


def _dice(one: Counter[str], other: Counter[str]) -> float:
    size = one.total() + other.total()
    return 2 * (one & other).total() / size if size else 0.0


class _Names:
    """The licences of a township by the pairs of characters in their names and addresses."""

    def __init__(self, licences: Iterable[Side]) -> None:
        self._by_pair: dict[str, list[Side]] = defaultdict(list)
        for licence in licences:
            for pair in _twos(licence.name_key) | _twos(licence.address_key):
                self._by_pair[pair].append(licence)

    def near(self, place: Side) -> list[tuple[Side, float]]:
        """Return licences that share enough of a place's name and address, with their score."""
        pairs = _twos(place.name_key) | _twos(place.address_key)
        shared = Counter(licence for pair in pairs for licence in self._by_pair.get(pair, ()))
        least = _SHARED_AT_LEAST * len(pairs)
        return [(licence, _score(licence, place)) for licence, count in shared.items() if count >= least]
