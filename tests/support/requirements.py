"""`make requirements`: each row of docs/requirements.csv with the tests that are marked with it.

A row of two services needs a test for each: a test belongs to the services that its folder names,
tests/system to all.
"""

import csv
import io
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
TABLE: Final = ROOT / "docs" / "requirements.csv"
FOLDERS: Final = {
    "registry": ("registry",),
    "results_ingest": ("results-ingest",),
    "notifier": ("notifier",),
    "system": ("registry", "results-ingest", "notifier"),
}
SERVICES: Final = FOLDERS["system"]
MARK: Final = "requirement"


@dataclass(frozen=True)
class Row:
    """A requirement: its number, short name, the services that owe it and its rank."""

    number: int
    name: str
    services: tuple[str, ...]
    rank: str


@dataclass(frozen=True)
class Marked:
    """A test and the rows that it is marked with."""

    nodeid: str
    numbers: tuple[int, ...]

    @property
    def services(self) -> tuple[str, ...]:
        """Return the services that the test's folder stands for."""
        parts = Path(self.nodeid.partition("::")[0]).parts
        return FOLDERS.get(parts[1], ()) if len(parts) > 1 else ()


def read_rows(table: Path = TABLE) -> list[Row]:
    """Return the table."""
    with table.open(newline="", encoding="utf-8") as file:
        return [
            Row(int(line["id"]), line["name"], tuple(line["services"].split()), line["rank"])
            for line in csv.DictReader(file)
        ]


class Collector:
    """A pytest plugin that keeps the marks of what is collected."""

    def __init__(self) -> None:
        self.marked: list[Marked] = []

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Keep every test that carries the mark."""
        for item in session.items:
            numbers = sorted({int(each) for mark in item.iter_markers(MARK) for each in mark.args})
            if numbers:
                self.marked.append(Marked(item.nodeid.partition("[")[0], tuple(numbers)))


def collect() -> list[Marked]:
    """Return the marked tests, found by pytest itself."""
    collector = Collector()
    with redirect_stdout(io.StringIO()) as said:
        arguments = ["--collect-only", "-q", "-p", "no:cacheprovider", str(ROOT / "tests")]
        code = pytest.main(arguments, plugins=[collector])
    if code not in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        sys.stderr.write(said.getvalue())
        raise SystemExit("the tests could not be collected")
    return list(dict.fromkeys(collector.marked))


def tests_by_row(marked: Iterable[Marked]) -> dict[int, list[Marked]]:
    """Return the tests of each row."""
    found: dict[int, list[Marked]] = defaultdict(list)
    for test in marked:
        for number in test.numbers:
            found[number].append(test)
    return found


def unknown(rows: Sequence[Row], found: Mapping[int, object]) -> list[int]:
    """Return the marked numbers that are no row."""
    return sorted(set(found) - {row.number for row in rows})


def missing_services(row: Row, tests: Sequence[Marked], service: str | None) -> list[str]:
    """Return the services that still owe the row a test; of one service when one is asked for."""
    owed = row.services or ("any",)
    shown = {name for test in tests for name in test.services} | ({"any"} if tests else set())
    return [name for name in owed if name not in shown and service in {None, name}]


def report(rows: Sequence[Row], marked: Sequence[Marked], service: str | None) -> str:
    """Return the listing, which ends with how many core rows are shown."""
    found = tests_by_row(marked)
    chosen = [row for row in rows if service is None or service in row.services]
    lines, shown = [], 0
    for row in chosen:
        tests = found.get(row.number, [])
        of_service = [test for test in tests if service is None or service in test.services]
        missing = missing_services(row, tests, service)
        shown += row.rank == "core" and not missing
        state = "shown" if not missing else "-" if not of_service else f"missing: {', '.join(missing)}"
        lines.append(f"{row.number:>4}  {row.rank:<4}  {row.name}  [{' '.join(row.services)}]  {state}")
        lines += [f"            {test.nodeid}" for test in of_service]
    core = sum(row.rank == "core" for row in chosen)
    lines.append(f"core rows shown: {shown} of {core}")
    return "\n".join(lines)


def main() -> int:
    """Print the listing; fail when a test names a row that does not exist."""
    service = os.environ.get("SERVICE") or None
    if service is not None and service not in SERVICES:
        sys.stderr.write(f"SERVICE is one of {', '.join(SERVICES)}\n")
        return 2
    rows, marked = read_rows(), collect()
    if numbers := unknown(rows, tests_by_row(marked)):
        sys.stderr.write(f"tests are marked with rows that do not exist: {numbers}\n")
        return 1
    sys.stdout.write(report(rows, marked, service) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
