"""Taking in a batch: authorise, read, check, compare and keep it in one transaction, or say why not."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, TypeVar

from anyio import CapacityLimiter, to_thread

from results_ingest.batches import queries, repeats
from results_ingest.batches.draft import Draft, prepare
from results_ingest.batches.errors import BATCH_CONFLICT, BATCH_REFUSED, LAB_NOT_REGISTERED
from results_ingest.batches.parts import Part, seal_parts
from results_ingest.batches.reading import Sent, read
from results_ingest.batches.receipts import SHOWN, columns_of
from results_ingest.ids import new_batch_id
from shared.bus import publish
from shared.context import Context
from shared.db import LONG_SECONDS, Session, execute, fetch_all, fetch_one, fetch_value
from shared.errors import Problem, RowError
from shared.messages import BatchPartReceived
from shared.security.principal import Principal

THREAD_FROM_BYTES: Final = 200_000
_threads = CapacityLimiter(2)
_ALARMING: Final = ("positive", "indeterminate")
_MAY_ALARM: Final = (b"positive", b"indeterminate", b"\\u")  # an outcome may be spelt with escapes
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class About:
    """Who sends a body and how; with `strict` one bad row refuses it whole."""

    media_type: str
    lab_code: str
    client_id: str
    strict: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """A receipt's columns, and whether this post made the batch."""

    stored: Mapping[str, Any]
    created: bool


async def lab_of(context: Context[Any], who: Principal) -> str:
    """Return the caller's laboratory; Problem 403 unless it is registered and active."""
    async with context.db.transaction() as session:
        active = await fetch_value(session, queries.LAB_IS_ACTIVE, lab_code=who.lab_code)
    if not active or who.lab_code is None:
        raise Problem(LAB_NOT_REGISTERED)
    return who.lab_code


async def holds_alarm(raw: bytes, media_type: str) -> bool:
    """Say whether a body holds a positive or indeterminate row; one that cannot be read holds none."""
    if not any(mark in raw for mark in _MAY_ALARM):
        return False
    try:
        sent = await _off_loop(raw, partial(read, raw, media_type))
    except Problem:
        return False
    return any(isinstance(row, dict) and row.get("outcome") in _ALARMING for row in sent.rows)


async def receive(context: Context[Any], raw: bytes, about: About) -> Answer:
    """Take in a batch. What is returned is durable."""
    sent = await _off_loop(raw, partial(read, raw, about.media_type))
    async with context.db.transaction() as session:
        now = await context.clock.now(session)
        stored = await _stored(session, about.lab_code, sent)
    if stored is not None:
        return Answer(stored, created=False)
    draft, parts = await _off_loop(raw, partial(_check, context, sent, about, now))
    return await context.db.run(
        lambda session: _keep(session, context, draft.copy(), parts, strict=about.strict),
        seconds=LONG_SECONDS,
    )


async def rehearse(context: Context[Any], raw: bytes, about: About) -> Mapping[str, Any]:
    """Return the columns of the receipt that a batch would get; keep nothing."""
    sent = await _off_loop(raw, partial(read, raw, about.media_type))
    async with context.db.transaction() as session:
        now = await context.clock.now(session)
        taken = await fetch_one(session, queries.STORED, lab_code=about.lab_code, batch_no=sent.batch_no)
    draft = await _off_loop(raw, partial(_draft, context, sent, about, now))
    if taken is not None:
        draft.notes.append(RowError(None, "batch_no", "batch_no_used"))
    async with context.db.transaction() as session:
        await repeats.find_corrected(session, draft)
        repeats.repeat_corrections(draft)
        _refuse_if_bad(draft, strict=about.strict)
        await repeats.compare(session, draft, keep=False)
        return _columns(draft, await _bound(session, draft))


def _draft(context: Context[Any], sent: Sent, about: About, now: datetime) -> Draft:
    return prepare(
        sent,
        batch_id=new_batch_id(now),
        lab_code=about.lab_code,
        client_id=about.client_id,
        now=now,
        index=context.index,
    )


def _check(context: Context[Any], sent: Sent, about: About, now: datetime) -> tuple[Draft, list[Part]]:
    draft = _draft(context, sent, about, now)
    return draft, seal_parts(draft, sealer=context.sealer, index=context.index)


async def _keep(
    session: Session, context: Context[Any], draft: Draft, parts: list[Part], *, strict: bool
) -> Answer:
    changed = await repeats.find_corrected(session, draft)
    repeats.repeat_corrections(draft)
    _refuse_if_bad(draft, strict=strict)
    bound = await _bound(session, draft)
    columns = _columns(draft, bound)
    if not await execute(session, queries.INSERT_BATCH, **columns):
        # Another post of this number was quicker; its transaction has ended, so it can be seen.
        stored = await _stored(session, draft.lab_code, draft.sent)
        if stored is None:
            raise Problem(BATCH_CONFLICT)
        return Answer(stored, created=False)
    if await repeats.compare(session, draft, keep=True):
        changed = True
        columns = _columns(draft, bound)
        await execute(session, queries.UPDATE_COUNTS, **columns)
    if changed:
        parts = await to_thread.run_sync(
            partial(seal_parts, draft, sealer=context.sealer, index=context.index), limiter=_threads
        )
    await _keep_refused(session, draft)
    await _keep_parts(session, draft, parts)
    return Answer(columns, created=True)


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
    )


async def _keep_parts(session: Session, draft: Draft, parts: list[Part]) -> None:
    for part in parts:
        await execute(
            session,
            queries.INSERT_PART,
            batch_id=draft.batch_id,
            part=part.number,
            rows=part.rows,
            urgent=part.urgent,
            sealed=part.sealed,
        )
        message = BatchPartReceived(batch_id=draft.batch_id, part=part.number)
        await publish(session, message, now=draft.now, urgent=part.urgent)


async def _stored(session: Session, lab_code: str, sent: Sent) -> Mapping[str, Any] | None:
    stored = await fetch_one(session, queries.STORED, lab_code=lab_code, batch_no=sent.batch_no)
    if stored is not None and bytes(stored["rows_digest"]) != sent.digest:
        raise Problem(BATCH_CONFLICT)
    return None if stored is None else dict(stored)


async def _bound(session: Session, draft: Draft) -> frozenset[str]:
    codes = {
        one.row.values["tube_code"]
        for one in draft.accepted
        if one.row.collected_at is None and "tube_code" in one.row.values
    }
    if not codes:
        return frozenset()
    found = await fetch_all(session, queries.BOUND_TUBES, codes=sorted(codes))
    return frozenset(row["tube_code"] for row in found)


def _refuse_if_bad(draft: Draft, *, strict: bool) -> None:
    if strict and draft.errors:
        errors = sorted(draft.errors, key=lambda error: error.row or 0)
        raise Problem(BATCH_REFUSED, errors=errors[:SHOWN], errors_total=len(errors), rejected=draft.rejected)


def _columns(draft: Draft, bound: frozenset[str]) -> dict[str, Any]:
    return {
        "batch_id": draft.batch_id,
        "lab_code": draft.lab_code,
        "batch_no": draft.sent.batch_no,
        "client_id": draft.client_id,
        "received_at": draft.now,
        "sha256": draft.sent.sha256,
        "rows_digest": draft.sent.digest,
        **columns_of(draft, bound),
    }


async def _off_loop(raw: bytes, work: Callable[[], T]) -> T:
    """Run `work` on a body; a large one in a thread, so that others' requests are not held up."""
    if len(raw) < THREAD_FROM_BYTES:
        return work()
    return await to_thread.run_sync(work, limiter=_threads)
