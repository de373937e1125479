"""Reads over HTTP what there is in the end: notices, how often each was sent, cases with their steps, breaches."""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from tests.quarter.expected import HEADQUARTERS, KINDS, LEADERS, Standing, Step, Told
from tests.quarter.plan import BEGIN, DEPARTMENTS, TOWNS
from tests.system.people import District, ok

BODIES = (
    *(("department", code) for code in DEPARTMENTS),
    *(("township", code) for code in TOWNS),
    ("district", HEADQUARTERS),
    ("district", LEADERS),
)


@dataclass(slots=True)
class Found:
    """What there is, in the words of `expected.Expected`; and what was told twice."""

    stand: set[Told] = field(default_factory=set)
    revoked: set[Told] = field(default_factory=set)
    twice: list[Told] = field(default_factory=list)
    again: dict[Told, int] = field(default_factory=dict)
    steps: set[Step] = field(default_factory=set)
    late: set[Step] = field(default_factory=set)
    standing: dict[str, Standing] = field(default_factory=dict)
    breaches: dict[tuple[str, int], tuple[str, ...]] = field(default_factory=dict)
    numbers: dict[str, list[str]] = field(default_factory=dict)
    """The numbers of each department's bulletins, in the order of issue."""
    anew: list[str] = field(default_factory=list)
    """The notices of any kind that came of evaluating every day again."""


async def read(district: District, into: Found, *, days: int) -> None:
    """Add everything but what only the play could see."""
    await _notices(district, into)
    for body in BODIES:
        await _sent_again(district, into, body, days=days)
    await _cases(district, into)
    async for breach in _pages(district.admin, "breaches"):
        week = (date.fromisoformat(breach["week"]) - BEGIN.date()).days // 7
        into.breaches[breach["unit_code"], week] = tuple(breach["kinds"])


def overdue(case: dict[str, Any]) -> int:
    """Return how many answers of a case are marked as overdue."""
    return sum(each["overdue"] for each in case["owed"])


async def _notices(district: District, into: Found) -> None:
    numbers: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for kind in KINDS:
        async for notice in _pages(district.notices_api, "notices", kind=kind):
            if notice["subject"]["type"] != "unit":
                continue
            recipient = notice["recipient"]
            told = (kind, notice["subject"]["code"], _day(notice["issued_at"]), recipient["code"])
            if told in into.stand | into.revoked:
                into.twice.append(told)
            (into.revoked if notice["status"] == "revoked" else into.stand).add(told)
            if kind == KINDS[0] and recipient["type"] == "department":
                numbers[recipient["code"]].append((notice["issued_at"], notice["number"]))
    into.numbers = {code: [number for _, number in sorted(each)] for code, each in numbers.items()}


async def _sent_again(district: District, into: Found, body: tuple[str, str], *, days: int) -> None:
    """Read from the proof of what a body was sent how often it was sent the same once more."""
    kind, code = body
    last = BEGIN.date() + timedelta(days=days - 1)
    period = {"from": f"{BEGIN.date()}", "to": f"{last}"}
    answer = await district.notices_api.get(f"/v1/proof/{kind}/{code}", params=period)
    assert answer.is_success, answer.text
    for line in answer.text.splitlines()[1:-1]:
        entry = json.loads(line)["entry"]
        if entry["kind"] not in KINDS or entry["subject"]["type"] != "unit":
            continue
        sent = [one for one in entry["deliveries"] if one["reason"] == "repeat" and one["handed_at"]]
        if sent:
            told = (entry["kind"], entry["subject"]["code"], _day(entry["issued_at"]), code)
            into.again[told] = into.again.get(told, 0) + len(sent)


async def _cases(district: District, into: Found) -> None:
    async for case in _pages(district.notices_api, "cases"):
        unit = case["unit_code"]
        into.standing[unit] = (case["department_code"], case["stage"], case["count"], overdue(case))
        for step in case["steps"]:
            into.steps.add((unit, _day(step["recorded_at"]), _what(step)))


def _what(step: dict[str, Any]) -> str:
    if step["kind"] != "chased":
        return str(step["kind"])
    basis = step["basis"]
    return f"chased {basis['owed']} {basis['chases']}{' reopened' if basis['reopened'] else ''}"


def _day(moment: str) -> int:
    return (datetime.fromisoformat(moment) - BEGIN).days


async def _pages(client: Any, what: str, **query: str) -> AsyncIterator[dict[str, Any]]:
    cursor: str | None = None
    while True:
        more = {"cursor": cursor} if cursor else {}
        page = await ok(client.get(f"/v1/{what}", params={**query, **more, "limit": "1000"}))
        for each in page[what]:
            yield each
        cursor = page["next_cursor"]
        if cursor is None:
            return


def is_gapless(numbers: Iterable[str]) -> bool:
    """Say whether a department's bulletins bear the numbers from 1 on, each once."""
    parts = [number.rpartition("〕")[2].removesuffix("号") for number in numbers]
    return sorted(map(int, parts)) == list(range(1, len(parts) + 1))
