"""A past clearance under rules of every shape, over HTTP, against the slow model of the rules."""

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest

from registry.statuses.duties import Enrolment, Person
from registry.statuses.loading import load_book
from registry.statuses.schedules import Event
from tests.registry.conftest import NOON
from tests.registry.statuses.model import Answer, answer, suspended
from tests.support.district import District, coded

CODE = "LOCAL-PAST"
BEGINS = "2030-11-01"
DAYS = 20
SHAPES: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "rolling share": [("rolling_share", {"percent": 50, "period": "week", "cover": "month"})],
    "share beside a fortnight": [
        ("every_n_days", {"days": 14}),
        ("rolling_share", {"percent": 50, "period": "week"}),
    ],
    "twice a week with a gap": [("times_per_week", {"times": 2, "min_gap_hours": 48})],
    "three a week with a gap": [("times_per_week", {"times": 3, "min_gap_hours": 36})],
    "several times a day": [("times_per_day", {"times": 2})],
    "days after an event": [
        ("day_list", {"event": "visit", "days": [1, 2, 3, 5, 7, 10], "isolation_days": 7, "watch_days": 3})
    ],
}


async def held(district: District, moment: datetime) -> dict[str, tuple[Answer, bool]]:
    """Return what is told of a moment: as known then and as known now."""
    path = f"/v1/people/{(await district.found())['person_id']}/clearance"
    shown = await district.get(path, at=moment.isoformat())
    told = {}
    for known in ("known_then", "known_now"):
        each = shown[known]
        state = {"ok": "in_time", "due_soon": "in_time"}.get(each["due_state"], each["due_state"])
        due_on = each["due_on"] and date.fromisoformat(each["due_on"])
        rule_id = each["rule"]["rule_id"] if each["rule"] and due_on else None
        told[known] = (Answer(due_on, state, rule_id), "suspended" in each["clearance"]["reasons"])
    return told


@pytest.mark.requirement(1, 33)
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("name", SHAPES)
async def test_each_past_moment_is_told_as_the_model_says(district: District, name: str, seed: int) -> None:
    rules = [{"effective_from": BEGINS, "shape": shape, "params": params} for shape, params in SHAPES[name]]
    names = {"code": CODE, "name_zh": "某类", "name_en": "Some", "effective_from": BEGINS}
    await district.post("/v1/categories", {**names, "rules": rules}, status=201)
    await district.people(coded(1, category_code=CODE, enrolled_on=BEGINS))
    person = Person((Enrolment(CODE, date.fromisoformat(BEGINS), None),))
    if SHAPES[name][0][0] == "day_list":
        visit = {"kind": "visit", "at": NOON.isoformat(), "category_code": CODE}
        path = f"/v1/people/{(await district.found())['person_id']}/events"
        await district.post(path, visit, status=201)
        person = Person(person.enrolments, events=(Event("visit", CODE, NOON),))
    chance = Random(f"{name} {seed}")  # the same histories at every run
    hours = sorted(chance.sample(range(1, DAYS * 24), 12))
    taken = [NOON + timedelta(hours=each) for each in hours]
    half = NOON + timedelta(days=DAYS // 2)
    await district.system.set_clock(half)
    early = [each for each in taken if each < half - timedelta(hours=1)]
    for each in early:
        await district.negative(1, each)
    await district.system.set_clock(NOON + timedelta(days=DAYS))
    for each in taken[len(early) :]:
        await district.negative(1, each)
    context = district.system.context("registry")
    async with context.db.transaction() as session:
        book = await load_book(session, context.settings)
    for hour in range(6, DAYS * 24, 17):
        moment = NOON + timedelta(hours=hour)
        known = early if moment > half else []
        expected = {
            which: (
                answer(person, samples, book, moment.date()),
                suspended(person, book, moment.date()),
            )
            for which, samples in (
                ("known_then", known),
                ("known_now", [each for each in taken if each <= moment]),
            )
        }
        assert await held(district, moment) == expected, moment
