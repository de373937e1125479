"""FHIR R4 as a laboratory system writes it: rows of the contract as a Bundle of reports."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

ANALYSED: Final = "http://hl7.org/fhir/StructureDefinition/observation-analysis-date-time"
OUTCOMES: Final = {
    "negative": "260415000", "positive": "260373001", "indeterminate": "419984006", "invalid": "455371000124106",
}  # fmt: skip
TESTS: Final = {"pcr": "94500-6", "antigen": "94558-4", "antibody": "94563-4"}
Resource = dict[str, Any]


def coded(system: str, code: str) -> Resource:
    """Return a CodeableConcept of one code."""
    return {"coding": [{"system": system, "code": code}]}


def patient(row: Mapping[str, Any], name: str) -> Resource:
    """Return the person of a row."""
    known = []
    if "health_code_id" in row:
        known.append({"system": "urn:yingjian:health-code-id", "value": row["health_code_id"]})
    if "id_no" in row:
        known.append({"system": f"urn:yingjian:id:{row['id_type']}", "value": row["id_no"]})
    names = {"name": [{"text": row["name"]}]} if "name" in row else {}
    return {"resourceType": "Patient", "id": name, "identifier": known, **names}


def specimen(row: Mapping[str, Any], name: str) -> Resource:
    """Return the tube of a row; a mixed one has several parents, whom nobody needs to know."""
    made: Resource = {"resourceType": "Specimen", "id": name}
    if "tube_code" in row:
        made["identifier"] = [{"system": "urn:yingjian:tube-code", "value": row["tube_code"]}]
    if row.get("mode") == "mixed":
        made["parent"] = [{"display": "single"}, {"display": "single"}]
    if "collected_at" in row:
        made["collection"] = {"collectedDateTime": row["collected_at"]}
    if "received_at" in row:
        made["receivedTime"] = row["received_at"]
    if "specimen_type" in row:
        made["type"] = {"text": row["specimen_type"]}
    return made


def observation(row: Mapping[str, Any], name: str) -> Resource:
    """Return the result of a row."""
    corrects = row.get("corrects", {})
    made: Resource = {
        "resourceType": "Observation",
        "id": row.get("row_ref", name),
        "status": "corrected" if corrects else "final",
        "code": coded("http://loinc.org", TESTS[row.get("test_kind", "pcr")]),
        "valueCodeableConcept": coded("http://snomed.info/sct", OUTCOMES[row["outcome"]]),
        "extension": [{"url": ANALYSED, "valueDateTime": row["tested_at"]}],
    }
    if "kit" in row:
        made["method"] = {"text": row["kit"]}
    cycles = [
        {"code": coded("http://loinc.org", code), "valueQuantity": {"value": row[field]}}
        for field, code in (("ct_orf1ab", "94511-3"), ("ct_n", "94510-5"))
        if field in row
    ]
    if cycles:
        made["component"] = cycles
    if corrects:
        by_id = "result_id" in corrects
        made["identifier"] = [
            {"system": "urn:yingjian:result-id", "value": corrects["result_id"]}
            if by_id
            else {"system": "urn:yingjian:row", "value": f"{corrects['batch_no']}/{corrects['row']}"}
        ]
        made["note"] = [{"text": corrects["reason"]}]
    return made


def report(row: Mapping[str, Any], number: int) -> list[Resource]:
    """Return a row as a report with its result, its tube and its person."""
    result, tube, person = observation(row, f"o{number}"), specimen(row, f"s{number}"), f"p{number}"
    made: Resource = {
        "resourceType": "DiagnosticReport",
        "id": f"r{number}",
        "status": "final",
        "code": result["code"],
        "specimen": [{"reference": f"Specimen/s{number}"}],
        "result": [{"reference": f"Observation/{result['id']}"}],
    }
    if "released_at" in row:
        made["issued"] = row["released_at"]
    if "reviewer_code" in row:
        made["resultsInterpreter"] = [{"identifier": {"value": row["reviewer_code"]}}]
    if not {"health_code_id", "id_no"} & row.keys():
        return [made, result, tube]
    made["subject"] = {"reference": f"Patient/{person}"}
    return [made, result, tube, patient(row, person)]


def bundle(batch_no: str, resources: Sequence[Resource]) -> Resource:
    """Return resources as a Bundle."""
    entries = [{"fullUrl": f"{one['resourceType']}/{one['id']}", "resource": one} for one in resources]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "identifier": {"value": batch_no},
        "entry": entries,
    }


def body(batch_no: str, rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return rows as the bytes of a Bundle."""
    resources = [one for number, row in enumerate(rows, start=1) for one in report(row, number)]
    return json.dumps(bundle(batch_no, resources), ensure_ascii=False).encode()
