"""Token buckets, the words of the headers, and defaults that no lawful day can reach."""

import json
from collections import Counter
from datetime import UTC, date, datetime
from random import Random
from typing import Any

import pytest

from deploy.demo.day import DaySizes, plan
from deploy.demo.district import generate
from shared.limits.rules import DEFAULTS, KINDS, Bucket, Rate, class_of, policy, rates_of, remaining
from tests.bench.posting import LABS, ROWS

# A district of a million, tested in one day by four laboratories; the busiest hour is twenty times the mean.
PEOPLE = 1_000_000
LABORATORIES = 4
PEAK = 20
ROW_BYTES = 400
BENCH_AIM = 100_000  # results a second on one machine: more than the bare database takes here


def size(body: object) -> int:
    return len(json.dumps(body, ensure_ascii=False).encode())


def test_a_bucket_refills_with_time_and_never_above_its_burst() -> None:
    bucket = Bucket(Rate(2, 10), now=100)
    bucket.take(14)
    assert bucket.refill(101) == -2
    assert bucket.wait() == 2, "at 102 it stands at nothing, and nothing lets no request through"
    assert bucket.refill(103) == 2
    assert bucket.refill(1_000) == 10


def test_a_clock_that_goes_back_gives_nothing_twice() -> None:
    bucket = Bucket(Rate(1, 10), now=100, level=0)
    bucket.refill(105)
    bucket.refill(50)
    assert bucket.refill(106) == 6


def test_without_the_shared_rows_only_a_share_comes_back() -> None:
    assert Bucket(Rate(10, 100), now=0, level=0).refill(5, share=0.1) == pytest.approx(5)


@pytest.mark.parametrize(
    ("scopes", "name"),
    [
        ({"status:read"}, "platform"),
        ({"results:write"}, "laboratory"),
        ({"samples:write", "records:read"}, "sampling"),
        ({"records:read", "reviews:write"}, "office"),
        ({"admin", "status:read"}, "office"),
    ],
)
def test_the_class_follows_the_scopes_of_the_token(scopes: set[str], name: str) -> None:
    assert class_of(scopes) == name


def test_settings_change_a_class_and_a_client_has_the_last_word() -> None:
    rates = rates_of("laboratory", {"laboratory": {"rows": (5, 6), "bytes": (7, 8)}}, {"rows": (1, 2)})
    assert rates["rows"] == Rate(1, 2)
    assert rates["bytes"] == Rate(7, 8)
    assert rates["requests"] == DEFAULTS["laboratory"]["requests"]


def test_the_header_fields_say_quota_window_rest_and_reset() -> None:
    assert policy({"requests": Rate(2, 10), "rows": Rate(3, 10)}) == '"requests";q=10;w=5, "rows";q=10;w=4'
    bucket = Bucket(Rate(2, 10), now=0, level=3.7)
    assert remaining([("requests", bucket)]) == '"requests";r=3;t=4'
    bucket.take(100)
    assert remaining([("requests", bucket)]) == '"requests";r=0;t=54'


def test_the_whole_demonstration_fits_into_the_defaults_even_if_it_came_at_once() -> None:
    district = generate(Random("demo"), today=date(2025, 1, 1))
    day = plan(Random("x"), district, tag="x", now=datetime(2026, 11, 1, tzinfo=UTC), sizes=DaySizes())
    cost: dict[str, Counter[str]] = {name: Counter() for name in DEFAULTS}

    def send(name: str, body: Any, rows: int) -> None:
        cost[name] += Counter(requests=1, rows=rows, bytes=size(body))

    for person in (*district.everybody, *day.late_people):
        send("office", list(person.rows()), len(person.rows()))
    for unit in district.units:
        send("office", unit.wire(), 1)
    for office in (*district.departments, *district.townships):
        send("office", office.wire(), 1)
    for tube in (*day.tubes, *day.refused_tubes, *day.late_tubes):
        send("sampling", tube.wire(), 1)
    by_lab: dict[str, Counter[str]] = {}
    for batch in day.batches:
        used = by_lab.setdefault(batch.lab_code, Counter())
        used += Counter(requests=1, rows=len(batch.rows), bytes=size(batch.wire()))
    cost["laboratory"] = max(by_lab.values(), key=lambda used: used["rows"])
    # People go in bulks of 2,000 and tubes in bulks of 500: their rows are counted, not their requests.
    cost["office"]["requests"] = 1_000
    cost["sampling"]["requests"] = 1_000
    assert cost["office"]["rows"] > 30_000
    assert cost["laboratory"]["rows"] > 1_000
    for name, used in cost.items():
        for kind, amount in used.items():
            assert 2 * amount < DEFAULTS[name][kind].burst, (name, kind, amount)  # type: ignore[index]


def test_a_peak_hour_of_twenty_times_the_mean_stays_within_what_comes_back() -> None:
    per_second = PEOPLE / LABORATORIES / 86_400 * PEAK
    cost = {"requests": per_second, "rows": per_second, "bytes": per_second * ROW_BYTES}
    for kind, amount in cost.items():  # even where every result is a request of its own
        assert amount * 2 < DEFAULTS["laboratory"][kind].per_second  # type: ignore[index]


def test_the_bench_stays_within_what_comes_back() -> None:
    rows = BENCH_AIM / len(LABS)
    laboratory = DEFAULTS["laboratory"]
    assert rows < laboratory["rows"].per_second
    assert rows / ROWS < laboratory["requests"].per_second
    assert rows * ROW_BYTES < laboratory["bytes"].per_second


def test_a_platform_may_pull_everybody_every_minute() -> None:
    platform = DEFAULTS["platform"]
    assert platform["requests"].per_second > PEOPLE / 60, "one by one"
    assert platform["rows"].per_second > PEOPLE / 60, "in bulk"
    assert "lookups" not in platform


def test_every_class_has_the_three_costs() -> None:
    for rates in DEFAULTS.values():
        assert set(rates) <= set(KINDS)
        assert {"requests", "rows", "bytes"} <= set(rates)
