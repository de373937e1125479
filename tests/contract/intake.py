"""What tests of samples, batches and notices ask of the office, through HTTP alone."""

import json
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final

import httpx

from tests.contract.office import Answer, Office, pages
from tests.system.people import ok, text

HOUR: Final = timedelta(hours=1)
MINUTE: Final = timedelta(minutes=1)
RECEIPT: Final = {
    "batch_id", "batch_no", "sha256", "status", "accepted", "rejected", "duplicates", "errors", "warnings", "links",
}  # fmt: skip
COUNTS: Final = {"waiting", "matched", "unmatched", "held", "pooled_people", "pooled_unmatched"}
LINES: Final = "application/x-ndjson"
NUMBERS = count(1)


def fresh(prefix: str = "X") -> str:
    """Return a code that no other test uses."""
    return f"{prefix}-{next(NUMBERS):05}"


def ago(office: Office, hours: float) -> str:
    """Return a time before the office's now."""
    return text(office.now - timedelta(hours=hours))


def tube(office: Office, *codes: str, hours: float = 3, **more: Any) -> Answer:
    """Return the body of a tube of these people: several of them share a mixed one."""
    mixed = len(codes) > 1
    body = {
        "tube_code": fresh("TUBE"),
        "mode": "mixed" if mixed else "single",
        "capacity": 10 if mixed else 1,
        "subject": "person",
        "members": [{"health_code_id": code} for code in codes],
        "collected_at": ago(office, hours),
    }
    return body | more


async def bound(office: Office, *codes: str, hours: float = 3, **more: Any) -> str:
    """Bind a tube and return its code."""
    body = tube(office, *codes, hours=hours, **more)
    answer = await office.sampling.post("/v1/tubes", json=body)
    assert answer.status_code == 201, answer.text
    await office.system.settle()
    return str(body["tube_code"])


def result(office: Office, outcome: str = "negative", *, hours: float = 1, **more: Any) -> Answer:
    """Return a row tested so many hours ago."""
    return {"outcome": outcome, "tested_at": ago(office, hours), **more}


async def send(office: Office, *rows: Answer, lab: str = "LAB01", **more: Any) -> httpx.Response:
    """Post a batch and return the answer."""
    body = {"batch_no": fresh("BATCH"), "results": list(rows), **more}
    return await office.labs[lab].post("/v1/batches", json=body)


async def matched(office: Office, *rows: Answer, lab: str = "LAB01") -> Answer:
    """Post rows that are all accepted, wait for them, and return the batch as GET tells it."""
    answer = await send(office, *rows, lab=lab)
    assert answer.status_code == 202, answer.text
    assert answer.json()["accepted"] == len(rows), answer.text
    await office.system.settle()
    return await batch(office, answer.json()["batch_id"], lab=lab)


async def batch(office: Office, batch_id: str, *, lab: str = "LAB01") -> Answer:
    """Return a batch and check that its rows add up."""
    body = await ok(office.labs[lab].get(f"/v1/batches/{batch_id}"))
    assert body["accepted"] == sum(body[key] for key in ("waiting", "matched", "unmatched", "held")), body
    return body


async def rows_of(office: Office, batch_id: str, *, lab: str = "LAB01", **query: Any) -> list[Answer]:
    """Return the rows of a batch, in their order."""
    rows = await pages(office.labs[lab], f"/v1/batches/{batch_id}/rows", "rows", **query)
    return sorted(rows, key=lambda row: int(row["row"]))


async def taken(office: Office, *rows: Answer, lab: str = "LAB01") -> list[str]:
    """Post rows, wait for them and return the ids of their results."""
    body = await matched(office, *rows, lab=lab)
    return [str(row["result_id"]) for row in await rows_of(office, body["batch_id"], lab=lab)]


async def display(office: Office, code: str) -> str:
    """Return what the platform would show."""
    return str((await office.status(code))["display"])


async def alerts(office: Office, kind: str, subject: str, **more: str) -> list[Answer]:
    """Return the notices of a kind about a subject."""
    return await office.notices(kind=kind, subject_code=subject, **more)


def bodies(notices: list[Answer]) -> list[tuple[str, str]]:
    """Return to whom notices go."""
    return sorted((one["recipient"]["type"], one["recipient"]["code"]) for one in notices)


def moment(value: str) -> datetime:
    """Return a time of the wire."""
    return datetime.fromisoformat(value)


async def post(
    office: Office, raw: bytes, *, kind: str = "application/json", **headers: str
) -> httpx.Response:
    """Post bytes as they are."""
    return await office.labs["LAB01"].post(
        "/v1/batches", content=raw, headers={"content-type": kind, **headers}
    )


def lines(batch_no: str, *rows: Any) -> bytes:
    """Return a batch as NDJSON."""
    return b"\n".join(json.dumps(line).encode() for line in ({"batch_no": batch_no}, *rows)) + b"\n"


def dumped(batch_no: str, *rows: Any) -> bytes:
    """Return a batch as JSON."""
    return json.dumps({"batch_no": batch_no, "results": rows}).encode()
