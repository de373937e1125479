"""What follows from facts, sentence by sentence of "What results do" (pure)."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from registry.statuses import facts
from registry.statuses.facts import SHANGHAI, Fact
from registry.statuses.rules import decide

NOON = datetime(2026, 11, 21, 12, tzinfo=SHANGHAI)


def sample(hours: int, *, tube: UUID | None = None, code: str = "T-1", **more: Any) -> Fact:
    """Return a bound tube, collected so many hours before noon."""
    tube = tube or uuid4()
    at = NOON - timedelta(hours=hours)
    return Fact("sample", tube, tube_id=tube, tube_code=code, mode="single", collected_at=at, **more)


def result(
    outcome: str, hours: int, *, mode: str = "single", kind: str = "pcr", tested: int = 0, **more: Any
) -> Fact:
    """Return a result of a sample collected so many hours before noon."""
    result_id = more.pop("result_id", uuid4())
    at = NOON - timedelta(hours=hours)
    values = {"lab_code": "LAB01", "tested_at": at + timedelta(minutes=tested), "reported_at": at, **more}
    return Fact(
        "result",
        result_id,
        result_id=result_id,
        outcome=outcome,
        mode=mode,
        test_kind=kind,
        collected_at=at,
        **values,
    )


def review(of: Fact, verdict: str, revision: int = 1) -> Fact:
    """Return a review of a result."""
    return Fact("review", uuid4(), result_id=of.result_id, revision=revision, verdict=verdict)


def correction(of: Fact, outcome: str, **more: Any) -> Fact:
    """Return a correction that replaces a result."""
    doubtful = of.outcome == "positive" and outcome != "positive"
    return result(outcome, 5, replaces=of.result_id, from_positive=doubtful, **more)


def shown(state: facts.Testing) -> tuple[str | None, str | None, bool | None]:
    """Return hold, last outcome and whether it was reviewed."""
    last = state.last
    return state.hold, None if last is None else last.outcome, None if last is None else last.reviewed


def test_the_newest_sample_decides_whatever_came_last() -> None:
    newest, oldest = result("negative", 1), result("negative", 9)
    assert decide([oldest, newest]) == decide([newest, oldest])
    assert decide([newest, oldest]).counted_on == NOON.date()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"tested": 9}, {"tested": 1}),
        ({"lab_code": "LAB01"}, {"lab_code": "LAB02"}),
        ({"mode": "single"}, {"mode": "mixed"}),
    ],
)
def test_at_equal_times_the_order_of_the_contract_decides(one: dict[str, Any], other: dict[str, Any]) -> None:
    first, second = result("negative", 1, **one), result("negative", 1, **other)
    last = decide([second, first]).last
    assert last is not None
    assert (last.tested_at, last.lab_code, last.mode) == (first.tested_at, first.lab_code, first.mode)


def test_at_equal_times_a_positive_outranks_a_negative() -> None:
    positive = result("positive", 1)
    state = decide(
        [
            result("negative", 1, tested=30),
            positive,
            review(positive, "confirmed"),
            review(positive, "released", 2),
        ]
    )
    assert shown(state) == ("positive", "positive", True)


def test_invalid_and_antibody_and_a_negative_antigen_change_nothing() -> None:
    none = [
        result("negative", 1, kind="antigen"),
        result("positive", 1, kind="antibody"),
        result("invalid", 1),
        result("invalid", 2, mode="mixed"),
    ]
    assert (decide(none).hold, decide(none).last, decide(none).counted_on) == (None, None, None)
    before = result("negative", 9)
    assert decide([before, *none]).last == decide([before]).last


@pytest.mark.requirement(78)
@pytest.mark.parametrize("outcome", ["positive", "indeterminate"])
def test_a_single_positive_holds_until_its_review_and_no_later_sample_lifts_it(outcome: str) -> None:
    found, later = result(outcome, 9), result("negative", 1)
    assert shown(decide([found, later])) == ("under_recheck", outcome, False)
    assert shown(decide([found, later, review(found, "confirmed")])) == ("positive", "positive", True)
    assert shown(decide([found, review(found, "refuted")])) == (None, "negative", True)


def test_released_lets_later_samples_count_and_stays_positive_until_there_is_one() -> None:
    found = result("positive", 9)
    reviews = [review(found, "confirmed"), review(found, "released", 2)]
    assert shown(decide([found, *reviews, result("negative", 20)])) == ("positive", "positive", True)
    assert shown(decide([found, *reviews, result("negative", 8)])) == (None, "negative", False)


@pytest.mark.requirement(77)
@pytest.mark.parametrize("outcome", ["positive", "indeterminate"])
def test_a_pool_gives_nobody_a_result_and_is_settled_only_by_a_single(outcome: str) -> None:
    pool = result(outcome, 9, mode="mixed", tube_code="POOL")
    before = result("negative", 30)
    assert shown(decide([before, pool])) == ("under_recheck", "negative", False)
    assert decide([pool]).counted_on is None
    assert decide([pool, result("negative", 1, mode="mixed")]).hold == "under_recheck"
    assert decide([pool, result("negative", 10)]).hold == "under_recheck"
    assert decide([pool, result("negative", 9)]).hold is None
    assert decide([pool, result("negative", 10, paired_with="POOL")]).hold is None
    assert decide([pool, result("invalid", 1)]).hold == "under_recheck"


def test_a_positive_antigen_holds_until_a_pcr_single() -> None:
    antigen = result("positive", 9, kind="antigen")
    assert decide([antigen]).hold == "under_recheck"
    assert decide([antigen, result("negative", 1, kind="antigen")]).hold == "under_recheck"
    assert decide([antigen, result("negative", 1, mode="mixed")]).hold == "under_recheck"
    assert decide([antigen, result("negative", 9)]).hold is None


def test_a_correction_replaces_what_it_names() -> None:
    wrong = result("negative", 1)
    assert decide([wrong, correction(wrong, "invalid")]).last is None
    found = result("indeterminate", 5)
    assert shown(decide([correction(found, "negative"), found])) == (None, "negative", False)


def test_positive_to_anything_else_stays_under_recheck_until_the_correcting_row_is_reviewed() -> None:
    found = result("positive", 5)
    new = correction(found, "negative")
    assert decide([found, new, review(found, "refuted")]).hold == "under_recheck"
    assert decide([found, new, result("negative", 1)]).hold == "under_recheck"
    assert shown(decide([found, new, review(new, "refuted")])) == (None, "negative", True)
    assert shown(decide([found, new, review(new, "confirmed")])) == ("positive", "positive", True)


def test_two_corrections_in_a_row_do_not_lift_a_positive_either() -> None:
    found = result("positive", 5)
    first = correction(found, "negative")
    second = correction(first, "negative")
    assert decide([found, first, second]).hold == "under_recheck"
    assert decide([found, first, second, review(second, "refuted")]).hold is None


def test_a_positive_taken_back_from_a_person_holds_until_the_correction_is_reviewed() -> None:
    found = result("positive", 5)
    other = uuid4()
    back = Fact(
        "withdrawal", uuid4(), result_id=other, outcome="positive", mode="single", test_kind="pcr",
        collected_at=found.collected_at, replaces=found.result_id, from_positive=True,
    )  # fmt: skip
    assert shown(decide([found, back])) == ("under_recheck", None, None)
    done = Fact("review", uuid4(), result_id=other, revision=1, verdict="confirmed")
    assert decide([found, back, done]).hold is None


def test_a_tube_waits_until_a_result_of_it_that_is_valid() -> None:
    tube = uuid4()
    bound = sample(5, tube=tube)
    assert [each.tube_id for each in decide([bound]).waiting] == [tube]
    assert decide([bound, result("invalid", 5, tube_id=tube)]).waiting
    assert not decide([bound, result("negative", 5, tube_id=tube)]).waiting


def test_the_highest_revision_of_a_review_decides() -> None:
    found = result("positive", 5)
    assert shown(decide([found, review(found, "refuted", 2), review(found, "confirmed", 1)])) == (
        None, "negative", True,
    )  # fmt: skip
