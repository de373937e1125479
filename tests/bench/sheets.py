"""People by sheet, from the file to the last row taken in, beside the same number by the JSON bulk route.

Each run takes the three in turn with people of its own: nobody is known before.
"""

import asyncio
import csv
import io
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import asyncpg
import httpx
import xlsxwriter
from rich.console import Console

from deploy.demo.client import Api, connect
from shared.sheets.reading import CSV, XLSX
from tests.bench.figures import Figure, against
from tests.bench.people import CATEGORY
from tests.bench.running import Running
from tests.support.district import id_no

REACH: Final = 0.5
FULL_ROWS: Final = 100_000
QUICK_ROWS: Final = 20_000
AT_ONCE: Final = 10_000
FIELDS: Final = ("name", "id_no", "phone", "health_code_id", "unit_code", "category_code", "enrolled_on")
TIMEOUT: Final = 1800


@dataclass(frozen=True, slots=True)
class _Run:
    """Rows a second of each way."""

    json: float
    csv: float
    xlsx: float


async def figures(running: Running, console: Console, *, quick: bool, runs: int) -> list[Figure]:
    """Measure the three ways in turn."""
    rows = int(os.environ.get("SHEET_ROWS") or (QUICK_ROWS if quick else FULL_ROWS))
    owner = await asyncpg.connect(running.owner_url)
    unit = await owner.fetchval("SELECT min(unit_code) FROM registry.unit")
    await owner.close()
    found = []
    async with httpx.AsyncClient(timeout=TIMEOUT) as http:
        api = connect(http, running.credentials, "registry", running.credentials.accounts["admin"])
        for number in range(runs):
            start = 1 + 3 * number * rows
            one = _Run(
                await _by_json(api, _people(start, rows, unit)),
                await _by_sheet(api, _csv(_people(start + rows, rows, unit)), CSV, rows),
                await _by_sheet(api, _xlsx(_people(start + 2 * rows, rows, unit)), XLSX, rows),
            )
            console.print(
                f"sheets, run {number + 1}: JSON {one.json:,.0f}/s, CSV {one.csv:,.0f}/s, XLSX {one.xlsx:,.0f}/s"
            )
            found.append(one)
    name = f"{rows:,} people by"
    bulk = [one.json for one in found]
    return [
        against(f"{name} CSV, to the JSON bulk", [one.csv for one in found], bulk, unit="/s", at_least=REACH),
        against(f"{name} XLSX, to the JSON bulk", [one.xlsx for one in found], bulk, unit="/s", at_least=REACH),
    ]  # fmt: skip


def _people(start: int, count: int, unit: str) -> list[dict[str, str]]:
    """Return rows about people whom nobody knows yet."""
    return [
        {
            "name": "张伟",
            "id_no": id_no(500_000 + number),
            "phone": f"138{number:08d}",
            "health_code_id": f"SHEET{number:08d}",
            "unit_code": unit,
            "category_code": CATEGORY,
            "enrolled_on": "2026-01-05",
        }
        for number in range(start, start + count)
    ]


async def _by_json(api: Api, people: list[dict[str, str]]) -> float:
    rows = [{"id_type": "resident_id", **row} for row in people]
    began = time.monotonic()
    for start in range(0, len(rows), AT_ONCE):
        answer = await api.post("/v1/people/bulk", {"people": rows[start : start + AT_ONCE]})
        assert answer["rejected"] == 0, answer["errors"][:3]
    return len(rows) / (time.monotonic() - began)


async def _by_sheet(api: Api, raw: bytes, media_type: str, rows: int) -> float:
    headers = {"Authorization": f"Bearer {await api.valid_token()}", "Content-Type": media_type}
    began = time.monotonic()
    answer = await api.http.post(f"{api.base_url}/v1/imports?kind=people", content=raw, headers=headers)
    assert answer.status_code == httpx.codes.ACCEPTED, answer.text
    shown: dict[str, Any] = answer.json()
    while shown["status"] in ("received", "running"):
        await asyncio.sleep(0.1)
        shown = await api.get(f"/v1/imports/{shown['import_id']}")
    assert (shown["status"], shown["accepted"]) == ("done", rows), shown
    return rows / (time.monotonic() - began)


def _lines(people: list[dict[str, str]]) -> Iterator[list[str]]:
    yield list(FIELDS)
    for row in people:
        yield [row[field] for field in FIELDS]


def _csv(people: list[dict[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(_lines(people))
    return text.getvalue().encode()


def _xlsx(people: list[dict[str, str]]) -> bytes:
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for number, line in enumerate(_lines(people)):
            for place, text in enumerate(line):
                sheet.write_string(number, place, text)
    return file.getvalue()
