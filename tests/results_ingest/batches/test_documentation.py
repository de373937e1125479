"""What /docs says of batches is true: examples do what they say, and every code is in the catalogue."""

import json
import re
from typing import Any

from results_ingest.batches import openapi, rules, schemas
from results_ingest.forms.service import FHIR, HL7
from shared.errors import CATALOGUE
from shared.sheets.reading import CSV, XLSX
from tests.results_ingest.batches.support import Desk, Lab


def content(desk: Desk) -> dict[str, Any]:
    document = desk.app.openapi()
    body: dict[str, Any] = document["paths"]["/v1/batches"]["post"]["requestBody"]["content"]
    return body


async def test_good_examples_are_taken_whole_and_bad_ones_refused(desk: Desk, lab: Lab) -> None:
    shown = content(desk)
    assert set(shown) == {"application/json", "application/x-ndjson", CSV, XLSX, HL7, FHIR}
    good = await lab.http.post("/v1/batches", json=shown["application/json"]["examples"]["good"]["value"])
    assert (good.status_code, good.json()["accepted"]) == (202, 2)
    bad = await lab.http.post("/v1/batches", json=shown["application/json"]["examples"]["bad"]["value"])
    assert {error["code"] for error in bad.json()["errors"]} == {"not_allowed", "time_naive"}
    lines = shown["application/x-ndjson"]["examples"]
    good = await lab.raw(lines["good"]["value"].encode(), "application/x-ndjson")
    assert (good.status_code, good.json()["accepted"]) == (202, 2)
    assert (await lab.raw(lines["bad"]["value"].encode(), "application/x-ndjson")).status_code == 400
    text = shown[CSV]["examples"]["good"]["value"].encode()
    good = await lab.http.post("/v1/batches?batch_no=CSV", content=text, headers={"Content-Type": CSV})
    assert (good.status_code, good.json()["accepted"]) == (202, 1)
    shown_hl7 = shown[HL7]["examples"]
    good = await lab.raw(shown_hl7["good"]["value"].encode(), HL7)
    assert (good.status_code, "MSA|AA|" in good.text) == (202, True)
    bad = await lab.raw(shown_hl7["bad"]["value"].encode(), HL7)
    assert (bad.status_code, "^1^11|" in bad.text) == (202, True)
    shown_fhir = shown[FHIR]["examples"]
    for name, severities in (("good", ["information"]), ("bad", ["information", "error"])):
        answer = await lab.raw(json.dumps(shown_fhir[name]["value"]).encode(), FHIR)
        found = [issue["severity"] for issue in answer.json()["issue"]]
        assert (answer.status_code, found) == (202, severities), answer.text


async def test_the_documented_row_has_the_fields_that_are_read(desk: Desk) -> None:
    assert set(schemas.ResultRow.model_fields) == rules._CHECKS.keys() | rules._OBJECTS.keys() | rules._TIMES
    assert "BatchBody" in desk.app.openapi()["components"]["schemas"]


def test_every_documented_code_exists() -> None:
    texts = [openapi.POST["description"]]
    for answers in (openapi.POST["responses"], openapi.LIST["responses"], openapi.ROWS["responses"]):
        texts += [answer["description"] for status, answer in answers.items() if int(status) >= 400]
    codes = set(re.findall(r"`([a-z0-9]+(?:_[a-z0-9]+)+)`", texts[0]))
    for said in texts[1:]:
        codes |= set(re.findall(r"[a-z]+(?:_[a-z]+)+", said.replace("all_or_nothing", "")))
    assert codes - {"dry_run", "lab_code"} <= CATALOGUE.keys()


async def test_every_answer_of_a_post_is_documented(desk: Desk) -> None:
    answers = desk.app.openapi()["paths"]["/v1/batches"]["post"]["responses"]
    assert {"200", "202", "400", "401", "403", "409", "413", "415", "422", "503"} <= set(answers)
