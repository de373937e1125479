"""Taking in a batch: authorise, read, check, and keep it in one transaction, or say why not."""

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final

from results_ingest.batches import keeping, originals, queries, repeats
from results_ingest.batches.draft import Draft, prepare
from results_ingest.batches.keeping import About, Answer
from results_ingest.batches.parts import Part, seal_parts
from results_ingest.batches.plain import PlainBatch, read_plain
from results_ingest.batches.reading import (
    JSON,
    MAX_BYTES,
    NDJSON,
    SHEETS,
    Sent,
    check_number,
    read,
    read_said,
    read_told,
)
from results_ingest.batches.rules import URGENT_OUTCOMES
from results_ingest.batches.threads import in_thread, off_loop
from results_ingest.forms import service as forms
from results_ingest.forms.service import FORMS
from results_ingest.labs.errors import LAB_NOT_REGISTERED, LAB_OUTSIDE_PERIOD
from results_ingest.sheets import service as sheets
from results_ingest.sheets.reading import Saved
from shared.clock import day_of
from shared.context import Context
from shared.db import LONG_SECONDS, Session, fetch_one
from shared.errors import Problem, RowError
from shared.result_ids import MOST_ROWS, new_batch_id
from shared.security.principal import Principal
from shared.sheets.reading import charset_of, limits_of, read_sheet

_MAY_ALARM: Final = (b"positive", b"indeterminate", b"\\u")  # an outcome may be spelt with escapes


async def lab_of(context: Context[Any], who: Principal) -> str:
    """Return the caller's laboratory; Problem 403 unless it is registered and active.

    That of another district is taken in its period only (requirements row 156).
    """
    async with context.db.transaction() as session:
        lab = await fetch_one(session, queries.LAB, lab_code=who.lab_code)
        if lab is None or not lab["active"] or who.lab_code is None:
            raise Problem(LAB_NOT_REGISTERED)
        if lab["enabled_from"] is not None:
            today = day_of(await context.clock.now(session))
            if not lab["enabled_from"] <= today <= lab["enabled_to"]:
                raise Problem(LAB_OUTSIDE_PERIOD)
    return who.lab_code


async def holds_alarm(context: Context[Any], raw: bytes, about: About) -> bool:
    """Say whether a body holds a positive or indeterminate row; one that cannot be read holds none."""
    if about.media_type in (JSON, NDJSON) and not any(mark in raw for mark in _MAY_ALARM):
        return False
    try:
        sent = await _read(context, raw, about)
    except Problem:
        return False
    return any(isinstance(row, dict) and row.get("outcome") in URGENT_OUTCOMES for row in sent.rows)


async def receive(context: Context[Any], raw: bytes, about: About) -> Answer:
    """Take in a batch. What is returned is durable."""
    if about.media_type == JSON:
        plain = await off_loop(raw, partial(read_plain, raw, lab_code=about.lab_code))
        answer = None if plain is None else await _receive_plain(context, raw, plain, about)
        if answer is not None:
            return answer
    sent = await _read(context, raw, about)
    now, stored = await _met(context, about, sent)
    if stored is not None:
        return replace(stored, origin=sent.origin)
    draft, parts = await off_loop(raw, partial(_check, context, sent, about, now))
    original = await originals.original_of(context, raw, about.content_type)

    async def keep(session: Session) -> Answer:
        answer = await keeping.keep(session, context, draft.copy(), parts, strict=about.strict)
        return await originals.keep(session, answer, original)

    kept = await context.db.run(keep, seconds=LONG_SECONDS)
    return replace(kept, origin=sent.origin)


async def _receive_plain(context: Context[Any], raw: bytes, plain: PlainBatch, about: About) -> Answer | None:
    """Take in a body of plain negatives; None where the careful way has something to say of it."""
    now, stored = await _met(context, about, plain)
    if stored is not None:
        return stored
    if not plain.in_time(now):
        return None
    original = await originals.original_of(context, raw, about.content_type)

    async def keep(session: Session) -> Answer:
        answer = await keeping.keep_plain(session, context, plain, about, now=now)
        return await originals.keep(session, answer, original)

    try:
        return await context.db.run(keep, seconds=LONG_SECONDS)
    except keeping.NotAllNew:
        return None


async def _met(
    context: Context[Any], about: About, sent: Sent | PlainBatch
) -> tuple[datetime, Answer | None]:
    """Return the business time, and the answer to a batch that is there already."""
    async with context.db.transaction() as session:
        now = await context.clock.now(session)
        stored = await keeping.stored(session, about.lab_code, sent)
    return now, None if stored is None else Answer(stored, created=False)


async def rehearse(context: Context[Any], raw: bytes, about: About) -> Answer:
    """Return the receipt that a batch would get; keep nothing."""
    sent = await _read(context, raw, about)
    async with context.db.transaction() as session:
        now = await context.clock.now(session)
        taken = await fetch_one(session, queries.STORED, lab_code=about.lab_code, batch_no=sent.batch_no)
    draft = await off_loop(raw, partial(_draft, context, sent, about, now))
    if taken is not None:
        draft.notes.append(RowError(None, "batch_no", "batch_no_used"))
    async with context.db.transaction() as session:
        await repeats.find_corrected(session, draft)
        repeats.repeat_corrections(draft)
        keeping.refuse_if_bad(draft, strict=about.strict)
        await repeats.compare(session, draft, keep=False)
        said = keeping.columns(draft, await keeping.bound(session, draft))
    return Answer(said, created=False, origin=sent.origin)


async def origin_of(context: Context[Any], raw: bytes, about: About) -> object | None:
    """Return where the rows of a body stood, for its refusal; None if it cannot be read."""
    try:
        return (await _read(context, raw, about)).origin
    except Problem:
        return None


async def _read(context: Context[Any], raw: bytes, about: About) -> Sent:
    """Read a body in its format; Problem 400, 413, 415 or 422."""
    if about.media_type not in (*SHEETS, *FORMS):
        return await off_loop(raw, partial(read, raw, about.media_type))
    if about.media_type in SHEETS:
        check_number(about.batch_no)
    async with context.db.transaction() as session:
        saved = await sheets.named(session, lab_code=about.lab_code, name=about.mapping)
    if about.media_type in FORMS:
        return await off_loop(raw, partial(_read_form, context, raw, about, saved))
    limits = replace(limits_of(context.settings), bytes=MAX_BYTES, rows=MOST_ROWS)
    rows = await read_sheet(raw, limits, content_type=about.content_type)
    return await in_thread(partial(read_said, raw, rows, saved, about.batch_no))


def _read_form(context: Context[Any], raw: bytes, about: About, saved: Saved) -> Sent:
    _, charset = charset_of(about.content_type, FORMS)
    told = forms.read_form(raw, about.media_type, forms.limits_of(context.settings), saved, charset=charset)
    return read_told(raw, told, about.batch_no)


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
