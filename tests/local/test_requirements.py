"""`make requirements` lists which rows are shown, service by service."""

from tests.support.requirements import Marked, Row, read_rows, report, unknown

ROWS = [
    Row(1, "Category table", ("registry",), "core"),
    Row(61, "Batch upload", ("results-ingest",), "core"),
    Row(80, "No info", ("results-ingest", "notifier"), "core"),
    Row(83, "App", ("results-ingest",), "sup"),
]


def marked(nodeid: str, *numbers: int) -> Marked:
    return Marked(nodeid, numbers)


def test_a_row_is_shown_by_a_test_in_its_services_folder() -> None:
    text = report(ROWS, [marked("tests/registry/people/test_a.py::test_b", 1)], None)
    assert "   1  core  Category table  [registry]  shown" in text
    assert text.endswith("core rows shown: 1 of 3")


def test_a_row_of_two_services_needs_a_test_for_each() -> None:
    one = [marked("tests/notifier/test_a.py::test_b", 80)]
    assert "missing: results-ingest" in report(ROWS, one, None)
    both = [*one, marked("tests/results_ingest/test_c.py::test_d", 80)]
    assert report(ROWS, both, None).endswith("core rows shown: 1 of 3")


def test_a_test_of_the_whole_system_stands_for_all_services() -> None:
    text = report(ROWS, [marked("tests/system/test_a.py::test_b", 80)], None)
    assert text.endswith("core rows shown: 1 of 3")


def test_one_service_is_asked_for_its_own_part_only() -> None:
    tests = [marked("tests/notifier/test_a.py::test_b", 80)]
    assert report(ROWS, tests, "notifier").endswith("core rows shown: 1 of 1")
    assert report(ROWS, tests, "results-ingest").endswith("core rows shown: 0 of 2")


def test_supporting_rows_do_not_count() -> None:
    text = report(ROWS, [marked("tests/results_ingest/test_a.py::test_b", 83)], None)
    assert text.endswith("core rows shown: 0 of 3")


def test_a_mark_without_a_row_is_found() -> None:
    assert unknown(ROWS, {1: [], 999: []}) == [999]


def test_the_table_is_complete() -> None:
    rows = read_rows()
    assert [row.number for row in rows] == list(range(1, 158))
    assert {row.rank for row in rows} == {"core", "sup", "out"}
    assert sum(row.rank == "core" for row in rows) == 92
    assert all(row.services for row in rows if row.rank == "core")
