"""What a week says of somebody: the engine and an obvious recount, day by day, agree on random histories (pure)."""

from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from registry.figures.rules import (
    Stay,
    counted_from,
    duties_in,
    monday_of,
    outcomes_of,
    states_of,
    what_matters,
)
from registry.statuses.book import RuleBook
from registry.statuses.duties import Person
from tests.registry.statuses.model import answer
from tests.registry.statuses.test_engine_against_model import TODAY, books, people, samples

DAY = timedelta(days=1)
UNITS = ("U-1", "U-2")


def stays_of(person: Person) -> list[Stay]:
    """Return the enrolments as stays, each category in a unit of its own."""
    return [
        Stay((UNITS[each.category_code == "B"], each.category_code), each.enrolled_on, each.left_on)
        for each in person.enrolments
    ]


def recounted(person: Person, taken: list[datetime], book: RuleBook, monday: date) -> dict[str, list[str]]:
    """Return what each day of the week says in each unit ('' for none), by the slow model."""
    found: dict[str, list[str]] = {}
    for day in (monday + number * DAY for number in range(7)):
        if day > TODAY:
            break
        then = answer(person, [each for each in taken if each.date() <= day], book, day)
        before = answer(person, [each for each in taken if each.date() < day], book, day)
        sampled = any(each.date() == day for each in taken)
        if then.state == "not_required" and not (sampled and before.state != "not_required"):
            continue
        said = "sampled" if sampled else "nothing"
        # What an event asks for on a later day is not missing yet, even of somebody never tested.
        if then.state == "never_tested" and then.due_on is not None and then.due_on <= day:
            said = "never_tested"
        elif then.due_on is not None and (then.due_on < day or (then.due_on == day < TODAY)):
            said = "overdue"
        places = {
            stay.place[0] or ""
            for stay in stays_of(person)
            if stay.enrolled_on <= day and (stay.left_on is None or day < stay.left_on)
        }
        for place in places or {""}:
            found.setdefault(place, []).append(said)
    return found


def verdict(days: list[str]) -> str | None:
    """Return the outcome of some days."""
    if all(each == "nothing" for each in days):
        return None
    if days[-1] in ("overdue", "never_tested"):
        return {"overdue": "missed"}.get(days[-1], days[-1])
    return "late" if {"overdue", "never_tested"} & set(days) else "met"


@settings(max_examples=max(500, settings().max_examples))
@given(people(), samples, books(), st.integers(0, 4))
def test_a_week_says_what_its_days_say(
    person: Person, taken: list[datetime], book: RuleBook, weeks: int
) -> None:
    monday = monday_of(TODAY) - weeks * 7 * DAY
    days = [monday + number * DAY for number in range(7) if monday + number * DAY <= TODAY]
    duties = duties_in(person, book, days)
    known = taken if person.events else recent(taken, monday)
    states = states_of(duties, counted_from(known), today=TODAY)
    found = {place[0] or "": said for place, said in outcomes_of(states, stays_of(person)).items()}
    model = {place: verdict(said) for place, said in recounted(person, taken, book, monday).items()}
    assert found == {place: said for place, said in model.items() if said is not None}


@settings(max_examples=max(500, settings().max_examples))
@given(people(), samples, books(), st.integers(0, 11))
def test_people_who_are_alike_are_told_alike(
    person: Person, taken: list[datetime], book: RuleBook, hours: int
) -> None:
    monday = monday_of(TODAY) - 7 * DAY
    duties = duties_in(person, book, [monday + number * DAY for number in range(7)])
    known = recent(taken, monday)
    before = [each for each in known if each.date() < monday]
    other = before[-1:] + [each for each in known if each.date() >= monday]
    other = [each + timedelta(hours=hours) for each in other]
    if what_matters(known, duties, monday=monday) == what_matters(other, duties, monday=monday):
        told = [states_of(duties, counted_from(each), today=TODAY) for each in (known, other)]
        assert person.events or told[0] == told[1]


def recent(taken: list[datetime], monday: date) -> list[datetime]:
    """Return the samples that the count reads: from a week before on, and the newest of those before that."""
    window = [each for each in taken if each.date() >= monday - 7 * DAY]
    before = [each for each in taken if each.date() < monday - 7 * DAY]
    return before[-1:] + window
