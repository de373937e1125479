"""A demonstration day through the whole system: every row is accounted for, as planned, and shows."""

import math
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime
from random import Random

from deploy.demo import loading, posting, seed, watching
from deploy.demo.client import Account, Api
from deploy.demo.day import Day, DaySizes, plan
from deploy.demo.district import Sizes, generate
from deploy.demo.posting import Posted
from deploy.demo.records import District
from deploy.demo.watching import Watch
from shared.clock import SHANGHAI
from tests.support.system import System, base_url

SMALL = Sizes(units=30, people=260, voluntary=60)


@dataclass(frozen=True, slots=True)
class Played:
    """A day that was sent."""

    day: Day
    posted: list[Posted]
    tubes: Counter[str]


async def api(system: System, service: str, scope: str, lab_code: str | None = None) -> Api:
    """Return the demonstration's client of a service inside this process."""
    http = await system.client(service, scopes=[scope], lab_code=lab_code)
    token = http.headers["Authorization"].removeprefix("Bearer ")
    return Api(http, base_url(service), "", Account("", ""), token=token, good_until=math.inf)


async def clients(system: System, district: District) -> loading.System:
    """Return every client that the demonstration uses; laboratories are registered."""
    results = await api(system, "results-ingest", "admin")
    for lab in district.labs:
        await results.post("/v1/labs", {"lab_code": lab.lab_code, "name": lab.name})
    return loading.System(
        registry=await api(system, "registry", "admin"),
        results=results,
        notifier=await api(system, "notifier", "admin"),
        sampling=await api(system, "results-ingest", "samples:write"),
        platform=await api(system, "registry", "status:read"),
        cdc=await api(system, "results-ingest", "reviews:write"),
        labs={
            lab.lab_code: await api(system, "results-ingest", "results:write", lab.lab_code)
            for lab in district.labs
        },
    )


def quietly(_: int) -> None:
    """Tell nobody."""


async def play(outside: loading.System, district: District) -> Played:
    """Send a district and a day, in the day's order, and wait for its end."""
    await loading.send_departments(outside, district.departments + district.townships, quietly)
    await loading.send_industry_map(outside)
    await loading.send_units(outside, district.units, quietly)
    await loading.send_people(outside, district.everybody, quietly)
    now = datetime.now(UTC).astimezone(SHANGHAI)
    day = plan(Random(1), district, tag="t", now=now, sizes=DaySizes(tested=250, batch_rows=80))
    tubes = await loading.send_tubes(outside, day.tubes + day.refused_tubes, quietly)
    posted = await posting.post_batches(outside, day.morning, quietly)
    await loading.send_people(outside, day.late_people, quietly)
    tubes += await loading.send_tubes(outside, day.late_tubes, quietly)
    posted += await posting.post_batches(outside, day.afternoon + day.late_lab, quietly)
    await posting.await_matched(outside, posted)
    return Played(day, posted, tubes)


async def test_a_day_adds_up_gets_its_planned_verdicts_and_shows(system: System) -> None:
    district = generate(Random(7), today=date(2025, 1, 1), sizes=SMALL)
    outside = await clients(system, district)
    played = await play(outside, district)
    await system.settle()
    await posting.await_matched(outside, played.posted)
    assert [one.batch.batch_no for one in played.posted if not posting.adds_up(one)] == []
    assert sum((posting.seen_verdicts(one) for one in played.posted), Counter[str]()) == sum(
        (one.batch.planned() for one in played.posted), Counter[str]()
    )
    assert [one.batch.batch_no for one in played.posted if not posting.as_planned(one)] == []
    assert played.tubes["rejected"] == len(played.day.refused_tubes)
    watch = Watch(outside.platform)
    await watching.catch_up(watch)
    awaited = posting.expected(played.posted, {})
    assert len(awaited) > 100
    assert posting.delays(awaited, watch)[1] == 0


async def test_the_first_start_loads_once(system: System) -> None:
    district = generate(Random(seed.SEED), today=date(2025, 1, 1), sizes=seed.SIZES)
    outside = await clients(system, district)
    now = datetime.now(UTC).astimezone(SHANGHAI)
    assert await seed.load(outside, district, now=now)
    assert not await seed.load(outside, district, now=now)
    await system.settle()
