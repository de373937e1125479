"""The benchmark's own arithmetic: rows, figures, processor time, answers. Pure, so tested without servers."""

import json
from datetime import UTC, datetime

import pytest

from tests.bench import cpu
from tests.bench.figures import against, measured, percentile
from tests.bench.profile import own_time
from tests.bench.pulls import end_of
from tests.bench.rows import Rows
from tests.bench.wire import head_of

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def test_nobody_has_two_rows_in_one_turn_and_the_next_turn_is_newer() -> None:
    rows = Rows(["a", "b", "c"], NOW)
    taken = rows.take(6)
    assert [code for code, _, _ in taken] == ["a", "b", "c", "a", "b", "c"]
    assert taken[3][1] > taken[0][1]
    assert taken[3][2] > taken[0][2]
    assert taken[5][2] < NOW


def test_rows_are_the_same_as_times_and_as_text() -> None:
    times, texts = Rows(["a", "b"], NOW).take(5), Rows(["a", "b"], NOW).take_texts(5)
    assert [(c, datetime.fromisoformat(s), datetime.fromisoformat(t)) for c, s, t in texts] == times


def test_samples_are_taken_before_they_are_tested_each_at_its_own_time() -> None:
    taken = Rows([f"c{number}" for number in range(200)], NOW).take(200)
    assert all(collected < tested for _, collected, tested in taken)
    assert len({collected for _, collected, _ in taken[:94]}) == 94
    assert len({tested for _, _, tested in taken}) == 3


def test_batches_have_numbers_of_their_own() -> None:
    rows = Rows(["a", "b"], NOW)
    first, second = (json.loads(rows.batch(1, "run")) for _ in range(2))
    assert first["batch_no"] != second["batch_no"]
    assert set(first["results"][0]) == {"health_code_id", "outcome", "collected_at", "tested_at"}


def test_a_ratio_is_that_of_the_runs_themselves() -> None:
    figure = against("x", [50, 80, 60], [100, 100, 150], unit="/s", at_least=0.5)
    assert figure.ratio == 0.5
    assert figure.holds


def test_a_cost_may_reach_its_bound_and_no_more() -> None:
    assert against("x", [4, 4], [2, 2], unit="ms", at_most=2).holds
    assert not against("x", [5, 5], [2, 2], unit="ms", at_most=2).holds


def test_a_value_without_a_limit_is_held_against_its_bound_itself() -> None:
    assert measured("x", 149, unit="ms", at_most=150).holds
    assert not measured("x", 151, unit="ms", at_most=150).holds
    assert measured("x", 151, unit="ms").holds is None


def test_a_percentile_of_few_values_is_one_of_them() -> None:
    assert percentile([1.0, 2.0, 3.0], 0.99) == 3.0
    assert percentile([1.0, 2.0, 3.0], 0.5) == 2.0


def stat(pid: int, parent: int, *, own: int, ended: int, command: str) -> cpu.Process:
    """Return a process as /proc tells of it; times in hundredths of a second, half of them system time."""
    fields = [
        f"{pid} (a ) name) S {parent} 1 1 0 -1 4194560 9 9 9 9",
        f"{own // 2} {own // 2} {ended // 2} {ended // 2} 20",
    ]
    return cpu.parse_stat(" ".join(fields), command)


PROCESSES = [
    stat(1, 0, own=9_000, ended=0, command="init"),
    stat(10, 1, own=20, ended=400, command="python -m deploy.local run"),
    stat(11, 10, own=200, ended=0, command="python -m uvicorn results_ingest.app:create --factory"),
    stat(12, 10, own=300, ended=0, command="python -m registry.worker"),
    stat(13, 10, own=100, ended=600, command="/x/bin/postgres -D /x/data"),
    stat(14, 13, own=800, ended=0, command="postgres: yj_registry yingjian 127.0.0.1(4000) idle"),
    stat(15, 13, own=50, ended=0, command="postgres: yingjian yingjian 127.0.0.1(4001) idle"),
    stat(16, 13, own=30, ended=0, command="postgres: checkpointer "),
    stat(20, 1, own=700, ended=0, command="python -m tests.bench"),
]


def test_what_is_counted_is_everything_below_one_process() -> None:
    assert {each.pid for each in cpu.under(10, PROCESSES)} == {10, 11, 12, 13, 14, 15, 16}


@pytest.mark.skipif(cpu.TICKS != 100, reason="the times of this test are in hundredths of a second")
def test_processor_time_is_told_by_process_with_ended_children_and_without_our_own_connections() -> None:
    before = dict.fromkeys(("supervisor", "results_ingest api"), 0.0)
    used = cpu.difference(before, cpu.used(cpu.under(10, PROCESSES), owner="yingjian"))
    assert used == pytest.approx(
        {
            "supervisor": 0.2,
            "results_ingest api": 2,
            "registry worker": 3,
            "postgres itself": 1.3,
            "postgres for yj_registry": 8,
            cpu.OWN: 0.5,
            "ended": 10,
        }
    )
    assert cpu.of_the_system(used) == pytest.approx(24.5)


def test_of_the_limit_all_of_postgresql_counts_its_ended_and_the_owner_s_backends_too() -> None:
    assert cpu.postgres_of(cpu.under(10, PROCESSES)) == pytest.approx(1 + 6 + 8 + 0.5 + 0.3)


def test_only_our_own_python_is_profiled() -> None:
    ours = [each.pid for each in PROCESSES if cpu.is_service(each.command)]
    assert ours == [11, 12]


def test_a_function_s_own_samples_are_those_of_the_stacks_that_end_in_it() -> None:
    waiting = "main;Condition.wait (threading.py:327) 90"
    stacks = ["main;read;check 3", "main;read 2", "main;write;check 4", waiting]
    assert own_time(stacks) == {"check": 7, "read": 2}


def test_the_end_of_a_page_is_its_cursor() -> None:
    page = b'{"changes":[{"more":true}],"next_cursor":"eyJuIjozfQ","more":false}'
    assert end_of(page) == ("eyJuIjozfQ", False)
    with pytest.raises(ValueError, match="cursor"):
        end_of(b'{"changes":[]}')


def test_an_answer_is_known_by_its_length_once_its_head_is_whole() -> None:
    whole = b"HTTP/1.1 202 Accepted\r\nContent-Type: a\r\nContent-Length: 5\r\n\r\nhel"
    assert head_of(whole[:-5]) is None
    status, begin, length = head_of(whole) or (0, 0, 0)
    assert (status, whole[begin:], length) == (202, b"hel", 5)


def test_an_answer_without_content_has_no_body_and_one_without_length_is_refused() -> None:
    assert head_of(b"HTTP/1.1 204 No Content\r\nServer: x\r\n\r\n") == (204, 38, 0)
    with pytest.raises(ValueError, match="length"):
        head_of(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
