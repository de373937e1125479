"""The retry rule is pure: attempt in, decision out."""

from shared.retry import LONGEST_SECONDS, MAX_ATTEMPTS, Again, Dead, after_failure


def test_waits_double_from_a_fifth_of_a_second() -> None:
    assert [after_failure(n) for n in (1, 2, 3)] == [Again(0.2), Again(0.4), Again(0.8)]


def test_no_wait_is_longer_than_a_minute() -> None:
    waits = [
        decision.seconds for n in range(1, MAX_ATTEMPTS) if isinstance(decision := after_failure(n), Again)
    ]

    assert len(waits) == MAX_ATTEMPTS - 1
    assert max(waits) == LONGEST_SECONDS


def test_the_last_attempt_is_the_end() -> None:
    assert after_failure(MAX_ATTEMPTS) == Dead()
    assert after_failure(MAX_ATTEMPTS - 1) != Dead()
