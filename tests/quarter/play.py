"""Plays a planned quarter against the running system, over HTTP, by moving the business clock day by day."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, Final, TypeVar

from notifier.channels.opening import ways_of
from notifier.ladder import deadlines
from notifier.sending import repeats
from notifier.sending.service import send_due
from registry.evaluations import service as evaluations
from registry.shares import missed
from shared.db import LONG_SECONDS
from tests.quarter import found
from tests.quarter.bodies import Bodies
from tests.quarter.expected import Expected, expected
from tests.quarter.found import Found
from tests.quarter.plan import BEGIN, DAY, DEPARTMENTS, NOON, TOWNS, Look, Plan, Unit, looks
from tests.support.system import System
from tests.system.people import District, department, ok, person, row, text

MONDAY, WEDNESDAY, SATURDAY = 0, 2, 5
PEOPLE_AT_ONCE: Final = 5_000
ROWS_AT_ONCE: Final = 5_000
SETTLED: Final = 600.0
TOKENS_SECONDS: Final = 300.0
CATEGORY: Final = "LOCAL-CATERING"
HOSPITAL: Final = "8A3"
# Overdue, or not taken note of, and not told again yet.
UNTOLD: Final = """
    SELECT EXISTS (SELECT FROM notifier.ladder_task
                   WHERE state = 'open' AND chase_on <= CAST($1 AS timestamptz)::date)
        OR EXISTS (SELECT FROM notifier.notice
                   WHERE repeat_at <= $1 AND status IN ('queued', 'sent', 'delivered', 'failed'))
"""
UNSENT: Final = """
    SELECT EXISTS (SELECT FROM notifier.delivery WHERE state IN ('queued', 'sending', 'unknown')
                   AND (not_before IS NULL
                        OR not_before <= clock_timestamp() + (SELECT ahead FROM bus.business_clock)))
"""
NO_TURN_YET: Final = "SELECT EXISTS (SELECT FROM bus.schedule WHERE due_at = $1)"
NOTICES: Final = """
    SELECT concat_ws(' ', kind, subject_type, subject_code, 'to', recipient_code, 'as of', as_of) AS told
    FROM notifier.notice
"""
T = TypeVar("T")


class Player:
    """The district's units, its sampling sites, and the clock."""

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
        self._bodies = Bodies(system, self.district)
        self._days = days
        self._looks = looks(days, nightly=nightly)
        self._say = say
        self._checks: dict[str, str] = {}
        self._met: float | None = None

    async def play(self) -> tuple[Expected, Found]:
        """Play every day, then evaluate each of them again; return what must be there, and what there is."""
        must = expected(self.plan, self._looks)
        await self._settle_in()
        for look in self._looks:
            week, weekday = divmod(look.day, 7)
            await self.system.set_clock(look.at)
            if look.evaluates:
                await self._meet()
                await self._evaluate()
                if weekday == MONDAY:
                    await self._enrol_strangers(week)
                await self._come_round(look)
                continue
            await self._come_round(look)
            if acts := must.acts.get(look.day):
                await self._until_sent()
                await self._bodies.act(acts, now=look.at)
            await self._noon(week, weekday, look)
            if weekday == 6:
                self._say(f"week {week + 1} is over")
        await self._until_sent()
        there = Found(late=self._bodies.late)
        await found.read(self.district, there, days=self._days)
        there.anew = await self._again()
        return must, there

    async def _meet(self) -> None:
        """Let every client have a new token in good time: they live ten minutes of real time."""
        if self._met is None or time.monotonic() - self._met > TOKENS_SECONDS:
            await self.district.meet()
            await self._bodies.meet()
            self._met = time.monotonic()

    async def _settle_in(self) -> None:
        """Enter departments, units and people, and let everybody be sampled in the week before."""
        await self.system.set_clock(BEGIN + NOON)
        await self._meet()
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

    async def _evaluate(self) -> None:
        """Let the day be evaluated, without waiting for the worker's turn."""
        admin, context = self.district.admin, self.system.context("registry")
        asked = await ok(admin.post("/v1/evaluations", json={}))
        path = f"/v1/evaluations/{asked['evaluation_id']}"
        async with asyncio.timeout(SETTLED):
            while True:
                async with context.db.transaction(seconds=LONG_SECONDS) as session:
                    more = await evaluations.run(session, context)
                if more:
                    continue
                if (await ok(admin.get(path)))["status"] == "done":
                    break
                await asyncio.sleep(0.05)  # the worker has it
        await self.system.settle(seconds=SETTLED)

    async def _come_round(self, look: Look) -> None:
        """Have everything told again that is due for it, without waiting for the worker's turn."""
        context = self.system.context("notifier")
        async with asyncio.timeout(SETTLED):
            while await self.system.owner.fetchval(UNTOLD, look.at):
                for come_round in (deadlines.chase, repeats.repeat_due):
                    async with context.db.transaction(seconds=LONG_SECONDS) as session:
                        await come_round(session, context)

    async def _until_sent(self) -> None:
        """Send what may be sent by now: what is taken note of before that is not sent any more."""
        context = self.system.context("notifier")
        async with asyncio.timeout(SETTLED):
            while await self.system.owner.fetchval(UNSENT):
                for way in ways_of(context).values():
                    while await send_due(context, way, urgent=False):
                        pass
                await asyncio.sleep(0.01)  # what the worker has under way

    async def _noon(self, week: int, weekday: int, look: Look) -> None:
        """Do what happens on a day: who comes, who is found, and whose samples are tested."""
        people = [n for unit in self.plan.units if unit.weekday == weekday for n in unit.sampled(week)]
        if weekday == SATURDAY:
            people += [unit.offender for unit in self.plan.of("repaired") if week in unit.weeks]
        come = weekday == WEDNESDAY and await self._newcomers(week, look.at)
        if people or come:
            await self._sampled(people, BEGIN + look.day * DAY)
            await self.system.settle(seconds=SETTLED)

    async def _sampled(self, people: Sequence[int], day: datetime) -> None:
        times = {"collected_at": text(day + timedelta(hours=8, minutes=30))}
        for some in _chunks(people, ROWS_AT_ONCE):
            rows = [row(day + timedelta(hours=12), health_code_id=f"HC-{n:06}", **times) for n in some]
            receipt = await self.district.post(*rows)
            assert receipt["accepted"] == len(rows), receipt["errors"][:3]

    async def _newcomers(self, week: int, at: datetime) -> bool:
        """Enrol whoever will not be tested, and find whoever works without being enrolled; True if any."""
        admin = self.district.admin
        late = [_enrolled(u, u.offender, since=at) for u in self.plan.of("never") if u.weeks[0] == week]
        if late:
            assert (await self.district.register(*late))["rejected"] == 0
        strangers = [unit for unit in self.plan.of("stranger") if unit.weeks[0] == week]
        for unit in strangers:
            seen = {"people": [person(unit.offender, code=False)]}
            made = await ok(admin.post(f"/v1/units/{unit.code}/spot-checks", json=seen))
            self._checks[unit.code] = made["spot_check_id"]
        return bool(late or strangers)

    async def _enrol_strangers(self, week: int) -> None:
        for unit in self.plan.of("stranger"):
            if unit.weeks[-1] == week - 1:
                rows = [{"row": 1, "health_code_id": f"HC-{unit.offender:06}"}]
                path = f"/v1/spot-checks/{self._checks[unit.code]}/enrolments"
                done = await ok(
                    self.district.admin.post(path, json={"category_code": CATEGORY, "rows": rows})
                )
                assert done["enrolled"] == 1, done

    async def _again(self) -> list[str]:
        """Evaluate every day again; return which notices there are more than before."""
        await self._turns()
        before = await self._notices()
        for look in self._looks:
            if look.evaluates:
                asked = await ok(self.district.admin.post("/v1/evaluations", json={"as_of": text(look.at)}))
                assert asked["status"] == "done", asked
        await self.system.settle(seconds=SETTLED)
        return sorted((await self._notices() - before).elements())

    async def _turns(self) -> None:
        """Let every schedule have a turn: what the hour brings is told by then, and is not the evaluations'."""
        now = await self.system.owner.fetchval("SELECT clock_timestamp()")
        await self.system.owner.execute("UPDATE bus.schedule SET due_at = $1", now)
        async with asyncio.timeout(SETTLED):
            while await self.system.owner.fetchval(NO_TURN_YET, now):
                await asyncio.sleep(0.02)
        await self.system.settle(seconds=SETTLED)

    async def _notices(self) -> Counter[str]:
        return Counter(row["told"] for row in await self.system.owner.fetch(NOTICES))


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
