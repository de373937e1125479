"""Bad rows are refused one by one with row, field and code, in two languages; good ones are kept."""

import json
import zlib
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from results_ingest.batches.parts import CONTEXT
from results_ingest.batches.rules import Row, check_row
from shared.errors import CATALOGUE
from tests.fuzz.bad_rows import Case, cases, odd_names
from tests.results_ingest.batches.support import NOW, Desk, Lab, row

CASES = cases()
LEAST = {"numbers": 50, "characters": 200, "identifiers": 2000, "times": 60, "words": 60, "injections": 100}
BATCH = 400
TELLING = 6


def test_the_table_is_as_large_as_asked(tell: Callable[[str], None]) -> None:
    found = Counter(case.group for case in CASES)
    tell(f"bad rows: {dict(found)}, {found.total()} in all")
    assert all(found[group] >= least for group, least in LEAST.items()), found


def test_every_bad_row_is_refused_under_its_field_and_every_good_one_kept() -> None:
    wrong = []
    for case in CASES:
        found = check_row(case.sent, NOW)
        fields = None if isinstance(found, Row) else {field for field, _ in found}
        if (case.field is None) != (fields is None) or (fields and case.field not in fields):
            wrong.append((case.group, case.name, fields))
    assert wrong == []


def test_all_single_digit_errors_of_identity_numbers_are_found() -> None:
    errors = [case for case in CASES if case.name.startswith("digit ")]
    assert len(errors) == 12 * (17 * 9 + 10)
    assert all(not isinstance(check_row(case.sent, NOW), Row) for case in errors)


@pytest.mark.parametrize("group", LEAST)
async def test_the_receipt_names_row_field_and_code_and_never_the_value(lab: Lab, group: str) -> None:
    chosen = [case for case in CASES if case.group == group][: BATCH * 2]
    for number, start in enumerate(range(0, len(chosen), BATCH)):
        part = chosen[start : start + BATCH]
        rows = [sent for case in enumerate(part) for sent in (_unlike(case), row(f"G{case[0]}-{start}"))]
        body = json.dumps({"batch_no": f"{group}-{number}", "results": rows}).encode()
        for language in ("zh-CN", "en"):
            answer = await lab.raw(body, **{"Accept-Language": language})
            assert answer.status_code in {200, 202}, answer.text
            _check(part, answer.json(), language)
            _silent(part, answer.text)


async def test_odd_names_are_kept_byte_by_byte(lab: Lab, desk: Desk) -> None:
    names = odd_names()
    receipt = await lab.accepted([row(f"T{number}", name=name) for number, name in enumerate(names)])
    assert receipt["accepted"] == len(names)
    stored = await desk.run("SELECT sealed FROM ingest.batch_part ORDER BY 1")
    assert stored
    opened = b"".join(_opened(desk, bytes(each["sealed"])) for each in stored)
    missing = [name for name in names if json.dumps(name, ensure_ascii=False).encode() not in opened]
    assert missing == []


def _opened(desk: Desk, sealed: bytes) -> bytes:
    return zlib.decompress(desk.context.sealer.open(sealed, context=CONTEXT))


def _unlike(numbered: tuple[int, Case]) -> Any:
    """Return the row of a case; one that is kept gets a tube of its own, or it would be a duplicate."""
    number, case = numbered
    if case.field is None and "tube_code" in case.sent:
        return {**case.sent, "tube_code": f"K{number}"}
    if case.field is None:
        return {**case.sent, "tested_at": f"2030-01-14T11:{number // 60 % 60:02d}:{number % 60:02d}+08:00"}
    return case.sent


def _check(part: list[Case], receipt: dict[str, Any], language: str) -> None:
    refused = {2 * place + 1: case for place, case in enumerate(part) if case.field is not None}
    assert receipt["rows"] == 2 * len(part)
    assert receipt["rejected"] == len(refused), [
        (part[error["row"] // 2].name, error) for error in receipt["errors"] if error["row"] not in refused
    ]
    assert receipt["duplicates"] == 0
    named = {(error["row"], error["field"]) for error in receipt["errors"]}
    shown = {error["row"] for error in receipt["errors"]}
    expected = {(place, case.field) for place, case in refused.items() if place in shown}
    assert expected <= named, expected - named
    for error in receipt["errors"]:
        assert error["code"] in CATALOGUE
        assert error["message"].isascii() == (language == "en"), error


def _silent(part: list[Case], answer: str) -> None:
    said = answer.casefold()
    for case in part:
        if case.field is None:
            continue
        value = case.sent.get(case.field.partition(".")[0])
        if isinstance(value, str) and len(value) >= TELLING and "\\" not in json.dumps(value):
            assert value.casefold() not in said, case.name
