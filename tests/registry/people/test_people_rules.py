"""What rows do to people, as pure rules, over random histories."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from registry.people.rows import Document, Enrolment, Known, Person, Row
from registry.people.rules import apply_rows, enrolment_after

TODAY = date(2030, 11, 20)
DAYS = st.none() | st.integers(-20, 20).map(lambda n: TODAY + timedelta(days=n))


def row(number: int, who: int, **fields: object) -> Row:
    return Row(number, ("other", bytes([who])), "X", "n", b"n", **fields)  # type: ignore[arg-type] # by name


ROWS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.none() | st.sampled_from(["C1", "C2", "C3"]),
        st.none() | st.sampled_from(["U1", "U2", "NO"]),
        st.none() | st.sampled_from(["K1", "NO"]),
        DAYS,
        DAYS,
    ),
    max_size=12,
).map(
    lambda drawn: [
        row(n, who, health_code_id=code, unit_code=unit, category_code=cat, enrolled_on=begins, left_on=ends)
        for n, (who, code, unit, cat, begins, ends) in enumerate(drawn, 1)
    ]
)


def known() -> Known:
    return Known(TODAY, frozenset({"U1", "U2"}), frozenset({"K1"}), {})


@given(ROWS)
def test_every_row_has_one_verdict_and_no_two_people_share_a_code(rows: list[Row]) -> None:
    people: dict[Document, Person] = {}
    verdicts = apply_rows(rows, people, known())
    assert verdicts.accepted + verdicts.updated + len(verdicts.refused) == len(rows)
    assert verdicts.accepted == len(people)
    codes = [p.health_code_id for p in people.values() if p.health_code_id is not None]
    assert len(codes) == len(set(codes))
    for person in people.values():
        assert person.health_code_id not in person.lost_codes
        assert all(e.left_on is None or e.left_on >= e.enrolled_on for e in person.enrolments.values())


def test_a_person_who_left_is_enrolled_again_by_a_later_row() -> None:
    left = Enrolment(TODAY - timedelta(days=9), TODAY - timedelta(days=3))
    later = enrolment_after(row(1, 1, unit_code="U1"), left, today=TODAY)
    assert later == Enrolment(TODAY)


def test_a_row_may_tell_of_an_enrolment_that_has_ended() -> None:
    ended = enrolment_after(row(1, 1, unit_code="U1", left_on=TODAY - timedelta(days=3)), None, today=TODAY)
    assert ended == Enrolment(TODAY - timedelta(days=3), TODAY - timedelta(days=3))
