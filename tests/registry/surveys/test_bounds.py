"""Large lists: what a place is compared with does not grow with the list."""

from collections import Counter
from uuid import UUID

import pytest

from registry.surveys import rules
from registry.surveys.rules import Bounds, Side, join, suggest

MANY = 3000


def side(number: int, name: str, address: str = "示范市示范区长城路1号", code: str | None = None) -> Side:
    return Side(UUID(int=number + 1), code, None, name, address, "TOWN-01", "CATERING", found_key=str(number))


@pytest.mark.parametrize("most", [10, 3])
def test_of_many_alike_a_place_is_scored_against_few_and_its_own_licence_is_among_them(
    monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    bounds = Bounds(threshold=0.6, mentions=1000, scored=most)
    licences = [side(n, f"示范区餐厅{n:05}") for n in range(MANY)] + [side(MANY, "示范区海棠饺子馆")]
    places = [side(9000 + n, "示范区餐厅") for n in range(50)] + [side(9999, "海棠饺子馆")]
    scored: list[UUID] = []

    def score(licence: Side, *texts: Counter[str]) -> float:
        scored.append(licence.id)
        return true_score(licence, *texts)

    true_score = rules._score
    monkeypatch.setattr(rules, "_score", score)
    found = suggest(licences, places, join(licences, places, frozenset()), frozenset(), bounds=bounds)
    assert len(scored) <= most * len(places)
    assert [each.licence_id for each in found if each.place is places[-1]][:1] == [licences[-1].id]
