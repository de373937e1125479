"""What a pair is: a request for something of A's, and what its owner, B and nobody must get."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.system.scope.world import DISTRICT, Who, World, area_of, lab_of

A_TOWN = area_of("A", "TOWN")
Check = Callable[[World, httpx.Response], bool]
Marks = Callable[[World], list[str]]


@dataclass(frozen=True)
class Request:
    """What is sent to an operation: parameters of its path and query, a body, headers."""

    path: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    json: Any = None
    content: str | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Pair:
    """A request for A's object, what B must get, and who may: `owner` shows that the request is good.

    `against`: whom it is tried with: clients of B's areas, B's laboratory, or both. `by_row`: whether
    the database, which knows rows, can refuse it where the queries fail to.
    """

    ask: Callable[[World], Awaitable[Request]]
    refused: Check
    owner: Who | None = A_TOWN
    owns: Check = field(default=lambda _, answer: answer.is_success)
    against: tuple[str, ...] = ("area", "lab")
    by_row: bool = True


Pairs = dict[tuple[str, str], tuple[Pair, ...]]


def ask(
    path: Callable[[World], dict[str, str]] = lambda _: {},
    *,
    body: Any = None,
    query: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
) -> Callable[[World], Awaitable[Request]]:
    """Return a request that is always the same; `body` may be made from the world."""

    async def made(world: World) -> Request:
        return Request(
            path(world), query or {}, body(world) if callable(body) else body, headers=headers or {}
        )

    return made


def of(**names: str) -> Callable[[World], dict[str, str]]:
    """Return the parameters of a path: an id that the world knows by this name, else the text itself."""
    return lambda world: {name: world.ids.get(value, value) for name, value in names.items()}


def status(*wanted: int) -> Check:
    """Expect one of these statuses."""
    return lambda _, answer: answer.status_code in wanted


def refuses(*codes: str) -> Check:
    """Expect a refusal that gives one of these reasons."""

    def check(_: World, answer: httpx.Response) -> bool:
        body = answer.json()
        found = {body.get("code"), *(each["code"] for each in body.get("errors", ()))}
        return answer.is_client_error and bool(found & set(codes))

    return check


def rejects(*codes: str) -> Check:
    """Expect that no row is taken, each for one of these reasons."""

    def check(_: World, answer: httpx.Response) -> bool:
        if answer.status_code not in (200, 202):
            return False
        body = answer.json()
        found = {each["code"] for each in body["errors"]}
        return body["accepted"] + body.get("updated", 0) == 0 and bool(found) and found <= set(codes)

    return check


def hides(*marks: str) -> Check:
    """Expect a good answer in which none of these ids or texts stands."""
    return lambda world, answer: answer.is_success and not _found(world, answer, marks)


def shows(*marks: str) -> Check:
    """Expect a good answer with all of these ids or texts."""
    return lambda world, answer: answer.is_success and len(_found(world, answer, marks)) == len(marks)


def _found(world: World, answer: httpx.Response, marks: tuple[str, ...]) -> list[str]:
    return [each for each in marks if world.ids.get(each, each) in answer.text]


def listed(
    *marks: str,
    owner: Who = A_TOWN,
    filters: tuple[dict[str, str], ...] = ({},),
    against: tuple[str, ...] = ("area", "lab"),
    path: Callable[[World], dict[str, str]] = lambda _: {},
    headers: dict[str, str] | None = None,
) -> tuple[Pair, ...]:
    """Return the pairs of a list: the owner finds the marks in it, B none of them, whatever the filter."""
    return tuple(
        Pair(ask(path, query={"limit": "100", **each}, headers=headers), hides(*marks), owner,
             shows(*marks) if number == 0 else status(200), against)
        for number, each in enumerate(filters)
    )  # fmt: skip


def continued(
    operation: str, *marks: str, owner: Who = A_TOWN, against: tuple[str, ...] = ("area", "lab")
) -> Pair:
    """Return the pair of a cursor: B goes on from where A stopped and finds none of A's.

    `operation` is `service path`. The list must hold more than one of A's, so that there is a cursor.
    """
    service, path = operation.split()

    async def made(world: World) -> Request:
        first = await (await world.client(service, owner)).get(path, params={"limit": "1"})
        cursor = first.json()["next_cursor"]
        assert cursor, f"{operation}: one page holds all"
        return Request(query={"limit": "100", "cursor": cursor})

    return Pair(made, hides(*marks), owner, status(200), against)


def whole_district(
    path: Callable[[World], dict[str, str]] = lambda _: {},
    *,
    body: Any = None,
    refused: Check | None = None,
    owns: Check = lambda _, answer: answer.is_success,
) -> tuple[Pair, ...]:
    """Return the pair of what belongs to no area: only a client without one may."""
    return (Pair(ask(path, body=body), refused or status(403), DISTRICT, owns),)


def shared(
    path: Callable[[World], dict[str, str]] = lambda _: {}, *, body: Any = None, owner: Who = DISTRICT
) -> tuple[Pair, ...]:
    """Return the pair of what is everybody's, given the scope: no object of an area or a laboratory."""
    return (Pair(ask(path, body=body), lambda _, answer: answer.is_success, owner),)


PUBLIC: tuple[Pair, ...] = ()
"""For what needs no token."""


def attackers(scopes: set[str], against: tuple[str, ...]) -> list[Who]:
    """Return whom an operation with these scopes is tried with: B's administrators and least privileged."""
    found: list[Who] = []
    if "area" in against:
        least = sorted(scopes - {"admin", "results:write"})
        found += [area_of("B", kind, scope) for kind in ("TOWN", "DEPT") for scope in ("admin", *least)]
    if "lab" in against and "results:write" in scopes:
        found.append(lab_of("B"))
    return found


def described(answer: httpx.Response) -> str:
    """Return what a failure says of an answer."""
    return f"{answer.status_code} {json.dumps(answer.text[:200], ensure_ascii=False)}"
