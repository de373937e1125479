"""A share that a period ended without is a finding, once for each group, period and check, until made up."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from registry.shares import missed
from shared.db import Session
from tests.registry.conftest import NOON
from tests.registry.shares.test_shares import ROOM, sampled, staff
from tests.support.district import District

LATER = datetime.fromisoformat("2030-11-26T12:00:00+08:00")  # a Tuesday: the week is over and settled
TOLD = "SELECT name, convert_from(body, 'UTF8') FROM bus.message WHERE name = ANY ($1) ORDER BY created_at"


async def step(district: District, work: Callable[[Session, Any], Awaitable[bool]]) -> None:
    """Run a schedule of the worker until it has nothing more to do."""
    context = district.system.context("registry")
    more = True
    while more:
        async with context.db.transaction() as session:
            more = await work(session, context)


async def look(district: District) -> None:
    """Look for missed shares, and again at those that are known."""
    await step(district, missed.look)
    await step(district, missed.look_again)


async def found(district: District, **query: Any) -> list[dict[str, Any]]:
    """Return the missed shares."""
    listed: list[dict[str, Any]] = (await district.get("/v1/findings", query, source="share"))["findings"]
    return listed


async def told(district: District) -> list[str]:
    """Return what notifier was told, by name."""
    rows = await district.system.owner.fetch(TOLD, ["share.missed", "finding.ended"])
    return [row["name"] for row in rows]


@pytest.mark.requirement(11, 12)
@pytest.mark.settings(finding_look_seconds=1)
async def test_a_week_that_ended_short_is_one_finding_until_it_is_made_up(district: District) -> None:
    await look(district)
    await staff(district, 20)
    await sampled(district, range(1, 10), NOON - timedelta(hours=1))
    await look(district)
    assert await found(district) == []  # the week is not over

    await district.system.set_clock(LATER)
    await look(district)
    await look(district)
    (short,) = await found(district)
    assert (short["state"], short["kind"], short["open"], short["people"]) == ("open", "coverage", 11, 11)
    assert (short["period_from"], short["period_to"]) == ("2030-11-18", "2030-11-24")
    assert short["share"] == {
        "check": "share",
        "department_in_unit": ROOM,
        "category_code": "8A3",
        "rule_id": short["share"]["rule_id"],
        "percent": 50,
        "numerator": 9,
        "denominator": 20,
    }
    people = (await district.get(f"/v1/findings/{short['finding_id']}"))["people"]
    assert {each["reason"] for each in people} == {"not_sampled"}
    assert await told(district) == ["share.missed"]

    await sampled(district, range(10, 11), LATER)
    await district.system.set_clock(LATER + timedelta(minutes=1))
    await look(district)
    (done,) = await found(district)
    assert (done["state"], done["open"]) == ("closed", 0)
    assert done["share"]["numerator"] == 9
    assert await told(district) == ["share.missed", "finding.ended"]


@pytest.mark.settings(finding_look_seconds=1)
async def test_the_rule_says_how_long_a_week_can_be_made_up(district: District) -> None:
    rule = {
        "effective_from": "2030-11-18",
        "shape": "rolling_share",
        "params": {"percent": 50, "period": "week", "make_up_days": 1},
    }
    await district.post("/v1/categories/8A3/rules", rule)
    await look(district)
    await staff(district, 2)
    await district.system.set_clock(LATER)
    await look(district)
    await sampled(district, range(1, 2), LATER - timedelta(hours=1))  # on the second day
    await district.system.set_clock(LATER + timedelta(minutes=1))
    await look(district)
    (short,) = await found(district)
    assert (short["state"], short["open"]) == ("open", 2)

    await sampled(district, range(2, 3), LATER - timedelta(days=1))  # on the first, told of late
    await district.system.set_clock(LATER + timedelta(minutes=2))
    await look(district)
    (done,) = await found(district)
    assert done["state"] == "closed"


@pytest.mark.requirement(13)
async def test_a_month_without_everybody_is_a_finding_beside_its_weeks(district: District) -> None:
    await look(district)
    await staff(district, 2, vaccination_completed_on="2030-01-01")
    await district.system.set_clock(datetime.fromisoformat("2030-12-02T12:00:00+08:00"))
    await look(district)
    checks = sorted((each["share"]["check"], each["period_from"]) for each in await found(district))
    assert checks == [("cover", "2030-11-01"), ("share", "2030-11-18")]


async def test_the_period_of_the_first_start_and_those_long_gone_are_not_judged(district: District) -> None:
    await staff(district, 2)
    await look(district)
    assert await found(district) == []


async def test_another_town_sees_nothing_of_it(district: District) -> None:
    await look(district)
    await staff(district, 2)
    await district.system.set_clock(LATER)
    await look(district)
    await district.township("TOWN-02")
    own, other = [
        await district.system.client("registry", scopes=["admin"], area_code=town, area_level="township")
        for town in ("TOWN-01", "TOWN-02")
    ]
    assert len((await own.get("/v1/findings", params={"source": "share"})).json()["findings"]) == 1
    assert (await other.get("/v1/findings", params={"source": "share"})).json()["findings"] == []
