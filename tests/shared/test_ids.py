"""Ids made by the application: UUIDv7 of a moment."""

from datetime import UTC, datetime, timedelta

from shared.ids import new_id, new_ids

NOW = datetime(2030, 3, 1, 12, 0, 0, 123_000, tzinfo=UTC)


def test_ids_of_one_moment_carry_its_time_and_differ() -> None:
    made = new_ids(NOW, 1000)
    assert len(set(made)) == 1000
    assert {(each.version, each.variant) for each in made} == {(7, "specified in RFC 4122")}
    assert {each.int >> 80 for each in made} == {int(NOW.timestamp() * 1000)}


def test_ids_are_in_the_order_of_their_moments() -> None:
    assert max(new_ids(NOW, 100)) < new_id(NOW + timedelta(milliseconds=1))


def test_every_bit_below_the_time_is_random_but_the_marks() -> None:
    ones, zeros = new_id(NOW, lambda n: b"\xff" * n).int, new_id(NOW, bytes).int
    marks = 0xF << 76 | 0x3 << 62
    assert (ones ^ zeros) == ((1 << 80) - 1) & ~marks
