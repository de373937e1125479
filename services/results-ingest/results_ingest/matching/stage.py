"""Rows on their way to a judgement: out of a sealed part, or out of the results that wait."""

import zlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

import msgspec

from results_ingest.matching import anchors, queries
from results_ingest.matching.keys import tube_key
from shared.db import Session, copy_rows, execute, fetch_all
from shared.result_ids import split
from shared.security.sealing import Sealer

PART_CONTEXT: Final = "ingest.batch_part"


class Staged(NamedTuple):
    """A row as it goes to the stage; the fields are the stage's columns, in their order."""

    batch_id: UUID
    row: int
    lab_code: str
    reported_at: datetime
    row_ref: str | None
    tube_code: str | None
    health_code_id: str | None
    id_type: str | None
    id_index: bytes | None
    name_index: bytes | None
    outcome: str
    mode: str | None
    test_kind: str
    collected_at: datetime | None
    received_at: datetime | None
    tested_at: datetime
    released_at: datetime | None
    corrects_batch: UUID | None
    corrects_row: int | None
    from_positive: bool | None
    hold: str | None
    forced: bool
    forced_person: UUID | None


class _Corrects(msgspec.Struct):
    result_id: UUID


class _Row(msgspec.Struct):
    row: int
    outcome: str
    test_kind: str
    tested_at: datetime
    row_ref: str | None = None
    tube_code: str | None = None
    health_code_id: str | None = None
    id_type: str | None = None
    id_index: str | None = None
    name_index: str | None = None
    mode: str | None = None
    collected_at: datetime | None = None
    received_at: datetime | None = None
    released_at: datetime | None = None
    corrects: _Corrects | None = None
    hold: str | None = None


_rows = msgspec.json.Decoder(list[_Row])


def opened(
    sealer: Sealer, sealed: bytes, *, batch_id: UUID, lab_code: str, reported_at: datetime
) -> list[Staged]:
    """Return the rows of a sealed part; what was only to be kept stays in the part."""
    rows = _rows.decode(zlib.decompress(sealer.open(sealed, context=PART_CONTEXT)))
    return [
        Staged(
            batch_id,
            r.row,
            lab_code,
            reported_at,
            r.row_ref,
            r.tube_code,
            r.health_code_id,
            r.id_type,
            bytes.fromhex(r.id_index) if r.id_index else None,
            bytes.fromhex(r.name_index) if r.name_index else None,
            r.outcome,
            r.mode,
            r.test_kind,
            r.collected_at,
            r.received_at,
            r.tested_at,
            r.released_at,
            split(r.corrects.result_id)[0] if r.corrects else None,
            split(r.corrects.result_id)[1] if r.corrects else None,
            None,
            r.hold,
            False,
            None,
        )
        for r in rows
    ]


async def waiting(session: Session, ids: Iterable[tuple[UUID, int]]) -> list[Staged]:
    """Return, locked, those of these results that still wait or are held."""
    wanted = sorted(set(ids))
    found = await fetch_all(
        session,
        queries.LOCK_WAITING,
        batches=[batch_id for batch_id, _ in wanted],
        rows=[row for _, row in wanted],
    )
    return [Staged(**row, forced=False, forced_person=None) for row in found]


async def put_on_stage(session: Session, rows: Sequence[Staged]) -> None:
    """Fill the stage with these rows and nothing else, and lock the tubes that they name."""
    await execute(session, queries.STAGE)
    await execute(session, queries.CLEAR_STAGE)
    await copy_rows(session, queries.STAGE_TABLE, queries.STAGE_COLUMNS, rows)
    await _lock_tubes(session, {row.tube_code for row in rows if row.tube_code is not None})


async def _lock_tubes(session: Session, codes: set[str]) -> None:
    """Lock the tubes of these codes, and hold off the binding of those that are not bound yet.

    A tube that was bound between this and the judgement would be matched without its lock, and a
    member who becomes known at that moment would not be told.
    """
    if not codes:
        return
    found = await fetch_all(session, queries.LOCK_TUBES, codes=sorted(codes))
    missing = codes - {row["tube_code"] for row in found}
    if missing:
        await anchors.hold(session, [tube_key(code) for code in missing])
        await execute(session, queries.LOCK_TUBES, codes=sorted(missing))
