"""The sheet back as it was sent, with what is wrong with each row beside it: to the client who sent it."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from anyio import to_thread
from sqlalchemy import RowMapping

from registry.sheets import errors, queries
from registry.sheets.kinds import KINDS
from registry.sheets.parts import Head, layout, open_head, open_part
from registry.sheets.service import visible
from shared.audit.recording import record
from shared.context import Context
from shared.db import LONG_SECONDS, fetch_all, fetch_value
from shared.errors import NOT_FOUND, Language, Problem, RowError
from shared.security.access import Principal
from shared.security.sealing import Sealer
from shared.sheets.annotated import Judged, annotated_sheet
from shared.sheets.columns import Column, Layout, values_of
from shared.sheets.kinds import Asked, Row
from shared.sheets.rows import Format

_VERDICTS: Final = {"zh": ("通过", "有误"), "en": ("good", "refused")}


async def annotated(
    context: Context[Any], *, import_id: UUID, who: Principal, language: Language
) -> tuple[bytes, Format]:
    """Return the annotated copy; Problem 404 for anybody but its sender, 409 until it is done.

    It holds what the sender knows already, in clear; the look is recorded.
    """
    stored, _ = await _own(context, import_id=import_id, who=who, action="sheet.copy")
    head = open_head(context.sealer, stored["sealed_head"])
    parts: list[tuple[bytes, dict[int, list[RowError]]]] = []
    while sealed := await _part(context, import_id, len(parts), who=who):
        parts.append((sealed, await _errors(context, import_id, sealed, who=who)))
    columns = layout(head, KINDS[stored["kind"]]).columns
    raw = await to_thread.run_sync(_written, context.sealer, head, columns, parts, language)
    return raw, head.format


async def absent(context: Context[Any], *, import_id: UUID, who: Principal) -> list[dict[str, Any]]:
    """Return who stands with us and not on the sheet, as of now; Problem as for the annotated copy."""
    stored, now = await _own(context, import_id=import_id, who=who, action="sheet.absent")
    kind = KINDS[stored["kind"]]
    if kind.beside is None:
        return []
    found = layout(open_head(context.sealer, stored["sealed_head"]), kind)
    rows: list[Row] = []
    part = 0
    while sealed := await _part(context, import_id, part, who=who):
        rows += await to_thread.run_sync(_read, context.sealer, found, sealed)
        part += 1
    async with context.db.transaction(limits=who.limits, seconds=LONG_SECONDS) as session:
        return await kind.beside(session, context, rows, Asked(who, now))


def _read(sealer: Sealer, found: Layout, sealed: bytes) -> list[Row]:
    part = open_part(sealer, sealed)
    read = (values_of(found, cells, number=0)[0] for cells in part.rows)
    return [row for row in read if row is not None]


async def _own(
    context: Context[Any], *, import_id: UUID, who: Principal, action: str
) -> tuple[RowMapping, datetime]:
    """Return an import of the caller's own that has ended, and the time; the look is recorded."""
    async with context.db.transaction(limits=who.limits) as session:
        stored = await visible(session, import_id=import_id, who=who)
        if stored["client_id"] != who.client_id:
            raise Problem(NOT_FOUND)
        if stored["status"] in ("received", "running"):
            raise Problem(errors.IMPORT_UNDER_WAY)
        now = await context.clock.now(session)
        subject = str(import_id)
        await record(session, context, who=who, action=action, subject=subject, rows=stored["rows"], now=now)
    return stored, now


async def _part(context: Context[Any], import_id: UUID, part: int, *, who: Principal) -> bytes | None:
    async with context.db.transaction(limits=who.limits) as session:
        found: bytes | None = await fetch_value(session, queries.PART, import_id=import_id, part=part)
        return found


async def _errors(
    context: Context[Any], import_id: UUID, sealed: bytes, *, who: Principal
) -> dict[int, list[RowError]]:
    part = await to_thread.run_sync(open_part, context.sealer, sealed)
    found: dict[int, list[RowError]] = defaultdict(list)
    async with context.db.transaction(limits=who.limits) as session:
        rows = await fetch_all(
            session, queries.ERRORS_BETWEEN, import_id=import_id, first=part.numbers[0], last=part.numbers[-1]
        )
    for row in rows:
        found[row["row_no"]].append(RowError(row["row_no"], row["field"], row["code"]))
    return found


def _written(
    sealer: Sealer,
    head: Head,
    columns: Sequence[Column | None],
    parts: Sequence[tuple[bytes, dict[int, list[RowError]]]],
    language: Language,
) -> bytes:
    return annotated_sheet(head.format, head.header, columns, _judged(sealer, parts, language), language)


def _judged(
    sealer: Sealer, parts: Sequence[tuple[bytes, dict[int, list[RowError]]]], language: Language
) -> Iterator[Judged]:
    for sealed, wrong in parts:
        part = open_part(sealer, sealed)
        for number, cells in zip(part.numbers, part.rows, strict=True):
            found = wrong.get(number, [])
            yield Judged(cells, _VERDICTS[language][bool(found)], found)
