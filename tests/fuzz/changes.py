"""One thing in a valid request changed: what no schema refuses, and only a service or the database can."""

import copy
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any, Final

from tests.system.scope.pairs import Request

Place = tuple[str | int, ...]
TEXTS: Final = (
    "", "x", "x" * 300, "9" * 64, "1" * 20, "é", "ﷺ" * 100, "a\x00", "\ud800", "00000000-0000-0000-0000-000000000000",
    "1900-01-01", "1969-12-31", "2030-03-05", "2199-12-31", "2020-01-01T00:00:00Z", "2199-12-31T23:59:59+08:00",
    "9999-12-31T23:00:00Z",
)  # fmt: skip
NUMBERS: Final = (-1, 0, 1, 2, 365, 2**31, 2**63, 10**30, 0.5, 1e308, True)
_ENTRIES: Final = 2  # of a list, beyond which its entries are like those before


def changes(asked: Request, parameters: Iterable[str]) -> Iterator[tuple[str, Request]]:
    """Yield (what is changed, request): parameters of path and query, then every place of the body."""
    for name in asked.path:
        for text in filter(None, TEXTS):
            yield f"path {name}", replace(asked, path={**asked.path, name: text})
    for name in parameters:
        for text in TEXTS:
            yield f"query {name}", replace(asked, query={**asked.query, name: text})
    if asked.json is None:
        return
    body = json.loads(json.dumps(asked.json))
    others = sorted({*asked.path.values(), *(each for _, each in places(body) if isinstance(each, str))})
    for place, value in places(body):
        for other in _instead(value, others):
            yield f"body {_name(place)}", replace(asked, json=_put(body, place, other))
        if place and isinstance(place[-1], str):
            yield f"body {_name(place)} left out", replace(asked, json=_put(body, place))
    yield from ((f"body {what}", replace(asked, json=twice)) for what, twice in _doubled(body))


def places(value: Any, place: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Yield every place in a JSON value with what stands there, the whole first."""
    yield place, value
    inner: Iterable[tuple[str | int, Any]] = value.items() if isinstance(value, dict) else ()
    if isinstance(value, list):
        inner = enumerate(value[:_ENTRIES])
    for key, each in inner:
        yield from places(each, (*place, key))


def _instead(value: Any, others: list[str]) -> Iterator[Any]:
    yield None
    if isinstance(value, str):
        yield from (*TEXTS, *others)
    elif isinstance(value, int | float):
        yield from NUMBERS
    elif isinstance(value, list):
        yield from ([], value * 3)
    elif isinstance(value, dict):
        yield {}


def _doubled(body: Any) -> Iterator[tuple[str, Any]]:
    """Yield the body with a second row that differs from the first in one place: two rows of one thing."""
    if not isinstance(body, dict):
        return
    for key, rows in body.items():
        if isinstance(rows, list) and rows and isinstance(rows[0], dict):
            for place, value in islice(places(rows[0]), 1, None):
                for other in _instead(value, []):
                    second = _put(rows[0], place, other)
                    yield f"{key} twice, {_name(place)}", {**body, key: [rows[0], second]}


def _put(body: Any, place: Place, *value: Any) -> Any:
    """Return the body with another value in a place, or without it."""
    if not place:
        return value[0]
    changed = copy.deepcopy(body)
    inner = changed
    for key in place[:-1]:
        inner = inner[key]
    if value:
        inner[place[-1]] = value[0]
    else:
        del inner[place[-1]]
    return changed


def _name(place: Place) -> str:
    return ".".join(map(str, place)) or "as a whole"
