"""Messages in the shapes that other systems send: each is taken in, or refused with what its sender must change.

All of them are generated: a self-test reported by an app, a state's batch file with questions beside each
result, bundles of a reporting hub, and the same hub's table.
"""

import json
from typing import Any

import httpx

from results_ingest.forms.service import FHIR, HL7
from shared.sheets.reading import CSV
from tests.results_ingest.batches.support import Lab
from tests.sheets.making import in_csv
from tests.support import fhir, hl7

LINE = "\n"
QUESTIONS = ("95418-0", "95417-2", "77974-4", "82810-3", "95421-4", "95419-8")
ANTIGEN = (
    "94558-4^SARS-CoV-2 (COVID-19) Ag [Presence] in Respiratory specimen by Rapid immunoassay^LN^^^^2.71"
)


def self_test(tested: str = "20300114120000", zone: str = "+0000") -> str:
    """Return a self-test as an app reports it: LF, patient numbers of its own, a filler's specimen id."""
    collected = "20300114070000-0400"
    return LINE.join(
        [
            hl7.header(
                "20300114110305_00aa11bb22cc33dd44ee55ff66aa77bb", charset="", f3="APP.PROD^2.16.840.1^ISO",
                f4="APP^00Z0000000^CLIA", f7=f"20300114120305{zone}", f21="PHLabReport-NoAck^ELR251R1^2.16^ISO",
            ),
            hl7.segment("SFT", f1="APP", f2="2030", f3="APP.PROD"),
            hl7.segment("PID", f1="1", f3="aa00bb11^^^APP.PROD&2.16.840.1&ISO^PI", f5="Doe^Jo", f8="M"),
            hl7.segment("ORC", f1="RE", f3="^APP.PROD^2.16^ISO"),
            hl7.segment("OBR", f1="1", f3="^APP.PROD^2.16^ISO", f4=ANTIGEN, f7=collected, f22=collected, f25="F"),
            hl7.segment("OBX", f1="1", f2="CWE", f3=ANTIGEN, f5="260415000^Not detected^SCT", f11="F", f19=tested),
            hl7.segment("OBX", f1="2", f2="NM", f3="35659-2^Age^LN", f5="39", f11="F", f29="QST"),
            hl7.segment(
                "SPM", f1="1", f2="^00aa11bb22cc33dd44ee55ff66aa77bb&APP.PROD&2.16&ISO",
                f4="697989009^Anterior nares swab^SCT", f17=collected, f18=collected,
            ),
        ]
    )  # fmt: skip


def state_message(number: int, *, status: str = "F", role: str = "P") -> list[str]:
    """Return one report of a state's file: placer and filler, questions beside the result, a note."""
    at = "203001140750-0400"
    segments = [
        hl7.header(f"{number:06}", f3="", f4="Any facility USA^99D0000001^CLIA", f7="20300114161533.2340-0400"),
        hl7.segment("PID", f1="1", f3=f"x{number}y^^^Any lab USA&90D&CLIA^^&90D&CLIA", f5="Roe^Max^Vi^DVM"),
        hl7.segment("ORC", f1="RE", f2="111^Any lab^64D^CLIA", f3="222^Any lab^64D^CLIA"),
        hl7.segment("OBR", f1="1", f2=f"{number}^Any^6^CLIA", f3="165^Any^6^CLIA", f4=ANTIGEN, f7=at, f22=at, f25=status),
        hl7.segment(
            "OBX", f1="1", f2="CWE^^HL70125", f3=ANTIGEN, f5="419984006^Inconclusive^SCT",
            f8="L^Below low normal^HL70078", f11=f"{status}^Results^HL70085", f14=at, f17="^^MNI", f19="203001140950-0400",
        ),
        hl7.segment("NTE", f2="O^Other^HL70105", f3="note"),
    ]  # fmt: skip
    for place, code in enumerate(QUESTIONS, start=2):
        segments.append(
            hl7.segment(
                "OBX", f1=str(place), f2="CWE", f3=f"{code}^?^LN", f5="Y^Yes^HL70136", f11="F", f29="QST"
            )
        )
    segments.append(
        hl7.segment(
            "SPM",
            f1="1",
            f2=f"{number}&&90D&CLIA^165&&90D&CLIA",
            f4="122555007^Blood^SCT",
            f11=role,
            f17=at,
            f18=at,
        )
    )
    return segments


def hub_bundle(code: str = "95406-5") -> dict[str, Any]:
    """Return a message bundle of a reporting hub: questions as observations, no time of analysis."""
    patient = {"reference": "Patient/p"}
    resources: list[dict[str, Any]] = [
        {"resourceType": "MessageHeader", "id": "h", "eventCoding": {"code": "R01"}, "source": {"endpoint": "https://hub.test"}},
        {
            "resourceType": "DiagnosticReport", "id": "r", "status": "final", "subject": patient,
            "code": fhir.coded("http://loinc.org", "94531-1"), "basedOn": [{"reference": "ServiceRequest/q"}],
            "effectiveDateTime": "2030-01-14T21:25:38+00:00", "issued": "2030-01-14T21:40:38+00:00",
            "specimen": [{"reference": "Specimen/s"}], "result": [{"reference": "Observation/o"}],
        },
        {"resourceType": "Patient", "id": "p", "identifier": [{"value": "person-1"}], "name": [{"family": "Doe"}]},
        {
            "resourceType": "Specimen", "id": "s", "identifier": [{"value": "aaaa-bbbb-cccc"}], "subject": patient,
            "type": fhir.coded("http://snomed.info/sct", "433801000124107"),
            "collection": {"collectedDateTime": "2030-01-14T21:25:38+00:00"},
        },
        {
            "resourceType": "Observation", "id": "o", "status": "final", "subject": patient,
            "code": fhir.coded("http://loinc.org", code), "issued": "2030-01-14T21:40:38.428Z",
            "valueCodeableConcept": fhir.coded("http://snomed.info/sct", "260373001"),
            "interpretation": [fhir.coded("http://terminology.hl7.org/CodeSystem/v2-0078", "A")],
            "specimen": {"reference": "Specimen/s"}, "device": {"reference": "Device/d"},
        },
    ]  # fmt: skip
    for number, question in enumerate(QUESTIONS):
        about = {
            "code": fhir.coded("http://loinc.org", question),
            "valueCodeableConcept": fhir.coded("v2-0136", "Y"),
        }
        resources.append(
            {
                "resourceType": "Observation",
                "id": f"q{number}",
                "status": "final",
                "subject": patient,
                **about,
            }
        )
    return {**fhir.bundle("11111111-2222-4333-8444-555555555555", resources), "type": "message"}


async def post(lab: Lab, kind: str, content: bytes, **query: str) -> httpx.Response:
    """Post a body and ask for the receipt."""
    headers = {"Content-Type": kind, "Accept": "application/json"}
    return await lab.http.post("/v1/batches", params=query, content=content, headers=headers)


def said(answer: httpx.Response) -> list[tuple[str | None, str]]:
    """Return what is wrong."""
    return [(each["field"], each["code"]) for each in answer.json()["errors"]]


async def test_a_self_test_is_taken_and_one_tested_before_it_was_collected_is_told_so(lab: Lab) -> None:
    good = await post(lab, HL7, self_test().encode())
    assert (good.status_code, good.json()["accepted"], said(good)) == (202, 1, [])
    early = await post(lab, HL7, self_test("20300114080000").encode(), batch_no="EARLY")
    assert said(early) == [("tested_at", "tested_before_collected")]


async def test_a_states_file_is_judged_message_by_message(lab: Lab) -> None:
    messages = [
        state_message(1), state_message(2, role="Q"), state_message(3, status="C"), state_message(4, status="P"),
    ]  # fmt: skip
    lines = [
        "FHS|^~\\&|||0.0.0.0.1|0.0.0.0.1|203001141615-0400",
        "BHS|^~\\&|||0.0.0.0.1|0.0.0.0.1|203001141615-0400",
    ]
    body = LINE.join([*lines, *(each for one in messages for each in one), "BTS|25", "FTS|1"]).encode()
    unnumbered = await post(lab, HL7, body)
    assert (unnumbered.status_code, said(unnumbered)) == (422, [("batch_no", "field_required")])
    answer = await post(lab, HL7, body, batch_no="STATE")
    assert (answer.status_code, answer.json()["accepted"], answer.json()["rejected"]) == (202, 1, 3)
    assert said(answer) == [
        (None, "specimen_not_patient"),
        ("corrects", "correction_unnamed"),
        (None, "result_not_final"),
    ]
    assert [each["code"] for each in answer.json()["warnings"]] == ["message_count_differs"]


async def test_a_hubs_bundle_is_taken_and_another_test_is_told_so(lab: Lab) -> None:
    good = await post(lab, FHIR, json.dumps(hub_bundle()).encode())
    assert (good.status_code, good.json()["rows"], said(good)) == (202, 1, [])
    assert [each["code"] for each in good.json()["warnings"]] == ["tested_at_assumed"]
    flu = await post(lab, FHIR, json.dumps(hub_bundle("85478-6")).encode(), batch_no="FLU")
    assert (flu.status_code, said(flu)) == (202, [(None, "test_not_covered")])


async def test_a_hubs_table_names_every_column_that_is_not_known_until_a_mapping_says_what_it_is(
    lab: Lab,
) -> None:
    row = {
        "Result_ID": "T-77", "Test_result_code": "260415000", "Test_date": "20300114214038+0000",
        "Specimen_collection_date_time": "20300114212538+0000", "Patient_first_name": "Jo", "Patient_DOB": "19700201",
    }  # fmt: skip
    sheet = in_csv(list(row), list(row.values()))
    refused = await post(lab, CSV, sheet, batch_no="TABLE")
    assert (refused.status_code, refused.json()["code"]) == (422, "header_wrong")
    mapping = {
        "columns": {
            "Result_ID": "tube_code", "Test_result_code": "outcome", "Test_date": "tested_at",
            "Specimen_collection_date_time": "collected_at", "Patient_first_name": "", "Patient_DOB": "",
        },
        "constants": {"test_kind": "antigen"},
        "words": {"outcome": {"260415000": "negative"}},
    }  # fmt: skip
    assert (await lab.http.put("/v1/sheets/results/mappings/hub", json=mapping)).status_code == 200
    answer = await post(lab, CSV, sheet, batch_no="TABLE", mapping="hub")
    assert (answer.status_code, answer.json()["accepted"], said(answer)) == (202, 1, [])
