"""What tests of figures share: the worker's count, and the numbers of a report."""

from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

from registry.figures import counting
from registry.ledger import jobs
from tests.support.district import District
from tests.support.world import bound

Numbers = tuple[int, ...]


async def counted(district: District) -> None:
    """Let the worker's schedule count every week that is to be counted."""
    context = district.system.context("registry")
    more = True
    while more:
        async with context.db.transaction() as session:
            more = await counting.count(session, context)


def numbers(row: dict[str, Any]) -> Numbers:
    """Return numerator, denominator, late, missed and never tested."""
    names = ("numerator", "denominator", "late", "missed", "never_tested")
    return tuple(row[name] for name in names)


async def figures(district: District, **query: Any) -> dict[str | None, Numbers]:
    """Return the numbers of each row of a grouping."""
    report = await district.get("/v1/figures", {name.strip("_"): value for name, value in query.items()})
    return {row["key"]: numbers(row) for row in report["rows"]}


async def behind(district: District, link: str) -> list[dict[str, Any]]:
    """Return the people on the list that a link leads to."""
    path, _, query = link.partition("?")
    people: list[dict[str, Any]] = (await district.get(path, dict(parse_qsl(query)), limit=1000))["people"]
    return people


async def names(district: District, link: str) -> dict[str, str]:
    """Return the outcome of each of them."""
    return {each["health_code_id"]: each["outcome"] for each in await behind(district, link)}


async def sampled(district: District, number: int, collected_at: datetime) -> None:
    """Let a tube of the n-th person be bound."""
    person_id = UUID((await district.found(number))["person_id"])
    context = district.system.context("registry")
    async with context.db.transaction() as session:
        await jobs.samples_bound(session, bound(person_id, collected_at=collected_at), context)
