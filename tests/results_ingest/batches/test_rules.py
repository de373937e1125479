"""What a row may hold: every fault of a row, found without database or HTTP."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from results_ingest.batches import errors as _codes  # noqa: F401 - puts the codes of batches into the catalogue
from results_ingest.batches.rules import Row, check_row
from shared.errors import CATALOGUE
from tests.results_ingest.batches.support import NOW, TESTED, row

ID_NO = "11010519491231002X"
AHEAD = (NOW + timedelta(minutes=10, seconds=1)).isoformat()
NEARLY_AHEAD = (NOW + timedelta(minutes=10)).isoformat()
CORRECTS = {"batch_no": "B1", "row": 1, "reason": "录入错误"}


def person(**fields: object) -> dict[str, Any]:
    return row(..., **{"id_type": "resident_id", "id_no": ID_NO, **fields})


def faults(sent: object) -> list[tuple[str | None, str]]:
    found = check_row(sent, NOW)
    return found if isinstance(found, list) else []


GOOD = [
    row(),
    row(..., health_code_id="HC-1"),
    person(),
    person(id_no=ID_NO.lower()),
    person(id_type="passport", id_no="E12345678"),
    row(health_code_id="HC-1", id_type="resident_id", id_no=ID_NO, name="张三·阿里"),
    row(collected_at=...),
    row(mode=None, name=None, collected_at=None, lab_extra=None, corrects=None, test_kind=None),
    *[row(outcome=outcome) for outcome in ("negative", "positive", "indeterminate", "invalid")],
    *[row(test_kind=kind) for kind in ("pcr", "antigen", "antibody")],
    row(mode="mixed", ct_n=0, ct_orf1ab=31.25, specimen_type="咽拭子", kit="ORF1ab/N", reviewer_code="R07"),
    row(tested_at=NEARLY_AHEAD),
    row(tested_at="2030-01-14T03:05:00Z"),
    row(tested_at="2030-01-14T11:05:00.123456789+08:00"),
    row(collected_at=TESTED, tested_at=TESTED),
    row(collected_at="2020-01-01T00:00:00+08:00"),
    row(row_ref="a" * 64),
    row(lab_extra={"机器": {"板": [1, 2.5, None, True]}}),
    row(corrects=CORRECTS),
    row(corrects={"result_id": "01999999-0000-7000-8000-000000000001", "reason": "x"}),
]


@pytest.mark.parametrize("sent", GOOD)
def test_a_good_row_is_taken(sent: dict[str, Any]) -> None:
    assert faults(sent) == []


SURROGATE = "\ud800"
BAD: list[tuple[object, str | None, str]] = [
    # not a row at all
    (5, None, "wrong_type"),
    ("x", None, "wrong_type"),
    ([], None, "wrong_type"),
    (None, None, "wrong_type"),
    # fields that do not exist
    (row(result="negative"), "result", "unknown_field"),
    ({**row(), "张三": 1}, None, "unknown_field"),
    ({**row(), "a13800138000": 1}, None, "unknown_field"),
    ({**row(), SURROGATE: 1}, None, "unknown_field"),
    # missing
    (row(outcome=...), "outcome", "field_required"),
    (row(outcome=None), "outcome", "field_required"),
    (row(tested_at=...), "tested_at", "field_required"),
    (row(...), None, "identifier_missing"),
    (row(None), None, "identifier_missing"),
    (row(..., name="张三"), None, "identifier_missing"),
    (person(id_no=...), "id_no", "field_required"),
    (person(id_type=...), "id_type", "field_required"),
    # Nothing is coerced.
    (row(5), "tube_code", "wrong_type"),
    (row(True), "tube_code", "wrong_type"),
    (row(["T1"]), "tube_code", "wrong_type"),
    (row(outcome=1), "outcome", "wrong_type"),
    (row(outcome={}), "outcome", "wrong_type"),
    (row(ct_n="31.2"), "ct_n", "wrong_type"),
    (row(ct_n=True), "ct_n", "wrong_type"),
    (row(name=1), "name", "wrong_type"),
    (person(id_no=110105194912310021), "id_no", "wrong_type"),
    (person(id_type=1), "id_type", "wrong_type"),
    (row(tested_at=1763636700), "tested_at", "wrong_type"),
    (row(tested_at=True), "tested_at", "wrong_type"),
    (row(lab_extra=[]), "lab_extra", "wrong_type"),
    (row(corrects="B1"), "corrects", "wrong_type"),
    # values
    (row(outcome="阴性"), "outcome", "not_allowed"),
    (row(outcome="Negative"), "outcome", "not_allowed"),
    (row(mode="pool"), "mode", "not_allowed"),
    (row(test_kind="PCR"), "test_kind", "not_allowed"),
    (person(id_type="id_card"), "id_type", "not_allowed"),
    (row(ct_n=-1), "ct_n", "out_of_range"),
    (row(ct_n=999), "ct_n", "out_of_range"),
    (row(ct_orf1ab=10**29), "ct_orf1ab", "out_of_range"),
    (row(ct_orf1ab=1e308), "ct_orf1ab", "out_of_range"),
    # codes
    (row(""), "tube_code", "bad_format"),
    (row("T 1"), "tube_code", "bad_format"),
    (row("T１"), "tube_code", "bad_format"),
    (row("T1\n"), "tube_code", "bad_format"),
    (row("T1\u0000"), "tube_code", "bad_format"),
    (row(SURROGATE), "tube_code", "bad_format"),
    (row("x" * 65), "tube_code", "bad_format"),
    (row(row_ref="第一"), "row_ref", "bad_format"),
    (row(reviewer_code="李四"), "reviewer_code", "bad_format"),
    # texts
    (row(name="张\u0000三"), "name", "character_forbidden"),
    (row(name="张" + SURROGATE), "name", "character_forbidden"),
    (row(name="张\u202e三"), "name", "character_forbidden"),
    (row(name="张\u200b三"), "name", "character_forbidden"),
    (row(name=" "), "name", "too_short"),
    (row(name="张" * 101), "name", "too_long"),
    (row(kit="k" * 201), "kit", "too_long"),
    # times
    (row(tested_at="2030-01-14T11:05:00"), "tested_at", "time_naive"),
    (row(tested_at="2030-01-14"), "tested_at", "time_malformed"),
    (row(tested_at="1763636700"), "tested_at", "time_malformed"),
    (row(tested_at="2030-1-14T11:05:00+08:00"), "tested_at", "time_malformed"),
    (row(tested_at="2030-02-30T11:05:00+08:00"), "tested_at", "time_malformed"),
    (row(tested_at="2030-01-14T11:05:60+08:00"), "tested_at", "time_malformed"),
    (row(tested_at="２０３０-01-14T11:05:00+08:00"), "tested_at", "time_malformed"),
    (row(tested_at="2030-01-14T11:05:00+24:00"), "tested_at", "time_malformed"),
    (row(tested_at=""), "tested_at", "time_malformed"),
    (row(tested_at=AHEAD), "tested_at", "time_in_future"),
    (row(tested_at="9999-12-31T23:59:59-23:59"), "tested_at", "time_in_future"),
    (row(collected_at="2019-12-31T23:59:59+08:00"), "collected_at", "time_before_2020"),
    (row(collected_at="0001-01-01T00:00:00+23:59"), "collected_at", "time_before_2020"),
    (row(released_at="2019-01-01T00:00:00Z"), "released_at", "time_before_2020"),
    (row(received_at="x"), "received_at", "time_malformed"),
    (row(collected_at=TESTED, tested_at="2030-01-14T11:04:59+08:00"), "tested_at", "tested_before_collected"),
    # identifiers
    (person(id_no="110105194912310021"), "id_no", "id_no_checksum"),
    (person(id_no="11010519491331002X"), "id_no", "id_no_birth_date"),
    (person(id_no="110105194912310"), "id_no", "id_no_malformed"),
    (person(id_no="１１０１０５１９４９１２３１００２Ｘ"), "id_no", "id_no_malformed"),
    (person(id_no=ID_NO + "\u0000"), "id_no", "id_no_malformed"),
    (person(id_no=SURROGATE), "id_no", "id_no_malformed"),
    (person(id_no=""), "id_no", "id_no_malformed"),
    (person(id_type="passport", id_no="Straße"), "id_no", "id_no_malformed"),
    (person(id_type="other", id_no="x"), "id_no", "id_no_malformed"),
    (row(..., health_code_id=ID_NO), "health_code_id", "health_code_id_is_personal"),
    (row(..., health_code_id="13800138000"), "health_code_id", "health_code_id_is_personal"),
    (row(..., health_code_id="abc"), "health_code_id", "health_code_malformed"),
    (row(..., health_code_id="HC．1"), "health_code_id", "health_code_malformed"),
    (row(..., health_code_id=7), "health_code_id", "wrong_type"),
    # what only the laboratory understands
    (row(lab_extra={"x": "y" * 2048}), "lab_extra", "too_long"),
    (row(lab_extra={"x": "张" * 700}), "lab_extra", "too_long"),
    (row(lab_extra={"x": "\u0000"}), "lab_extra", "character_forbidden"),
    (row(lab_extra={"x": [{"y": SURROGATE}]}), "lab_extra", "character_forbidden"),
    (row(lab_extra={SURROGATE: 1}), "lab_extra", "character_forbidden"),
    (row(lab_extra={"x": 10**29}), "lab_extra", "out_of_range"),
    # corrections
    (row(corrects={}), "corrects", "corrects_malformed"),
    (
        row(corrects={**CORRECTS, "result_id": "01999999-0000-7000-8000-000000000001"}),
        "corrects",
        "corrects_malformed",
    ),
    (row(corrects={"batch_no": "B1", "reason": "x"}), "corrects.row", "field_required"),
    (row(corrects={"row": 1, "reason": "x"}), "corrects.batch_no", "field_required"),
    (row(corrects={"batch_no": "B1", "row": 1}), "corrects.reason", "field_required"),
    (row(corrects={**CORRECTS, "row": True}), "corrects.row", "wrong_type"),
    (row(corrects={**CORRECTS, "row": 0}), "corrects.row", "out_of_range"),
    (row(corrects={**CORRECTS, "row": 10**29}), "corrects.row", "out_of_range"),
    (row(corrects={**CORRECTS, "reason": "x" * 501}), "corrects.reason", "too_long"),
    (row(corrects={"result_id": "1", "reason": "x"}), "corrects.result_id", "bad_format"),
    (row(corrects={"result_id": 1, "reason": "x"}), "corrects.result_id", "wrong_type"),
    (row(corrects={**CORRECTS, "by": "x"}), "corrects.by", "unknown_field"),
]


@pytest.mark.parametrize(("sent", "field", "code"), BAD)
def test_a_bad_row_is_rejected_with_field_and_code(sent: object, field: str | None, code: str) -> None:
    assert (field, code) in faults(sent)


def test_a_field_nested_too_deeply_is_rejected() -> None:
    deep: Any = 1
    for _ in range(200):
        deep = [deep]
    assert faults(row(lab_extra={"x": deep})) == [("lab_extra", "too_deep")]


def test_everything_wrong_with_a_row_is_said_at_once() -> None:
    found = faults(row("T 1", outcome="阴性", tested_at="2030-01-14T11:05:00", ct_n="1"))
    assert found == [
        ("tube_code", "bad_format"),
        ("outcome", "not_allowed"),
        ("tested_at", "time_naive"),
        ("ct_n", "wrong_type"),
    ]


def test_every_code_has_its_texts() -> None:
    assert {code for _, _, code in BAD} <= CATALOGUE.keys()


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
FIELDS = sorted(
    set(row())
    | {
        "health_code_id",
        "id_type",
        "id_no",
        "name",
        "mode",
        "ct_n",
        "kit",
        "lab_extra",
        "corrects",
        "row_ref",
    }
)


@given(st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=10), JSON_VALUES, max_size=8))
def test_no_value_whatever_breaks_the_rules(fields: dict[str, Any]) -> None:
    found = check_row({**row(), **fields}, NOW)
    if isinstance(found, Row):
        assert found.tested_at <= NOW + timedelta(minutes=10)
    else:
        assert all(code in CATALOGUE for _, code in found)


@given(st.datetimes(datetime(2020, 1, 2), datetime(2029, 12, 31)), st.integers(-1439, 1439))  # noqa: DTZ001 - the offset comes beside it
def test_an_offset_changes_the_writing_of_a_time_and_not_the_time(moment: datetime, minutes: int) -> None:
    sign, rest = ("-" if minutes < 0 else "+"), abs(minutes)
    text = f"{moment.isoformat()}{sign}{rest // 60:02d}:{rest % 60:02d}"
    found = check_row(row(collected_at=..., tested_at=text), NOW)
    assert isinstance(found, Row)
    assert found.tested_at == datetime.fromisoformat(text)
