"""The industry map, as pure rules."""

import pytest

from registry.units.rules import Mapping, decide, industry_key, prefix_key


@pytest.mark.parametrize(
    ("code", "key"),
    [("6210", "H6210"), ("H6210", "H6210"), ("62", "H62"), ("05", "A05"), ("9700", "T9700"), ("804", "O804")],
)
def test_an_industry_code_gets_its_section(code: str, key: str) -> None:
    assert industry_key(code) == key


@pytest.mark.parametrize(
    "code", ["", "6", "H", "62100", "98", "00", "Z6210", "I6210", "62１0", "h6210", "62 "]
)
def test_what_is_no_industry_code_has_no_key(code: str) -> None:
    assert industry_key(code) is None


def test_a_prefix_may_be_a_section() -> None:
    assert prefix_key("H") == "H"
    assert prefix_key("Z") is None


def test_two_rows_of_one_department_are_no_conflict() -> None:
    rows = [Mapping(1, "H62", "MARKET"), Mapping(2, "H62", "MARKET")]
    assert decide("H6210", None, rows).department_code == "MARKET"


def test_a_shorter_prefix_does_not_contradict_a_longer_one() -> None:
    rows = [Mapping(1, "H62", "MARKET"), Mapping(2, "H6210", "TRADE")]
    assert decide("H6210", None, rows).department_code == "TRADE"
    assert decide("H6220", None, rows).department_code == "MARKET"
