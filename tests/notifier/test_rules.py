"""The pure parts: texts, quiet hours, workdays, repeats, standing of an alert."""

from datetime import date, datetime, time, timedelta
from typing import get_args
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from notifier.alarms.rules import Alarm, Standing, standing
from notifier.contacts.rules import Body, Directory, Unit
from notifier.notices.rules import KINDS, sight
from notifier.quiet.rules import QuietHours, after_workdays, allowed_from
from notifier.quiet.workdays import is_workday
from notifier.reminders.rules import KINDS as REMINDERS
from notifier.sending.rules import repeat
from notifier.texts.catalogue import MESSAGES, TEXTS
from notifier.texts.inspections import INSPECTIONS
from notifier.texts.render import both, message
from shared.clock import SHANGHAI

NIGHT = QuietHours(time(21), time(8))
PERSON = UUID(int=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def test_every_text_there_is_exists_in_both_languages() -> None:
    alerts = {f"{kind}.{state}" for kind in ("alert.positive", "alert.pool") for state in get_args(Standing)}
    alerts |= {"alert.lab_silent.open", "alert.lab_silent.ended"}
    tasks = {"task.recheck", "task.resample"}
    tasks |= {f"task.rectification.{which}" for which in ("coverage", "frequency", "share", "done")}
    tasks |= {"task.answer.gaps", "task.answer.contact"}
    tasks |= {
        f"task.answer.referral_{state}"
        for state in ("open", "open_late", "lost", "arrived", "arrived_late", "closed")
    }
    tasks |= {f"task.answer.{state}" for state in ("open", "upheld", "corrected", "rejected", "withdrawn")}
    stages = ("sampling", "handover", "delivery", "result", "recheck")
    tasks |= {f"clock.{stage}.{level}" for stage in stages for level in ("warning", "breach")}
    tasks.add("clock.digest")
    answers = ("sites_late", "samples", "coverage", "visible", "intake")
    tasks |= {f"task.answer.{what}" for what in answers}
    tasks |= {"task.answer.bulletin", "task.answer.work_list"}
    told = ("soon", "due", "overdue", "review", "reopened", "extended", "extension_refused")
    tasks |= {f"task.answer.work_item.{stage}" for stage in told}
    reminders = {text for kind in REMINDERS.values() for text in (kind, f"{kind}.person")}
    ladder = {"bulletin.unit", "task.written_report", "task.interview", "report.upward"}
    ladder |= {"report.missing.ladder", "ladder.done"}
    reports = {f"report.missing.{about}{after}" for about in ("own", "under") for after in ("", "_filed")}
    events = {f"event.{c}.{level}" for c in ("national_report", "tracing") for level in ("warning", "breach")}
    events |= {"event.recorded", "roster.gap", "report.venue"}
    assert set(TEXTS) == alerts | tasks | reminders | ladder | set(INSPECTIONS) | reports | events
    assert all(text.zh and text.en for text in (*TEXTS.values(), *MESSAGES.values()))


def test_every_kind_has_a_message_that_leaves_the_house() -> None:
    assert all(message(kind, "issue") and message(kind, "issue", "en") for kind in KINDS)


def test_a_fact_that_is_missing_is_an_error_and_no_gap_in_a_text() -> None:
    with pytest.raises(UndefinedError):
        both("reminder.due.person", {})


@pytest.mark.parametrize(
    ("now", "allowed"),
    [
        ("2026-11-23T20:59", "2026-11-23T20:59"),
        ("2026-11-23T21:00", "2026-11-24T08:00"),
        ("2026-11-24T07:59", "2026-11-24T08:00"),
        ("2026-11-24T08:00", "2026-11-24T08:00"),
    ],
)
def test_quiet_hours_end_in_the_morning(now: str, allowed: str) -> None:
    assert allowed_from(at(now), NIGHT, workday=None) == at(allowed)


def test_what_waits_for_a_workday_passes_the_weekend() -> None:
    assert allowed_from(at("2026-11-20T22:00"), NIGHT, workday=is_workday) == at("2026-11-23T08:00")


def test_no_hour_is_quiet_where_begin_and_end_are_the_same() -> None:
    assert allowed_from(at("2026-11-23T03:00"), QuietHours(time(8), time(8)), workday=None) == at(
        "2026-11-23T03:00"
    )


def test_a_national_holiday_is_no_workday_and_its_substitute_is_one() -> None:
    assert not is_workday(date(2026, 10, 1))
    assert is_workday(date(2026, 10, 10))  # a Saturday worked in place of the holiday


def test_beyond_the_tables_monday_to_friday_are_worked() -> None:
    assert [is_workday(date(2031, 3, day)) for day in range(3, 10)] == [True] * 5 + [False] * 2


def test_two_workdays_pass_a_weekend() -> None:
    assert after_workdays(at("2026-11-20T10:00"), 2, is_workday) == at("2026-11-24T10:00")


@given(st.integers(0, 100_000), st.integers(0, 5))
def test_however_far_the_clock_went_one_repeat_stands_for_all_missed(minutes: int, before: int) -> None:
    due = at("2026-11-23T10:30")
    now = due + timedelta(minutes=minutes)
    after = repeat(now, due_at=due, repeats=before, every=timedelta(minutes=10))
    assert after.repeats == before + 1 + minutes // 10
    assert after.next_at == now + timedelta(minutes=10)


def result(verdict: str | None) -> Alarm:
    moment = at("2026-11-23T02:00")
    return Alarm(
        UUID(int=2), "positive", verdict, (PERSON,), None, "LAB01", moment, moment, 0, 0, conflict=False
    )


@given(st.permutations([None, "confirmed", "refuted", "released", "replaced"]), st.integers(1, 5))
def test_the_standing_of_an_alert_follows_from_the_set_of_verdicts(
    verdicts: list[str | None], count: int
) -> None:
    chosen = verdicts[:count]
    state = standing([result(verdict) for verdict in chosen])
    assert state == standing([result(verdict) for verdict in reversed(chosen)])
    if "confirmed" in chosen:
        assert state == "confirmed"
    elif None in chosen:
        assert state == "provisional"


def test_a_department_that_is_the_cdc_is_told_once() -> None:
    directory = Directory({PERSON: ("U",)}, {"U": Unit("T", "CDC-01")}, ("CDC-01",), ())
    assert directory.over_people([PERSON]) == {Body("township", "T"): 1}


def test_a_reviewer_may_act_only_on_what_went_to_the_cdc() -> None:
    assert sight(frozenset({"reviews:write"}), township=None, department=None, to_act=True).cdc_only
    assert not sight(frozenset({"reviews:write"}), township=None, department=None).cdc_only
