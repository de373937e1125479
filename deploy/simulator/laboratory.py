"""How a simulated laboratory puts rows on the wire; used by play and by the conformance check."""

import gzip
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import httpx

from deploy.demo.client import Api
from deploy.demo.identifiers import broken_resident_id
from deploy.demo.samples import stamp

Form = Literal["json", "reordered", "gzip", "ndjson"]
ANY_STATUS: Final = range(200, 600)
MADE_UP: Final = {"id_type": "resident_id", "id_no": "990101199003070011", "name": "模拟人员"}
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Posting:
    """One POST of a batch as it goes out: the bytes, and what is said beside them."""

    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)


def posting(batch_no: str, rows: Sequence[Body], form: Form = "json", **params: str) -> Posting:
    """Return a batch in one of the forms that mean the same."""
    envelope = {"batch_no": batch_no, "results": list(rows)}
    match form:
        case "ndjson":
            lines = [{"batch_no": batch_no}, *rows]
            text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
            return Posting(text.encode(), {"Content-Type": "application/x-ndjson"}, params)
        case "gzip":
            packed = gzip.compress(json.dumps(envelope, ensure_ascii=False).encode())
            return Posting(packed, {"Content-Encoding": "gzip"}, params)
        case "reordered":
            turned = {"results": [dict(reversed(row.items())) for row in rows], "batch_no": batch_no}
            return Posting(json.dumps(turned, indent=1).encode(), {}, params)
        case "json":
            return Posting(json.dumps(envelope, ensure_ascii=False).encode(), {}, params)


async def send(api: Api, what: Posting) -> httpx.Response:
    """Post a batch and return the answer, whatever it is; what is transient has been tried again."""
    return await api.call(
        "POST", "/v1/batches", content=what.content, headers=what.headers, params=dict(what.params),
        expect=ANY_STATUS,
    )  # fmt: skip


def good_row(now: datetime, **named: object) -> Body:
    """Return a row that is in order: tested an hour ago, sampled three hours ago."""
    return {
        **named,
        "outcome": "negative",
        "collected_at": stamp(now - timedelta(hours=3)),
        "received_at": stamp(now - timedelta(hours=2)),
        "tested_at": stamp(now - timedelta(hours=1)),
    }


def broken_rows(now: datetime, **named: object) -> list[tuple[Body, str]]:
    """Return one row of each thing that laboratories get wrong, with the code it is refused for."""
    good = good_row(now, **named)
    later, before = stamp(now + timedelta(hours=2)), stamp(now - timedelta(hours=4))
    number = MADE_UP | {"id_no": broken_resident_id(_right(MADE_UP["id_no"]))}
    return [
        (good_row(now, **number), "id_no_checksum"),
        (good | {"tested_at": good["tested_at"][:19]}, "time_naive"),
        (good | {"tested_at": later}, "time_in_future"),
        (good | {"tested_at": before}, "tested_before_collected"),
        (good | {"outcome": "阴性"}, "not_allowed"),
        (good | {"result": "ok"}, "unknown_field"),
        (good_row(now), "identifier_missing"),
        ({name: value for name, value in good.items() if name != "tested_at"}, "field_required"),
    ]


def _right(id_no: str) -> str:
    """Return the number with its right check character."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(id_no[:17], weights, strict=True))
    return id_no[:17] + "10X98765432"[total % 11]
