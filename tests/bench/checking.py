"""What a POST does with a body before it asks the store, beside decoding the same body and nothing else.

Called in this process, without HTTP and SQL. The quick way takes bodies like this one: read, check every
row, fingerprint, word them for the store; such rows hold nothing to seal. The careful way takes all others:
read, check, fingerprint, seal. The limits are one typed decode each: msgspec's into structs and pydantic's
into models, with times and the outcome's values.
"""

import base64
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, Literal

import msgspec
from pydantic import BaseModel, TypeAdapter

from results_ingest.batches.draft import prepare
from results_ingest.batches.parts import seal_rows
from results_ingest.batches.plain import read_plain
from results_ingest.batches.reading import JSON, read
from shared.clock import SHANGHAI
from shared.result_ids import new_batch_id
from shared.security.sealing import BlindIndex, Sealer
from tests.bench.figures import Figure, against
from tests.bench.posting import ROWS
from tests.bench.rows import Rows

REACH: Final = 0.5
SECONDS: Final = 1.0
KEY: Final = base64.b64encode(bytes(32)).decode()
Outcome = Literal["negative", "positive", "indeterminate", "invalid"]


class _Row(msgspec.Struct):
    health_code_id: str
    outcome: Outcome
    collected_at: datetime
    tested_at: datetime


class _Body(msgspec.Struct):
    batch_no: str
    results: list[_Row]


class _RowModel(BaseModel):
    health_code_id: str
    outcome: Outcome
    collected_at: datetime
    tested_at: datetime


class _BodyModel(BaseModel):
    batch_no: str
    results: list[_RowModel]


def figures(runs: int) -> list[Figure]:
    """Measure each and its limits in turn."""
    now = datetime.now(SHANGHAI).replace(microsecond=0)
    raw = Rows([f"BENCH{number:08d}" for number in range(ROWS)], now).batch(ROWS, "check")
    quick, careful = _quickly(), _carefully(now)
    by_msgspec = msgspec.json.Decoder(_Body).decode
    by_pydantic = TypeAdapter(_BodyModel).validate_json
    rates = [
        [_rate(work, raw) for work in (quick, careful, by_msgspec, by_pydantic)] for _ in range(runs + 1)
    ][1:]
    quickly, carefully, structs, models = zip(*rates, strict=True)
    name = "rows checked in the API alone"
    return [
        against(f"{name}, to pydantic's decode", quickly, models, unit="/s", at_least=REACH),
        against("  to msgspec's", quickly, structs, unit="/s"),
        against("  the careful way, sealed, to pydantic's", carefully, models, unit="/s"),
        against("  to msgspec's", carefully, structs, unit="/s"),
    ]


def _quickly() -> Callable[[bytes], object]:
    def take_in(raw: bytes) -> object:
        batch = read_plain(raw, lab_code="LAB01")
        assert batch is not None
        return batch

    return take_in


def _carefully(now: datetime) -> Callable[[bytes], object]:
    sealer, index = Sealer({"k1": KEY}), BlindIndex(KEY)

    def take_in(raw: bytes) -> object:
        draft = prepare(
            read(raw, JSON),
            batch_id=new_batch_id(now),
            lab_code="LAB01",
            client_id="bench",
            now=now,
            index=index,
        )
        assert len(draft.accepted) == ROWS
        return seal_rows(draft.accepted, first=1, sealer=sealer, index=index)

    return take_in


def _rate(work: Callable[[bytes], Any], raw: bytes) -> float:
    """Return rows per second of processor time: here nothing waits for anybody."""
    done = 0
    started = time.process_time()
    while time.process_time() - started < SECONDS:
        work(raw)
        done += ROWS
    return done / (time.process_time() - started)
