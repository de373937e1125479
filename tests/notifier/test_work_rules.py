"""Printed deadlines, the stages of an item, and the periods of bulletins; pure."""

from datetime import date, datetime, time

import pytest

from notifier.bulletins.rules import newest
from notifier.work_lists.deadlines import Deadline, deadline_of
from notifier.work_lists.rules import Chasing, Due, look, worst
from shared.clock import SHANGHAI

ISSUED = date(2020, 12, 31)
CHASING = Chasing(remind_days=3, chase_days=7, review_days=30)


@pytest.mark.parametrize(
    ("printed", "due_on"),
    [
        ("2020年12月底", date(2020, 12, 31)),
        ("2021年1月10日", date(2021, 1, 10)),
        ("2021年1月10日前。", date(2021, 1, 10)),
        ("1月10日前", date(2021, 1, 10)),
        ("12月31日", date(2020, 12, 31)),
        ("2021-02-03", date(2021, 2, 3)),
        ("2021.2.3", date(2021, 2, 3)),
        ("2021年2月底前完成", date(2021, 2, 28)),
        ("2024年2月末", date(2024, 2, 29)),
        ("1月上旬", date(2021, 1, 10)),
        ("1月中旬", date(2021, 1, 20)),
        ("2021年2月下旬", date(2021, 2, 28)),
        ("2021年底前", date(2021, 12, 31)),
        ("年底", date(2020, 12, 31)),
        ("立即", ISSUED),
        ("持续推进", None),
        ("长期坚持", None),
        ("长期", None),
        (" 常态化 开展 ", None),
    ],
)
def test_a_printed_deadline_means_a_day_or_no_day(printed: str, due_on: date | None) -> None:
    assert deadline_of(printed, issued_on=ISSUED) == Deadline(due_on)


@pytest.mark.parametrize(
    ("printed", "code"),
    [
        ("尽快", "deadline_unreadable"),
        ("2021年13月底", "deadline_unreadable"),
        ("2021年2月30日", "deadline_unreadable"),
        ("9999年12月底", "deadline_unreadable"),
        ("2月30日", "deadline_unreadable"),
        ("前", "deadline_unreadable"),
        ("2020年12月30日", "deadline_before_issue"),
        ("2020年11月底", "deadline_before_issue"),
    ],
)
def test_what_is_no_deadline_is_refused(printed: str, code: str) -> None:
    assert deadline_of(printed, issued_on=ISSUED) == code


def test_a_stage_is_told_on_its_day_and_silenced_by_progress() -> None:
    due = Due(date(2021, 1, 10), None)
    stages = {day: look(date(2021, 1, day), due, CHASING) for day in range(1, 28)}
    told = [(day, found.stage) for day, found in stages.items()]
    assert told[:6] == [(day, None) for day in range(1, 7)]
    assert [stage for _, stage in told[6:10]] == ["soon", "soon", "soon", "due"]
    assert {stage for _, stage in told[10:]} == {"overdue"}
    assert len({found.key for found in stages.values() if found.stage == "overdue"}) == 3
    assert all(found.next_on and found.next_on > date(2021, 1, day) for day, found in stages.items())
    reported = Due(date(2021, 1, 10), None, date(2021, 1, 8))
    assert look(date(2021, 1, 9), reported, CHASING).stage is None
    assert look(date(2021, 1, 10), reported, CHASING).stage == "due"
    late = look(date(2021, 1, 20), Due(date(2021, 1, 10), None, date(2021, 1, 12)), CHASING)
    assert (late.stage, late.next_on) == (None, None)


def test_the_worst_part_shows() -> None:
    assert worst(["done", "reported", "overdue", "open"]) == "overdue"
    assert worst(["done", "reported"]) == "reported"
    assert worst([]) is None


@pytest.mark.parametrize(
    ("now", "until"),
    [
        (datetime(2026, 11, 23, 7, 59, tzinfo=SHANGHAI), date(2026, 11, 16)),
        (datetime(2026, 11, 23, 8, 0, tzinfo=SHANGHAI), date(2026, 11, 23)),
        (datetime(2026, 11, 29, 23, 0, tzinfo=SHANGHAI), date(2026, 11, 23)),
    ],
)
def test_the_newest_period_ends_before_its_weekday_and_time(now: datetime, until: date) -> None:
    period = newest(now, weekday=0, at=time(8))
    assert (period.until, (period.until - period.since).days) == (until, 7)
