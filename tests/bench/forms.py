"""A batch from its POST to its receipt in every form that it may come in, beside the same rows as JSON.

Each run takes the forms in turn with tubes of its own, so that no row repeats another. The rows name tubes:
negatives by health code go a quicker way that only JSON has (decision 0020).
"""

import csv
import io
import json
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
import xlsxwriter
from rich.console import Console

from deploy.demo.client import Api, connect
from results_ingest.forms.service import FHIR, HL7
from shared.sheets.reading import CSV, XLSX
from tests.bench.figures import Figure, against
from tests.bench.running import Running
from tests.support import fhir, hl7

FULL_ROWS: Final = 10_000
QUICK_ROWS: Final = 5_000
REACH: Final = 0.2
# Each resource of FHIR goes through its model, some 0.1 ms of it; a row has three.
REACH_FHIR: Final = 0.08
TIMEOUT: Final = 600
Row = Mapping[str, str]


async def figures(running: Running, console: Console, *, quick: bool, runs: int) -> list[Figure]:
    """Measure the forms in turn."""
    rows = QUICK_ROWS if quick else FULL_ROWS
    found: dict[str, list[float]] = {name: [] for name in FORMS}
    now = datetime.now(UTC).replace(microsecond=0)
    async with httpx.AsyncClient(timeout=TIMEOUT) as http:
        account = running.credentials.labs[min(running.credentials.labs)]
        api = connect(http, running.credentials, "results_ingest", account)
        for number in range(runs):
            for form, name in enumerate(FORMS):
                found[name].append(await _rate(api, name, _rows(f"B{form}-{number}-{now:%H%M%S}", rows, now)))
            told = ", ".join(f"{name} {rates[-1]:,.0f}/s" for name, rates in found.items())
            console.print(f"forms, run {number + 1}: {told}")
    return [
        against(
            f"a batch of {rows:,} as {name}, to JSON",
            found[name],
            found["JSON"],
            unit="/s",
            at_least=REACH_FHIR if name == "FHIR R4" else REACH,
        )
        for name in FORMS
        if name != "JSON"
    ]


async def _rate(api: Api, name: str, rows: Sequence[Row]) -> float:
    media_type, make = FORMS[name]
    batch_no = f"FORM-{rows[0]['tube_code']}"
    raw = make(batch_no, rows)
    headers = {
        "Authorization": f"Bearer {await api.valid_token()}",
        "Content-Type": media_type,
        "Accept": "application/json",
    }
    url = f"{api.base_url}/v1/batches?batch_no={batch_no}"
    began = time.perf_counter()
    answer = await api.http.post(url, content=raw, headers=headers)
    seconds = time.perf_counter() - began
    receipt: dict[str, Any] = answer.json()
    assert (answer.status_code, receipt.get("accepted")) == (httpx.codes.ACCEPTED, len(rows)), answer.text[
        :300
    ]
    return len(rows) / seconds


def _rows(tag: str, count: int, now: datetime) -> list[Row]:
    tested = (now - timedelta(hours=1)).isoformat()
    collected = (now - timedelta(hours=4)).isoformat()
    return [
        {
            "tube_code": f"{tag}-{number:05d}",
            "mode": "mixed",
            "outcome": "negative",
            "collected_at": collected,
            "tested_at": tested,
        }
        for number in range(count)
    ]


def _json(batch_no: str, rows: Sequence[Row]) -> bytes:
    return json.dumps({"batch_no": batch_no, "results": rows}).encode()


def _ndjson(batch_no: str, rows: Sequence[Row]) -> bytes:
    return "\n".join(json.dumps(line) for line in ({"batch_no": batch_no}, *rows)).encode()


def _csv(_: str, rows: Sequence[Row]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([list(rows[0]), *(list(row.values()) for row in rows)])
    return text.getvalue().encode()


def _xlsx(_: str, rows: Sequence[Row]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate([list(rows[0]), *(list(row.values()) for row in rows)]):
            for place, value in enumerate(line):
                sheet.write_string(number, place, value)
    return file.getvalue()


FORMS: Final[Mapping[str, tuple[str, Callable[[str, Sequence[Row]], bytes]]]] = {
    "JSON": ("application/json", _json),
    "NDJSON": ("application/x-ndjson", _ndjson),
    "CSV": (CSV, _csv),
    "XLSX": (XLSX, _xlsx),
    "HL7 v2": (HL7, lambda batch_no, rows: hl7.file(batch_no, rows).encode()),
    "FHIR R4": (FHIR, fhir.body),
}
