"""The rule engine and a slow, obvious model say the same of random histories (pure)."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from registry.categories.rules import wrong
from registry.statuses import facts
from registry.statuses.book import Rule, RuleBook
from registry.statuses.display import Limits, row_of, status_of
from registry.statuses.duties import Enrolment, Exemption, Person, duty_of
from registry.statuses.facts import SHANGHAI, LastResult
from registry.statuses.loading import rule_of
from registry.statuses.schedules import Event
from tests.registry.statuses.model import Answer, answer, suspended

TODAY = date(2028, 3, 1)  # a leap day and month ends lie behind it
NOBODY = UUID(int=0)
LIMITS = Limits(timedelta(hours=72), timedelta(hours=24))
AREAS = ("TOWN-01", "TOWN-02")
CODES = ("A", "B")
DAY = timedelta(days=1)
# As many as it takes to find a month of thirty days, a lost boundary or a rule that binds from its newest version.
MOST = 700

days = st.integers(-75, 12).map(lambda number: TODAY + number * DAY)
shapes: st.SearchStrategy[tuple[str, dict[str, Any]]] = st.one_of(
    st.tuples(
        st.just("every_n_days"), st.fixed_dictionaries({"days": st.sampled_from((1, 2, 3, 7, 14, 28, 31))})
    ),
    st.tuples(st.just("every_n_months"), st.fixed_dictionaries({"months": st.integers(1, 3)})),
    st.just(("every_n_days", {"days": 14, "vaccinated": {"shape": "every_n_months", "months": 1}})),
    st.just(("every_n_months", {"months": 1, "event": "admission"})),
    st.tuples(
        st.just("times_per_week"),
        st.sampled_from(
            [{"times": 2, "min_gap_hours": 48}, {"times": 2}, {"times": 3, "min_gap_hours": 36}, {"times": 7}]
        ),
    ),
    st.tuples(st.just("times_per_day"), st.fixed_dictionaries({"times": st.integers(1, 3)})),
    st.just(("on_event", {"event": "visit"})),
    st.just(
        ("day_list", {"event": "visit", "days": [1, 2, 3, 5, 7, 10], "isolation_days": 7, "watch_days": 3})
    ),
    st.just(("rolling_share", {"percent": 50, "period": "week"})),
    st.just(("every_n_days", {"days": 1, "subject": "item"})),
)


def _later(day: date, least: int, most: int) -> st.SearchStrategy[date]:
    return st.dates(day + least * DAY, day + most * DAY)


@st.composite
def books(draw: st.DrawFn) -> RuleBook:
    """Draw the laws of three categories, changing over the weeks."""
    rules: dict[str, list[Rule]] = {}
    for number in range(draw(st.integers(2, 6))):
        code, (shape, params), begins = draw(st.sampled_from(CODES)), draw(shapes), draw(days)
        assert wrong(shape, params) == []
        until = draw(st.one_of(st.none(), _later(begins, 0, 30)))
        listed = rules.setdefault(code, [])
        area = draw(st.one_of(st.none(), st.sampled_from(AREAS)))
        listed.append(
            rule_of(
                shape, params, rule_id=number, category_code=code, version=len(listed) + 1,
                effective_from=begins, effective_to=until, area_code=area,
            )
        )  # fmt: skip
    switches = draw(st.sampled_from([{"A": "B"}, {}]))
    return RuleBook(rules, switches, draw(st.sampled_from([date(2020, 1, 1), TODAY - 20 * DAY])))


@st.composite
def people(draw: st.DrawFn) -> Person:
    """Draw somebody's enrolments, exemptions, vaccination and events."""
    enrolments = []
    for code in draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=2, unique=True)):
        begins = draw(days)
        left = draw(st.one_of(st.none(), _later(begins, 1, 60)))
        enrolments.append(Enrolment(code, begins, left, draw(st.sampled_from([(), AREAS[:1], AREAS]))))
    exemptions = []
    for kind in draw(st.lists(st.sampled_from(("exempt", "leave", "suspended")), max_size=2)):
        begins = draw(days)
        exemptions.append(Exemption(kind, begins, begins + draw(st.integers(0, 20)) * DAY))
    vaccinated = draw(st.one_of(days, st.none()))
    events = [
        Event(draw(st.sampled_from(("visit", "admission"))), draw(st.sampled_from(CODES)), at)
        for at in draw(st.lists(moments, max_size=2))
    ]
    return Person(tuple(enrolments), tuple(exemptions), vaccinated, tuple(events))


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), SHANGHAI)


moments = st.tuples(st.integers(-70, 0).map(lambda n: TODAY + n * DAY), st.integers(0, 11)).map(
    lambda pair: _at(*pair)
)
samples = st.lists(moments, max_size=8, unique=True).map(sorted)


def told(person: Person, taken: list[datetime], book: RuleBook) -> tuple[Answer, bool]:
    """Return what the engine says at noon today, by way of the stored row."""
    last = None
    if taken:
        last = LastResult("negative", "single", taken[-1], taken[-1], taken[-1], "LAB01", reviewed=False)
    counted_on = taken[-1].date() if taken else None
    testing = facts.Testing(last=last, counted_on=counted_on, counted=tuple(taken))
    duty = duty_of(person, book=book, day=TODAY)
    now = _at(TODAY, 12)
    row = row_of(NOBODY, testing=testing, duty=duty, soon_days=0, now=now, limits=LIMITS)
    status = status_of(row, now, LIMITS)
    state = {"ok": "in_time", "due_soon": "in_time"}.get(status.due_state, status.due_state)
    rule_id = row.rule_id if status.due_on else None
    return Answer(status.due_on, state, rule_id), "suspended" in status.reasons


@settings(max_examples=max(MOST, settings().max_examples))
@given(people(), samples, books())
@example(
    Person((Enrolment("A", TODAY - 60 * DAY, None),)),
    [_at(date(2028, 1, 31), 9)],
    RuleBook({"A": [rule_of("every_n_months", {"months": 1}, rule_id=1, category_code="A", version=1,
                            effective_from=date(2028, 1, 1), effective_to=None, area_code=None)]}, {}, date(2020, 1, 1)),
)  # fmt: skip
@example(
    # Two days apart to the hour, which is enough.
    Person((Enrolment("A", TODAY - 60 * DAY, None),)),
    [_at(TODAY - 2 * DAY, 9), _at(TODAY, 9)],
    RuleBook({"A": [rule_of("times_per_week", {"times": 2, "min_gap_hours": 48}, rule_id=1, category_code="A",
                            version=1, effective_from=date(2028, 1, 1), effective_to=None, area_code=None)]}, {},
             date(2020, 1, 1)),
)  # fmt: skip
def test_both_say_the_same(person: Person, taken: list[datetime], book: RuleBook) -> None:
    assert told(person, taken, book) == (answer(person, taken, book, TODAY), suspended(person, book, TODAY))


@settings(max_examples=max(MOST, settings().max_examples))
@given(people(), samples, books())
def test_nothing_changes_before_the_day_that_is_kept_for_it(
    person: Person, taken: list[datetime], book: RuleBook
) -> None:
    duty = duty_of(person, book=book, day=TODAY)
    until = duty.changes_on or TODAY + 60 * DAY
    day = TODAY
    while day < min(until, TODAY + 40 * DAY):
        same = duty_of(person, book=book, day=day)
        assert (same.terms, same.changes_on) == (duty.terms, duty.changes_on)
        assert same.due(None, taken) == duty.due(None, taken)
        day += DAY


@settings(max_examples=max(MOST, settings().max_examples))
@given(people(), samples, books())
def test_where_one_interval_is_kept_it_alone_decides(
    person: Person, taken: list[datetime], book: RuleBook
) -> None:
    duty = duty_of(person, book=book, day=TODAY)
    plain = duty.plain(taken)
    if plain is None:
        return
    interval, from_on = plain
    for day in (max(from_on, TODAY - 10 * DAY), max(from_on, TODAY)):
        if not taken or day >= taken[-1].date():
            due = duty.due(day, (*taken, _at(day, 11)))
            assert due is not None
            assert due[0] == interval.after(day)


@pytest.mark.parametrize("first", [0, 1], ids=["stricter first", "stricter last"])
@pytest.mark.parametrize(
    ("stricter", "laxer", "days_ago", "due_on"),
    [
        # Two a week are 3.5 days apart: between every three days and every four.
        (("every_n_days", {"days": 3}), ("times_per_week", {"times": 2}), [6], date(2028, 2, 27)),
        (("times_per_week", {"times": 2}), ("every_n_days", {"days": 4}), [7], date(2028, 2, 27)),
        # Three are 2.33 days apart.
        (("every_n_days", {"days": 2}), ("times_per_week", {"times": 3}), [7, 5], date(2028, 2, 27)),
        (("times_per_week", {"times": 3}), ("every_n_days", {"days": 3}), [8, 6], date(2028, 2, 27)),
        # Several a day are less than a day apart.
        (("times_per_day", {"times": 2}), ("every_n_days", {"days": 1}), [1, 1], date(2028, 3, 1)),
        (("times_per_day", {"times": 3}), ("times_per_day", {"times": 2}), [1, 1, 1], date(2028, 3, 1)),
        # A month is longer than thirty days and shorter than thirty-one.
        (("every_n_months", {"months": 1}), ("every_n_days", {"days": 31}), [60], date(2028, 2, 1)),
        (("every_n_days", {"days": 29}), ("every_n_months", {"months": 1}), [11], date(2028, 3, 19)),
        (("every_n_months", {"months": 2}), ("every_n_days", {"days": 61}), [92], date(2028, 1, 30)),
    ],
)
def test_of_rules_that_fall_due_together_the_strictest_is_named_whatever_their_order(
    stricter: tuple[str, dict[str, Any]],
    laxer: tuple[str, dict[str, Any]],
    days_ago: list[int],
    due_on: date,
    first: int,
) -> None:
    numbers = {True: first, False: 1 - first}
    rules = [
        rule_of(
            shape, params, rule_id=numbers[strict], category_code="A", version=1 + numbers[strict],
            effective_from=date(2027, 1, 1), effective_to=date(2028, 12, 31), area_code=None,
        )
        for strict, (shape, params) in ((True, stricter), (False, laxer))
    ]  # fmt: skip
    person = Person((Enrolment("A", date(2027, 6, 1), None),))
    book = RuleBook({"A": rules}, {}, date(2020, 1, 1))
    taken = [_at(TODAY - ago * DAY, place) for place, ago in enumerate(days_ago)]
    duty = duty_of(person, book=book, day=TODAY)
    assert {term.due_on(taken[-1].date(), taken) for term in duty.terms} == {due_on}, "they do not tie"
    assert told(person, taken, book)[0].rule_id == numbers[True]
    assert told(person, taken, book)[0] == answer(person, taken, book, TODAY)
