"""Plays a planned quarter against the running system, over HTTP alone, by moving the business clock day by day."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, Final, TypeVar

from registry.evaluations import service as evaluations
from registry.shares import missed
from shared.db import LONG_SECONDS
from tests.quarter.plan import (
    BULLETIN,
    DEPARTMENTS,
    INTERVIEW,
    LADDER,
    TOWNS,
    WRITTEN,
    Notice,
    Plan,
    Unit,
    ladder,
)
from tests.support.system import System
from tests.system.people import District, department, ok, person, row, text

# A quarter without a public holiday that is known of: Monday to Friday are workdays.
BEGIN: Final = datetime.fromisoformat("2030-03-04T00:00:00+08:00")
DAY: Final = timedelta(days=1)
NIGHT: Final = timedelta(minutes=1)
EVENING: Final = timedelta(hours=18)
MONDAY, WEDNESDAY, SATURDAY = 0, 2, 5
PEOPLE_AT_ONCE: Final = 5_000
ROWS_AT_ONCE: Final = 5_000
SETTLED: Final = 600.0
CATEGORY: Final = "LOCAL-CATERING"
HOSPITAL: Final = "8A3"
T = TypeVar("T")


@dataclass(slots=True)
class Found:
    """What there is in the end: notices that stand and that were revoked, breaches, what was said twice."""

    stand: set[Notice] = field(default_factory=set)
    revoked: set[Notice] = field(default_factory=set)
    twice: list[Notice] = field(default_factory=list)
    breaches: dict[tuple[str, int], tuple[str, ...]] = field(default_factory=dict)
    numbers: dict[str, list[str]] = field(default_factory=dict)
    """The numbers of each department's bulletins, in the order of issue."""
    again: int = 0
    """How many notices of any kind came of evaluating every day again."""


class Player:
    """The district's units, its sampling sites, its departments and headquarters."""

    def __init__(
        self,
        system: System,
        plan: Plan,
        *,
        days: int,
        nightly: bool = True,
        say: Callable[[str], None] = print,
    ) -> None:
        self.system = system
        self.plan = plan
        self.district = District(system)
        self._days = days
        self._nightly = nightly
        self._say = say
        self._checks: dict[str, str] = {}

    async def play(self) -> Found:
        """Play every day; then evaluate each of them again, and return what there is."""
        await self._settle_in()
        for number in range(1, self._days):
            week, weekday = divmod(number, 7)
            at = BEGIN + number * DAY
            if weekday == MONDAY:
                await self.district.meet()  # tokens live ten minutes of real time
            if self._nightly or weekday == MONDAY:
                await self._evaluate(at + NIGHT)
            if weekday == MONDAY:
                await self._enrol_strangers(week)
            await self._evening(week, weekday, at + EVENING)
            if weekday == 6:
                self._say(f"week {week + 1} is over")
        found = await self._found()
        found.again = await self._again()
        return found

    async def _settle_in(self) -> None:
        """Enter departments, units and people, and let everybody be sampled in the week before."""
        await self.system.set_clock(BEGIN + EVENING)
        await self.district.meet()
        admin = self.district.admin
        places = [("DISTRICT", "district", None), ("HQ-01", "department", "headquarters"),
                  ("LEADERS", "department", "leaders"), ("CDC-01", "department", "cdc"),
                  *((code, "department", None) for code in DEPARTMENTS),
                  *((code, "township", None) for code in TOWNS)]  # fmt: skip
        for code, level, role in places:
            await ok(admin.post("/v1/departments", json=department(code, level, role)))
        for unit in self.plan.units:
            await ok(admin.post("/v1/units", json=_unit(unit)))
        for lab_code in self.district.labs:
            await ok(self.district.intake.post("/v1/labs", json={"lab_code": lab_code, "name": lab_code}))
        known = (
            _enrolled(unit, number, since=BEGIN - 7 * DAY)
            for unit in self.plan.units
            for number in _at_first(unit)
        )
        for some in _chunks(known, PEOPLE_AT_ONCE):
            answer = await self.district.register(*some)
            assert answer["rejected"] == 0, answer["errors"][:3]
        await self.system.settle(seconds=SETTLED)
        for weekday in range(7):
            people = [n for unit in self.plan.units if unit.weekday == weekday for n in _at_first(unit)]
            await self._sampled(people, BEGIN - 7 * DAY + weekday * DAY)
        await self.system.settle(seconds=SETTLED)
        context = self.system.context("registry")
        async with context.db.transaction() as session:  # as the worker does soon after it has started
            await missed.look(session, context)
        self._say(f"{len(self.plan.units)} units, {sum(len(unit.people) for unit in self.plan.units)} people")

    async def _evaluate(self, at: datetime) -> None:
        """Move the clock past midnight and let the day be evaluated, without waiting for the worker's turn."""
        await self.system.set_clock(at)
        admin, context = self.district.admin, self.system.context("registry")
        asked = await ok(admin.post("/v1/evaluations", json={}))
        path = f"/v1/evaluations/{asked['evaluation_id']}"
        async with asyncio.timeout(SETTLED):
            while (await ok(admin.get(path)))["status"] != "done":
                async with context.db.transaction(seconds=LONG_SECONDS) as session:
                    more = await evaluations.run(session, context)
                if not more:
                    await asyncio.sleep(0.02)
        await self.system.settle(seconds=SETTLED)

    async def _evening(self, week: int, weekday: int, at: datetime) -> None:
        """Do what happens on a day: samples, who comes, who is found, what departments answer."""
        people = [n for unit in self.plan.units if unit.weekday == weekday for n in unit.sampled(week)]
        if weekday == SATURDAY:
            people += [unit.offender for unit in self.plan.of("repaired") if week in unit.weeks]
        if not people and weekday != WEDNESDAY:
            return
        await self.system.set_clock(at)
        if weekday == WEDNESDAY:
            await self._revoke(week)
            await self._newcomers(week, at)
            await self._answer(week, at)
        await self._sampled(people, at - EVENING)
        await self.system.settle(seconds=SETTLED)

    async def _sampled(self, people: Sequence[int], day: datetime) -> None:
        times = {"collected_at": text(day + timedelta(hours=8, minutes=30))}
        for some in _chunks(people, ROWS_AT_ONCE):
            rows = [row(day + timedelta(hours=12), health_code_id=f"HC-{n:06}", **times) for n in some]
            receipt = await self.district.post(*rows)
            assert receipt["accepted"] == len(rows), receipt["errors"][:3]

    async def _newcomers(self, week: int, at: datetime) -> None:
        """Enrol whoever will not be tested, and find whoever works without being enrolled."""
        admin = self.district.admin
        late = [_enrolled(u, u.offender, since=at) for u in self.plan.of("never") if u.weeks[0] == week]
        if late:
            assert (await self.district.register(*late))["rejected"] == 0
        for unit in self.plan.of("stranger"):
            if unit.weeks[0] == week:
                found = {"people": [person(unit.offender, code=False)]}
                made = await ok(admin.post(f"/v1/units/{unit.code}/spot-checks", json=found))
                self._checks[unit.code] = made["spot_check_id"]

    async def _enrol_strangers(self, week: int) -> None:
        for unit in self.plan.of("stranger"):
            if unit.weeks[-1] == week - 1:
                rows = [{"row": 1, "health_code_id": f"HC-{unit.offender:06}"}]
                path = f"/v1/spot-checks/{self._checks[unit.code]}/enrolments"
                done = await ok(
                    self.district.admin.post(path, json={"category_code": CATEGORY, "rows": rows})
                )
                assert done["enrolled"] == 1, done

    async def _revoke(self, week: int) -> None:
        """Take back the bulletins that are planned to be taken back, by one of their copies."""
        for unit in self.plan.units:
            if unit.revoked is not None and unit.weeks[unit.revoked] == week - 1:
                listed = await self.district.notices(
                    kind=BULLETIN, subject_code=unit.code, recipient_type="department"
                )
                newest = max(listed, key=lambda one: one["issued_at"])
                path = f"/v1/notices/{newest['notice_id']}/revocation"
                said = {"by": "指挥部", "reason": "核查后不属实"}
                await ok(self.district.notices_api.post(path, json=said))

    async def _answer(self, week: int, at: datetime) -> None:
        """Let departments answer for the bulletins of this Monday: a written report, or an interview held."""
        for unit in self.plan.units:
            for number, owed in ladder(unit):
                if unit.weeks[number] != week - 1 or number == unit.revoked:
                    continue
                if owed == WRITTEN or (owed == INTERVIEW and unit.interview):
                    kind = owed.removeprefix("task.")
                    await self._step(unit, {"kind": kind, "by": "科长", "at": text(at), "note": "已办"})

    async def _step(self, unit: Unit, step: dict[str, Any]) -> None:
        api = self.district.notices_api
        (case,) = (await ok(api.get("/v1/cases", params={"unit_code": unit.code})))["cases"]
        await ok(api.post(f"/v1/cases/{case['case_id']}/steps", json=step))

    async def _again(self) -> int:
        """Evaluate every day again; return how many notices there are more than before."""
        count = "SELECT count(*) FROM notifier.notice"
        before: int = await self.system.owner.fetchval(count)
        for number in range(1, self._days):
            if self._nightly or number % 7 == MONDAY:
                as_of = text(BEGIN + number * DAY + NIGHT)
                asked = await ok(self.district.admin.post("/v1/evaluations", json={"as_of": as_of}))
                assert asked["status"] == "done", asked
        await self.system.settle(seconds=SETTLED)
        after: int = await self.system.owner.fetchval(count)
        return after - before

    async def _found(self) -> Found:
        found = Found()
        numbers: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for kind in LADDER:
            async for notice in self._pages(self.district.notices_api, "notices", kind=kind):
                whose = notice["recipient"]["type"]
                key = (kind, notice["subject"]["code"], _week_of(notice["issued_at"]), whose)
                into = found.revoked if notice["status"] == "revoked" else found.stand
                if key in found.stand | found.revoked:
                    found.twice.append(key)
                into.add(key)
                if (kind, whose) == (BULLETIN, "department"):
                    numbers[notice["recipient"]["code"]].append((notice["issued_at"], notice["number"]))
        found.numbers = {code: [number for _, number in sorted(each)] for code, each in numbers.items()}
        async for breach in self._pages(self.district.admin, "breaches"):
            week = (date.fromisoformat(breach["week"]) - BEGIN.date()).days // 7
            found.breaches[breach["unit_code"], week] = tuple(breach["kinds"])
        return found

    async def _pages(self, client: Any, what: str, **query: str) -> Any:
        cursor: str | None = None
        while True:
            more = {"cursor": cursor} if cursor else {}
            page = await ok(client.get(f"/v1/{what}", params={**query, **more, "limit": "1000"}))
            for each in page[what]:
                yield each
            cursor = page["next_cursor"]
            if cursor is None:
                return


def _week_of(issued_at: str) -> int:
    """Return the week that a notice is about: the one before the day of its issue."""
    return (datetime.fromisoformat(issued_at).date() - BEGIN.date()).days // 7 - 1


def _unit(unit: Unit) -> dict[str, Any]:
    return {
        "unit_code": unit.code,
        "unit_code_type": "licence",
        "name": f"单位{unit.code}",
        "industry_code": "8411" if unit.offence == "share" else "6210",
        "township_code": unit.town,
        "department_code": unit.department,
        "contact": {"name": "联系人", "phone": "13900000002"},
    }


def _at_first(unit: Unit) -> tuple[int, ...]:
    return unit.people[1:] if unit.later else unit.people


def _enrolled(unit: Unit, number: int, *, since: datetime) -> dict[str, Any]:
    place: dict[str, Any] = {"category_code": CATEGORY}
    if unit.offence == "share":
        place = {"category_code": HOSPITAL, "department_in_unit": "骨科"}
    return person(number, unit_code=unit.code, enrolled_on=f"{since:%Y-%m-%d}", **place)


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    left = iter(items)
    while some := list(islice(left, size)):
        yield some
