"""Keeping a batch: one transaction that holds all of it, or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from results_ingest.batches import queries, repeats
from results_ingest.batches.copies import seal_copy
from results_ingest.batches.draft import Accepted, Draft, accepted_of, plain_of
from results_ingest.batches.errors import BATCH_CONFLICT, BATCH_REFUSED
from results_ingest.batches.parts import Part, seal_parts, seal_rows
from results_ingest.batches.plain import PlainBatch
from results_ingest.batches.reading import Sent
from results_ingest.batches.receipts import NOTHING_TO_SAY, SHOWN, columns_of
from results_ingest.batches.rules import code_in
from results_ingest.batches.threads import in_thread
from results_ingest.matching import plain as matching
from results_ingest.matching.plain import Plain, Receipt
from shared.bus import publish
from shared.context import Context
from shared.db import Session, execute, fetch_all, fetch_one
from shared.errors import Problem
from shared.messages import BatchPartReceived
from shared.result_ids import new_batch_id


@dataclass(frozen=True, slots=True)
class About:
    """Who sends a body and how; with `strict` one bad row refuses it whole.

    `batch_no` and `mapping` (a saved one's name) are said beside what cannot say them itself.
    """

    media_type: str
    lab_code: str
    client_id: str
    strict: bool
    content_type: str = ""
    batch_no: str | None = None
    mapping: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A receipt's columns, whether this post made the batch, and where its rows stood in another standard."""

    stored: Mapping[str, Any]
    created: bool
    origin: object = None


class NotAllNew(Exception):  # noqa: N818 - a finding, not a failure
    """A row of a plain batch repeats another: it takes the careful way to say which."""


async def stored(session: Session, lab_code: str, sent: Sent | PlainBatch) -> Mapping[str, Any] | None:
    """Return the batch of this number if it holds the same rows; Problem 409 if it holds others."""
    found = await fetch_one(session, queries.STORED, lab_code=lab_code, batch_no=sent.batch_no)
    if found is not None and bytes(found["rows_digest"]) != sent.digest:
        raise Problem(BATCH_CONFLICT)
    return None if found is None else dict(found)


async def keep(
    session: Session, context: Context[Any], draft: Draft, parts: list[Part], *, strict: bool
) -> Answer:
    """Keep a batch that was read the careful way; `parts` are its sealed rows as they stood before."""
    changed = await repeats.find_corrected(session, draft)
    repeats.repeat_corrections(draft)
    refuse_if_bad(draft, strict=strict)
    tubes = await bound(session, draft)
    said = columns(draft, tubes)
    if not await execute(session, queries.INSERT_BATCH, **said):
        return await _quicker(session, draft.lab_code, draft.sent)
    if await repeats.compare(session, draft, keep=True):
        changed = True
        said = columns(draft, tubes)
        await execute(session, queries.UPDATE_COUNTS, **said)
    if changed:
        parts = await in_thread(partial(seal_parts, draft, sealer=context.sealer, index=context.index))
    await _keep_refused(session, draft)
    await _keep_copy(session, context, draft)
    receipt = Receipt(draft.batch_id, draft.lab_code, draft.now)
    rows = {one.number: one for one in draft.accepted}
    plain = [row for row in map(plain_of, draft.accepted) if row is not None]
    left = await _settle(session, receipt, plain)
    await _keep_parts(session, context, receipt, parts, [rows[number] for number in left])
    return Answer(said, created=True)


async def keep_plain(
    session: Session, context: Context[Any], batch: PlainBatch, about: About, *, now: datetime
) -> Answer:
    """Keep a batch of plain negatives; NotAllNew if a row of it was seen before."""
    receipt = Receipt(new_batch_id(now), about.lab_code, now)
    rows = len(batch.rows)
    said = {**_about(receipt, about.client_id, batch), **NOTHING_TO_SAY, "rows": rows, "accepted": rows}
    if not await execute(session, queries.INSERT_BATCH, **said):
        return await _quicker(session, about.lab_code, batch)
    await matching.stage(session, batch.rows)
    if not await matching.remember(session, receipt):
        raise NotAllNew
    left = [
        accepted_of(number, batch.values_of(number), lab_code=about.lab_code, now=now)
        for number in await matching.settle(session, receipt, rows=rows, now=now)
    ]
    await _keep_parts(session, context, receipt, [], left)
    return Answer(said, created=True)


def refuse_if_bad(draft: Draft, *, strict: bool) -> None:
    """Refuse a batch whole, Problem 422, if a row is bad and none may be."""
    if strict and draft.errors:
        errors = draft.sent.numbered(sorted(draft.errors, key=lambda error: error.row or 0))
        raise Problem(BATCH_REFUSED, errors=errors[:SHOWN], errors_total=len(errors), rejected=draft.rejected)


async def bound(session: Session, draft: Draft) -> frozenset[str]:
    """Return which tubes give rows without a time of sampling theirs."""
    codes = {
        one.row.values["tube_code"]
        for one in draft.accepted
        if one.row.collected_at is None and "tube_code" in one.row.values
    }
    if not codes:
        return frozenset()
    found = await fetch_all(session, queries.BOUND_TUBES, codes=sorted(codes))
    return frozenset(row["tube_code"] for row in found)


def columns(draft: Draft, tubes: frozenset[str]) -> dict[str, Any]:
    """Return a batch as its row in the store."""
    receipt = Receipt(draft.batch_id, draft.lab_code, draft.now)
    return _about(receipt, draft.client_id, draft.sent) | columns_of(draft, tubes)


def _about(receipt: Receipt, client_id: str, sent: Sent | PlainBatch) -> dict[str, Any]:
    return {
        "batch_id": receipt.batch_id,
        "lab_code": receipt.lab_code,
        "batch_no": sent.batch_no,
        "client_id": client_id,
        "received_at": receipt.received_at,
        "sha256": sent.sha256,
        "rows_digest": sent.digest,
    }


async def _quicker(session: Session, lab_code: str, sent: Sent | PlainBatch) -> Answer:
    """Answer as another post of this number did; its transaction has ended, so it can be seen."""
    found = await stored(session, lab_code, sent)
    if found is None:
        raise Problem(BATCH_CONFLICT)
    return Answer(found, created=False)


async def _keep_refused(session: Session, draft: Draft) -> None:
    if not draft.refused:
        return
    await execute(
        session,
        queries.INSERT_REFUSED,
        batch_id=draft.batch_id,
        rows=[one.number for one in draft.refused],
        refs=[one.row_ref for one in draft.refused],
        verdicts=[one.verdict for one in draft.refused],
        codes=[one.code for one in draft.refused],
        fields=[one.field for one in draft.refused],
        tubes=[code_in(draft.sent.rows[one.number - 1], "tube_code") for one in draft.refused],
    )


async def _keep_copy(session: Session, context: Context[Any], draft: Draft) -> None:
    """Keep the sheet as it was sent, sealed, and the numbers of its rows."""
    if draft.sent.copy is None:
        return
    sealed = await in_thread(partial(seal_copy, draft, context.sealer))
    await execute(
        session,
        queries.INSERT_SHEET,
        batch_id=draft.batch_id,
        row_numbers=list(draft.sent.numbers or ()),
        sealed=sealed,
    )


async def _settle(session: Session, receipt: Receipt, rows: Sequence[Plain]) -> Sequence[int]:
    if not rows:
        return ()
    await matching.stage(session, rows)
    return await matching.settle(session, receipt, rows=len(rows), now=receipt.received_at)


async def _keep_parts(
    session: Session, context: Context[Any], receipt: Receipt, parts: list[Part], left: Sequence[Accepted]
) -> None:
    """Keep the sealed parts and, sealed as one more, the plain rows that found nobody."""
    more = seal_rows(left, first=len(parts) + 1, sealer=context.sealer, index=context.index)
    for part in (*parts, *more):
        await execute(
            session,
            queries.INSERT_PART,
            batch_id=receipt.batch_id,
            part=part.number,
            rows=part.rows,
            urgent=part.urgent,
            sealed=part.sealed,
        )
        message = BatchPartReceived(batch_id=receipt.batch_id, part=part.number)
        await publish(session, message, now=receipt.received_at, urgent=part.urgent)
