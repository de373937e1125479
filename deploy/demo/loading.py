"""Sending a district and its day: the steps that the first start and `make demo` share.

Every step goes through a public API (contract §4, §5) and may be repeated.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final, TypeVar

import httpx

from deploy.demo.catalogue import INDUSTRY_MAP
from deploy.demo.client import OK, Account, Api, Credentials, connect
from deploy.demo.records import Department, Lab, Person, Unit
from deploy.demo.samples import Tube

PEOPLE_AT_ONCE: Final = 2_000
TUBES_AT_ONCE: Final = 500
UNITS_AT_ONCE: Final = 4
KNOWN: Final = OK | {409}
TIMEOUT: Final = httpx.Timeout(60.0)

T = TypeVar("T")
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class System:
    """The running system as its clients see it."""

    registry: Api
    results: Api
    notifier: Api
    sampling: Api
    platform: Api
    cdc: Api
    labs: Mapping[str, Api]


@asynccontextmanager
async def open_system(credentials: Credentials, labs: Sequence[Lab]) -> AsyncIterator[System]:
    """Connect to everything; laboratories that have no client yet are given one."""
    limits = httpx.Limits(max_connections=32, max_keepalive_connections=32)
    async with httpx.AsyncClient(timeout=TIMEOUT, limits=limits) as http:

        def at(service: str, account: str) -> Api:
            return connect(http, credentials, service, credentials.accounts[account])

        registry, results = at("registry", "admin"), at("results_ingest", "admin")
        await _register_labs(results, labs)
        accounts = [await _lab_account(registry, credentials, lab) for lab in labs]
        yield System(
            registry=registry,
            results=results,
            notifier=at("notifier", "admin"),
            sampling=at("results_ingest", "sampling"),
            platform=at("registry", "platform"),
            cdc=at("results_ingest", "cdc"),
            labs={
                lab.lab_code: connect(http, credentials, "results_ingest", account)
                for lab, account in zip(labs, accounts, strict=True)
            },
        )


async def send_departments(system: System, departments: Sequence[Department], done: Progress) -> None:
    """Post offices and townships, a parent before its children; one that stands is left alone."""
    for department in departments:
        await system.registry.call("POST", "/v1/departments", body=department.wire(), expect=KNOWN)
        done(1)


async def send_industry_map(system: System) -> None:
    """Say which department answers for which industry, for units that name none."""
    for industry, department in INDUSTRY_MAP.items():
        body = {
            "industry_prefix": industry,
            "department_code": department,
            "basis": "演示区县的行业分工",
            "effective_from": "2022-01-01",
        }
        await system.registry.call("POST", "/v1/industry-map", body=body, expect=KNOWN)


async def send_units(system: System, units: Sequence[Unit], done: Progress) -> list[str]:
    """Post units and return the defects that the registry found."""
    defects: list[str] = []

    async def send(unit: Unit) -> None:
        answer = await system.registry.call("POST", "/v1/units", body=unit.wire(), expect=KNOWN)
        defects.extend(answer.json().get("defects", ()))
        done(1)

    await _several(send, units, at_once=UNITS_AT_ONCE)
    return defects


async def send_people(system: System, people: Iterable[Person], done: Progress) -> Counter[str]:
    """Post rosters, then the health codes that come later; return accepted, updated, rejected."""
    people = list(people)
    total: Counter[str] = Counter()
    for rows in chunks((row for person in people for row in person.rows()), PEOPLE_AT_ONCE):
        total += _counts(await system.registry.post("/v1/people/bulk", {"people": rows}), len(rows))
        done(len(rows))
    for codes in chunks((person.code_row() for person in people if person.code_later), PEOPLE_AT_ONCE):
        answer = await system.registry.post("/v1/health-code-ids/bulk", {"codes": codes})
        total["code_rejected"] += answer["rejected"]
    return total


async def send_tubes(system: System, tubes: Sequence[Tube], done: Progress) -> Counter[str]:
    """Bind tubes in bulk; return accepted, updated, rejected, and the codes of the refusals."""
    total: Counter[str] = Counter()
    for chosen in chunks(tubes, TUBES_AT_ONCE):
        body = {"tubes": [tube.wire() for tube in chosen]}
        answer = await system.sampling.post("/v1/tubes/bulk", body)
        total += _counts(answer, len(chosen))
        total += Counter(error["code"] for error in answer["errors"])
        done(len(chosen))
    return total


def chunks(items: Iterable[T], size: int) -> Iterable[list[T]]:
    """Yield the items in lists of at most `size`."""
    queue = iter(items)
    while chosen := list(islice(queue, size)):
        yield chosen


async def _several(send: Callable[[T], Awaitable[None]], items: Sequence[T], *, at_once: int) -> None:
    queue = iter(items)

    async def work() -> None:
        for item in queue:
            await send(item)

    await asyncio.gather(*(work() for _ in range(at_once)))


def _counts(answer: Mapping[str, Any], sent: int) -> Counter[str]:
    """Return the answer's counts, which must add up to what was sent (contract §4)."""
    counts = Counter({name: answer[name] for name in ("accepted", "updated", "rejected")})
    if counts.total() != sent:
        message = f"{sent} rows were sent, {counts.total()} were answered for"
        raise RuntimeError(message)
    return counts


async def _register_labs(results: Api, labs: Sequence[Lab]) -> None:
    for lab in labs:
        body = {"lab_code": lab.lab_code, "name": lab.name}
        await results.call("POST", "/v1/labs", body=body, expect=KNOWN)


async def _lab_account(registry: Api, credentials: Credentials, lab: Lab) -> Account:
    """Return the laboratory's client: the one of the credentials' file, else a new one."""
    if known := credentials.labs.get(lab.lab_code):
        return known
    terms = {"kind": "system", "scopes": ["results:write"], "lab_code": lab.lab_code}
    made = await registry.post("/v1/clients", {"name": lab.name, **terms})
    return Account(made["client_id"], made["client_secret"])
