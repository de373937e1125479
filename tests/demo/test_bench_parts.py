"""The rows of the benchmark and its figures: pure, so tested without servers."""

import json
from datetime import UTC, datetime

from tests.bench.figures import against, percentile
from tests.bench.rows import Rows

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_nobody_has_two_rows_in_one_turn_and_the_next_turn_is_newer() -> None:
    rows = Rows(["a", "b", "c"], NOW)
    taken = rows.take(6)
    assert [code for code, _, _ in taken] == ["a", "b", "c", "a", "b", "c"]
    assert taken[3][2] > taken[0][2]
    assert taken[5][2] < NOW


def test_batches_have_numbers_of_their_own() -> None:
    rows = Rows(["a", "b"], NOW)
    first, second = (json.loads(rows.batch(1, "run")) for _ in range(2))
    assert first["batch_no"] != second["batch_no"]
    assert set(first["results"][0]) == {"health_code_id", "outcome", "collected_at", "tested_at"}


def test_a_ratio_is_that_of_the_runs_themselves() -> None:
    figure = against("x", [50, 80, 60], [100, 100, 150], unit="/s", at_least=0.5)
    assert figure.ratio == 0.5
    assert figure.holds


def test_a_percentile_of_few_values_is_one_of_them() -> None:
    assert percentile([1.0, 2.0, 3.0], 0.99) == 3.0
    assert percentile([1.0, 2.0, 3.0], 0.5) == 2.0
