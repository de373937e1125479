"""A list written as a sheet, page by page, each in a short transaction inside the caller's area."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from tempfile import TemporaryFile
from typing import IO, Any, Final

from anyio import to_thread

from registry.exports import errors
from registry.exports.asking import Ask, check, pages
from registry.exports.catalogue import ListOf
from registry.exports.schemas import ExportIn
from registry.ledger.listing import LISTING as LEDGER
from registry.people.disclosing import clear_of
from registry.people.listing import LISTING as PEOPLE
from registry.people.schemas import DisclosureIn
from shared.audit.recording import record
from shared.context import Context
from shared.errors import FORBIDDEN, Language, Problem
from shared.security.access import Principal
from shared.sheets.listings import Listed, Listing, Wanted, cell
from shared.sheets.writing import Table, table

# Lists that no GET returns as they are taken out.
LISTINGS: Final[dict[str, Listing]] = {listing.name: listing for listing in (PEOPLE, LEDGER)}
CLEAR: Final = {
    "name": Listed("clear.name", "姓名(明文)", "Name in clear"),
    "id_no": Listed("clear.id_no", "证件号码(明文)", "Document number in clear"),
    "phone": Listed("clear.phone", "手机号(明文)", "Phone in clear"),
}
AT_ONCE: Final = 1_000
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class _Source:
    """What is written: its columns, and its rows page by page."""

    zh: str
    en: str
    columns: tuple[Listed, ...]
    pages: AsyncIterator[Rows]


async def write(
    context: Context[Any],
    wanted: ExportIn,
    one: ListOf | None,
    ask: Ask,
    *,
    who: Principal,
    language: Language,
) -> bytes:
    """Return the sheet; Problem 403 for a system that asks for clear text, 422 for too many rows.

    `one`: the list that is asked for, none for those of `LISTINGS`. Opens its own transactions. What is
    shown in clear is recorded before it is written.
    """
    source = _own(context, wanted, who=who) if one is None else _asked(context, wanted, one, ask, who=who)
    header = [column.zh if language == "zh" else column.en for column in source.columns]
    with TemporaryFile() as file:
        title = source.zh if language == "zh" else source.en
        with table(file, wanted.format, header, title=title) as sheet:
            rows = await _write(source, sheet, most=context.settings.sheet_most_rows, language=language)
        async with context.db.transaction(limits=who.limits) as session:
            now = await context.clock.now(session)
            await record(
                session, context, who=who, action="export", subject=wanted.list, purpose=wanted.format,
                rows=rows, now=now,
            )  # fmt: skip
        return await to_thread.run_sync(_content, file)


def _own(context: Context[Any], wanted: ExportIn, *, who: Principal) -> _Source:
    """Return one of the lists that are read here."""
    listing = LISTINGS[wanted.list]
    if not who.holds("records:read"):
        raise Problem(FORBIDDEN)
    if not wanted.parameters.keys() <= {"township_code", "department_code", "unit_code"}:
        raise Problem(errors.FILTER_UNKNOWN)
    rows = _pages(context, listing, wanted, who=who)
    source = _Source(listing.zh, listing.en, listing.columns, rows)
    if listing.discloses or wanted.disclosure is None:
        return source
    return _disclosing(context, source, wanted.disclosure, who=who)


def _asked(context: Context[Any], wanted: ExportIn, one: ListOf, ask: Ask, *, who: Principal) -> _Source:
    """Return a list that a GET returns."""
    check(one, wanted.parameters)
    source = _Source(one.zh, one.en, one.columns, pages(ask, one, wanted.parameters))
    if wanted.disclosure is None:
        return source
    if not one.of_people:
        raise Problem(errors.NOTHING_TO_DISCLOSE)
    if not who.holds("records:read"):
        raise Problem(FORBIDDEN)
    return _disclosing(context, source, wanted.disclosure, who=who)


def _disclosing(context: Context[Any], source: _Source, wanted: DisclosureIn, *, who: Principal) -> _Source:
    """Return the same with what of its people is shown in clear beside it."""
    columns = (*source.columns, *(CLEAR[field] for field in sorted(set(wanted.fields))))
    return replace(source, columns=columns, pages=_in_clear(context, source.pages, wanted, who=who))


async def _in_clear(
    context: Context[Any], found: AsyncIterator[Rows], wanted: DisclosureIn, *, who: Principal
) -> AsyncIterator[Rows]:
    """Yield the pages with what is shown of their people in clear; blank for whom the caller may not see."""
    async for rows in found:
        async with context.db.transaction(limits=who.limits) as session:
            now = await context.clock.now(session)
            named = [str(row["person_id"]) for row in rows if row["person_id"] is not None]
            clear = await clear_of(session, context, wanted, person_ids=named, who=who, now=now)
        yield [{**row, "clear": clear.get(str(row["person_id"]))} for row in rows]


async def _pages(
    context: Context[Any], listing: Listing, wanted: ExportIn, *, who: Principal
) -> AsyncIterator[Rows]:
    disclosure = wanted.disclosure if listing.discloses else None
    after = None
    while True:
        async with context.db.transaction(limits=who.limits) as session:
            asked = Wanted(
                who=who,
                now=await context.clock.now(session),
                **wanted.parameters,
                clear=frozenset(disclosure.fields) if disclosure else frozenset(),
                reason=disclosure.reason if disclosure else None,
            )
            rows, after = await listing.page(session, context, asked, after, AT_ONCE)
        yield rows
        if after is None:
            return


async def _write(source: _Source, sheet: Table, *, most: int, language: Language) -> int:
    count = 0
    async for rows in source.pages:
        count += len(rows)
        if count > most:
            raise Problem(errors.EXPORT_TOO_LARGE, limit=most)
        await to_thread.run_sync(_add, sheet, source.columns, rows, language)
    return count


def _add(sheet: Table, columns: Sequence[Listed], rows: Rows, language: Language) -> None:
    for row in rows:
        sheet.add([cell(row, column.field, language) for column in columns])


def _content(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()
