"""A sheet that arrives: read, its header understood, kept sealed; the worker does the rest."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID

from anyio import to_thread

from registry.sheets import errors, mapping, queries
from registry.sheets.kinds import KINDS
from registry.sheets.parts import Head, earlier, seal_head, sealed_parts
from shared.audit.recording import record
from shared.context import Context
from shared.db import LONG_SECONDS, Session, execute
from shared.errors import Problem, RowError, refusal_of
from shared.ids import new_id
from shared.security.access import Principal
from shared.security.sealing import Sealer
from shared.sheets.columns import Layout, layout_of, values_of
from shared.sheets.kinds import Existing, Kind, repeats
from shared.sheets.mapping import COLUMN_UNKNOWN
from shared.sheets.reading import limits_of, read_sheet
from shared.sheets.rows import Rows


@dataclass(frozen=True, slots=True)
class Sent:
    """A sheet as it came: which kind, how to read it, and what to do with it.

    `constants`: what the request says of every row; a cell of the row goes before it.
    """

    kind: str
    raw: bytes
    content_type: str
    mapping: str | None = None
    dry_run: bool = False
    existing: Existing | None = None
    constants: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is stored of a sheet."""

    head: Head
    sealed_head: bytes
    parts: list[bytes]
    rows: int
    errors: list[RowError]
    sha256: str


def kind_of(name: str) -> Kind:
    """Return a kind of sheet; Problem 422."""
    kind = KINDS.get(name)
    if kind is None:
        raise Problem(errors.KIND_UNKNOWN)
    return kind


async def take(context: Context[Any], sent: Sent, *, who: Principal) -> UUID:
    """Keep a sheet and return its import; Problem 403, 413, 415 or 422 with everything wrong with its header.

    Opens its own transactions.
    """
    kind = kind_of(sent.kind)
    kind.may_send(who)
    _check(kind, sent)
    async with context.db.transaction(limits=who.limits) as session:
        saved = await mapping.named(session, kind=kind.name, name=sent.mapping, who=who)
    said = mapping.Saved(saved.columns, {**saved.constants, **sent.constants})
    rows = await read_sheet(sent.raw, limits_of(context.settings), content_type=sent.content_type)
    kept = await to_thread.run_sync(_prepared, context.sealer, kind, sent, rows, said)
    async with context.db.transaction(limits=who.limits, seconds=LONG_SECONDS) as session:
        return await _store(session, context, sent, kept, who=who)


def _check(kind: Kind, sent: Sent) -> None:
    """Refuse what the kind has no use for; Problem 422."""
    if sent.existing is not None and sent.existing not in kind.existing:
        raise refusal_of(errors.EXISTING_NOT_OFFERED, "existing")
    unknown = sorted(sent.constants.keys() - {column.field for column in kind.columns})
    if unknown:
        raise refusal_of(COLUMN_UNKNOWN, unknown[0])


def _prepared(sealer: Sealer, kind: Kind, sent: Sent, rows: Rows, saved: mapping.Saved) -> _Kept:
    found = layout_of(rows, kind.columns, mapping=saved.columns, constants=saved.constants)
    head = Head(
        format=rows.format,
        number=rows.numbers[0],
        header=rows.rows[0],
        mapping=saved.columns,
        constants=saved.constants,
        suspect=sorted(found.suspect),
    )
    wrong = _repeated(kind, rows, found)
    before = _before(kind, rows, found, barred={error.row for error in wrong}) if sent.dry_run else None
    return _Kept(
        head=head,
        sealed_head=seal_head(sealer, head),
        parts=sealed_parts(sealer, rows, size=kind.at_once, before=before),
        rows=len(rows.rows) - 1,
        errors=wrong,
        sha256=sha256(sent.raw).hexdigest(),
    )


def _before(kind: Kind, rows: Rows, found: Layout, *, barred: Container[int | None]) -> dict[int, list[int]]:
    """Return which earlier rows the trial of each part has to know of: it keeps nothing of what it tried."""
    if len(rows.rows) - 1 <= kind.at_once:
        return {}
    read = (
        None if number in barred else values_of(found, cells, number=number)[0]
        for number, cells in zip(rows.numbers[1:], rows.rows[1:], strict=True)
    )
    return earlier([() if row is None else kind.concerns(row) for row in read], size=kind.at_once)


def _repeated(kind: Kind, rows: Rows, found: Layout) -> list[RowError]:
    """Return what is wrong with rows beside each other, which no part of them would show."""
    wrong: list[RowError] = []
    for once in kind.once:
        narrow = found.only(once.fields)
        data = zip(rows.numbers[1:], rows.rows[1:], strict=True)
        read = ((number, values_of(narrow, cells, number=number)[0]) for number, cells in data)
        wrong += repeats(((number, row) for number, row in read if row is not None), once)
    return wrong


async def _store(session: Session, context: Context[Any], sent: Sent, kept: _Kept, *, who: Principal) -> UUID:
    now = await context.clock.now(session)
    import_id = new_id(now)
    narrow = who.area_level in ("township", "department")
    await execute(
        session,
        queries.INSERT,
        import_id=import_id,
        kind=sent.kind,
        format=kept.head.format,
        sha256=kept.sha256,
        dry_run=sent.dry_run,
        existing=sent.existing or kind_of(sent.kind).existing[0],
        client_id=who.client_id,
        area_code=who.area_code if narrow else None,
        area_level=who.area_level if narrow else None,
        sealed_head=kept.sealed_head,
        rows=kept.rows,
        parts=len(kept.parts),
        now=now,
    )
    await execute(
        session,
        queries.INSERT_PARTS,
        import_id=import_id,
        parts=list(range(len(kept.parts))),
        sealed_rows=kept.parts,
    )
    await store_errors(session, import_id, kept.errors)
    await record(
        session, context, who=who, action="sheet.import", subject=str(import_id), purpose=sent.kind, now=now,
        rows=kept.rows,
    )  # fmt: skip
    return import_id


async def store_errors(session: Session, import_id: UUID, found: Sequence[RowError]) -> None:
    """Add errors to an import."""
    if not found:
        return
    await execute(
        session,
        queries.INSERT_ERRORS,
        import_id=import_id,
        rows=[error.row for error in found],
        fields=[error.field for error in found],
        codes=[error.code for error in found],
    )
