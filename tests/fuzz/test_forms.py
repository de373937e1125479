"""HL7 v2 and FHIR: whatever is sent is rows and coded faults, or a problem; what was written is read back."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from results_ingest.batches.rules import check_row
from results_ingest.forms import fhir_outcome, hl7_ack
from results_ingest.forms.fhir_rows import Carried, read_fhir
from results_ingest.forms.hl7_ack import Answering
from results_ingest.forms.hl7_rows import Heard, read_hl7
from results_ingest.forms.limits import FormLimits
from results_ingest.forms.said import Told
from results_ingest.sheets.reading import Saved, faults_of
from shared.errors import CATALOGUE, Problem, RowError
from tests.results_ingest.batches.support import COLLECTED, NOW, TESTED
from tests.support import fhir, hl7

LIMITS = FormLimits()
AT = datetime(2030, 1, 15, tzinfo=UTC)
CODE = st.from_regex(r"\A[A-Za-z0-9._-]{1,64}\Z")
PRINTED = st.text(st.characters(codec="gb18030", exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), min_size=1, max_size=30).filter(lambda text: text.strip() == text)  # fmt: skip
ROW = st.fixed_dictionaries(
    {
        "row_ref": CODE,
        "tube_code": CODE,
        "outcome": st.sampled_from(list(hl7.OUTCOMES)),
        "test_kind": st.sampled_from(list(hl7.TESTS)),
        "collected_at": st.just(COLLECTED),
        "tested_at": st.just(TESTED),
    },
    optional={
        "mode": st.just("mixed"),
        "kit": PRINTED,
        "specimen_type": PRINTED,
        "ct_n": st.integers(0, 50),
        "ct_orf1ab": st.floats(0, 50).map(lambda ct: round(ct, 2)),
        "released_at": st.just(TESTED),
        "health_code_id": st.from_regex(r"\A[A-Za-z][A-Za-z0-9_-]{3,20}\Z"),
    },
)
SOUP = st.text(st.sampled_from('MSHPIDOBRXN|^~\\&\r\n"\x00\x0b\x1cF1 阴性') | st.characters(exclude_categories=()), max_size=200)  # fmt: skip
GOOD = hl7.file(
    "B", [{"tube_code": "T1", "outcome": "negative", "collected_at": COLLECTED, "tested_at": TESTED}]
)
VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)
NAMES = ("id", "status", "code", "value", "valueCodeableConcept", "identifier", "parent", "collection", "result", "specimen", "subject", "extension", "component", "contained", "name", "resourceType", "issued", "note", "hasMember")  # fmt: skip


def judged(told: Told) -> list[RowError]:
    """Return everything that is wrong with rows, as a receipt would say it; every code is known."""
    found = []
    for number, row in enumerate(told.rows, start=1):
        checked: Any = check_row(row, NOW)
        if number in told.unreadable:
            checked = faults_of(told.unreadable[number], checked)
        if isinstance(checked, list):
            found += [RowError(number, name, code) for name, code in checked]
    assert all(one.code in CATALOGUE for one in (*found, *told.notes))
    return found


def heard(raw: bytes) -> None:
    """Read HL7 and answer it."""
    try:
        told = read_hl7(raw, LIMITS, Saved(), charset=None)
    except Problem as problem:
        text = problem.message.text("zh", problem.parameters)
        answer, _ = hl7_ack.refused(None, problem.message, Answering(AT, "1", "", problem.errors), text=text)
        assert answer.startswith(b"MSH|")
        return
    assert isinstance(told.origin, Heard)
    assert len(told.origin.places) == len(told.rows)
    answer, charset = hl7_ack.acknowledged(told.origin, Answering(AT, "1", "", judged(told), told.notes))
    acks = [line for line in answer.decode(charset).split("\r") if line.startswith("MSA|")]
    assert len(acks) == len(told.origin.heads)


@given(st.binary(max_size=200) | SOUP.map(lambda text: text.encode(errors="surrogatepass")))
def test_bytes_are_hl7_or_a_problem_and_are_answered(raw: bytes) -> None:
    heard(raw)
    heard(b"MSH|^~\\&|" + raw)


@given(st.integers(0, len(GOOD)), st.integers(0, 40), SOUP)
def test_a_message_with_a_piece_replaced_is_judged_and_answered(at: int, length: int, piece: str) -> None:
    heard((GOOD[:at] + piece + GOOD[at + length :]).encode(errors="surrogatepass"))


@given(st.lists(ROW, min_size=1, max_size=5), st.sampled_from(["utf-8", "gb18030"]))
def test_rows_written_as_hl7_are_read_back(rows: list[dict[str, Any]], charset: str) -> None:
    said = {"utf-8": "UNICODE UTF-8", "gb18030": "GB 18030-2000"}[charset]
    text = hl7.file("B-1", rows).replace("UNICODE UTF-8", said)
    told = read_hl7(text.encode(charset), LIMITS, Saved(), charset=None)
    assert (told.batch_no, told.rows, told.unreadable) == ("B-1", rows, {})


@given(st.lists(ROW, min_size=1, max_size=5, unique_by=lambda row: row["row_ref"]))
def test_rows_written_as_fhir_are_read_back(rows: list[dict[str, Any]]) -> None:
    rows = [{**row, "row_ref": f"o-{number}"} for number, row in enumerate(rows)]
    told = read_fhir(fhir.body("B-1", rows), LIMITS, Saved())
    assert (told.batch_no, told.rows, told.unreadable) == ("B-1", rows, {})


def carried(body: object) -> None:
    """Read FHIR and answer it."""
    try:
        told = read_fhir(json.dumps(body).encode(), LIMITS, Saved())
    except Problem as problem:
        answer: Mapping[str, Any] = fhir_outcome.refusal(problem.message, "", problem.errors, None)
    else:
        assert isinstance(told.origin, Carried)
        assert len(told.origin.sources) == len(told.rows)
        answer = fhir_outcome.outcome("", judged(told), told.notes, told.origin)
    json.dumps(answer)
    assert answer["issue"]


@given(VALUE)
def test_any_json_is_fhir_or_a_problem(value: object) -> None:
    carried(value)
    carried({"resourceType": value, "type": "batch", "entry": []})
    carried({"resourceType": "Bundle", "type": value, "entry": value})
    carried({"resourceType": "Bundle", "type": "batch", "identifier": value, "entry": value})
    carried({"resourceType": "Bundle", "type": "batch", "entry": [{"resource": value}]})


@given(st.integers(0, 3), st.sampled_from(NAMES), VALUE)
def test_a_bundle_with_an_element_replaced_is_judged_and_answered(
    place: int, name: str, value: object
) -> None:
    row = {
        "health_code_id": "HC-1",
        "tube_code": "T1",
        "outcome": "negative",
        "tested_at": TESTED,
        "mode": "mixed",
    }
    resources = fhir.report(row, 1)
    resources[place][name] = value
    carried({"resourceType": "Bundle", "type": "batch", "entry": [{"resource": one} for one in resources]})


def codes_of(raw: bytes) -> set[str]:
    """Return the codes by which FHIR is refused, whole or by row."""
    try:
        return {one.code for one in judged(read_fhir(raw, LIMITS, Saved()))}
    except Problem as problem:
        return {problem.message.code}


def test_nesting_of_any_depth_is_refused_and_nothing_breaks() -> None:
    observation = json.dumps(fhir.observation({"outcome": "negative", "tested_at": TESTED}, "o"))
    found = {}
    for depth in (300, 450, 900, 5_000, 100_000):
        inner = '{"url":"urn:x","extension":[' * depth + '{"url":"urn:x","valueString":"x"}' + "]}" * depth
        found[depth] = codes_of(observation.replace('"extension": [', f'"extension": [{inner},').encode())
    assert found[100_000] == found[5_000] == {"not_json"}
    assert all(codes - {"identifier_missing", "collected_at_assumed"} for codes in found.values()), found


def test_empty_lists_by_the_million_are_refused_before_they_are_made() -> None:
    raw = b'{"resourceType":"Bundle","type":"batch","entry":[' + b"[]," * 2_000_000 + b"[]]}"
    assert codes_of(raw) == {"too_many_values"}
