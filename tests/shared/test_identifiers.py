"""Identifiers: GB 11643, GB 32100, health codes, names and masks."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identifiers import (
    check_credit_code,
    check_health_code_id,
    check_id_no,
    check_phone,
    is_resident_id,
    mask_id_no,
    mask_name,
    mask_phone,
    normalise_id_no,
    normalise_name,
)

TODAY = date(2026, 11, 21)
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def resident_id(area: int, born: date, sequence: int) -> str:
    head = f"{area:06}{born:%Y%m%d}{sequence:03}"
    total = sum(int(digit) * weight for digit, weight in zip(head, WEIGHTS, strict=True))
    return head + "10X98765432"[total % 11]


numbers = st.builds(
    resident_id,
    st.integers(100000, 999999),
    st.dates(date(1900, 1, 1), TODAY),
    st.integers(0, 999),
)


@given(numbers)
def test_a_right_number_passes_whatever_its_area(number: str) -> None:
    assert check_id_no("resident_id", number, TODAY) is None


@given(numbers, st.integers(0, 16), st.integers(1, 9))
def test_every_single_digit_error_is_caught(number: str, place: int, shift: int) -> None:
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]

    assert check_id_no("resident_id", wrong, TODAY) in {"id_no_checksum", "id_no_birth_date"}


@pytest.mark.parametrize("number", ["11010519491231002X", "440524188001010014", "34052419800101001X"])
def test_published_examples_pass(number: str) -> None:
    assert check_id_no("resident_id", number, TODAY) is None


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("11010519491231002", "id_no_malformed"),
        ("110105194912310021", "id_no_checksum"),
        (resident_id(110105, date(2027, 1, 1), 1), "id_no_birth_date"),
        ("110105194913310025", "id_no_birth_date"),
        ("11010519491231002x", "id_no_malformed"),  # normalise first
        ("1101051949123100２X", "id_no_malformed"),
        ("", "id_no_malformed"),
    ],
)
def test_a_wrong_number_is_refused_with_its_code(number: str, code: str) -> None:
    assert check_id_no("resident_id", number, TODAY) == code


def test_a_small_x_is_the_same_number() -> None:
    assert normalise_id_no("resident_id", " 11010519491231002x ") == "11010519491231002X"


def test_other_documents_need_only_a_plain_form() -> None:
    assert check_id_no("passport", "E12345678", TODAY) is None
    assert check_id_no("passport", "E１２３", TODAY) == "id_no_malformed"


@pytest.mark.parametrize(
    ("code", "finding"),
    [
        ("HC_0001", None),
        ("abc", "health_code_malformed"),
        ("a b c d", "health_code_malformed"),
        ("11010519491231002X", "health_code_id_is_personal"),
        ("11010519491231002x", "health_code_id_is_personal"),
        ("13800138000", "health_code_id_is_personal"),
        ("110105194912310021", None),  # not a valid identity number, so it may be a code
    ],
)
def test_a_health_code_is_no_personal_number(code: str, finding: str | None) -> None:
    assert check_health_code_id(code) == finding


def test_credit_codes_follow_their_checksum() -> None:
    assert check_credit_code("91512081MA62K0260E")
    assert check_credit_code("91350100M000100Y43")
    assert not check_credit_code("91350100M000100Y4Z")
    assert not check_credit_code("91310115MA1G4L1WXK")


def test_phones_are_checked_and_masked() -> None:
    assert check_phone("13800138000")
    assert not check_phone("123")
    assert mask_phone("13800138000") == "138****8000"


@given(st.text())
def test_any_text_is_answered_and_never_raises(text: str) -> None:
    check_health_code_id(text)
    check_credit_code(text)
    is_resident_id(text)
    assert check_id_no("other", text, TODAY) in {None, "id_no_malformed"}


def test_masks_show_only_the_ends() -> None:
    assert mask_name("欧阳修") == "欧*"
    assert mask_id_no("11010519491231002X") == "110***********002X"


def test_names_are_compared_without_blanks_width_and_dots() -> None:
    assert normalise_name("阿卜杜 · 热合曼") == normalise_name("阿卜杜·热合曼")
    assert normalise_name("ＬＩ Lei") == normalise_name("li lei")
    assert normalise_name("Jose\u00b7\u0301") == normalise_name("José")


@pytest.mark.parametrize(
    ("name", "form"),
    [("张伟", "张伟"), ("阿卜杜·热合曼", "阿卜杜热合曼"), ("Ｌi Lei", "lilei"), ("Ｏ.Weiß", "oweiss"),
     ("José", "josé"), ("𠮷田", "𠮷田")],
)  # fmt: skip
def test_the_form_of_ordinary_names_is_what_indexes_were_made_of(name: str, form: str) -> None:
    assert normalise_name(name) == form
