"""A day of testing is repeatable, holds every planned fault, and its verdicts add up."""

from collections import Counter
from datetime import date, datetime
from random import Random
from zoneinfo import ZoneInfo

import pytest

from deploy.demo.day import Day, DaySizes, plan
from deploy.demo.district import Sizes, generate
from deploy.demo.records import District

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
SIZES = DaySizes(tested=600, batch_rows=100)


@pytest.fixture(scope="module")
def district() -> District:
    """A district that is quick to make."""
    return generate(Random(1), today=date(2026, 11, 21), sizes=Sizes(units=60, people=800, voluntary=200))


@pytest.fixture(scope="module")
def day(district: District) -> Day:
    """Its day."""
    return plan(Random(2), district, tag="d1", now=NOW, sizes=SIZES)


def test_the_same_seed_gives_the_same_day(district: District, day: Day) -> None:
    assert plan(Random(2), district, tag="d1", now=NOW, sizes=SIZES) == day


def test_batch_numbers_and_tube_codes_are_used_once(day: Day) -> None:
    assert len({(b.lab_code, b.batch_no) for b in day.batches}) == len(day.batches)
    tubes = day.tubes + day.late_tubes + day.refused_tubes
    assert len({tube.tube_code for tube in tubes}) == len(tubes)


def test_every_verdict_is_planned(day: Day) -> None:
    planned = sum((batch.planned() for batch in day.batches), Counter[str]())
    assert set(planned) == {"matched", "unmatched", "held", "rejected", "duplicate"}


def test_the_late_laboratory_posts_by_itself(district: District, day: Day) -> None:
    late = district.labs[-1].lab_code
    assert {batch.lab_code for batch in day.late_lab} == {late}
    assert late not in {batch.lab_code for batch in day.morning + day.afternoon}


def test_the_positive_pool_has_ten_retained_singles(day: Day) -> None:
    paired = Counter(tube.extra["paired_with"] for tube in day.tubes if "paired_with" in tube.extra)
    ((pool, singles),) = paired.items()
    assert singles == 10
    assert pool in {tube.tube_code for tube in day.tubes if tube.capacity == 10}


def test_nobody_is_sampled_twice_by_the_ordinary_rows(day: Day) -> None:
    watched = Counter(code for batch in day.batches for row in batch.rows for code in row.watch)
    assert set(watched.values()) == {1}


def test_two_of_the_restaurant_have_no_record(district: District, day: Day) -> None:
    staff = [person.health_code_id for person in district.people[:6]]
    watched = {code for batch in day.batches for row in batch.rows for code in row.watch}
    assert [code in watched for code in staff] == [True] * 4 + [False] * 2


def test_a_correction_names_the_row_it_replaces(day: Day) -> None:
    (correction,) = [row.body for b in day.batches for row in b.rows if "corrects" in row.body]
    named = correction["corrects"]
    (batch,) = [b for b in day.morning if b.batch_no == named["batch_no"] and b.lab_code == "LAB01"]
    assert batch.rows[named["row"] - 1].note == "typed as positive by mistake"


def test_no_time_lies_ahead_but_the_one_planned(day: Day) -> None:
    ahead = [
        row.note
        for batch in day.batches
        for row in batch.rows
        if row.body["tested_at"][-6:] == "+08:00" and datetime.fromisoformat(row.body["tested_at"]) > NOW
    ]
    assert ahead == ["time in the future"]
