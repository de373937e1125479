"""Rules read for one person: intervals, the vaccination switch, overlapping versions (pure)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.statuses.book import Rule, RuleBook
from registry.statuses.duties import Duty, Enrolment, Exemption, Person, duty_of
from registry.statuses.pace import Interval, SoonDays, add_months

TODAY = date(2026, 11, 21)
LONG_AGO = date(2022, 1, 1)


def rule(
    code: str, *, days: int | None = None, months: int | None = None, rule_id: int = 1, version: int = 1,
    since: date = LONG_AGO, until: date | None = None, area: str | None = None, shape: str = "every_n_days",
) -> Rule:  # fmt: skip
    """Return a rule version."""
    interval = None if days is None and months is None else Interval(days, months)
    return Rule(rule_id, code, version, since, until, area, shape, interval)


def book(*rules: Rule, switches: dict[str, str] | None = None, go_live_on: date = LONG_AGO) -> RuleBook:
    """Return a rule book."""
    by_code: dict[str, list[Rule]] = {}
    for each in rules:
        by_code.setdefault(each.category_code, []).append(each)
    return RuleBook(by_code, switches or {}, go_live_on)


def enrolled(
    *codes: str, since: date = LONG_AGO, until: date | None = None, areas: tuple[str, ...] = ()
) -> Person:
    """Return somebody enrolled in categories."""
    return Person(tuple(Enrolment(code, since, until, areas) for code in codes))


def due_on(duty: Duty, counted_on: date | None) -> date | None:
    """Return the due day."""
    due = duty.due(counted_on)
    return due and due[0]


@pytest.mark.parametrize(("code", "days"), [("7A", 14), ("7B", 14), ("7D", 14), ("8A1", 7), ("8A4", 7)])
def test_the_due_day_is_the_samples_day_and_n(code: str, days: int) -> None:
    duty = duty_of(enrolled(code), book=book(rule(code, days=days)), day=TODAY)
    assert due_on(duty, TODAY) == TODAY + timedelta(days=days)


@pytest.mark.requirement(7)
@pytest.mark.parametrize(
    ("sampled", "due"),
    [
        (date(2026, 1, 31), date(2026, 2, 28)),
        (date(2028, 1, 31), date(2028, 2, 29)),
        (date(2026, 12, 15), date(2027, 1, 15)),
    ],
)
def test_monthly_is_one_calendar_month_from_the_sample(sampled: date, due: date) -> None:
    duty = duty_of(enrolled("7C"), book=book(rule("7C", months=1)), day=TODAY)
    assert due_on(duty, sampled) == due


@pytest.mark.requirement(7)
def test_the_duty_ends_on_the_day_of_leaving() -> None:
    person = enrolled("7C", until=TODAY)
    rules = book(rule("7C", months=1))
    assert duty_of(person, book=rules, day=TODAY - timedelta(days=1)).terms
    assert not duty_of(person, book=rules, day=TODAY).terms


@pytest.mark.requirement(14)
@pytest.mark.parametrize(
    ("vaccinated_on", "today", "code"),
    [
        (date(2026, 10, 22), TODAY, "8A3"),
        (date(2026, 10, 21), TODAY, "8A2"),
        (date(2026, 1, 31), date(2026, 2, 27), "8A3"),
        (date(2026, 1, 31), date(2026, 2, 28), "8A2"),
        (None, TODAY, "8A3"),
    ],
)
def test_one_calendar_month_after_full_vaccination_8a3_becomes_8a2_by_itself(
    vaccinated_on: date | None, today: date, code: str
) -> None:
    rules = book(rule("8A3", days=14), rule("8A2", months=1, rule_id=2), switches={"8A3": "8A2"})
    person = Person(enrolled("8A3").enrolments, vaccinated_on=vaccinated_on)
    duty = duty_of(person, book=rules, day=today)
    assert [term.rule.category_code for term in duty.terms] == [code]
    if code == "8A3" and vaccinated_on is not None:
        assert duty.changes_on == add_months(vaccinated_on, 1)


@pytest.mark.requirement(15)
def test_a_local_code_may_carry_its_vaccinated_interval_itself() -> None:
    own = Rule(1, "LOCAL-CDC", 1, LONG_AGO, None, None, "every_n_days", Interval(days=14), Interval(months=1))
    before = Person(enrolled("LOCAL-CDC").enrolments, vaccinated_on=TODAY)
    after = Person(enrolled("LOCAL-CDC").enrolments, vaccinated_on=date(2026, 9, 1))
    assert due_on(duty_of(before, book=book(own), day=TODAY), TODAY) == TODAY + timedelta(days=14)
    assert due_on(duty_of(after, book=book(own), day=TODAY), TODAY) == date(2026, 12, 21)


def test_the_strictest_of_several_categories_decides() -> None:
    rules = book(rule("7A", days=14), rule("8A1", days=7, rule_id=2))
    due = duty_of(enrolled("7A", "8A1"), book=rules, day=TODAY).due(TODAY)
    assert due is not None
    assert (due[0], due[1].rule.category_code) == (TODAY + timedelta(days=7), "8A1")


@pytest.mark.requirement(157)
def test_a_limited_version_in_an_area_lies_over_the_old_one_and_goes_again() -> None:
    dense = rule(
        "8A1", days=2, rule_id=2, version=2, since=TODAY, until=TODAY + timedelta(days=9), area="TOWN-01"
    )
    rules = book(rule("8A1", days=7), dense)
    inside, outside = enrolled("8A1", areas=("TOWN-01",)), enrolled("8A1", areas=("TOWN-02",))
    assert due_on(duty_of(inside, book=rules, day=TODAY), TODAY) == TODAY + timedelta(days=2)
    assert due_on(duty_of(outside, book=rules, day=TODAY), TODAY) == TODAY + timedelta(days=7)
    later = TODAY + timedelta(days=10)
    assert due_on(duty_of(inside, book=rules, day=later), later) == later + timedelta(days=7)
    assert duty_of(inside, book=rules, day=TODAY).changes_on == later


@pytest.mark.requirement(1)
def test_a_newer_open_version_takes_the_place_of_the_older_one_from_its_day_on() -> None:
    rules = book(rule("8A1", days=7), rule("8A1", days=14, rule_id=2, version=2, since=TODAY))
    day_before = TODAY - timedelta(days=1)
    assert due_on(duty_of(enrolled("8A1"), book=rules, day=day_before), day_before) == TODAY + timedelta(
        days=6
    )
    assert due_on(duty_of(enrolled("8A1"), book=rules, day=TODAY), TODAY) == TODAY + timedelta(days=14)


@pytest.mark.parametrize(
    ("ago", "due"),
    [(5, TODAY + timedelta(days=1)), (1, TODAY + timedelta(days=2)), (9, TODAY - timedelta(days=2))],
)
def test_a_shortened_rule_makes_nobody_due_before_the_day_after_it_began(ago: int, due: date) -> None:
    rules = book(rule("8A1", days=7), rule("8A1", days=3, rule_id=2, version=2, since=TODAY))
    duty = duty_of(enrolled("8A1"), book=rules, day=TODAY)
    assert due_on(duty, TODAY - timedelta(days=ago)) == due


def test_never_tested_the_first_day_of_duty_is_the_due_day() -> None:
    go_live = date(2026, 11, 1)
    rules = book(rule("8A1", days=7), go_live_on=go_live)
    assert due_on(duty_of(enrolled("8A1"), book=rules, day=TODAY), None) == go_live
    assert due_on(duty_of(enrolled("8A1", since=TODAY), book=rules, day=TODAY), None) == TODAY
    early = duty_of(enrolled("8A1"), book=rules, day=date(2026, 10, 1))
    assert not early.terms
    assert early.changes_on == go_live


def test_a_new_version_does_not_begin_the_duty_anew() -> None:
    rules = book(rule("8A1", days=7), rule("8A1", days=3, rule_id=2, version=2, since=TODAY))
    assert due_on(duty_of(enrolled("8A1"), book=rules, day=TODAY), None) == LONG_AGO


def test_rules_without_an_interval_set_no_due_day() -> None:
    rules = book(
        rule("6", shape="on_event"), rule("8A3", days=14), rule("8A3", version=2, shape="rolling_share")
    )
    assert due_on(duty_of(enrolled("6"), book=rules, day=TODAY), TODAY) is None
    assert due_on(duty_of(enrolled("8A3"), book=rules, day=TODAY), TODAY) == TODAY + timedelta(days=14)


def test_exemption_windows_name_the_one_that_holds_else_the_next() -> None:
    spans = (
        Exemption("leave", TODAY, TODAY + timedelta(days=2)),
        Exemption("exempt", TODAY + timedelta(days=9), TODAY + timedelta(days=12)),
        Exemption("suspended", TODAY + timedelta(days=1), TODAY + timedelta(days=1)),
    )
    duty = duty_of(Person(exemptions=spans), book=book(), day=TODAY)
    assert duty.exempt == (TODAY, TODAY + timedelta(days=2))
    assert duty.suspended == (TODAY + timedelta(days=1), TODAY + timedelta(days=1))
    assert duty.changes_on == TODAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("interval", "days"),
    [(Interval(days=1), 0), (Interval(days=3), 1), (Interval(days=7), 2), (Interval(months=1), 3)],
)
def test_due_soon_begins_as_long_before_as_the_rule_is_long(interval: Interval, days: int) -> None:
    assert SoonDays().of(interval) == days


INTERVALS = st.one_of(
    st.builds(Interval, days=st.integers(1, 60)), st.builds(Interval, months=st.integers(1, 3))
)


@given(
    intervals=st.lists(INTERVALS, min_size=1, max_size=3),
    since=st.lists(st.integers(0, 400), min_size=3, max_size=3),
    after=st.integers(0, 60),
)
def test_the_plain_interval_says_what_all_the_rules_together_say(
    intervals: list[Interval], since: list[int], after: int
) -> None:
    rules = [
        Rule(n, f"C{n}", 1, TODAY - timedelta(days=since[n]), None, None, "any", each)
        for n, each in enumerate(intervals)
    ]
    duty = duty_of(enrolled(*(each.category_code for each in rules)), book=book(*rules), day=TODAY)
    plain = duty.plain()
    if plain is not None:
        interval, from_on = plain
        sampled = from_on + timedelta(days=after)
        assert due_on(duty, sampled) == interval.after(sampled)
