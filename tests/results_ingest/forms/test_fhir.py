"""FHIR R4 in and its OperationOutcome out: the same validator and the same receipt as JSON."""

import json
from typing import Any

import httpx
import pytest

from results_ingest.forms import service
from results_ingest.forms.service import FHIR
from tests.results_ingest.batches.support import Lab, row, running_desk
from tests.support import fhir
from tests.support.servers import Address

FULL = row(
    "T1", row_ref="o-1", mode="mixed", test_kind="pcr", received_at="2030-01-14T09:00:00+08:00",
    released_at="2030-01-14T12:00:00+08:00", reviewer_code="R07", ct_orf1ab=31.2, ct_n=30,
    specimen_type="鼻咽拭子", kit="试剂甲", health_code_id="HC-000001", id_type="resident_id",
    id_no="11010519491231002X", name="张龘㐂",
)  # fmt: skip
PLAIN = row("T1", row_ref="o-1", test_kind="pcr")
Resource = dict[str, Any]


async def post(lab: Lab, body: Resource | bytes, **query: str) -> httpx.Response:
    """Post FHIR."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return await lab.http.post("/v1/batches", params=query, content=content, headers={"Content-Type": FHIR})


def issues(answer: httpx.Response, severity: str = "error") -> list[tuple[str | None, str | None]]:
    """Return where each issue is and its code of the project."""
    assert answer.headers["content-type"] == FHIR, answer.text
    outcome = answer.json()
    assert outcome["resourceType"] == "OperationOutcome"
    return [
        (
            each.get("expression", [None])[0],
            each["details"]["coding"][0]["code"] if "coding" in each["details"] else None,
        )
        for each in outcome["issue"]
        if each["severity"] == severity
    ]


def changed(name: str, **elements: Any) -> Resource:
    """Return a good Bundle with elements of its resource of one type set, or left out by `...`."""
    resources = fhir.report(PLAIN, 1)
    for one in resources:
        if one["resourceType"] == name:
            for key, value in elements.items():
                one.pop(key, None)
                if value is not ...:
                    one[key] = value
    return fhir.bundle("CHANGED", resources)


async def test_a_bundle_is_the_same_batch_as_its_rows_in_json(lab: Lab) -> None:
    second = row("T2", row_ref="o-2", test_kind="antigen", outcome="positive")
    answer = await post(lab, fhir.body("FHIR-1", [FULL, second]))
    assert (answer.status_code, issues(answer), issues(answer, "warning")) == (202, [], [])
    stored = await lab.get(answer.headers["location"])
    assert (stored["rows"], stored["accepted"], stored["errors"]) == (2, 2, [])
    same = await lab.post([FULL, second], batch_no="FHIR-1")
    assert (same.status_code, same.json()["batch_id"]) == (200, stored["batch_id"])
    again = await post(lab, fhir.body("FHIR-1", [FULL, second]))
    assert (again.status_code, again.headers["location"]) == (200, answer.headers["location"])
    other = await post(lab, fhir.body("FHIR-1", [FULL]))
    assert (other.status_code, issues(other, "fatal")) == (409, [(None, "batch_conflict")])
    both = {"Content-Type": FHIR, "Accept": f"{FHIR}, application/json;q=0.9"}
    again = await lab.http.post("/v1/batches", content=fhir.body("FHIR-1", [FULL, second]), headers=both)
    assert (again.status_code, issues(again)) == (200, [])
    headers = {"Content-Type": FHIR, "Accept": "application/json"}
    own = await lab.http.post("/v1/batches", content=fhir.body("FHIR-2", [FULL, second]), headers=headers)
    assert (own.status_code, own.json()["duplicates"]) == (202, 2)


async def test_a_report_with_contained_resources_and_a_single_observation_are_taken_too(lab: Lab) -> None:
    made, result, tube = fhir.report(PLAIN, 1)
    made |= {
        "contained": [result, tube],
        "specimen": [{"reference": "#s1"}],
        "result": [{"reference": "#o-1"}],
    }
    answer = await post(lab, made, batch_no="CONTAINED")
    assert (answer.status_code, issues(answer)) == (202, [])
    assert (await lab.post([PLAIN], batch_no="CONTAINED")).status_code == 200
    logical = fhir.observation(PLAIN, "o") | {
        "specimen": {"identifier": {"value": "T1"}},
        "subject": {"identifier": {"system": "urn:yingjian:health-code-id", "value": "HC-000001"}},
        "effectiveDateTime": PLAIN["collected_at"],
    }
    answer = await post(lab, logical)
    assert (answer.status_code, issues(answer)) == (202, [])
    assert (await lab.post([PLAIN | {"health_code_id": "HC-000001"}], batch_no="o-1")).status_code == 200


async def test_a_pool_has_several_parents_or_a_group_and_is_no_pool_of_pools(lab: Lab) -> None:
    made, result, tube = fhir.report(PLAIN, 1)
    singles = [
        {"resourceType": "Specimen", "id": f"m{n}", "subject": {"reference": f"Patient/p{n}"}} for n in (1, 2)
    ]
    people = [fhir.patient({"health_code_id": f"HC-00000{n}"}, f"p{n}") for n in (1, 2)]
    pool = {**tube, "parent": [{"reference": f"Specimen/m{n}"} for n in (1, 2)]}
    resources = [made, result, pool, *singles, *people]
    answer = await post(lab, fhir.bundle("POOL", resources))
    assert (answer.status_code, issues(answer)) == (202, [])
    assert (await lab.post([PLAIN | {"mode": "mixed"}], batch_no="POOL")).status_code == 200
    group = {"resourceType": "Group", "id": "g", "type": "person", "actual": True}
    answer = await post(
        lab, fhir.bundle("GROUP", [{**made, "subject": {"reference": "Group/g"}}, result, tube, group])
    )
    assert (answer.status_code, issues(answer)) == (202, [])
    assert (await lab.post([PLAIN | {"mode": "mixed"}], batch_no="GROUP")).status_code == 200
    nested: list[Resource] = [{**singles[0], "parent": [{"display": "a"}, {"display": "b"}]}, singles[1]]
    answer = await post(lab, fhir.bundle("NESTED", [made, result, pool, *nested]))
    assert issues(answer) == [("Bundle.entry[2].resource.identifier", "pool_of_pools")]
    aliquot: Resource = {
        "resourceType": "Specimen",
        "id": "s1",
        "parent": [{"reference": "Specimen/whole"}],
        "collection": tube["collection"],
    }
    answer = await post(lab, fhir.bundle("ALIQUOT", [made, result, aliquot, {**tube, "id": "whole"}]))
    assert (await lab.post([PLAIN], batch_no="ALIQUOT")).status_code == 200, answer.text


WRONG: dict[str, tuple[Resource, str, str]] = {
    "not final": (changed("Observation", status="preliminary"), "Bundle.entry[1].resource.status", "result_not_final"),
    "report not final": (changed("DiagnosticReport", status="partial"), "Bundle.entry[1].resource.status", "result_not_final"),
    "no outcome": (changed("Observation", valueCodeableConcept=...), "Bundle.entry[1].resource.value", "field_required"),
    "unknown outcome": (changed("Observation", valueCodeableConcept={"text": "weak"}), "Bundle.entry[1].resource.value", "not_allowed"),
    "contradiction": (
        changed("Observation", valueCodeableConcept=fhir.coded("s", "260415000") | {"text": "阳性"}),
        "Bundle.entry[1].resource.value", "outcome_contradicts",
    ),
    "another test": (changed("Observation", code=fhir.coded("http://loinc.org", "85478-6")), "Bundle.entry[0].resource.result", "test_not_covered"),
    "no result": (changed("DiagnosticReport", result=[]), "Bundle.entry[0].resource.result", "message_without_result"),
    "no specimen": (changed("DiagnosticReport", specimen=[{"reference": "Specimen/x"}]), "Bundle.entry[0].resource.specimen", "reference_unresolved"),
    "two specimens": (changed("DiagnosticReport", specimen=[{"reference": "Specimen/s1"}] * 2), "Bundle.entry[0].resource.specimen", "several_specimens"),
    "no tube": (changed("Specimen", identifier=[]), "Bundle.entry[2].resource.identifier", "identifier_missing"),
    "a day": (changed("Specimen", collection={"collectedDateTime": "2030-01-14"}), "Bundle.entry[2].resource.collection.collected", "time_malformed"),
    "unnamed correction": (changed("Observation", status="corrected"), "Bundle.entry[1].resource.identifier", "correction_unnamed"),
    "unknown element": (changed("Observation", colour="red"), "Bundle.entry[1].resource.colour", "unknown_field"),
    "missing element": (changed("Specimen", collection={"quantity": {"value": "much"}, "collectedDateTime": PLAIN["collected_at"]}), "Bundle.entry[2].resource.collection.quantity.value", "wrong_type"),
}  # fmt: skip


async def test_what_is_wrong_is_refused_at_its_element(lab: Lab) -> None:
    for number, (name, (body, place, code)) in enumerate(WRONG.items()):
        answer = await post(lab, body, batch_no=f"WRONG-{number}")
        assert answer.status_code == 202, (name, answer.text)
        assert (place, code) in issues(answer), (name, answer.text)
        assert (await lab.get(answer.headers["location"]))["accepted"] == 0
    strict = await post(lab, WRONG["not final"][0], mode="all_or_nothing")
    assert (strict.status_code, issues(strict, "fatal")) == (422, [(None, "batch_refused")])
    assert issues(strict) == [("Bundle.entry[1].resource.status", "result_not_final")]
    assert "T1" not in strict.text


async def test_a_correction_names_what_it_replaces_and_why(lab: Lab) -> None:
    first = await lab.accepted([PLAIN], batch_no="FIRST")
    corrects = {"batch_no": "FIRST", "row": 1, "reason": "录入有误"}
    sent = PLAIN | {"row_ref": "o-2", "outcome": "invalid", "corrects": corrects}
    answer = await post(lab, fhir.body("SECOND", [sent]))
    assert (first["accepted"], issues(answer)) == (1, [])
    assert (await lab.post([sent], batch_no="SECOND")).status_code == 200


async def test_the_time_of_reporting_stands_in_for_that_of_analysis_and_is_said(lab: Lab) -> None:
    answer = await post(lab, changed("Observation", extension=..., issued="2030-01-14T11:30:00+08:00"))
    assert issues(answer, "warning") == [("Bundle.entry[1].resource.extension", "tested_at_assumed")]


async def test_what_cannot_be_read_is_refused_whole_and_uses_no_number_up(lab: Lab) -> None:
    good = fhir.body("ONCE", [PLAIN])
    refused: tuple[tuple[bytes, int, str], ...] = (
        (b"", 400, "not_json"),
        (b"[" * 100_000, 400, "not_json"),
        (good.replace(b'"type"', b'"id": "a", "id": "b", "type"'), 400, "not_json"),
        (good.decode().encode("utf-16"), 400, "bad_encoding"),
        (b"[]", 422, "resource_unsupported"),
        (b'{"resourceType": "Patient"}', 422, "resource_unsupported"),
        (good.replace(b"collection", b"searchset", 1), 422, "bundle_type_unsupported"),
        (b'{"resourceType": "Bundle", "type": "batch", "entry": {}}', 422, "invalid_body"),
        (b'{"resourceType": "Bundle", "type": "batch", "entry": [{}]}', 422, "invalid_body"),
        (b'{"resourceType": "Bundle", "type": "batch", "entry": []}', 422, "message_without_result"),
        (good.replace(b'"ONCE"', b'"a b"'), 422, "invalid_body"),
    )
    for raw, status, code in refused:
        answer = await post(lab, raw)
        assert (answer.status_code, issues(answer, "fatal")) == (status, [(None, code)]), answer.text
    assert (await post(lab, good)).status_code == 202


async def test_too_much_is_refused_and_without_the_extra_the_form_says_so(
    servers: Address, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_desk(servers, database, fhir_most_resources=3) as desk:
        lab = await desk.lab("LAB01")
        assert (await post(lab, fhir.body("B1", [PLAIN]))).status_code == 202
        answer = await post(lab, fhir.body("B2", [PLAIN, row("T2")]))
        assert (answer.status_code, issues(answer, "fatal")) == (413, [(None, "too_many_resources")])
        monkeypatch.setattr(service, "find_spec", lambda _: None)
        answer = await post(lab, fhir.body("B3", [PLAIN]))
        assert (answer.status_code, answer.json()["code"]) == (415, "form_unavailable")
        assert (await lab.post([PLAIN])).status_code == 202
