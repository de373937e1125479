"""Sheets as they were sent: kept sealed, given back to their sender with a verdict beside each row."""

import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

import msgspec
from anyio import to_thread

from results_ingest.batches import read_queries, reads
from results_ingest.batches.draft import Draft
from results_ingest.batches.errors import NOT_A_SHEET
from results_ingest.sheets.columns import COLUMNS
from results_ingest.sheets.reading import Copy
from shared.audit.recording import record
from shared.bus.types import Schedule
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_value, sql
from shared.errors import NOT_FOUND, Language, Problem, RowError
from shared.result_ids import MOST_ROWS, oldest_id
from shared.security.principal import Principal
from shared.security.sealing import Sealer
from shared.sheets.annotated import Judged, annotated_sheet
from shared.sheets.rows import Format

CONTEXT: Final = "ingest.batch_sheet"
AT_ONCE: Final = 100
_LEVEL: Final = 1
_WAITING: Final = "waiting"
_VERDICTS: Final[Mapping[Language, Mapping[str, str]]] = {
    "zh": {
        "matched": "已匹配",
        "unmatched": "未匹配",
        "held": "挂起待核",
        "rejected": "拒收",
        "duplicate": "重复",
        _WAITING: "已接收",
    },
    "en": {
        "matched": "matched",
        "unmatched": "unmatched",
        "held": "held",
        "rejected": "refused",
        "duplicate": "duplicate",
        _WAITING: "received",
    },
}

FORGET = sql("""
    UPDATE ingest.batch_sheet SET sealed = NULL WHERE batch_id IN (
        SELECT batch_id FROM ingest.batch_sheet
        WHERE sealed IS NOT NULL AND batch_id < CAST(:oldest AS uuid)
        ORDER BY batch_id LIMIT :at_once FOR UPDATE SKIP LOCKED
    )
""")


class Kept(msgspec.Struct):
    """A sheet and what was wrong with its rows, by their places: (row, field, code)."""

    sheet: Copy
    errors: list[tuple[int, str | None, str]]


def seal_copy(draft: Draft, sealer: Sealer) -> bytes:
    """Return a draft's sheet and errors, packed and sealed."""
    errors = [(error.row or 0, error.field, error.code) for error in draft.errors]
    if draft.sent.copy is None:
        raise TypeError
    packed = zlib.compress(msgspec.msgpack.encode(Kept(draft.sent.copy, errors)), _LEVEL)
    return sealer.seal(packed, context=CONTEXT)


async def annotated(
    context: Context[Any], who: Principal, batch_id: str, *, language: Language
) -> tuple[bytes, Format, str]:
    """Return the annotated copy, its format and the batch's number.

    Problem 404 for anybody but the client that sent it, for a batch that was no sheet, and once the sheet
    is no longer kept. It holds what the sender knows already, in clear; the look is recorded.
    """
    async with context.db.transaction(limits=who.limits) as session:
        batch = await reads.visible(session, who, batch_id)
        if batch["client_id"] != who.client_id:
            raise Problem(NOT_FOUND)
        sealed = await fetch_value(session, read_queries.SHEET, batch_id=batch["batch_id"])
        if sealed is None:
            raise Problem(NOT_A_SHEET)
        found = await fetch_all(
            session,
            read_queries.ROWS,
            batch_id=batch["batch_id"],
            verdict=None,
            after=0,
            limit=MOST_ROWS,
        )
        verdicts = {row["row"]: row["verdict"] for row in found}
        now = await context.clock.now(session)
        await record(
            session, context, who=who, action="sheet.copy", subject=str(batch["batch_id"]), now=now,
            rows=batch["rows"],
        )  # fmt: skip
    raw, form = await to_thread.run_sync(_written, context.sealer, sealed, verdicts, language)
    return raw, form, batch["batch_no"]


async def forget(session: Session, context: Context[Any]) -> bool:
    """Forget some sheets past their time; the numbers of their rows stay. True if there may be more."""
    before = await context.clock.now(session) - timedelta(days=context.settings.sheet_retention_days)
    return await execute(session, FORGET, oldest=oldest_id(before), at_once=AT_ONCE) == AT_ONCE


FORGET_SHEETS = Schedule("batches.sheets", timedelta(minutes=10), forget)


def _written(
    sealer: Sealer, sealed: bytes, verdicts: Mapping[int, str], language: Language
) -> tuple[bytes, Format]:
    packed = zlib.decompress(sealer.open(sealed, context=CONTEXT))
    kept = msgspec.msgpack.decode(packed, type=Kept)
    known = {column.field: column for column in COLUMNS}
    columns = [None if name is None else known.get(name) for name in kept.sheet.fields]
    rows = _judged(kept, verdicts, language)
    return annotated_sheet(kept.sheet.format, kept.sheet.header, columns, rows, language), kept.sheet.format


def _judged(kept: Kept, verdicts: Mapping[int, str], language: Language) -> Iterator[Judged]:
    errors: dict[int, list[RowError]] = defaultdict(list)
    for row, field, code in kept.errors:
        errors[row].append(RowError(row, field, code))
    for place, cells in enumerate(kept.sheet.rows, start=1):
        verdict = verdicts.get(place, _WAITING)
        yield Judged(cells, _VERDICTS[language][verdict], errors.get(place, []))
